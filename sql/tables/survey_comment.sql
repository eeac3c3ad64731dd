create table if not exists survey_comment (
    load_id integer not null,
    survey varchar not null,
    quarter varchar not null,
    response_id varchar not null,
    comment varchar not null,
    n_redacted smallint not null,
    redaction varchar not null,
    sentiment varchar not null,
    sentiment_score float not null,
    sentiment_method varchar not null
);

comment on table survey_comment is 'What respondents wrote, kept apart from their answers, without the personal data that were found in it. One row per response with a comment.';
comment on column survey_comment.load_id is 'Load that brought the row.';
comment on column survey_comment.survey is 'Survey answered.';
comment on column survey_comment.quarter is 'Fiscal quarter of the response.';
comment on column survey_comment.response_id is 'Response that the comment belongs to.';
comment on column survey_comment.comment is 'The comment, a mark such as [phone] in place of each piece of personal data.';
comment on column survey_comment.n_redacted is 'Pieces of personal data that were replaced.';
comment on column survey_comment.redaction is 'Method and version that looked for personal data.';
comment on column survey_comment.sentiment is 'How the words sound: negative, neutral or positive.';
comment on column survey_comment.sentiment_score is 'Score behind the sentiment, from -1 to 1.';
comment on column survey_comment.sentiment_method is 'Method and version that gave the score.';

create table if not exists survey_comment (
    load_id integer not null,
    survey varchar not null,
    quarter varchar not null,
    response_id varchar not null,
    comment varchar not null
);

comment on table survey_comment is 'What respondents wrote, kept apart from their answers; never published as it is. One row per response with a comment.';
comment on column survey_comment.load_id is 'Load that brought the row.';
comment on column survey_comment.survey is 'Survey answered.';
comment on column survey_comment.quarter is 'Fiscal quarter of the response.';
comment on column survey_comment.response_id is 'Response that the comment belongs to.';
comment on column survey_comment.comment is 'The comment, blanks around it removed.';

create table if not exists survey_response (
    load_id integer not null,
    survey varchar not null,
    channel varchar not null,
    quarter varchar not null,
    response_id varchar not null,
    submitted_at timestamp,
    trust tinyint,
    satisfaction tinyint,
    effectiveness tinyint,
    ease tinyint,
    efficiency tinyint,
    transparency tinyint,
    humanity tinyint,
    employee tinyint,
    positive_effectiveness tinyint,
    positive_ease tinyint,
    positive_efficiency tinyint,
    positive_transparency tinyint,
    positive_humanity tinyint,
    positive_employee tinyint,
    positive_other tinyint,
    negative_effectiveness tinyint,
    negative_ease tinyint,
    negative_efficiency tinyint,
    negative_transparency tinyint,
    negative_humanity tinyint,
    negative_employee tinyint,
    negative_other tinyint,
    has_comment boolean not null,
    weight double,
    segments map (varchar, varchar),
    superseded_by integer
);

comment on table survey_response is 'Raw survey responses, answers in the standard codes of the instrument. One row per response and restatement.';
comment on column survey_response.load_id is 'Load that brought the row.';
comment on column survey_response.survey is 'Survey answered; response_survey gives its service and instrument.';
comment on column survey_response.channel is 'Channel of the survey.';
comment on column survey_response.quarter is 'Fiscal quarter of the response, such as 2024Q4.';
comment on column survey_response.response_id is 'Identifier of the response, unique within survey and quarter.';
comment on column survey_response.submitted_at is 'When the response was submitted, local time in Washington, D.C.; null where the survey tool does not say.';
comment on column survey_response.trust is 'Answer to the question on trust in the standard codes of its scale; null where not answered or not asked.';
comment on column survey_response.satisfaction is 'The same for satisfaction.';
comment on column survey_response.effectiveness is 'The same for effectiveness, asked of everyone.';
comment on column survey_response.ease is 'The same for ease, asked of everyone.';
comment on column survey_response.efficiency is 'The same for efficiency, asked of everyone.';
comment on column survey_response.transparency is 'The same for transparency, asked of everyone.';
comment on column survey_response.humanity is 'The same for humanity, asked of everyone.';
comment on column survey_response.employee is 'The same for employee helpfulness, asked of everyone.';
comment on column survey_response.positive_effectiveness is 'Whether effectiveness was ticked as something that went well: 1 yes, 0 no, null not offered. Only those with a favorable trust answer saw the question.';
comment on column survey_response.positive_ease is 'The same for ease.';
comment on column survey_response.positive_efficiency is 'The same for efficiency.';
comment on column survey_response.positive_transparency is 'The same for transparency.';
comment on column survey_response.positive_humanity is 'The same for humanity.';
comment on column survey_response.positive_employee is 'The same for employee helpfulness.';
comment on column survey_response.positive_other is 'The same for something else.';
comment on column survey_response.negative_effectiveness is 'Whether effectiveness was ticked as something that did not go well: 1 yes, 0 no, null not offered. Only those without a favorable trust answer saw the question.';
comment on column survey_response.negative_ease is 'The same for ease.';
comment on column survey_response.negative_efficiency is 'The same for efficiency.';
comment on column survey_response.negative_transparency is 'The same for transparency.';
comment on column survey_response.negative_humanity is 'The same for humanity.';
comment on column survey_response.negative_employee is 'The same for employee helpfulness.';
comment on column survey_response.negative_other is 'The same for something else.';
comment on column survey_response.has_comment is 'Whether the respondent wrote a comment, kept in survey_comment.';
comment on column survey_response.weight is 'Survey weight, above 0; null where the survey is not weighted.';
comment on column survey_response.segments is 'Attributes of the respondent, segment to value as the tables segment and segment_value declare them; null where none is known.';
comment on column survey_response.superseded_by is 'Load that restated the response; null for the row that counts.';

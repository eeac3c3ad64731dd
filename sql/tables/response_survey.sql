create or replace table response_survey (
    survey varchar primary key,
    service varchar not null,
    channel varchar,
    instrument varchar not null,
    transaction_point varchar not null,
    service_stage varchar,
    title varchar not null
);

comment on table response_survey is 'Surveys whose single responses are loaded. One row per survey.';
comment on column response_survey.survey is 'Identifier of the survey, lower case with hyphens. A survey that changes its instrument becomes a new survey.';
comment on column response_survey.service is 'Service the survey is about.';
comment on column response_survey.channel is 'Channel of the survey; null where the responses say it themselves.';
comment on column response_survey.instrument is 'Instrument of the survey.';
comment on column response_survey.transaction_point is 'When customers are asked: post_interaction, post_service_journey or relational.';
comment on column response_survey.service_stage is 'Stage of the service that customers are asked about; null where it is the whole.';
comment on column response_survey.title is 'Title of the survey as its respondents see it.';

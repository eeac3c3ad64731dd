create or replace table survey (
    provider_id integer not null,
    survey_name varchar not null,
    component varchar not null,
    service varchar not null,
    instrument varchar,
    primary key (provider_id, survey_name)
);

comment on table survey is 'How surveys named in the quarterly reporting file map to services and instruments. One row per provider and survey name.';
comment on column survey.provider_id is 'Provider in the reporting file.';
comment on column survey.survey_name is 'Name of the survey as filed, white space folded.';
comment on column survey.component is 'Component the survey belongs to.';
comment on column survey.service is 'Service the survey is about.';
comment on column survey.instrument is 'Instrument of the survey; null where no answers were ever filed.';

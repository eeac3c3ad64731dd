create or replace table instrument (
    instrument varchar primary key,
    title varchar not null,
    family varchar not null,
    family_name varchar not null,
    survey_type varchar not null,
    question_version varchar not null,
    omb_control_number varchar,
    source varchar not null
);

comment on table instrument is 'Survey instruments. One row per instrument.';
comment on column instrument.instrument is 'Identifier of the instrument.';
comment on column instrument.title is 'Plain title.';
comment on column instrument.family is 'Instruments of one family may be pooled where scale and wording agree.';
comment on column instrument.family_name is 'Plain name of the family.';
comment on column instrument.survey_type is 'likert_scale or thumbs_up_down.';
comment on column instrument.question_version is 'Year of the question set.';
comment on column instrument.omb_control_number is 'OMB control number of the clearance.';
comment on column instrument.source is 'Where the questions are documented.';

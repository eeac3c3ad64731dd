create table if not exists released (
    survey varchar not null,
    quarter varchar not null,
    load_id integer not null,
    edition varchar not null
);

comment on table released is 'Every state in which the responses to a survey were published. One row per survey, fiscal quarter and load through which an edition counted them.';
comment on column released.survey is 'Survey answered.';
comment on column released.quarter is 'Fiscal quarter of the responses, such as 2024Q4.';
comment on column released.load_id is 'Last load whose changes counted.';
comment on column released.edition is 'First edition that counted them so.';

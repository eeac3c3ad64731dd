create table if not exists release (
    survey varchar not null,
    quarter varchar not null,
    load_id integer not null,
    n_waiting bigint not null
);

comment on table release is 'Through which load the responses to each survey count now: what is published, and what may be published next. Made with the aggregates. One row per survey and fiscal quarter.';
comment on column release.survey is 'Survey answered.';
comment on column release.quarter is 'Fiscal quarter of the responses, such as 2024Q4.';
comment on column release.load_id is 'Last load whose changes count.';
comment on column release.n_waiting is 'Responses that are new, corrected or withdrawn since, and wait until enough of them wait; 0 where none does.';

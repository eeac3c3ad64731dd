create or replace table time_step (
    step varchar primary key,
    name varchar not null,
    title varchar not null unique,
    waited varchar not null,
    unit varchar not null check (unit in ('seconds', 'minutes', 'days')),
    description varchar not null
);

comment on table time_step is 'What can take the time in time_band. One row per step.';
comment on column time_step.step is 'Identifier: wait, answer or processing.';
comment on column time_step.name is 'Name for readers.';
comment on column time_step.title is 'Name in the titles of its metrics; each row makes one metric of every file of sql/metrics that is for each step.';
comment on column time_step.waited is 'What people did in that time, in words that follow "people".';
comment on column time_step.unit is 'Unit in which times of this step are given and published: seconds, minutes or days.';
comment on column time_step.description is 'From when to when the time is taken, in plain words.';

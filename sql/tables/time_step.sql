create or replace table time_step (
    step varchar primary key,
    name varchar not null,
    unit varchar not null check (unit in ('seconds', 'minutes', 'days')),
    description varchar not null
);

comment on table time_step is 'What can take the time in time_band. One row per step.';
comment on column time_step.step is 'Identifier: wait, answer or processing.';
comment on column time_step.name is 'Name for readers.';
comment on column time_step.unit is 'Unit in which times of this step are given and published: seconds, minutes or days.';
comment on column time_step.description is 'From when to when the time is taken, in plain words.';

create or replace table activity (
    activity varchar primary key,
    name varchar not null,
    unit varchar not null,
    description varchar not null
);

comment on table activity is 'What can be counted in activity_count. One row per activity.';
comment on column activity.activity is 'Identifier, lower case with underscores.';
comment on column activity.name is 'Name for readers.';
comment on column activity.unit is 'What one of the count is.';
comment on column activity.description is 'What is counted and what is not, in plain words.';

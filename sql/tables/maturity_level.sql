create or replace table maturity_level (
    model varchar not null,
    level integer not null,
    name varchar not null,
    description varchar not null,
    primary key (model, level)
);

comment on table maturity_level is 'Levels of the models of CX maturity, lowest first. One row per model and level. Counts nothing. Keyed by model, name.';
comment on column maturity_level.model is 'Model, as in maturity_model.';
comment on column maturity_level.level is 'Number from 1; 0 stands for a function that has not reached the first level.';
comment on column maturity_level.name is 'Name for readers.';
comment on column maturity_level.description is 'What the level means, in plain words.';

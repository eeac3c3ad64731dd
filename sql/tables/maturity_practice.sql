create or replace table maturity_practice (
    model varchar not null,
    practice varchar not null,
    function varchar not null,
    level integer not null,
    text varchar not null,
    sort_order integer not null,
    primary key (model, practice)
);

comment on table maturity_practice is 'Practices that an assessment asks about. Another wording, or another set, makes a new version of the model, because answers to a practice that did not exist are missing. One row per model and practice.';
comment on column maturity_practice.model is 'Model, as in maturity_model.';
comment on column maturity_practice.practice is 'Identifier within the model.';
comment on column maturity_practice.function is 'Core function, as in maturity_function.';
comment on column maturity_practice.level is 'Level that asks for the practice, as in maturity_level.';
comment on column maturity_practice.text is 'The practice, one plain sentence.';
comment on column maturity_practice.sort_order is 'Position within the function.';

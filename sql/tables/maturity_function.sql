create or replace table maturity_function (
    model varchar not null,
    function varchar not null,
    name varchar not null,
    description varchar not null,
    sort_order integer not null,
    primary key (model, function)
);

comment on table maturity_function is 'Core functions of the models of CX maturity; each is assessed by itself. One row per model and function.';
comment on column maturity_function.model is 'Model, as in maturity_model.';
comment on column maturity_function.function is 'Identifier, lower case with underscores.';
comment on column maturity_function.name is 'Name for readers.';
comment on column maturity_function.description is 'What the function covers, in plain words.';
comment on column maturity_function.sort_order is 'Position on pages.';

create or replace table maturity_model (
    model varchar primary key,
    name varchar not null,
    version varchar not null,
    is_default boolean not null,
    source varchar not null,
    note varchar not null
);

comment on table maturity_model is 'Models of CX maturity, each version a model of its own: levels of two are never compared. A model without practices is listed and cannot be assessed. One row per model and version.';
comment on column maturity_model.model is 'Identifier, with the version.';
comment on column maturity_model.name is 'Name for readers.';
comment on column maturity_model.version is 'Version, such as a number or a year.';
comment on column maturity_model.is_default is 'Whether pages show this model unless asked for another.';
comment on column maturity_model.source is 'Where functions and levels come from.';
comment on column maturity_model.note is 'What a reader must know of the model, such as who worded its practices.';

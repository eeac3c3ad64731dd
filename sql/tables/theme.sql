create or replace table theme (
    theme varchar primary key,
    name varchar not null,
    description varchar not null,
    sort_order smallint not null
);

comment on table theme is 'What comments are about, as reviewed by people. One row per theme.';
comment on column theme.theme is 'Identifier of the theme, lower case.';
comment on column theme.name is 'Plain name.';
comment on column theme.description is 'What a comment on the theme speaks of.';
comment on column theme.sort_order is 'Order in which pages list the themes.';

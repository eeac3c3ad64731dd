create or replace table provider (
    provider_id integer primary key,
    component varchar not null,
    note varchar
);

comment on table provider is 'Service providers of the quarterly reporting file that belong to the Department. One row per provider.';
comment on column provider.provider_id is 'Number of the provider in the reporting file.';
comment on column provider.component is 'Component that the provider is.';
comment on column provider.note is 'What a reader must know about how the provider files.';

create or replace table service (
    service varchar primary key,
    component varchar not null,
    name varchar not null,
    description varchar not null,
    designated_from varchar,
    designated_to varchar,
    is_customers_shared boolean not null,
    source varchar not null
);

comment on table service is 'Services of the Components that are surveyed. One row per service.';
comment on column service.service is 'Identifier of the service, lower case with hyphens.';
comment on column service.component is 'Component that provides the service.';
comment on column service.name is 'Name of the service as customers would say it.';
comment on column service.description is 'What the service is, in one plain sentence.';
comment on column service.designated_from is 'First fiscal quarter, such as 2021Q1, in which the service was designated for quarterly reporting; null where it was not.';
comment on column service.designated_to is 'Last fiscal quarter of the designation; null while it lasts.';
comment on column service.is_customers_shared is 'True where several surveys of one quarter describe the same customers, so that customer volumes are not added up.';
comment on column service.source is 'Where the service and its designation are documented.';

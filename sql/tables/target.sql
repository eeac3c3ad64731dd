create or replace table target (
    metric varchar not null,
    level varchar not null,
    component varchar not null,
    service varchar not null,
    valid_from varchar not null,
    valid_to varchar,
    value double not null,
    source varchar not null
);

comment on table target is 'Targets for metrics, with their source. One row per metric, scope and validity.';
comment on column target.metric is 'Metric the target is for.';
comment on column target.level is 'department, component or service.';
comment on column target.component is 'Component, or ''all'' at Department level.';
comment on column target.service is 'Service, or ''all'' above service level.';
comment on column target.valid_from is 'First fiscal quarter of validity, such as 2024Q1.';
comment on column target.valid_to is 'Last fiscal quarter of validity; null while it holds.';
comment on column target.value is 'Target in the unit of the metric.';
comment on column target.source is 'Who set the target and where.';

create or replace table external_benchmark (
    metric varchar not null,
    level varchar not null,
    component varchar not null,
    service varchar not null,
    channel varchar not null,
    valid_from varchar not null,
    valid_to varchar,
    value double not null,
    label varchar not null,
    source varchar not null
);

comment on table external_benchmark is 'Documented numbers from outside to set a series beside; not the government-wide benchmark, which publishing computes. One row per metric, scope and validity.';
comment on column external_benchmark.metric is 'Metric the number is set beside.';
comment on column external_benchmark.level is 'department, component or service.';
comment on column external_benchmark.component is 'Component, or ''all'' at Department level.';
comment on column external_benchmark.service is 'Service, or ''all'' above service level.';
comment on column external_benchmark.channel is 'Channel, or ''all'' for the figure of all channels together.';
comment on column external_benchmark.valid_from is 'First fiscal quarter of validity, such as 2024Q1.';
comment on column external_benchmark.valid_to is 'Last fiscal quarter of validity; null while it holds.';
comment on column external_benchmark.value is 'Number in the unit of the metric.';
comment on column external_benchmark.label is 'What the number is, in a few words.';
comment on column external_benchmark.source is 'Who published the number and where.';

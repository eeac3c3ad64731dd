create or replace table service_standard (
    component varchar not null,
    service varchar,
    step varchar not null,
    unit varchar not null check (unit in ('seconds', 'minutes', 'days')),
    time_limit double not null check (time_limit > 0),
    valid_from varchar not null,
    valid_to varchar,
    source varchar not null
);

comment on table service_standard is 'Standards: within what time a service says it serves its customers. The share within the standard is published only where a row says so. One row per Component, service, step and validity.';
comment on column service_standard.component is 'Component that set the standard.';
comment on column service_standard.service is 'Service; blank where the standard holds for every service of the Component that has none of its own.';
comment on column service_standard.step is 'What takes the time, as in the reference table time_step.';
comment on column service_standard.unit is 'Unit of the limit: seconds, minutes or days.';
comment on column service_standard.time_limit is 'The time within which customers are to be served; must be a bound of the bands that are loaded.';
comment on column service_standard.valid_from is 'First fiscal quarter to which the standard applies.';
comment on column service_standard.valid_to is 'Last fiscal quarter; blank while it applies.';
comment on column service_standard.source is 'Document that sets the standard.';

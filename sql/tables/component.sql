create or replace table component (
    component varchar primary key,
    name varchar not null,
    description varchar not null,
    customers varchar not null,
    is_high_impact boolean not null,
    sort_order smallint not null
);

comment on table component is 'The Components of the Department. One row per Component.';
comment on column component.component is 'Short code of the Component, such as TSA.';
comment on column component.name is 'Full name.';
comment on column component.description is 'What the Component does, in one plain sentence.';
comment on column component.customers is 'Who its customers are.';
comment on column component.is_high_impact is 'Whether OMB lists it as a High Impact Service Provider, which must survey and report every quarter.';
comment on column component.sort_order is 'Order in which pages list the Components.';

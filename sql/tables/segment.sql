create or replace table segment (
    segment varchar primary key,
    name varchar not null,
    description varchar not null,
    sort_order smallint not null
);

comment on table segment is 'Attributes of respondents by which a metric may be broken down, one at a time. One row per attribute.';
comment on column segment.segment is 'Identifier of the attribute.';
comment on column segment.name is 'Plain name.';
comment on column segment.description is 'What it says of a respondent, and how it is asked.';
comment on column segment.sort_order is 'Order in which pages list the attributes.';

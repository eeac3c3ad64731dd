create or replace table segment_value (
    segment varchar not null,
    segment_value varchar not null,
    name varchar not null,
    sort_order smallint not null,
    primary key (segment, segment_value)
);

comment on table segment_value is 'Groups of respondents within an attribute. One row per attribute and group.';
comment on column segment_value.segment is 'Attribute.';
comment on column segment_value.segment_value is 'Identifier of the group.';
comment on column segment_value.name is 'Plain name of the group.';
comment on column segment_value.sort_order is 'Order in which pages list the groups.';

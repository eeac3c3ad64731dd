create or replace table agency_code (
    agency_code varchar not null,
    omb_control_number varchar,
    component varchar not null,
    name varchar not null,
    source varchar not null
);

comment on table agency_code is 'Which Component an agency code of reginfo.gov belongs to. One row per code, and per OMB control number that belongs to another Component than its code says.';
comment on column agency_code.agency_code is 'Code of the agency at reginfo.gov, four digits.';
comment on column agency_code.omb_control_number is 'OMB control number that the row is about; null where it is about all of the code.';
comment on column agency_code.component is 'Component.';
comment on column agency_code.name is 'Name of the agency at reginfo.gov.';
comment on column agency_code.source is 'Where the code and its Component are from.';

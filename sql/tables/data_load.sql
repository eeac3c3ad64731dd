create table if not exists data_load (
    load_id integer primary key,
    format varchar not null,
    fills varchar not null,
    survey varchar,
    file_name varchar not null,
    sha256 varchar not null,
    as_of date not null,
    loaded_at timestamp not null,
    n_rows bigint not null,
    n_accepted bigint not null,
    n_duplicate bigint not null,
    n_rejected bigint not null
);

comment on table data_load is 'Every load that was tried and committed. One row per load and file.';
comment on column data_load.load_id is 'Number of the load, in order.';
comment on column data_load.format is 'Source format that read the file.';
comment on column data_load.fills is 'Kind of rows that the file holds, such as report, response, volume or count.';
comment on column data_load.survey is 'Survey that the rows answer; null for files that name their surveys themselves.';
comment on column data_load.file_name is 'Name of the file without its folder; of a load of several files all of them.';
comment on column data_load.sha256 is 'SHA-256 of the file, 64 hexadecimal digits; of several files that of the lines that sha256sum prints of them, in the order of file_name.';
comment on column data_load.as_of is 'Date up to which the file tells the state of reporting.';
comment on column data_load.loaded_at is 'When the load was committed, UTC.';
comment on column data_load.n_rows is 'Rows in the file.';
comment on column data_load.n_accepted is 'Rows that entered the warehouse.';
comment on column data_load.n_duplicate is 'Rows that the warehouse already held.';
comment on column data_load.n_rejected is 'Rows that were refused, each with its reason in rejected_row.';

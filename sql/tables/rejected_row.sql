create table if not exists rejected_row (
    load_id integer not null,
    line_number bigint not null,
    column_name varchar not null,
    reason varchar not null,
    raw_text varchar not null
);

comment on table rejected_row is 'Rows that were refused, without the personal data that were found in them. One row per refused row and reason.';
comment on column rejected_row.load_id is 'Load that refused the row.';
comment on column rejected_row.line_number is 'Line of the file on which the row starts, the header being line 1.';
comment on column rejected_row.column_name is 'Column at fault.';
comment on column rejected_row.reason is 'What is wrong and what to do.';
comment on column rejected_row.raw_text is 'The row as it came, as JSON, a mark such as [phone] in place of each piece of personal data.';

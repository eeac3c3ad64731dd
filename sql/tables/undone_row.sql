create table if not exists undone_row (
    load_id integer not null,
    table_name varchar not null,
    row_text varchar not null
);

comment on table undone_row is 'Rows of public figures that an undo took out of their tables, for an undo of the undo. Single responses stay in survey_response. One row per row taken out.';
comment on column undone_row.load_id is 'Load that brought the row and was taken back.';
comment on column undone_row.table_name is 'Table that held the row.';
comment on column undone_row.row_text is 'The row as JSON.';

create table if not exists load_undo (
    load_id integer primary key,
    undone_id integer not null,
    is_in_force boolean not null
);

comment on table load_undo is 'Loads that were taken back. One row per record of an undo, which data_load holds with the format undo.';
comment on column load_undo.load_id is 'Record of the undo.';
comment on column load_undo.undone_id is 'Load that was taken back, or record of an undo.';
comment on column load_undo.is_in_force is 'False where the undo was taken back in turn.';

create table if not exists replacing_load (
    load_id integer primary key
);

comment on table replacing_load is 'Loads of which the user said, with --replace, that they tell everything there is, so that they replace a telling of more than twice as much. One row per load.';
comment on column replacing_load.load_id is 'The load.';

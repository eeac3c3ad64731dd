create or replace table warehouse_state (
    made_from varchar not null,
    loads varchar
);

comment on table warehouse_state is 'What the aggregates were made from, so that they are made anew only when that changed. One row per warehouse.';
comment on column warehouse_state.made_from is 'Hash of the SQL and the reference tables.';
comment on column warehouse_state.loads is 'Loads the aggregates hold, in a word that changes with each; null while they are not made.';

create table if not exists edition_made (
    edition varchar primary key,
    load_id integer not null,
    loads varchar not null
);

comment on table edition_made is 'Editions made from this warehouse, so that what was loaded since can be told. One row per edition.';
comment on column edition_made.edition is 'Identifier of the edition.';
comment on column edition_made.load_id is 'Newest load, or record of an undo, at the time.';
comment on column edition_made.loads is 'Hash of the files of all loads up to then; blank where an erasure changed the rows since.';

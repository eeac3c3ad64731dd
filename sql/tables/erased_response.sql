create table if not exists erased_response (
    survey varchar not null,
    digest varchar not null,
    salt varchar not null,
    erased_at timestamp not null
);

comment on table erased_response is 'Responses that were erased and are refused when they are loaded again; their identifiers are not kept. One row per response.';
comment on column erased_response.survey is 'Survey that was answered.';
comment on column erased_response.digest is 'SHA-256 of salt, survey and identifier.';
comment on column erased_response.salt is 'Random text, one for each survey.';
comment on column erased_response.erased_at is 'When the response was erased, UTC.';

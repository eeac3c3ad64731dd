create table if not exists load_declaration (
    load_id integer not null,
    kind varchar not null,
    name varchar not null,
    declaration varchar not null
);

comment on table load_declaration is 'How the rows of a load were declared when they were read, so that a declaration changed later is noticed. One row per load and survey, or per load and instrument of reports.';
comment on column load_declaration.load_id is 'Load that brought the rows.';
comment on column load_declaration.kind is 'survey (responses and volumes) or instrument (quarterly reports).';
comment on column load_declaration.name is 'Survey of response_survey, or instrument.';
comment on column load_declaration.declaration is 'What decides how the rows are read and where they count, as JSON with sorted keys; metrics/intake/declared.py says which keys.';

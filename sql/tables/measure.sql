create or replace table measure (
    measure varchar primary key,
    title varchar not null unique,
    asked varchar not null,
    favorable varchar not null,
    scale varchar not null,
    statement varchar not null,
    source varchar not null
);

comment on table measure is 'Standard measures that surveys ask for. Each row makes one metric of every file of sql/metrics that is for each measure. One row per measure.';
comment on column measure.measure is 'Identifier, as in instrument_question, and first word of the names of its metrics.';
comment on column measure.title is 'Name for readers.';
comment on column measure.asked is 'What a favorable answer says, in words that follow "in which".';
comment on column measure.favorable is 'Which answers are favorable, in words.';
comment on column measure.scale is 'Scales on which it may be answered, in words.';
comment on column measure.statement is 'The standard statement, verbatim; a placeholder in brackets where it varies.';
comment on column measure.source is 'Paragraph or document that asks for it.';

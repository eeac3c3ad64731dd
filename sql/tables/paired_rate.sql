create or replace table paired_rate (
    paired_rate varchar primary key,
    title varchar not null unique,
    description varchar not null,
    unit varchar not null,
    better varchar not null check (better in ('higher', 'lower', 'neither')),
    basis_rule varchar not null,
    source varchar not null,
    part varchar not null,
    whole varchar not null,
    basis varchar not null unique
);

comment on table paired_rate is 'Shares of which one count is the part and another the whole, such as calls answered of calls offered. Each row makes one metric. One row per metric.';
comment on column paired_rate.paired_rate is 'Name of the metric.';
comment on column paired_rate.title is 'Title of the metric for readers.';
comment on column paired_rate.description is 'What the metric tells; ends with a sentence One row per ....';
comment on column paired_rate.unit is 'Unit of the metric.';
comment on column paired_rate.better is 'Which direction is good news: higher, lower or neither.';
comment on column paired_rate.basis_rule is 'What may be pooled, in words.';
comment on column paired_rate.source is 'Paragraph or document that asks for it.';
comment on column paired_rate.part is 'What is counted in the numerator, as in the reference table activity.';
comment on column paired_rate.whole is 'What is counted in the denominator, as in the reference table activity.';
comment on column paired_rate.basis is 'Identifier of the basis; rates of different bases are never added up.';

create or replace table annotation (
    happened_on date not null,
    component varchar not null,
    service varchar not null,
    family varchar not null,
    metric varchar not null,
    text varchar not null,
    source varchar not null
);

comment on table annotation is 'Events that a reader of a series must know. One row per event.';
comment on column annotation.happened_on is 'Day from which the event holds.';
comment on column annotation.component is 'Component concerned, or ''all''.';
comment on column annotation.service is 'Service concerned, or ''all''.';
comment on column annotation.family is 'Family of metrics concerned, or ''all''.';
comment on column annotation.metric is 'Metric concerned, or ''all'' of the family.';
comment on column annotation.text is 'What happened, in plain words.';
comment on column annotation.source is 'Where that is documented.';

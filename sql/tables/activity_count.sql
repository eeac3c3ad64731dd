create table if not exists activity_count (
    load_id integer not null,
    line_number bigint not null,
    component varchar not null,
    service varchar,
    channel varchar,
    place varchar,
    period_kind varchar not null,
    starts_on date not null,
    activity varchar not null,
    category varchar,
    n bigint not null,
    report varchar
);

comment on table activity_count is 'Counts of what happened: complaints, customers, contacts, form starts, votes on a page. One row per Component, service, channel, place, period, activity, category and restatement; the latest load counts.';
comment on column activity_count.load_id is 'Load that brought the row.';
comment on column activity_count.line_number is 'Line of the file on which the row starts.';
comment on column activity_count.component is 'Component that the count is of.';
comment on column activity_count.service is 'Service that the count is of; null where it is of none.';
comment on column activity_count.channel is 'Channel; null where it is not known.';
comment on column activity_count.place is 'Airport code, port, page or form, as the source names it; null where the count is of no single place.';
comment on column activity_count.period_kind is 'Length of the period: day, month or quarter.';
comment on column activity_count.starts_on is 'First day of the period.';
comment on column activity_count.activity is 'What is counted, as in the reference table activity.';
comment on column activity_count.category is 'Category as the source writes it; null where the count is of no single category.';
comment on column activity_count.n is 'The count, 0 or more.';
comment on column activity_count.report is 'Report of the source that printed the count; null where it has none.';

create table if not exists time_band (
    load_id integer not null,
    line_number bigint not null,
    component varchar not null,
    service varchar,
    channel varchar,
    place varchar,
    starts_at timestamp not null,
    period_kind varchar not null,
    step varchar not null,
    unit varchar not null,
    band_from double not null,
    band_to double,
    n bigint not null
);

comment on table time_band is 'How many customers waited, or were served, within a band of time. Bands can be added up over places and periods; medians cannot. One row per Component, service, channel, place, period, step, band and restatement; the latest load counts.';
comment on column time_band.load_id is 'Load that brought the row.';
comment on column time_band.line_number is 'Line of the file on which the row starts.';
comment on column time_band.component is 'Component that the customers came to.';
comment on column time_band.service is 'Service they came for; null where it is of none.';
comment on column time_band.channel is 'Channel; null where it is not known.';
comment on column time_band.place is 'Airport terminal, port or office, as the source names it; null where it is of no single place.';
comment on column time_band.starts_at is 'Start of the period.';
comment on column time_band.period_kind is 'Length of the period: hour, day, month or quarter.';
comment on column time_band.step is 'What took the time: wait, answer or processing, as in the reference table time_step.';
comment on column time_band.unit is 'Unit of the bounds: seconds, minutes or days.';
comment on column time_band.band_from is 'Lower bound of the band; longer than this, or 0.';
comment on column time_band.band_to is 'Upper bound of the band, included; null where there is none.';
comment on column time_band.n is 'Customers whose time lies within the band, 0 or more.';

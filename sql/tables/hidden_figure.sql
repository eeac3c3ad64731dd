create table if not exists hidden_figure (
    metric varchar not null,
    level varchar not null,
    component varchar not null,
    service varchar not null,
    channel varchar not null,
    period_kind varchar not null,
    period varchar not null,
    basis varchar not null,
    breakdown varchar,
    data_md5 varchar not null
);

comment on table hidden_figure is 'Figures that an edition hid because they would have given others away: they stay hidden while their data are the same, or two editions together would tell what each of them hides. One row per figure and state of its data.';
comment on column hidden_figure.metric is 'Metric of the figure.';
comment on column hidden_figure.level is 'Level of the figure: department, component or service.';
comment on column hidden_figure.component is 'Component, or all.';
comment on column hidden_figure.service is 'Service, or all.';
comment on column hidden_figure.channel is 'Channel, or all.';
comment on column hidden_figure.period_kind is 'Kind of period: month, quarter or fiscal_year.';
comment on column hidden_figure.period is 'Period of the figure.';
comment on column hidden_figure.basis is 'What may be pooled with it.';
comment on column hidden_figure.breakdown is 'Part of the breakdown; null for the total.';
comment on column hidden_figure.data_md5 is 'MD5 of the numbers that it was made of, 32 hexadecimal digits.';

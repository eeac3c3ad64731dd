create table if not exists survey_volume (
    load_id integer not null,
    line_number bigint not null,
    survey varchar not null,
    channel varchar not null,
    quarter varchar not null,
    customers bigint,
    offered bigint,
    submitted_on date,
    state varchar,
    rating varchar
);

comment on table survey_volume is 'How many customers a surveyed service had and how many were offered the survey, filed each quarter beside the responses. One row per survey, channel, quarter and restatement; the latest load counts.';
comment on column survey_volume.load_id is 'Load that brought the row.';
comment on column survey_volume.line_number is 'Line of the file on which the row starts.';
comment on column survey_volume.survey is 'Survey that the volumes belong to.';
comment on column survey_volume.channel is 'Channel of the survey.';
comment on column survey_volume.quarter is 'Fiscal quarter, such as 2024Q4.';
comment on column survey_volume.customers is 'Customers who used the service through this channel in the quarter; null where not known.';
comment on column survey_volume.offered is 'Customers who were offered the survey; null where not known.';
comment on column survey_volume.submitted_on is 'Day on which the collection was submitted to OMB; null where it was not.';
comment on column survey_volume.state is 'State of the collection in the reporting system: draft, submitted, published, not_reported, change_requested or archived; null where not known.';
comment on column survey_volume.rating is 'Rating by OMB: TRUE (green), PARTIAL (yellow) or FALSE (red); null where not rated.';

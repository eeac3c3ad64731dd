create table if not exists survey_report (
    load_id integer not null,
    line_number bigint not null,
    survey_id integer not null,
    organization varchar not null,
    component varchar not null,
    service varchar not null,
    channel varchar not null,
    quarter varchar not null,
    instrument varchar,
    customers bigint,
    offered bigint,
    respondents bigint,
    omb_control_number varchar,
    entered_on date,
    source_notes varchar,
    content_hash varchar not null
);

comment on table survey_report is 'Raw quarterly reports: volumes of one survey in one quarter, as filed. One row per survey report and restatement.';
comment on column survey_report.load_id is 'Load that brought the row.';
comment on column survey_report.line_number is 'Line of the file on which the row starts.';
comment on column survey_report.survey_id is 'Number of the report in the reporting system.';
comment on column survey_report.organization is 'Abbreviation of the organization that filed it.';
comment on column survey_report.component is 'Component of the Department, or FED for the rest of the federal government.';
comment on column survey_report.service is 'Service; for the rest of the government the organization and its service number.';
comment on column survey_report.channel is 'Channel of the survey.';
comment on column survey_report.quarter is 'Fiscal quarter reported, such as 2021Q2 (January to March 2021).';
comment on column survey_report.instrument is 'Instrument of the survey; null where none is known.';
comment on column survey_report.customers is 'Customers who used the service in the quarter, as filed.';
comment on column survey_report.offered is 'Customers who were offered the survey, as filed.';
comment on column survey_report.respondents is 'Customers who answered the survey, as filed.';
comment on column survey_report.omb_control_number is 'OMB control number, null where none was given.';
comment on column survey_report.entered_on is 'Day on which the report was first entered into the reporting system.';
comment on column survey_report.source_notes is 'What was fixed at the door, as a list of rule names separated by semicolons; null where nothing was.';
comment on column survey_report.content_hash is 'Hash of all figures of the report, to tell a duplicate from a restatement.';

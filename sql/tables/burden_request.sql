create table if not exists burden_request (
    load_id integer not null,
    line_number bigint not null,
    snapshot_on date not null,
    icr_reference varchar not null,
    omb_control_number varchar,
    agency_code varchar not null,
    component varchar not null,
    title varchar not null,
    form_numbers varchar,
    request_type varchar,
    status varchar,
    conclusion varchar,
    concluded_on date,
    received_on date,
    expires_on date,
    value_basis varchar not null,
    is_partial_inventory boolean not null,
    responses bigint,
    hours decimal(18, 2),
    cost_usd decimal(18, 2),
    previous_responses bigint,
    previous_hours decimal(18, 2),
    previous_cost_usd decimal(18, 2),
    responses_new_statute bigint,
    responses_agency_discretion bigint,
    responses_adjustment bigint,
    responses_violation bigint,
    hours_new_statute decimal(18, 2),
    hours_agency_discretion decimal(18, 2),
    hours_adjustment decimal(18, 2),
    hours_violation decimal(18, 2),
    cost_usd_new_statute decimal(18, 2),
    cost_usd_agency_discretion decimal(18, 2),
    cost_usd_adjustment decimal(18, 2),
    cost_usd_violation decimal(18, 2),
    n_collections integer,
    collections_responses bigint,
    collections_hours decimal(18, 2),
    n_instruments integer,
    n_instruments_known integer,
    n_electronic integer,
    is_learning_cost_assessed boolean,
    is_psychological_cost_assessed boolean,
    source_address varchar,
    note varchar
);

comment on table burden_request is 'Paperwork burden that the public bears, as approved by or requested from OMB. One row per information collection request, snapshot and restatement; the latest load counts.';
comment on column burden_request.load_id is 'Load that brought the row.';
comment on column burden_request.line_number is 'Line of the file on which the row or record starts; its number in the file where records share lines.';
comment on column burden_request.snapshot_on is 'Day whose state the row tells: that of the inventory, or of the copy.';
comment on column burden_request.icr_reference is 'Reference number of the information collection request (ICR): year and month, agency, number.';
comment on column burden_request.omb_control_number is 'OMB control number; null where the source does not print it.';
comment on column burden_request.agency_code is 'Code of the agency at reginfo.gov, four digits.';
comment on column burden_request.component is 'Component that asks; FED for agencies outside the Department, which no figure counts.';
comment on column burden_request.title is 'Title of the request.';
comment on column burden_request.form_numbers is 'Numbers of its forms, separated by semicolons; null where none is known.';
comment on column burden_request.request_type is 'What was asked of OMB, such as New collection or Revision; null where not printed.';
comment on column burden_request.status is 'Status at reginfo.gov, such as Active or Historical Inactive; null where not printed.';
comment on column burden_request.conclusion is 'What OMB concluded, such as Approved with change; null where not printed or still pending.';
comment on column burden_request.concluded_on is 'Day OMB concluded; null where not printed or still pending.';
comment on column burden_request.received_on is 'Day OMB received the request; null where not printed.';
comment on column burden_request.expires_on is 'Last day of the approval; null where not printed.';
comment on column burden_request.value_basis is 'approved, or requested where OMB has not decided.';
comment on column burden_request.is_partial_inventory is 'Whether the file holds only some of the requests, so that no total may be made of it.';
comment on column burden_request.responses is 'Responses a year; null where not printed.';
comment on column burden_request.hours is 'Hours a year that the public spends; null where not printed.';
comment on column burden_request.cost_usd is 'Cost burden a year in US dollars (item 13: capital, start-up, operation and maintenance); the value of the hours is not in it. Null where not printed.';
comment on column burden_request.previous_responses is 'The same (responses) in the approval before; null where not printed.';
comment on column burden_request.previous_hours is 'The same (hours) in the approval before; null where not printed.';
comment on column burden_request.previous_cost_usd is 'The same (cost_usd) in the approval before; null where not printed.';
comment on column burden_request.responses_new_statute is 'Change of responses because of a new statute; null where not printed.';
comment on column burden_request.responses_agency_discretion is 'Change of responses because of the agency''s discretion; null where not printed.';
comment on column burden_request.responses_adjustment is 'Change of responses because of a corrected estimate or a change outside the agency''s control; null where not printed.';
comment on column burden_request.responses_violation is 'Change of responses because of a violation of the Act, such as a lapsed approval; null where not printed.';
comment on column burden_request.hours_new_statute is 'Change of hours because of a new statute; null where not printed.';
comment on column burden_request.hours_agency_discretion is 'Change of hours because of the agency''s discretion; null where not printed.';
comment on column burden_request.hours_adjustment is 'Change of hours because of a corrected estimate or a change outside the agency''s control; null where not printed.';
comment on column burden_request.hours_violation is 'Change of hours because of a violation of the Act, such as a lapsed approval; null where not printed.';
comment on column burden_request.cost_usd_new_statute is 'Change of cost_usd because of a new statute; null where not printed.';
comment on column burden_request.cost_usd_agency_discretion is 'Change of cost_usd because of the agency''s discretion; null where not printed.';
comment on column burden_request.cost_usd_adjustment is 'Change of cost_usd because of a corrected estimate or a change outside the agency''s control; null where not printed.';
comment on column burden_request.cost_usd_violation is 'Change of cost_usd because of a violation of the Act, such as a lapsed approval; null where not printed.';
comment on column burden_request.n_collections is 'Information collections that make up the request; null where not listed.';
comment on column burden_request.collections_responses is 'Sum of the collections'' responses; null where one of them does not say.';
comment on column burden_request.collections_hours is 'Sum of the collections'' hours; null where one of them does not say.';
comment on column burden_request.n_instruments is 'Forms and other instruments of the collections; null where not listed.';
comment on column burden_request.n_instruments_known is 'Instruments that say whether they are available electronically; null where not listed.';
comment on column burden_request.n_electronic is 'Instruments that are available electronically; null where not listed.';
comment on column burden_request.is_learning_cost_assessed is 'Whether the request assesses the effort of learning what to do; null where nobody recorded it.';
comment on column burden_request.is_psychological_cost_assessed is 'Whether the request assesses stress, anxiety and other psychological cost; null where nobody recorded it.';
comment on column burden_request.source_address is 'Address of the source; null where there is none.';
comment on column burden_request.note is 'What a reader of the row must know; null where nothing.';

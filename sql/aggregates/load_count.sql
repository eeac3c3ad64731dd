/*
Rows that loads of single responses refused or held already, in the fiscal
quarter in which they were loaded. Loads that were taken back do not count. One
row per Component, service, channel and quarter.
*/
select
    service.component,
    service.service,
    response_survey.channel,
    fiscal_quarter(data_load.as_of) as quarter,
    sum(data_load.n_rows)::bigint as n_rows,
    sum(data_load.n_duplicate)::bigint as n_duplicate,
    sum(data_load.n_rejected)::bigint as n_rejected
from data_load
inner join response_survey
    on data_load.survey = response_survey.survey
inner join service
    on response_survey.service = service.service
where
    not exists (
        select 1
        from load_undo
        where
            load_undo.load_id = data_load.load_id
            or load_undo.is_in_force
            and load_undo.undone_id = data_load.load_id
    )
group by
    service.component, service.service, response_survey.channel,
    fiscal_quarter(data_load.as_of)

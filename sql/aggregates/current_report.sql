/*
Quarterly survey reports as they stand: where a report was restated by a later
load, the latest one. One row per survey report.
*/
with ranked as (
    select
        *,
        row_number() over (
            partition by survey_id
            order by load_id desc
        ) as recency
    from survey_report
)

select
    ranked.load_id,
    ranked.line_number,
    ranked.survey_id,
    ranked.organization,
    ranked.component,
    ranked.service,
    ranked.channel,
    ranked.quarter,
    ranked.instrument,
    coalesce(instrument.family, 'none') as family,
    ranked.customers,
    ranked.offered,
    ranked.respondents,
    ranked.omb_control_number,
    ranked.entered_on,
    ranked.source_notes
from ranked
left join instrument on ranked.instrument = instrument.instrument
where ranked.recency = 1

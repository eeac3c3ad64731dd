/*
For each information collection request, responses, hours and cost changed by the
sum of the printed causes and what is left unexplained, as the raw rows say. One
row per request and measure that did not.
*/
with printed as (
    select
        icr_reference,
        snapshot_on,
        unnest(['responses', 'hours', 'cost_usd']) as measure,
        unnest([
            (responses - previous_responses)::decimal(18, 2),
            hours - previous_hours,
            cost_usd - previous_cost_usd
        ]) as change,
        load_id
    from burden_request
    where component <> 'FED'
)

select
    burden_action.icr_reference,
    burden_action.measure,
    burden_action.change,
    burden_action.unexplained
from burden_action
left join printed
    on
        burden_action.icr_reference = printed.icr_reference
        and burden_action.measure = printed.measure
        and burden_action.change
        = coalesce(printed.change, burden_action.change)
        and burden_action.change
        = coalesce(burden_action.new_statute, 0)
        + coalesce(burden_action.agency_discretion, 0)
        + coalesce(burden_action.adjustment, 0)
        + coalesce(burden_action.violation, 0)
        + burden_action.unexplained
where
    burden_action.action = 'request'
    and burden_action.change is not null
    and printed.icr_reference is null

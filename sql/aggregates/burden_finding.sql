/*
What is wrong with single requests; nothing is left out because of it. One row per
request, quarter and rule.
Counts findings.
*/
select
    component,
    quarter,
    icr_reference,
    control_number,
    'collections_differ' as rule,
    'The collections of the request add up to '
    || coalesce(format('{:,}', collections_responses), 'unknown')
    || ' responses and '
    || coalesce(format('{:,.0f}', collections_hours::double), 'unknown')
    || ' hours, the request says '
    || coalesce(format('{:,}', responses), 'unknown') || ' and '
    || coalesce(format('{:,.0f}', hours::double), 'unknown') || '.' as reason
from burden_inventory
where
    collections_responses <> responses
    or collections_hours <> hours
union all
select
    component,
    quarter,
    icr_reference,
    control_number,
    'figure_missing' as rule,
    'The request does not state its '
    || concat_ws(
        ' and ',
        case when responses is null then 'responses' end,
        case when hours is null then 'hours' end,
        case when cost_usd is null then 'cost' end
    )
    || ', so sums are too small by as much.' as reason
from burden_inventory
where
    responses is null
    or hours is null
    or cost_usd is null

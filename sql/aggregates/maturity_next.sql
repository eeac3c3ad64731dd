/*
What stands between a core function and its next level in the latest assessment:
the practices not done, or unanswered, of the lowest level that has such. One row
per Component, unit or null, model, core function and practice.
Counts practices; for each unit and model. A stock.
*/
with latest as (
    select *
    from maturity_status
    qualify assessed_on = max(assessed_on) over (
        partition by component, unit, model
    )
)

select
    component,
    unit,
    model,
    function,
    assessed_on,
    level,
    practice,
    text,
    sort_order,
    status
from latest
where status in ('not_done', 'unanswered')
qualify level = min(level) over (
    partition by component, unit, model, function
)

/*
The published hours of a Component in a quarter are the sum of its active requests
in the raw rows of the last whole inventory of that quarter. One row per
Component and quarter where they are not.
*/
with latest as (
    select *
    from burden_request
    where not is_partial_inventory and value_basis = 'approved'
    qualify row_number() over (
        partition by icr_reference, snapshot_on
        order by load_id desc
    ) = 1
),

last_days as (
    select
        component,
        fiscal_quarter(snapshot_on) as quarter,
        max(snapshot_on) as snapshot_on
    from latest
    group by component, fiscal_quarter(snapshot_on)
),

summed as (
    select
        latest.component,
        last_days.quarter,
        sum(latest.hours) as hours
    from latest
    inner join last_days
        on
            latest.component = last_days.component
            and latest.snapshot_on = last_days.snapshot_on
    where coalesce(latest.status, 'Active') = 'Active'
    group by latest.component, last_days.quarter
)

select
    published.component,
    published.period,
    published.value,
    summed.hours
from published
left join summed
    on
        published.component = summed.component
        and published.period = summed.quarter
where
    published.metric = 'burden_hours'
    and published.level = 'component'
    and published.period_kind = 'quarter'
    and published.channel = 'all'
    and published.breakdown is null
    and published.basis = 'burden/inventory/approved'
    and published.value is not null
    and abs(published.value - coalesce(summed.hours, 0)) > 0.01

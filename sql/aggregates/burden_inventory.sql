/*
What paperwork takes a year, as it stood in each quarter. From a whole inventory:
the active, approved requests of the last snapshot of the quarter of each
Component; one of less than half of the hours of an earlier one is only a part
of it, and replaces nothing unless its load was told to (replacing_load). From
a hand-copied, partial inventory: each request in the quarter in which it was
concluded or, while it is pending, received; is_counted is false where that day
is not printed, where a later request of the same quarter and control number
takes its place, or where a whole inventory covers the quarter. Requests of
agencies outside the Department stay out. One row per request and quarter.
Counts requests; responses a year in responses with collections_responses; hours in
hours with collections_hours; dollars in cost_usd; collections in n_collections;
instruments in n_instruments with n_instruments_known, n_electronic; where
is_counted or not is_partial_inventory; for each basis. A stock.
*/
with latest as (
    select
        *,
        coalesce(omb_control_number, 'ICR ' || icr_reference)
            as control_number
    from burden_request
    where component <> 'FED'
    qualify row_number() over (
        partition by icr_reference, snapshot_on
        order by load_id desc
    ) = 1
),

inventories as (
    select
        latest.component,
        fiscal_quarter(latest.snapshot_on) as quarter,
        latest.snapshot_on,
        sum(latest.hours) filter (
            where coalesce(latest.status, 'Active') = 'Active'
        ) as hours,
        bool_or(replacing_load.load_id is not null) as is_replacing
    from latest
    left join replacing_load on latest.load_id = replacing_load.load_id
    where
        not latest.is_partial_inventory
        and latest.value_basis = 'approved'
    group by latest.component, latest.snapshot_on
),

compared as (
    select
        *,
        max(hours) over (
            partition by component, quarter
            order by snapshot_on
            rows between unbounded preceding and 1 preceding
        ) as hours_before
    from inventories
),

snapshots as (
    select
        component,
        quarter,
        max(snapshot_on) as snapshot_on
    from compared
    where is_replacing or not coalesce(2 * hours < hours_before, false)
    group by component, quarter
),

whole as (
    select
        latest.*,
        snapshots.quarter,
        true as is_counted,
        'burden/inventory/approved' as basis
    from latest
    inner join snapshots
        on
            latest.component = snapshots.component
            and latest.snapshot_on = snapshots.snapshot_on
    where
        not latest.is_partial_inventory
        and latest.value_basis = 'approved'
        and coalesce(latest.status, 'Active') = 'Active'
),

copied as (
    select
        *,
        fiscal_quarter(case
            when value_basis = 'requested' then received_on
            else concluded_on
        end) as quarter
    from latest
    where is_partial_inventory
    qualify row_number() over (
        partition by icr_reference
        order by snapshot_on desc
    ) = 1
),

parts as (
    select
        copied.*,
        coalesce(copied.quarter >= '2000Q1', false)
        and snapshots.quarter is null
        and row_number() over (
            partition by
                copied.component, copied.control_number, copied.value_basis,
                copied.quarter
            order by copied.icr_reference desc
        ) = 1 as is_counted,
        'burden/partial/' || copied.value_basis as basis
    from copied
    left join snapshots
        on
            copied.component = snapshots.component
            and copied.quarter = snapshots.quarter
),

together as (
    select * from whole
    union all by name
    select * from parts
)

select
    component,
    quarter,
    snapshot_on,
    is_partial_inventory,
    is_counted,
    basis,
    value_basis,
    control_number,
    icr_reference,
    title,
    form_numbers,
    request_type,
    status,
    conclusion,
    concluded_on,
    received_on,
    expires_on,
    responses,
    hours,
    cost_usd,
    n_collections,
    collections_responses,
    collections_hours,
    n_instruments,
    n_instruments_known,
    n_electronic,
    is_learning_cost_assessed,
    is_psychological_cost_assessed,
    source_address,
    note
from together

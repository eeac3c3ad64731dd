/*
How each request changed the burden against the approval before, by cause, for
responses, hours and cost. A cause is null where it is not printed; unexplained
is what the printed causes leave of current less previous. Where the previous
figure is not printed there is no change, except that a new collection begins at
0. A form that is in the whole inventory of one quarter and not in that of the
next has left it: its burden goes, unexplained, since nobody says whether it
expired, was discontinued or was merged into another. is_counted are the
approvals and departures of quarters that a whole inventory covers; their causes
may come from a copied page. One row per
request, or departure, and measure.
Counts changes; amounts in change with current_amount, previous_amount,
new_statute, agency_discretion, adjustment, violation, unexplained; where
is_counted; for each measure.
*/
with requests as (
    select
        *,
        coalesce(omb_control_number, 'ICR ' || icr_reference)
            as control_number,
        coalesce(
            responses_new_statute, responses_agency_discretion,
            responses_adjustment, responses_violation,
            hours_new_statute, hours_agency_discretion,
            hours_adjustment, hours_violation,
            cost_usd_new_statute, cost_usd_agency_discretion,
            cost_usd_adjustment, cost_usd_violation
        ) is not null as has_cause,
        bool_or(not is_partial_inventory and value_basis = 'approved')
            over (partition by icr_reference) as is_in_inventory
    from burden_request
    where component <> 'FED'
),

latest as (
    select *
    from requests
    qualify row_number() over (
        partition by icr_reference
        order by
            value_basis asc, has_cause desc, snapshot_on desc, load_id desc
    ) = 1
),

covered as (
    select distinct
        component,
        quarter
    from burden_inventory
    where not is_partial_inventory
),

measured as (
    select
        latest.*,
        unnest(['responses', 'hours', 'cost_usd']) as measure,
        unnest([
            latest.responses::decimal(18, 2), latest.hours, latest.cost_usd
        ]) as current_amount,
        unnest([
            latest.previous_responses::decimal(18, 2),
            latest.previous_hours, latest.previous_cost_usd
        ]) as printed_before,
        unnest([
            latest.responses_new_statute::decimal(18, 2),
            latest.hours_new_statute,
            latest.cost_usd_new_statute
        ]) as new_statute,
        unnest([
            latest.responses_agency_discretion::decimal(18, 2),
            latest.hours_agency_discretion, latest.cost_usd_agency_discretion
        ]) as agency_discretion,
        unnest([
            latest.responses_adjustment::decimal(18, 2),
            latest.hours_adjustment, latest.cost_usd_adjustment
        ]) as adjustment,
        unnest([
            latest.responses_violation::decimal(18, 2),
            latest.hours_violation, latest.cost_usd_violation
        ]) as violation
    from latest
),

actions as (
    select
        component,
        fiscal_quarter(case
            when value_basis = 'requested' then received_on
            else concluded_on
        end) as quarter,
        'request' as action,
        control_number,
        icr_reference,
        title,
        form_numbers,
        request_type,
        concluded_on,
        value_basis,
        not is_in_inventory as is_partial_inventory,
        source_address,
        measure,
        current_amount,
        coalesce(
            printed_before,
            case when request_type like 'New collection%' then 0 end
        ) as previous_amount,
        new_statute,
        agency_discretion,
        adjustment,
        violation
    from measured
),

left_inventory as (
    select
        held.component,
        quarter_add(held.quarter, 1) as quarter,
        'left_inventory' as action,
        held.control_number,
        held.icr_reference,
        held.title,
        held.form_numbers,
        held.value_basis,
        false as is_partial_inventory,
        held.source_address,
        unnest(['responses', 'hours', 'cost_usd']) as measure,
        0 as current_amount,
        unnest([
            held.responses::decimal(18, 2), held.hours, held.cost_usd
        ]) as previous_amount
    from burden_inventory as held
    inner join covered
        on
            held.component = covered.component
            and quarter_add(held.quarter, 1) = covered.quarter
    left join burden_inventory as still
        on
            held.control_number = still.control_number
            and covered.quarter = still.quarter
            and not still.is_partial_inventory
    where
        not held.is_partial_inventory
        and still.icr_reference is null
),

together as (
    select * from actions
    union all by name
    select * from left_inventory
)

select
    together.*,
    together.current_amount - together.previous_amount as change,
    together.current_amount - together.previous_amount
    - coalesce(together.new_statute, 0)
    - coalesce(together.agency_discretion, 0)
    - coalesce(together.adjustment, 0)
    - coalesce(together.violation, 0) as unexplained,
    coalesce(
        together.new_statute, together.agency_discretion,
        together.adjustment, together.violation
    ) is not null as is_cause_printed,
    not together.is_partial_inventory
    and together.value_basis = 'approved'
    and covered.quarter is not null as is_counted
from together
left join covered
    on
        together.component = covered.component
        and together.quarter = covered.quarter

/*
The inventory of information collections at the end of each quarter: of each form
the last approval. The first approvals are of before the demonstration begins and
tell no change. One row per form and quarter.
*/
with quarters as (
    select
        quarter_add(setting.first_quarter, step.number::int) as quarter,
        setting.seed
    from setting, unnest(range(setting.n_quarters)) as step (number)
),

held as (
    select
        quarters.quarter as snapshot_quarter,
        step.*,
        plan.title,
        plan.form,
        plan.online_share,
        hash(quarters.seed, step.control_number) as form_seed,
        coalesce(step.cause, '') <> 'not printed'
        and step.responses_before is not null as is_printed
    from quarters
    inner join burden_step as step on quarters.quarter >= step.quarter
    inner join burden_form_plan as plan
        on step.control_number = plan.control_number
    where quarters.quarter <= coalesce(plan.last_quarter, quarters.quarter)
    qualify row_number() over (
        partition by quarters.quarter, step.control_number
        order by step.step desc
    ) = 1
),

drawn_form as (
    select
        *,
        1 + (drawn(form_seed, 'instruments') * 4)::int as n_instruments,
        drawn(form_seed, 'assessed') as assessed
    from held
)

select
    quarter_end(snapshot_quarter) as snapshot_on,
    icr_reference,
    control_number as omb_control_number,
    left(control_number, 4) as agency_code,
    component,
    title,
    form as form_numbers,
    case what
        when 'new' then 'New collection'
        when 'event' then 'Revision'
        else 'Extension'
    end as request_type,
    'Active' as status,
    'Approved' as conclusion,
    concluded_on,
    (concluded_on - to_days(60))::date as received_on,
    expires_on,
    'approved' as value_basis,
    false as is_partial_inventory,
    responses_now as responses,
    hours_now as hours,
    cost_now as cost_usd,
    case when what <> 'first' then coalesce(responses_before, 0) end
        as previous_responses,
    case when what <> 'first' then coalesce(hours_before, 0) end
        as previous_hours,
    case when what <> 'first' then coalesce(cost_before, 0) end
        as previous_cost_usd,
    if(what = 'new', responses_now, if(is_printed, if(
        cause = 'new_statute', responses_now - responses_before, 0
    ), null)) as responses_new_statute,
    if(is_printed, if(
        cause = 'agency_discretion', responses_now - responses_before, 0
    ), null) as responses_agency_discretion,
    if(is_printed, if(
        coalesce(cause, 'adjustment') = 'adjustment',
        responses_now - responses_before, 0
    ), null) as responses_adjustment,
    if(is_printed, if(
        cause = 'violation', responses_now - responses_before, 0
    ), null) as responses_violation,
    if(what = 'new', hours_now, if(is_printed, if(
        cause = 'new_statute', hours_now - hours_before, 0
    ), null)) as hours_new_statute,
    if(is_printed, case
        when cause = 'agency_discretion' then hours_now - hours_before
        when cause is null then hours_now - hours_before - hours_adjusted
        else 0
    end, null) as hours_agency_discretion,
    if(is_printed, case
        when cause = 'adjustment' then hours_now - hours_before
        when cause is null then hours_adjusted
        else 0
    end, null) as hours_adjustment,
    if(is_printed, if(
        cause = 'violation', hours_now - hours_before, 0
    ), null) as hours_violation,
    if(what = 'new', cost_now, if(is_printed, if(
        cause = 'new_statute', cost_now - cost_before, 0
    ), null)) as cost_usd_new_statute,
    if(is_printed, if(
        cause = 'agency_discretion', cost_now - cost_before, 0
    ), null) as cost_usd_agency_discretion,
    if(is_printed, if(
        coalesce(cause, 'adjustment') = 'adjustment',
        cost_now - cost_before, 0
    ), null) as cost_usd_adjustment,
    if(is_printed, if(
        cause = 'violation', cost_now - cost_before, 0
    ), null) as cost_usd_violation,
    1 as n_collections,
    responses_now as collections_responses,
    hours_now + if(control_number = '1625-9003', 1500, 0)
        as collections_hours,
    n_instruments,
    greatest(n_instruments - (drawn(form_seed, 'silent') < 0.2e0)::int, 0)
        as n_instruments_known,
    floor(
        online_share * greatest(
            n_instruments - (drawn(form_seed, 'silent') < 0.2e0)::int, 0
        ) + 0.4e0
    )::int as n_electronic,
    case when assessed < 0.6e0 then assessed < 0.1e0 end
        as is_learning_cost_assessed,
    case when assessed < 0.6e0 then assessed > 0.5e0 end
        as is_psychological_cost_assessed,
    null::varchar as source_address,
    null::varchar as note
from drawn_form

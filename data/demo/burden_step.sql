/*
Each approval of each form: when it was concluded, until when it holds, and what
it changed against the one before. A form is renewed every three years, some late;
events of the plan change it in between. An adjustment moves the responses, a
decision of the agency the minutes. One in eight renewals prints no cause. One row
per approval.
*/
with occasions as (
    select
        plan.control_number,
        quarter_add(
            setting.first_quarter, plan.renewal::int - 12
        ) as quarter,
        'first' as what,
        null as cause,
        1e0 as factor_responses,
        1e0 as factor_minutes
    from burden_form_plan as plan
    cross join setting
    where not plan.starts_new
    union all
    select
        plan.control_number,
        quarter_add(
            setting.first_quarter, (plan.renewal + plan.n_late)::int
        ) as quarter,
        case when plan.starts_new then 'new' else 'renewal' end as what,
        case when plan.n_late > 0 then 'violation' end as cause,
        case
            when plan.starts_new then 1
            else 1 + 0.06e0 * bell(
                hash(setting.seed, plan.control_number), 'responses'
            )
        end as factor_responses,
        case
            when plan.starts_new or plan.n_late > 0 then 1
            when
                drawn(hash(setting.seed, plan.control_number), 'shorter')
                < 0.35e0
                then 0.93e0
            when
                drawn(hash(setting.seed, plan.control_number), 'shorter')
                > 0.9e0
                then 1.04e0
            else 1
        end as factor_minutes
    from burden_form_plan as plan
    cross join setting
    union all
    select
        control_number,
        quarter,
        'event' as what,
        cause,
        factor_responses,
        factor_minutes
    from burden_event_plan
),

numbered as (
    select
        occasions.*,
        plan.component,
        plan.responses,
        plan.minutes,
        plan.cost_usd,
        setting.seed,
        hash(setting.seed, occasions.control_number, occasions.quarter)
            as step_seed,
        row_number() over (
            partition by occasions.control_number
            order by occasions.quarter, occasions.what
        ) as step,
        sum(ln(occasions.factor_responses)) over (
            partition by occasions.control_number
            order by occasions.quarter, occasions.what
        ) as log_responses,
        sum(ln(occasions.factor_minutes)) over (
            partition by occasions.control_number
            order by occasions.quarter, occasions.what
        ) as log_minutes
    from occasions
    inner join burden_form_plan as plan
        on occasions.control_number = plan.control_number
    cross join setting
),

sized as (
    select
        *,
        round(responses * exp(log_responses))::bigint as responses_now,
        round(minutes * exp(log_minutes), 1) as minutes_now,
        round(cost_usd * exp(log_responses))::bigint as cost_now,
        (
            quarter_start(quarter)
            + to_days(20 + (drawn(step_seed, 'day') * 40)::int)
        )::date as concluded_on
    from numbered
),

valued as (
    select
        *,
        round(responses_now * minutes_now / 60)::bigint as hours_now,
        lag(responses_now) over by_step as responses_before,
        lag(minutes_now) over by_step as minutes_before,
        lag(round(responses_now * minutes_now / 60)::bigint) over by_step
            as hours_before,
        lag(cost_now) over by_step as cost_before,
        row_number() over (
            partition by
                left(control_number, 4), strftime(concluded_on, '%Y%m')
            order by control_number, step
        ) as number_in_month
    from sized
    window by_step as (partition by control_number order by step)
)

select
    component,
    control_number,
    step,
    what,
    quarter,
    concluded_on,
    responses_now,
    hours_now,
    cost_now,
    responses_before,
    hours_before,
    cost_before,
    strftime(concluded_on, '%Y%m') || '-' || left(control_number, 4) || '-'
    || (900 + number_in_month)::varchar as icr_reference,
    (
        quarter_start(quarter_add(quarter, 12)) + to_months(2) - to_days(1)
    )::date as expires_on,
    case
        when what = 'new' then 'new_statute'
        when
            what = 'renewal'
            and drawn(step_seed, 'printed') < 0.125e0
            then 'not printed'
        else cause
    end as cause,
    round(
        (responses_now - coalesce(responses_before, 0))
        * coalesce(minutes_before, 0) / 60
    )::bigint as hours_adjusted
from valued

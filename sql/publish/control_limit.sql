/*
How far a series of quarters or months wobbles by itself: XmR limits (Wheeler), the
mean of the values of a stretch ± 2.66 times the mean step from one value to the next,
and the four usual signals of something else. A stretch is a row of values, complete
or few, each of the period after the one before and comparable with it, at about the same
mix of services and channels. Limits and
signals stand only where a stretch is long enough; of a shorter one its last value
stands here without them, so that a reader can be told how many there are. Published
values alone are read, so nothing hidden shows. Totals have no limits (they follow the
number of customers), nor have stocks, quantiles and what is no sample.
One row per published value of a stretch with limits, or last value of one without.
*/
with kept as (
    select
        published.metric,
        published.level,
        published.component,
        published.service,
        published.channel,
        published.period_kind,
        published.period,
        published.basis,
        published.breakdown,
        published.value,
        coalesce(
            published.change_call = 'not comparable'
            -- A value that another mix moved is none of the same series.
            or abs(published.change - published.like_change) >= case metric.kind
                when 'share' then setting.minimum_effect_share
                when 'mean' then setting.minimum_effect_mean
                else setting.minimum_effect_rate * published.previous_value
            end, false
        ) as is_break,
        period_number(published.period, published.period_kind) as place,
        metric.kind = 'share' as is_share,
        coalesce(metric.signed, false) as is_signed
    from published
    cross join setting
    inner join metric on published.metric = metric.metric
    where
        published.status in ('ok', 'few')
        and published.period_kind <> 'fiscal_year'
        and metric.over_time = 'sum'
        and metric.interval <> 'none'
        and (metric.kind in ('share', 'mean') or metric.counts_events)
        -- Answers and bands of one distribution move together, as one.
        and coalesce(metric.breakdown, '') not in ('answer', 'band')
),

stepped as (
    select
        *,
        value - lag(value) over series as step,
        coalesce(place - lag(place) over series <> 1, true) or is_break
            as is_start
    from kept
    window
        series as (
            partition by
                metric, level, component, service, channel, period_kind,
                basis, breakdown
            order by place
        )
),

stretches as (
    select
        * exclude (step),
        case when not is_start then step end as step,
        sum(is_start::int) over (
            order by
                metric, level, component, service, channel, period_kind,
                basis, breakdown, place
            rows between unbounded preceding and current row
        ) as stretch
    from stepped
),

/* Rounded, so that the same values give the same limits in whatever order they are
added up; what is closer than that counts as equal. */
limited as (
    select
        stretches.*,
        case stretches.period_kind
            when 'quarter' then setting.minimum_quarters
            else setting.minimum_months
        end as n_needed,
        count(*) over whole as n_points,
        min(stretches.period) over whole as first_period,
        max(stretches.place) over whole as last_place,
        round(avg(stretches.value) over whole, 9) as center,
        round(coalesce(2.66e0 * avg(abs(stretches.step)) over whole, 0), 9)
            as reach
    from stretches
    cross join setting
    window whole as (partition by stretches.stretch)
),

placed as (
    select
        *,
        case
            when abs(value - center) > 1e-9 then sign(value - center)::int
            else 0
        end as side,
        case when abs(step) > 1e-9 then sign(step)::int else 0 end
            as direction,
        abs(value - center) > reach + 1e-9 as is_outside,
        abs(value - center) > reach / 2 + 1e-9 as is_near
    from limited
    where n_points >= n_needed or place = last_place
),

/* What a value completes: a run, three of four near a limit, a row of steps. */
completed as (
    select
        *,
        sum(side) over (
            partition by stretch order by place
            rows between 7 preceding and current row
        ) as run,
        sum((is_near and side > 0)::int) over (
            partition by stretch order by place
            rows between 3 preceding and current row
        ) as n_near_upper,
        sum((is_near and side < 0)::int) over (
            partition by stretch order by place
            rows between 3 preceding and current row
        ) as n_near_lower,
        sum(direction) over (
            partition by stretch order by place
            rows between 4 preceding and current row
        ) as steps
    from placed
),

signals as (
    select
        *,
        max(run) over next_seven = 8 as is_run_above,
        min(run) over next_seven = -8 as is_run_below,
        max(n_near_upper) over next_three >= 3 as is_third_above,
        max(n_near_lower) over next_three >= 3 as is_third_below,
        max(steps) over next_five = 5 as is_rising,
        min(steps) over next_five = -5 as is_falling
    from completed
    window
        next_seven as (
            partition by stretch order by place
            rows between current row and 7 following
        ),
        next_three as (
            partition by stretch order by place
            rows between current row and 3 following
        ),
        next_five as (
            partition by stretch order by place
            rows between current row and 5 following
        )
)

select
    metric,
    level,
    component,
    service,
    channel,
    period_kind,
    period,
    basis,
    breakdown,
    first_period,
    n_points,
    n_needed,
    case when n_points >= n_needed then center end as center,
    case
        when n_points < n_needed then null
        when is_signed then center - reach
        else greatest(center - reach, 0)
    end as lower_limit,
    case
        when n_points < n_needed then null
        when is_share then least(center + reach, 1)
        else center + reach
    end as upper_limit,
    case
        when n_points >= n_needed and is_outside
            then case when side > 0 then 'above' else 'below' end
    end as outside,
    case
        when n_points < n_needed then null
        when is_run_above then 'above'
        when is_run_below then 'below'
    end as run,
    case
        when n_points < n_needed or not is_near then null
        when side > 0 and is_third_above then 'upper'
        when side < 0 and is_third_below then 'lower'
    end as near_limit,
    case
        when n_points < n_needed then null
        when is_rising then 'rising'
        when is_falling then 'falling'
    end as trend
from signals

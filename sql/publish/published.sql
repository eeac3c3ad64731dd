/*
All published numbers with everything needed to read them; pages and exports
only look rows up here. Where the status is not ok, few or partial, value and
counts are null; null is never zero. One row per metric, level, Component,
service, channel, period, basis and breakdown.
*/
/* Materialized: in one pipeline with all the joins below DuckDB 2.0 fails on large
editions (internal error: dict-surviving cache). */
with numbered as materialized (
    select
        estimate.row_id,
        estimate.metric,
        estimate.level,
        estimate.component,
        estimate.service,
        estimate.channel,
        estimate.period_kind,
        estimate.period,
        estimate.basis,
        estimate.breakdown,
        estimate.kind,
        estimate.slice_id,
        -- Calls are made with the numbers themselves, which end here.
        case when not estimate.is_suppressed then estimate.value end as exact,
        case when not estimate.is_suppressed then estimate.low end
            as exact_low,
        case when not estimate.is_suppressed then estimate.high end
            as exact_high,
        case when not estimate.is_suppressed then estimate.told_value end
            as value,
        case when not estimate.is_suppressed then estimate.told_numerator end
            as numerator,
        case when not estimate.is_suppressed then estimate.told_denominator end
            as denominator,
        case when not estimate.is_suppressed then estimate.told_n end
            as n,
        case when not estimate.is_suppressed then estimate.told_low end
            as low,
        case when not estimate.is_suppressed then estimate.told_high end
            as high,
        case
            when not estimate.is_suppressed then estimate.told_design_effect
        end as design_effect,
        coalesce(estimate.is_private and not estimate.is_suppressed, false)
            as is_rounded,
        case
            when estimate.withheld_reason is not null then 'not_reported'
            when estimate.is_suppressed then 'suppressed'
            when estimate.value is null then 'not_reported'
            when estimate.is_few then 'few'
            when coverage.reason is not null then 'partial'
            when estimate.is_open then 'partial'
            when
                estimate.period_kind = 'fiscal_year'
                and estimate.n_quarters < 4
                and metric.over_time = 'sum'
                then 'partial'
            else 'ok'
        end as status,
        case
            when estimate.withheld_reason is not null
                then estimate.withheld_reason
            when estimate.is_suppressed
                then
                    'Fewer than ' || people_needed(estimate.minimum_n)
                    || ' people, or a '
                    || 'number that would give such a count away.'
            when estimate.value is null then 'There is nothing to divide by.'
            else nullif(concat_ws(
                ' ',
                case
                    when estimate.is_few then 'Few answers: read with care.'
                end,
                case
                    when estimate.is_open
                        then
                            'At least this much: the longest band has no upper '
                            || 'bound.'
                end,
                coalesce(coverage.reason, case
                    when
                        estimate.period_kind = 'fiscal_year'
                        and estimate.n_quarters < 4
                        and metric.over_time = 'sum'
                        then
                            'Covers ' || estimate.n_quarters
                            || ' of 4 quarters of the year.'
                end)
            ), '')
        end as reason
    from estimate
    inner join metric on estimate.metric = metric.metric
    left join coverage on estimate.row_id = coverage.row_id
    where estimate.scope = 'dhs'
),

compared as materialized (
    select
        numbered.*,
        previous.before_period as previous_period,
        previous.before_value as previous_value,
        previous.change,
        previous.change_low,
        previous.change_high,
        previous.like_change,
        previous.like_change_low,
        previous.like_change_high,
        previous.detectable_change,
        previous.change_history,
        previous.verdict as change_call,
        previous.reason as change_reason,
        year_ago.before_value as year_ago_value,
        year_ago.change as year_ago_change,
        year_ago.change_low as year_ago_change_low,
        year_ago.change_high as year_ago_change_high,
        year_ago.like_change as year_ago_like_change,
        year_ago.like_change_low as year_ago_like_change_low,
        year_ago.like_change_high as year_ago_like_change_high,
        year_ago.detectable_change as year_ago_detectable_change,
        year_ago.change_history as year_ago_change_history,
        year_ago.verdict as year_ago_change_call,
        year_ago.reason as year_ago_change_reason
    from numbered
    left join comparison_call as previous
        on numbered.row_id = previous.row_id and not previous.is_year
    left join comparison_call as year_ago
        on numbered.row_id = year_ago.row_id and year_ago.is_year
),

aimed as materialized (
    select
        compared.*,
        case when compared.value is not null then target.value end as target,
        case
            when compared.value is null or target.value is null then null
            when
                metric.better = 'lower'
                and coalesce(compared.exact_high, compared.exact)
                <= target.value then 'met'
            when
                metric.better = 'lower'
                and coalesce(compared.exact_low, compared.exact)
                > target.value then 'missed'
            when
                metric.better <> 'lower'
                and coalesce(compared.exact_low, compared.exact)
                >= target.value then 'met'
            when
                metric.better <> 'lower'
                and coalesce(compared.exact_high, compared.exact)
                < target.value then 'missed'
            else 'unclear'
        end as target_call
    from compared
    inner join metric on compared.metric = metric.metric
    left join target
        on
            compared.metric = target.metric
            and compared.level = target.level
            and compared.component = target.component
            and compared.service = target.service
            and compared.period_kind = 'quarter'
            and compared.period >= target.valid_from
            and compared.period <= coalesce(target.valid_to, compared.period)
            and compared.breakdown is null
),

beside as (
    select
        aimed.*,
        case when aimed.value is not null then external_benchmark.value end
            as external_benchmark,
        case when aimed.value is not null then external_benchmark.label end
            as external_benchmark_label,
        outside.value as benchmark,
        outside.n_services as benchmark_services,
        outside.largest_share as benchmark_largest,
        -- A service that is more than half of the rest is no government.
        case
            when outside.largest_share > 0.5e0 then null
            when
                aimed.exact - outside.exact > sqrt(
                    pow(aimed.exact - aimed.exact_low, 2)
                    + pow(outside.high - outside.exact, 2)
                )
                then 'above'
            when
                outside.exact - aimed.exact > sqrt(
                    pow(aimed.exact_high - aimed.exact, 2)
                    + pow(outside.exact - outside.low, 2)
                )
                then 'below'
            when outside.exact is not null then 'unclear'
        end as benchmark_call
    from aimed
    left join outside
        on
            aimed.slice_id = outside.slice_id
            and aimed.channel = outside.channel
            and aimed.component = outside.left_out
            and aimed.value is not null
    left join external_benchmark
        on
            aimed.metric = external_benchmark.metric
            and aimed.level = external_benchmark.level
            and aimed.component = external_benchmark.component
            and aimed.service = external_benchmark.service
            and aimed.channel = external_benchmark.channel
            and aimed.period_kind = 'quarter'
            and aimed.period >= external_benchmark.valid_from
            and aimed.period
            <= coalesce(external_benchmark.valid_to, aimed.period)
            and aimed.breakdown is null
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
    value,
    numerator,
    denominator,
    n,
    low,
    high,
    status,
    reason,
    previous_value,
    change,
    change_low,
    change_high,
    change_call,
    year_ago_value,
    year_ago_change,
    year_ago_change_low,
    year_ago_change_high,
    year_ago_change_call,
    target,
    target_call,
    change_reason,
    year_ago_change_reason,
    benchmark,
    benchmark_call,
    benchmark_services,
    benchmark_largest,
    external_benchmark,
    external_benchmark_label,
    design_effect,
    is_rounded,
    like_change,
    like_change_low,
    like_change_high,
    detectable_change,
    change_history,
    year_ago_like_change,
    year_ago_like_change_low,
    year_ago_like_change_high,
    year_ago_detectable_change,
    year_ago_change_history
from beside
union all by name
select
    metric,
    level,
    component,
    service,
    'all' as channel,
    period_kind,
    period,
    'none' as basis,
    status,
    reason,
    false as is_rounded
from gap

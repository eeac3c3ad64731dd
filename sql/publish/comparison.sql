/*
Each row of the grid against the period before and against the year before: the
difference of the two figures and the halves of its 95 % interval (Newcombe for shares
and, in the same way, for rates of events, Welch for means). Mix is the share of answers, 0 to 1, that would have to
move between services, channels (in a year also quarters) to make both periods alike.
Is redefined says that the definition changed between the two; is censored, that one of
them is known as a bound alone (at least so much); is tested, that the
figure counts a sample or events, and no window in which both count the same people.
One row per row of the grid and kind of comparison that has an earlier figure.
*/
with kinds as (
    select unnest([false, true]) as is_year
),

leaves as (
    select
        grid.row_id,
        period_cell.leaf,
        sum(coalesce(period_cell.n, 1))::double as weight
    from grid
    inner join period_cell
        on
            grid.slice_id = period_cell.slice_id
            and grid.component in ('all', period_cell.component)
            and grid.service in ('all', period_cell.service)
            and grid.channel in ('all', period_cell.channel)
    where grid.scope = 'dhs' and period_cell.scope = 'dhs'
    group by all
),

shares as (
    select
        *,
        weight / nullif(sum(weight) over (partition by row_id), 0) as share
    from leaves
),

pairs as (
    select
        now.row_id,
        kinds.is_year,
        before.row_id as before_id
    from grid as now
    cross join kinds
    inner join grid as before
        on
            now.series_id = before.series_id
            and before.period_number
            = now.period_number - periods_back(now.period_kind, kinds.is_year)
    where now.scope = 'dhs'
),

stacked as (
    select
        pairs.row_id,
        pairs.is_year,
        shares.leaf,
        shares.share as share_now,
        0 as share_before
    from pairs
    inner join shares on pairs.row_id = shares.row_id
    union all
    select
        pairs.row_id,
        pairs.is_year,
        shares.leaf,
        0 as share_now,
        shares.share as share_before
    from pairs
    inner join shares on pairs.before_id = shares.row_id
),

by_leaf as (
    select
        row_id,
        is_year,
        leaf,
        sum(share_now) as share_now,
        sum(share_before) as share_before
    from stacked
    group by row_id, is_year, leaf
),

mixes as (
    select
        row_id,
        is_year,
        0.5e0 * sum(abs(share_now - share_before)) as mix,
        sum(
            case
                when share_now = 0 or share_before = 0
                    then greatest(share_now, share_before)
                else 0
            end
        ) as share_in_one_only
    from by_leaf
    group by row_id, is_year
)

select
    now.row_id,
    pairs.is_year,
    pairs.before_id,
    before.period as before_period,
    before.is_suppressed as is_before_suppressed,
    now.is_suppressed,
    before.value as before_value,
    now.told_value,
    before.told_value as told_before_value,
    now.is_private or before.is_private as is_private,
    least(now.n, before.n) as smaller_n,
    mixes.mix,
    mixes.share_in_one_only,
    definition_now.meaning,
    definition_before.first_version as before_version,
    coalesce(
        definition_before.is_mixed
        or definition_now.meaning <> definition_before.meaning, false
    ) as is_redefined,
    coalesce(now.is_open or before.is_open, false) as is_censored,
    now.metric,
    now.family,
    now.kind,
    now.counts_events,
    now.level,
    now.period_kind,
    now.period,
    now.series_id,
    now.period_number,
    now.channel = 'all' as is_all_channels,
    -- Quarters of a window share people: no test for samples apart holds.
    metric."window" is null and (now.counts_events or now.minimum_n > 0)
        as is_tested,
    metric.is_headline,
    case
        when now.kind = 'mean'
            then
                now.numerator::double / now.denominator
                - before.numerator::double / before.denominator
        else now.value - before.value
    end as change,
    case
        when now.kind = 'share' or now.counts_events
            then
                sqrt(
                    (now.value - now.low) * (now.value - now.low)
                    + (before.high - before.value)
                    * (before.high - before.value)
                )
        when now.kind = 'mean'
            then
                1.959963984540054e0 * sqrt(
                    now.standard_error * now.standard_error
                    + before.standard_error * before.standard_error
                )
    end as half_below,
    case
        when now.kind = 'share' or now.counts_events
            then
                sqrt(
                    (now.high - now.value) * (now.high - now.value)
                    + (before.value - before.low) * (before.value - before.low)
                )
        when now.kind = 'mean'
            then
                1.959963984540054e0 * sqrt(
                    now.standard_error * now.standard_error
                    + before.standard_error * before.standard_error
                )
    end as half_above
from pairs
inner join estimate as now on pairs.row_id = now.row_id
inner join metric on now.metric = metric.metric
inner join estimate as before on pairs.before_id = before.row_id
left join mixes
    on pairs.row_id = mixes.row_id and pairs.is_year = mixes.is_year
left join definition_at as definition_now
    on pairs.row_id = definition_now.row_id
left join definition_at as definition_before
    on pairs.before_id = definition_before.row_id

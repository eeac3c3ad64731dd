/*
Each group of people beside everybody else: the row of the grid of a metric that
compares groups (compare_groups), against the sum of the other groups of the same
basis in the same cell, which is the total less the group and less those of whom
nobody knows the group (not_stated). Difference, its 95 %
interval (Newcombe for shares, Welch for means) and the test statistic, as when
periods are compared. Nothing is said where the total or any group is suppressed (what
everybody else said would tell of it) or the others are fewer people than the threshold;
the reason says why. One row per row of the grid, quarter or fiscal year, that holds a
group.
*/
with cells as (
    select
        estimate.*,
        people_needed(estimate.minimum_n) as threshold,
        bool_or(estimate.is_suppressed) over (
            partition by estimate.whole_id
        ) as is_any_suppressed
    from estimate
    inner join metric on estimate.metric = metric.metric
    where
        metric.compare_groups
        and estimate.scope = 'dhs'
        and estimate.period_kind in ('quarter', 'fiscal_year')
),

known as (
    select
        total.whole_id,
        total.is_any_suppressed as is_suppressed,
        total.n - coalesce(unknown.n, 0) as n,
        total.guard - coalesce(unknown.guard, 0) as guard,
        total.denominator - coalesce(unknown.denominator, 0) as denominator,
        total.numerator - coalesce(unknown.numerator, 0) as numerator,
        total.squares - coalesce(unknown.squares, 0) as squares,
        total.squared_weights - coalesce(unknown.squared_weights, 0)
            as squared_weights
    from cells as total
    left join cells as unknown
        on
            total.whole_id = unknown.whole_id
            and unknown.breakdown = 'not_stated'
    where total.breakdown is null
),

/* greatest and least: sums of weights may differ in their last digit. */
rest as (
    select
        part.row_id,
        part.is_suppressed,
        whole.is_suppressed as is_whole_suppressed,
        part.is_weighted,
        whole.n - part.n as n,
        whole.guard - part.guard as guard,
        greatest(0, whole.denominator - part.denominator) as denominator,
        case part.kind
            when 'mean' then whole.numerator - part.numerator
            else least(
                greatest(0, whole.numerator - part.numerator),
                greatest(0, whole.denominator - part.denominator)
            )
        end as numerator,
        whole.squares - part.squares as squares,
        greatest(0, whole.squared_weights - part.squared_weights)
            as squared_weights
    from cells as part
    inner join known as whole on part.whole_id = whole.whole_id
    where part.breakdown <> 'not_stated'
),

rest_sized as (
    select
        *,
        numerator / nullif(denominator, 0) as ratio,
        case
            when not is_weighted then denominator
            else least(
                n, denominator * denominator / nullif(squared_weights, 0)
            )
        end as effective_n
    from rest
),

/* The rest is a mean or a share as the group is: same formulas as in estimate. */
pairs as (
    select
        cells.*,
        rest_sized.is_whole_suppressed,
        rest_sized.n as rest_n,
        rest_sized.ratio as rest_ratio,
        rest_sized.effective_n as rest_effective_n,
        rest_sized.ratio * rest_sized.effective_n as rest_effective_numerator,
        cells.numerator / nullif(cells.denominator, 0) as ratio,
        case
            when cells.kind = 'share' then rest_sized.ratio
            when not cells.is_weighted
                then
                    rounded_mean(rest_sized.numerator, rest_sized.denominator)
            else
                sign(rest_sized.ratio)
                * floor(abs(1e2 * rest_sized.ratio) + 0.500001e0) / 1e2
        end as rest_value,
        case
            when cells.kind = 'mean' and rest_sized.n > 1
                then sqrt(greatest(0, (
                    rest_sized.squares / rest_sized.denominator
                    - rest_sized.ratio * rest_sized.ratio
                ) * rest_sized.n / (rest_sized.n - 1)) / rest_sized.effective_n)
        end as rest_standard_error,
        coalesce(
            cells.is_private and (
                rest_sized.guard between 1 and cells.threshold - 1
                or rest_sized.n between 1 and cells.threshold - 1
            ), false
        ) as is_rest_small
    from cells
    inner join rest_sized on cells.row_id = rest_sized.row_id
),

bounded as (
    select
        *,
        wilson_low(rest_effective_numerator, rest_effective_n) as rest_low,
        wilson_high(rest_effective_numerator, rest_effective_n) as rest_high,
        sqrt(
            standard_error * standard_error
            + rest_standard_error * rest_standard_error
        ) as error_of_gap,
        case
            when withheld_reason is not null then withheld_reason
            when is_suppressed
                then
                    'Fewer than ' || threshold || ' people, or a number that '
                    || 'would give such a count away.'
            when is_whole_suppressed
                then
                    'The figure of another group, of all together, or of those '
                    || 'who did not state theirs, is suppressed.'
            when value is null then 'There is nothing to divide by.'
            when rest_value is null then 'Nobody is in another group.'
            when is_rest_small
                then
                    'The other groups are fewer than ' || threshold
                    || ' people.'
        end as reason
    from pairs
)

select
    row_id,
    metric,
    family,
    kind,
    level,
    component,
    service,
    channel,
    period_kind,
    period,
    basis,
    breakdown,
    channel = 'all' as is_all_channels,
    is_private,
    value,
    rest_value,
    n,
    rest_n,
    ratio - rest_ratio as gap,
    case kind
        when 'share'
            then
                ratio - rest_ratio - sqrt(
                    (ratio - low) * (ratio - low)
                    + (rest_high - rest_ratio) * (rest_high - rest_ratio)
                )
        else ratio - rest_ratio - 1.959963984540054e0 * error_of_gap
    end as gap_low,
    case kind
        when 'share'
            then
                ratio - rest_ratio + sqrt(
                    (high - ratio) * (high - ratio)
                    + (rest_ratio - rest_low) * (rest_ratio - rest_low)
                )
        else ratio - rest_ratio + 1.959963984540054e0 * error_of_gap
    end as gap_high,
    case
        when reason is not null or minimum_n = 0 then null
        when kind = 'share'
            then
                two_proportion_z(
                    rest_effective_numerator, rest_effective_n,
                    effective_numerator, effective_n
                )
        else (ratio - rest_ratio) / nullif(error_of_gap, 0)
    end as z,
    coalesce(reason, case
        when minimum_n = 0 then 'It counts no people and is not tested.'
        when kind = 'mean' and coalesce(error_of_gap, 0) = 0
            then 'The answers do not vary: there is nothing to test.'
    end) as reason,
    reason is not null as is_hidden
from bounded

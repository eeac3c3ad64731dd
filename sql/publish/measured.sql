/*
Value, interval and reliability of every row of the grid. Shares have Wilson
95 % intervals, means normal ones. Where answers are weighted, numerator and
denominator are sums of weights, and statistics count with Kish's effective
sample size: the square of the sum of weights over the sum of their squares. A
row is few where fewer than 30 answered (effectively), the interval is 30 points
wide or more, or it is wider than 5 points and than 130 % of the share (the limits
of the NCHS presentation standards). Rates of events have score intervals for
counts. What is no sample, such as practices done, has no interval. What of it may be told, and how exactly, is decided in the step
after this one. One row per row of the grid.
*/
with sized as (
    select
        grid.*,
        coalesce(quantile.is_open, false) as is_open,
        quantile.value as quantile_value,
        grid.squared_weights is not null as is_weighted,
        case
            when grid.kind not in ('share', 'mean') then null
            when grid.squared_weights is null then grid.denominator
            else least(
                grid.n,
                grid.denominator * grid.denominator
                / nullif(grid.squared_weights, 0)
            )
        end as effective_n
    from grid
    left join quantile on grid.row_id = quantile.row_id
),

/* 0.500001: what is less than a millionth of a hundredth short of a tie between
two hundredths is a tie, because sums of weights are not exact. */
valued as (
    select
        *,
        case
            when kind = 'total' then numerator::double
            when kind = 'quantile' then quantile_value
            when kind = 'mean' and not is_weighted
                then rounded_mean(numerator, denominator)
            when kind = 'mean' and denominator > 0
                then
                    sign(numerator)
                    * floor(abs(1e2 * numerator / denominator) + 0.500001e0)
                    / 1e2
            when kind <> 'mean'
                then numerator::double / nullif(denominator, 0)
        end as value,
        case
            when kind = 'share' and not is_weighted then numerator
            when kind = 'share'
                then numerator / nullif(denominator, 0) * effective_n
        end as effective_numerator,
        case
            when kind <> 'mean' or n <= 1 then null
            when not is_weighted
                then sqrt(greatest(0, (
                    squares - numerator::double * numerator / denominator
                ) / (denominator - 1)) / denominator)
            else sqrt(greatest(0, (
                squares / denominator
                - (numerator / denominator) * (numerator / denominator)
            ) * n / (n - 1)) / effective_n)
        end as standard_error,
        case when is_weighted then n / nullif(effective_n, 0) end
            as design_effect
    from sized
),

bounded as (
    select
        *,
        case
            when interval = 'none' then null
            when counts_events
                then poisson_low(numerator) / nullif(denominator, 0)
            when kind = 'share'
                then wilson_low(effective_numerator, effective_n)
            when kind = 'mean'
                then
                    numerator::double / nullif(denominator, 0)
                    - 1.959963984540054e0 * standard_error
        end as low,
        case
            when interval = 'none' then null
            when counts_events
                then poisson_high(numerator) / nullif(denominator, 0)
            when kind = 'share'
                then wilson_high(effective_numerator, effective_n)
            when kind = 'mean'
                then
                    numerator::double / nullif(denominator, 0)
                    + 1.959963984540054e0 * standard_error
        end as high
    from valued
)

select
    *,
    minimum_n > 0
    and kind in ('share', 'mean')
    and coalesce(
        effective_n < 30
        or kind = 'share' and (
            high - low >= 0.3e0
            or high - low > 0.05e0 and high - low > 1.3e0 * value
        ), false
    ) as is_few
from bounded

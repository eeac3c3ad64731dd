/*
Value, interval and reliability of every row of the grid. Shares have Wilson
95 % intervals, means normal ones. A row is few where fewer than 30 answered, the
interval is 30 points wide or more, or it is wider than 5 points and than 130 %
of the share (the limits of the NCHS presentation standards). One row per row of
the grid.
*/
with valued as (
    select
        grid.*,
        hidden.row_id is not null as is_suppressed,
        case grid.kind
            when 'mean' then rounded_mean(grid.numerator, grid.denominator)
            when 'total' then grid.numerator::double
            else grid.numerator::double / nullif(grid.denominator, 0)
        end as value,
        case
            when grid.kind = 'mean' and grid.denominator > 1
                then sqrt(greatest(0, (
                    grid.squares
                    - grid.numerator::double * grid.numerator / grid.denominator
                ) / (grid.denominator - 1)) / grid.denominator)
        end as standard_error
    from grid
    left join hidden on grid.row_id = hidden.row_id
),

bounded as (
    select
        *,
        case kind
            when 'share' then wilson_low(numerator, denominator)
            when 'mean'
                then
                    numerator::double / nullif(denominator, 0)
                    - 1.959963984540054e0 * standard_error
        end as low,
        case kind
            when 'share' then wilson_high(numerator, denominator)
            when 'mean'
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
        denominator < 30
        or kind = 'share' and (
            high - low >= 0.3e0
            or high - low > 0.05e0 and high - low > 1.3e0 * value
        ), false
    ) as is_few
from bounded

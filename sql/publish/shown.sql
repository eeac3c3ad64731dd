/*
What a public edition would print of each row of the grid if it hid nothing: of
public sources the numbers themselves, of single responses rounded ones, and no
numerator. The tests are made with the numbers themselves. One row per row of the
grid.
*/
select
    row_id,
    case
        when not is_private then value
        else coarse_value(value, kind, n)
    end as value,
    case
        when is_private or kind = 'quantile' then null
        when is_weighted then round(numerator, 6)
        else numerator
    end as numerator,
    case
        when is_private then coarse_count(denominator)
        when is_weighted then round(denominator, 6)
        else denominator
    end as denominator,
    case when is_private then coarse_count(n) else n end as n,
    case
        when not is_private then low
        else coarse_value(low, kind, n)
    end as low,
    case
        when not is_private then high
        else coarse_value(high, kind, n)
    end as high,
    case when is_private then round(design_effect, 1) else design_effect end
        as design_effect
from measured

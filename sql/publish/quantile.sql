/*
Quantiles of metrics of kind quantile, interpolated within the band in which they
lie; in a band without upper bound its lower bound is all that is known. The
counts of bands are sums over the level grid, so a roll-up is the quantile of all
customers, never an average of quantiles. One row per total row of such a metric.
*/
with bands as (
    select
        whole_id,
        metric,
        split_part(replace(breakdown, '+', ''), '-', 1)::double as band_from,
        try_cast(split_part(breakdown, '-', 2) as double) as band_to,
        n::double as n
    from every_sum
    where kind = 'quantile' and breakdown is not null and n > 0
),

counted as (
    select
        *,
        sum(n) over (partition by whole_id order by band_from) as up_to,
        sum(n) over (partition by whole_id) as n_all
    from bands
),

aimed as (
    select
        counted.*,
        metric.quantile * counted.n_all as aim
    from counted
    inner join metric on counted.metric = metric.metric
),

found as (
    select *
    from aimed
    where up_to >= aim
    qualify row_number() over (partition by whole_id order by band_from) = 1
)

select
    total.row_id,
    found.band_to is null as is_open,
    case
        when found.band_to is null then found.band_from
        else
            found.band_from
            + (found.band_to - found.band_from)
            * (found.aim - (found.up_to - found.n)) / found.n
    end as value
from every_sum as total
inner join found on total.whole_id = found.whole_id
where total.breakdown is null

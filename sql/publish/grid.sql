/*
The level grid: the sums that may be published, each dimension known; of a quantile
the bands are left out. One row per
published number.
*/
select *
from every_sum
where
    (kind <> 'quantile' or breakdown is null)
    and (level in ('department', 'government') or component <> '-')
    and (level <> 'service' or service <> '-')
    and channel <> '-'
    and (period_kind <> 'month' or not contains(period, 'Q'))

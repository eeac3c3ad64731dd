/*
The level grid: the sums that may be published, each dimension known. One row per
published number.
*/
select *
from every_sum
where
    (level in ('department', 'government') or component <> '-')
    and (level <> 'service' or service <> '-')
    and channel <> '-'
    and (period_kind <> 'month' or not contains(period, 'Q'))

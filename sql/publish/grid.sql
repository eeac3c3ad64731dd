/*
The level grid: the sums that may be published, each dimension known; of a quantile
the bands are left out. So are small groups of people of private sources that an
answer defines: a row would tell that there is somebody, and no row that there is
nobody. One row per published number.
*/
select every_sum.*
from every_sum
inner join metric on every_sum.metric = metric.metric
where
    every_sum.is_known
    and (every_sum.kind <> 'quantile' or every_sum.breakdown is null)
    and not (
        every_sum.is_private
        and metric.group = 'answer'
        and least(every_sum.n, every_sum.guard)
        < greatest(every_sum.minimum_n, 11)
    )

/*
A share lies between 0 and 1 and inside its interval. One row per row that does
not.
*/
select
    published.metric,
    published.component,
    published.period,
    published.value,
    published.low,
    published.high
from published
inner join metric on published.metric = metric.metric
where
    metric.kind = 'share'
    and published.value is not null
    and not (
        published.value between 0 and 1
        and published.value between published.low - 1e-12
        and published.high + 1e-12
    )

/*
A published number has one address. One row per address used more than once.
*/
select
    metric,
    level,
    component,
    service,
    channel,
    period,
    basis,
    breakdown
from published
group by
    metric, level, component, service, channel, period_kind, period, basis,
    breakdown
having count(*) > 1

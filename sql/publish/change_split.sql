/*
How much of a change is a shift in the mix of services and channels, and how much
a change within them; both add up to the change. One row per figure and kind of
comparison whose leaves are known.
*/
select
    metric,
    level,
    component,
    service,
    channel,
    period_kind,
    period,
    basis,
    compared_with,
    before_period,
    sum(mix) + sum(within) as change,
    sum(mix) as mix,
    sum(within) as within,
    count(*) as n_leaves
from change_leaf
group by all

/*
How much of a change is a shift in the mix of services and channels, and how much
a change within them; both add up to the change. One row per figure and kind of
comparison whose leaves are known.
*/
select
    change_leaf.row_id,
    change_leaf.is_year,
    change_leaf.before_period,
    sum(change_leaf.mix) + sum(change_leaf.within) as change,
    sum(change_leaf.mix) as mix,
    sum(change_leaf.within) as within,
    count(*) as n_leaves
from change_leaf
group by
    change_leaf.row_id, change_leaf.is_year, change_leaf.before_period

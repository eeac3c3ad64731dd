/*
Where a source covers only a part, so that figures of single forms may be shown
but no total. One row per family of metrics, Component and quarter.
*/
select distinct
    'burden' as family,
    component,
    quarter,
    'Hand-copied, partial inventory: figures of single forms only, no total.'
        as reason
from burden_inventory
where is_partial_inventory and is_counted

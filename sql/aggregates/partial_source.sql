/*
Figures that are known for some of what they should cover, so that no total of them
may be published. One row per family, Component and quarter.
Counts nothing.
*/
select distinct
    'burden' as family,
    component,
    quarter,
    'Hand-copied, partial inventory: figures of single forms only, no total.'
        as reason
from burden_inventory
where is_partial_inventory and is_counted

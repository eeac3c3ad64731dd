/*
title: Hours reduced by the agency
description: >-
  Hours a year that agencies took off forms by their own decision: changes due
  to the agency's discretion alone, less what they added. Fewer customers or a
  corrected estimate is no reduction. One row per Component and quarter.
question: null
kind: total
unit: hours a year
better: higher
family: burden
basis: >-
  Whole inventories alone; changes of different quarters are added up.
over_time: sum
breakdown: null
signed: true
minimum_n: 0
source: >-
  Paperwork Reduction Act submission, items 12 to 15: program change due to
  agency discretion
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with printed as (
    select
        inventory.component,
        inventory.quarter,
        case
            when action.measure is null then 0
            else action.agency_discretion
        end as agency_discretion
    from (
        select distinct
            component,
            quarter
        from burden_inventory
        where not is_partial_inventory
    ) as inventory
    left join burden_action as action
        on
            inventory.component = action.component
            and inventory.quarter = action.quarter
            and action.is_counted
            and action.measure = 'hours'
)

select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    'burden/inventory/approved' as basis,
    -sum(agency_discretion)::double as value
from printed
where agency_discretion is not null
group by component, quarter

/*
title: Change in burden hours
description: >-
  By how many hours a year the approvals of the quarter changed the burden, by
  cause: a new statute, the agency's discretion, an adjustment (a corrected
  estimate, or more or fewer customers), a violation of the Act, or
  unexplained where no cause is printed. Only the agency's discretion counts
  as reduction. One row per Component, quarter and cause.
question: null
kind: total
unit: hours a year
better: neither
family: burden
basis: >-
  Whole inventories alone; changes of different quarters are added up.
over_time: sum
breakdown: cause
signed: true
minimum_n: 0
source: >-
  Paperwork Reduction Act submission, items 12 to 15: changes by type
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with causes as (
    unpivot (
        select
            component,
            quarter,
            new_statute,
            agency_discretion,
            adjustment,
            violation,
            unexplained
        from burden_action
        where is_counted and measure = 'hours' and change is not null
    )
    on new_statute, agency_discretion, adjustment, violation, unexplained
    into name cause value hours
),

quiet as (
    select distinct
        inventory.component,
        inventory.quarter
    from burden_inventory as inventory
    left join burden_action as action
        on
            inventory.component = action.component
            and inventory.quarter = action.quarter
            and action.is_counted
    where not inventory.is_partial_inventory and action.measure is null
),

together as (
    select
        component,
        quarter,
        cause,
        hours
    from causes
    union all
    select
        component,
        quarter,
        unnest([
            'new_statute', 'agency_discretion', 'adjustment', 'violation',
            'unexplained'
        ]) as cause,
        0 as hours
    from quiet
)

select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    'burden/inventory/approved' as basis,
    cause,
    sum(hours)::double as value
from together
group by component, quarter, cause

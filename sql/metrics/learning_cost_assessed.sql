/*
title: Learning cost assessed
description: >-
  Share of active requests that assess the effort of learning what to do,
  beside the hours. A request of which nobody recorded it counts as not
  assessed; where nobody recorded it of any request, there is no figure. One
  row per Component and quarter.
question: null
kind: share
unit: share of requests
better: higher
family: burden
basis: >-
  Whole inventories alone, judged at the day of the inventory.
over_time: last
breakdown: null
minimum_n: 0
source: >-
  OMB Memorandum M-22-10; GAO-25-107239
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with recorded as (
    select distinct quarter
    from burden_inventory
    where
        not is_partial_inventory
        and is_learning_cost_assessed is not null
)

select
    inventory.component,
    null as service,
    null as channel,
    inventory.quarter,
    null::date as month,
    inventory.basis,
    count(*) filter (
        where inventory.is_learning_cost_assessed
    ) as numerator,
    count(*) as denominator
from burden_inventory as inventory
inner join recorded on inventory.quarter = recorded.quarter
where not inventory.is_partial_inventory
group by inventory.component, inventory.quarter, inventory.basis

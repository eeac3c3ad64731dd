/*
title: Approvals without a date
description: >-
  Active approvals of which the inventory does not say when they expire. One
  row per Component and quarter.
question: null
kind: total
unit: approvals
better: lower
family: burden
basis: >-
  Whole inventories alone, judged at the day of the inventory.
over_time: last
breakdown: null
minimum_n: 0
source: >-
  Paperwork Reduction Act; inventory of information collections at reginfo.gov
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    basis,
    count(*) filter (where expires_on is null) as value
from burden_inventory
where not is_partial_inventory
group by component, quarter, basis

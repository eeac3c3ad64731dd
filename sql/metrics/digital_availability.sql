/*
title: Forms available electronically
description: >-
  Of the forms and other instruments that say whether they are available
  electronically, the share that are. One row per Component and quarter.
question: null
kind: share
unit: share of instruments
better: higher
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
    sum(n_electronic)::bigint as numerator,
    sum(n_instruments_known)::bigint as denominator
from burden_inventory
where not is_partial_inventory and n_instruments_known > 0
group by component, quarter, basis

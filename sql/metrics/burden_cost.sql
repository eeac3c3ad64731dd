/*
title: Burden cost
description: >-
  What forms and other requests for information cost the public a year:
  capital, start-up, operation and maintenance (item 13). The value of the
  hours is not in it. Of a hand-copied, partial inventory only single forms
  are shown, never a total. One row per Component, quarter, basis and control
  number.
question: null
kind: total
unit: US dollars a year
better: lower
family: burden
basis: >-
  Kind of source and of value: approved figures of a whole inventory, approved
  ones copied by hand, and requested ones; never added up.
over_time: last
breakdown: control_number
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
    control_number,
    sum(cost_usd)::double as value
from burden_inventory
where is_counted and cost_usd is not null
group by component, quarter, basis, control_number

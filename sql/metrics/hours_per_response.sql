/*
title: Hours per response
description: >-
  Hours that one response takes on average: burden hours over responses, of
  requests that state both. One row per Component, quarter, basis and control
  number.
question: null
kind: ratio
unit: hours per response
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
    sum(hours)::double as numerator,
    sum(responses)::bigint as denominator
from burden_inventory
where is_counted and hours is not null and responses > 0
group by component, quarter, basis, control_number

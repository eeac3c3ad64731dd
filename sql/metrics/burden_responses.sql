/*
title: Responses a year
description: >-
  How many times a year the public fills in forms or answers other requests
  for information. One person may answer several times. Of a hand-copied,
  partial inventory only single forms are shown, never a total. One row per
  Component, quarter, basis and control number.
question: null
kind: total
unit: responses a year
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
    sum(responses)::bigint as value
from burden_inventory
where is_counted and responses is not null
group by component, quarter, basis, control_number

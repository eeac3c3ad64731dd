/*
title: Staff trained in customer experience
description: >-
  Employees who completed training in customer experience; who did so in two
  quarters counts in both. One row per Component, service, channel, quarter
  and month.
question: null
kind: total
unit: people
better: higher
family: maturity
basis: >-
  One basis: people as Components count them.
over_time: sum
breakdown: null
minimum_n: 0
source: >-
  Counts that Components report; evidence for the core function Culture &
  Organization of the DHS CX Maturity Model
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
select
    component,
    service,
    channel,
    quarter,
    month,
    'staff-trained/count/all' as basis,
    sum(n)::bigint as value
from current_activity
where activity = 'staff_trained' and is_total
group by component, service, channel, quarter, month

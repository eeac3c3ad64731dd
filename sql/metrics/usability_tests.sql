/*
title: Usability tests
description: >-
  Usability tests with customers that were held. One row per Component,
  service, channel, quarter and month.
question: null
kind: total
unit: tests
better: higher
family: maturity
basis: >-
  One basis: tests as Components count them.
over_time: sum
breakdown: null
minimum_n: 0
source: >-
  Counts that Components report; evidence for the core function Service &
  Design Improvement of the DHS CX Maturity Model
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
    'usability-test/count/all' as basis,
    sum(n)::bigint as value
from current_activity
where activity = 'usability_test' and is_total
group by component, service, channel, quarter, month

/*
title: People whose wait was counted
description: >-
  How many people a source counted by how long they waited in line; those
  whose wait was not taken are not among them. Small counts are suppressed,
  because the times are those of people. One row per Component, service,
  channel, month, basis.
question: null
kind: total
unit: people
better: neither
family: operations
basis: >-
  One basis: head counts of all places and bands may be added up.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  OMB Circular A-11, Section 280, operational measures beside the survey
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
    'wait/people' as basis,
    sum(n)::bigint as value,
    sum(n)::bigint as n
from current_times
where step = 'wait'
group by component, service, channel, quarter, month
having sum(n) > 0

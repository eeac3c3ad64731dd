/*
title: Customers served
description: >-
  How many people were served, such as passengers screened at checkpoints,
  as counted where they are served; not an estimate filed with a survey.
  Small counts are suppressed, because they are of people. One row per
  Component, service, channel and month.
question: null
kind: total
unit: people
better: neither
family: operations
basis: >-
  One basis: head counts of all places may be added up.
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
    'customers/people' as basis,
    sum(n)::bigint as value,
    sum(n)::bigint as n
from current_activity
where is_total and activity = 'customer'
group by component, service, channel, quarter, month
having sum(n) > 0

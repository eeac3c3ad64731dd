/*
title: User research sessions
description: >-
  Sessions of research with customers that were held. One row per Component,
  service, channel, quarter and month.
question: null
kind: total
unit: sessions
better: higher
family: maturity
basis: >-
  One basis: sessions as Components count them.
over_time: sum
breakdown: null
minimum_n: 0
source: >-
  Counts that Components report; evidence for the core function Customer
  Understanding of the DHS CX Maturity Model
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
    'research-session/count/all' as basis,
    sum(n)::bigint as value
from current_activity
where activity = 'research_session' and is_total
group by component, service, channel, quarter, month

/*
title: Acquisitions with CX terms
description: >-
  Of the acquisitions of public-facing services that were reviewed, the
  share whose contract asks for customer experience and is evaluated by it.
  Periods for which only one of the two counts is known, or more contracts
  with such terms than acquisitions, stay out. One row per Component,
  service, channel, quarter and month.
question: null
kind: share
unit: share of acquisitions
better: higher
family: maturity
basis: >-
  One basis: acquisitions as Components count them.
over_time: sum
breakdown: null
minimum_n: 0
source: >-
  Counts that Components report; evidence for the core function Governance &
  Strategy of the DHS CX Maturity Model
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
    'acquisition/count/all' as basis,
    sum(case when activity = 'acquisition_with_cx' then n end)::bigint
        as numerator,
    sum(case when activity = 'acquisition' then n end)::bigint as denominator
from current_activity
where activity in ('acquisition', 'acquisition_with_cx') and is_total
group by component, service, channel, quarter, month
having
    sum(case when activity = 'acquisition_with_cx' then n end)
    <= sum(case when activity = 'acquisition' then n end)

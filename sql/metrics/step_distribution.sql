/*
for_each: time_step
title: "{title} by band"
description: >-
  How long people {waited}: the share of them in each band of {unit}. The row
  without a band is the total. Small counts are suppressed, because the times
  are those of people. One row per Component, service, channel, month, basis
  and band.
question: null
kind: share
unit: share of people
better: neither
family: operations
basis: >-
  Step, unit and bounds of the bands; times that were counted in other bands
  are never added up.
over_time: sum
breakdown: band
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
    step || '/' || unit || '/' || bands as basis,
    band,
    sum(n)::bigint as numerator,
    sum(n_all)::bigint as denominator
from current_times
where step = '{step}'
group by component, service, channel, quarter, month, step, unit, bands, band
union all
select
    component,
    service,
    channel,
    quarter,
    month,
    step || '/' || unit || '/' || bands as basis,
    null as band,
    sum(n)::bigint as numerator,
    sum(n)::bigint as denominator
from current_times
where step = '{step}'
group by component, service, channel, quarter, month, step, unit, bands

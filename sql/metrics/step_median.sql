/*
for_each: time_step
title: "{title}, median"
description: >-
  Half of the people {waited} no longer than this. It is worked out from the
  counts of people in each band of {unit}, added up first, so that it is right
  for every place and period; inside a band people are taken to spread evenly.
  Small counts are suppressed, because the times are those of people. One row
  per Component, service, channel, month, basis and band.
question: null
kind: quantile
quantile: 0.5
unit: "{unit}"
better: lower
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
    sum(n)::bigint as n
from current_times
where step = '{step}'
group by component, service, channel, quarter, month, step, unit, bands, band

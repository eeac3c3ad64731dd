/*
for_each: time_step
title: "{title} within the standard"
description: >-
  Share of people who {waited} no longer than the standard that the service
  has set itself. There is a figure only where the reference table of
  standards has one. Small counts are suppressed, because the times are those
  of people. One row per Component, service, channel, month, basis.
question: null
kind: share
unit: share of people
better: higher
family: operations
basis: >-
  Step, unit and limit; different limits are never added up.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  Standards of the services, as listed in the reference table
  service_standard
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
    step || '/' || unit || '/within-' || format('{:g}', time_limit) as basis,
    coalesce(sum(n) filter (where band_to <= time_limit), 0)::bigint
        as numerator,
    sum(n)::bigint as denominator
from current_times
where step = '{step}' and time_limit is not null
group by component, service, channel, quarter, month, step, unit, time_limit

/*
title: Waits of more than an hour, by hour of day
description: >-
  Share of people who waited in line for more than 60 minutes, by the hour
  of the day at which they were counted (05 is from 5 to 6 a.m.). Only
  sources that count hour by hour have it. Hours at which fewer than 11
  people were counted in a month are left out, so that no share rests on a
  handful. Nothing else is suppressed: that somebody stood in line at some
  hour of a month tells nothing of a person, and such counts are public hour
  by hour. One row per Component, service, channel, month, basis and hour.
question: null
kind: share
unit: share of people
better: lower
family: operations
basis: >-
  Step, unit and limit, whatever the bands are.
over_time: sum
breakdown: hour_of_day
minimum_n: 0
source: >-
  OMB Circular A-11, Section 280, operational measures beside the survey
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with placed as (
    select
        *,
        bool_or(
            band_from < 60 and coalesce(band_to > 60, true)
        ) over (
            partition by component, service, channel, quarter, month, bands
        ) as is_cut
    from current_times
    where step = 'wait' and unit = 'minutes' and hour is not null
)

select
    component,
    service,
    channel,
    quarter,
    month,
    'wait/minutes/over-60' as basis,
    format('{:02d}', hour) as hour_of_day,
    coalesce(sum(n) filter (where band_from >= 60), 0)::bigint as numerator,
    sum(n)::bigint as denominator
from placed
where not is_cut
group by component, service, channel, quarter, month, hour
having sum(n) >= 11

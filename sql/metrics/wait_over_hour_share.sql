/*
title: Waits of more than an hour
description: >-
  Share of people who waited in line for more than 60 minutes. Counts whose
  bands cut through 60 minutes are left out. Small counts are suppressed,
  because the times are those of people. One row per Component, service,
  channel, month, basis.
question: null
kind: share
unit: share of people
better: lower
family: operations
basis: >-
  Step, unit and limit, whatever the bands are.
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
with placed as (
    select
        *,
        bool_or(
            band_from < 60 and coalesce(band_to > 60, true)
        ) over (
            partition by component, service, channel, quarter, month, bands
        ) as is_cut
    from current_times
    where step = 'wait' and unit = 'minutes'
)

select
    component,
    service,
    channel,
    quarter,
    month,
    'wait/minutes/over-60' as basis,
    coalesce(sum(n) filter (where band_from >= 60), 0)::bigint as numerator,
    sum(n)::bigint as denominator
from placed
where not is_cut
group by component, service, channel, quarter, month

/*
for_each: paired_rate
title: "{title}"
description: >-
  {description}
question: null
kind: share
unit: "{unit}"
better: "{better}"
family: operations
basis: >-
  {basis_rule}
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  {source}
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with paired as (
    select
        component,
        service,
        channel,
        quarter,
        month,
        sum(n) filter (where activity = '{part}')::bigint
            as numerator,
        sum(n) filter (where activity = '{whole}')::bigint
            as denominator
    from current_activity
    where
        is_total
        and activity in ('{part}', '{whole}')
    group by component, service, channel, quarter, month
)

select
    component,
    service,
    channel,
    quarter,
    month,
    '{basis}' as basis,
    numerator,
    denominator
from paired
where numerator <= denominator

/*
title: Online forms completed
description: >-
  Of the times that an online form was opened to be filled in, the share
  that it was sent off. This is not the response rate of a survey: it is
  about the forms through which people apply or report. A month that gives
  only one of the two numbers, or more forms completed than started, has no
  rate; nor has one in which no form was started. Small counts are
  suppressed, because the forms are those of people. One row per Component,
  service, channel, month and basis.
question: null
kind: share
unit: share of forms started
better: higher
family: operations
basis: >-
  All starts of online forms, whichever form.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  Completions over starts of online forms, as in the Touchpoints service of
  the General Services Administration
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
        sum(n) filter (where activity = 'form_completion')::bigint
            as numerator,
        sum(n) filter (where activity = 'form_start')::bigint
            as denominator
    from current_activity
    where
        is_total
        and activity in ('form_completion', 'form_start')
    group by component, service, channel, quarter, month
)

select
    component,
    service,
    channel,
    quarter,
    month,
    'forms/completed' as basis,
    numerator,
    denominator
from paired
where numerator <= denominator

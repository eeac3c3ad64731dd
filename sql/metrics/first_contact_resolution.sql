/*
title: Resolved at first contact
description: >-
  Of the answered contacts of which the outcome is known, the share that
  needed no second contact. Contacts of unknown outcome are in neither
  number. A month that gives only one of the two numbers, or more of the
  first than of the second, has no rate. Small counts are suppressed,
  because contacts are those of people. One row per Component, service,
  channel, month and basis.
question: null
kind: share
unit: share of contacts
better: higher
family: operations
basis: >-
  Answered contacts with known outcome, whatever they were about.
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
with paired as (
    select
        component,
        service,
        channel,
        quarter,
        month,
        sum(n) filter (where activity = 'contact_resolved_first')::bigint
            as numerator,
        sum(n) filter (where activity = 'contact_outcome_known')::bigint
            as denominator
    from current_activity
    where
        is_total
        and activity in ('contact_resolved_first', 'contact_outcome_known')
    group by component, service, channel, quarter, month
)

select
    component,
    service,
    channel,
    quarter,
    month,
    'contacts/resolved-first' as basis,
    numerator,
    denominator
from paired
where numerator <= denominator

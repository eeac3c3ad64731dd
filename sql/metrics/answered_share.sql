/*
title: Contacts answered
description: >-
  Of the calls, chats and messages that reached a contact center, the share
  that a person or service took. With the contacts abandoned it may stay
  below 100 percent, because some end otherwise. A month that gives only one
  of the two numbers, or more of the first than of the second, has no rate.
  Small counts are suppressed, because contacts are those of people. One row
  per Component, service, channel, month and basis.
question: null
kind: share
unit: share of contacts
better: higher
family: operations
basis: >-
  All contacts that were offered, whatever they were about.
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
        sum(n) filter (where activity = 'contact_answered')::bigint
            as numerator,
        sum(n) filter (where activity = 'contact_offered')::bigint
            as denominator
    from current_activity
    where
        is_total
        and activity in ('contact_answered', 'contact_offered')
    group by component, service, channel, quarter, month
)

select
    component,
    service,
    channel,
    quarter,
    month,
    'contacts/answered' as basis,
    numerator,
    denominator
from paired
where numerator <= denominator

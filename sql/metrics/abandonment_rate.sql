/*
title: Contacts abandoned
description: >-
  Of the calls, chats and messages that reached a contact center, the share
  that the customer ended before anybody took them. A month that gives only
  one of the two numbers, or more of the first than of the second, has no
  rate. Small counts are suppressed, because contacts are those of people.
  One row per Component, service, channel, month and basis.
question: null
kind: share
unit: share of contacts
better: lower
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
        sum(n) filter (where activity = 'contact_abandoned')::bigint
            as numerator,
        sum(n) filter (where activity = 'contact_offered')::bigint
            as denominator
    from current_activity
    where
        is_total
        and activity in ('contact_abandoned', 'contact_offered')
    group by component, service, channel, quarter, month
)

select
    component,
    service,
    channel,
    quarter,
    month,
    'contacts/abandoned' as basis,
    numerator,
    denominator
from paired
where numerator <= denominator

/*
title: Complaints
description: >-
  Complaints that reached a Component, by what they are about. One message may
  raise several matters and counts once for each. The source publishes every
  count, and a complaint is not a person, so small counts are shown. A month
  without any row was not reported; it is not zero. Categories are of all
  channels together. One row per Component, service, channel, month and
  category.
question: null
kind: total
unit: complaints
better: lower
family: feedback
basis: >-
  All complaints, whatever they are about.
over_time: sum
breakdown: category
minimum_n: 0
source: >-
  Counts of the Components; for TSA the complaint reports of the TSA Contact
  Center in the FOIA reading room
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
select
    component,
    service,
    null as channel,
    quarter,
    month,
    'complaints/count/all' as basis,
    category,
    sum(n)::bigint as value
from current_activity
where activity = 'complaint' and is_by_category
group by component, service, quarter, month, category
union all
select
    component,
    service,
    channel,
    quarter,
    month,
    'complaints/count/all' as basis,
    null as category,
    sum(n)::bigint as value
from current_activity
where activity = 'complaint' and is_total
group by component, service, channel, quarter, month

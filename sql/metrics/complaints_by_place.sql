/*
title: Complaints by place
description: >-
  Complaints that reached a Component, by the place that they name, such as an
  airport; not_stated where the message names none. The source publishes every
  count, and a complaint is not a person, so small counts are shown. How many
  customers a place had is not known, so these are counts and no rates. One row
  per Component, service, channel, month and place.
question: null
kind: total
unit: complaints
better: lower
family: feedback
basis: >-
  All complaints, whatever they are about.
over_time: sum
breakdown: place
rhythm: quarter
minimum_n: 0
source: >-
  Counts of the Components; for TSA the complaint reports of the TSA Contact
  Center in the FOIA reading room
owner: DHS Customer Experience
version: 2
changelog:
  1: First version.
  2: Told by quarter and year, no longer by month.
*/
select
    component,
    service,
    channel,
    quarter,
    month,
    'complaints/count/all' as basis,
    place,
    sum(n)::bigint as value
from current_activity
where activity = 'complaint' and is_by_place
group by component, service, channel, quarter, month, place

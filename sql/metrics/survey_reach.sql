/*
title: Survey reach
description: >-
  Of all customers of a service, the share who were offered a survey. One
  row per Component, service, channel, quarter and basis.
question: null
kind: share
unit: share of customers
better: higher
family: response
basis: >-
  Instrument family; response to phone and e-mail surveys of different
  families is never added up.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  OMB Circular A-11, Section 280, volumes reported each quarter; customers
  offered over customers
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
    family as basis,
    offered_reached as numerator,
    customers_reached as denominator
from survey_volumes
where customers_reached > 0 and offered_reached > 0

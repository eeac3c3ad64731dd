/*
title: Feedback coverage
description: >-
  Of all customers of a service, the share who answered a survey. One row
  per Component, service, channel, quarter and basis.
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
  OMB Circular A-11, Section 280, volumes reported each quarter; respondents
  over customers
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
    respondents_covered as numerator,
    customers_covered as denominator
from survey_volumes
where customers_covered > 0 and respondents_covered > 0

/*
title: Response rate
description: >-
  Of the customers who were offered a survey, the share who answered it. Not
  computed where the number offered is missing or not credible. One row per
  Component, service, channel, quarter and basis.
question: null
kind: share
unit: share of customers offered
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
  over customers offered the survey
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
    respondents_offered as numerator,
    offered_counted as denominator
from survey_volumes
where offered_counted > 0

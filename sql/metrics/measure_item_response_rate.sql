/*
for_each: measure
title: "{title}, item response rate"
description: >-
  Of the people who answered the survey, the share who answered this
  question. One row per Component, service, channel, quarter and basis.
question: >-
  {statement}
kind: share
unit: share of respondents
better: neither
family: response
basis: >-
  Instrument family, scale and wording of the question; answers to different
  wordings are never added up.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  Item response as in federal survey practice; counts from the quarterly
  A-11 reports
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
    basis,
    n_answered as numerator,
    n_shown as denominator
from survey_answers
where measure = '{measure}' and n_shown > 0

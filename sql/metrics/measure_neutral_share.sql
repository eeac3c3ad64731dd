/*
for_each: measure
title: "{title}, neutral answers"
description: >-
  Share of survey answers that were neither good nor bad: answer 3 on a
  scale from 1 to 5. One row per Component, service, channel, quarter and
  basis.
question: >-
  {statement}
kind: share
unit: share of answers
better: neither
family: experience
basis: >-
  Instrument family, scale and wording of the question; answers to different
  wordings are never added up.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  {source}
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
    n_3 as numerator,
    n_answers as denominator
from survey_answers
where measure = '{measure}' and not is_two_answers

/*
for_each: measure
title: "{title}, unfavorable answers"
description: >-
  Share of survey answers that were bad: answers 1 and 2 on a scale from 1
  to 5, or the worse of two answers. One row per Component, service, channel,
  quarter and basis.
question: >-
  {statement}
kind: share
unit: share of answers
better: lower
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
was: {measure}_unfavourable_share
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
    n_unfavourable as numerator,
    n_answers as denominator
from survey_answers
where measure = '{measure}'

/*
title: Transparency, unfavorable answers
description: >-
  Share of survey answers that were bad: answers 1 and 2 on a scale from 1
  to 5. One row per Component, service, channel, quarter and basis.
question: >-
  I was treated fairly.
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
  OMB Circular A-11, Section 280, question 6 of the seven statements
  reported each quarter
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
    n_1 + n_2 as numerator,
    n_answers as denominator
from survey_answers
where measure = 'transparency'

/*
for_each: measure
title: "{title}, weighted"
description: >-
  The share of favorable answers, each answer counted with its survey
  weight so that the sample stands for all customers asked. The interval
  allows for the weights. One row per Component, service, channel, quarter
  and basis.
question: >-
  {statement}
kind: share
unit: share of weighted answers
better: higher
family: experience
basis: >-
  Instrument family, scale and wording of the question; answers to different
  wordings are never added up.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  {source}; effective sample size after L. Kish, Survey Sampling, 1965
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
    weight_favourable as numerator,
    weight_answers as denominator,
    n_answers as n,
    total_of_squared_weights
from weighted_answers
where measure = '{measure}'

/*
for_each: measure
title: "{title}, weighted mean score"
description: >-
  Average answer from 1 (worst) to 5 (best), each answer counted with its
  survey weight. The interval allows for the weights. One row per Component,
  service, channel, quarter and basis.
question: >-
  {statement}
kind: mean
unit: points from 1 to 5
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
    total,
    total_of_squares,
    n_answers as n,
    weight_answers as total_of_weights,
    total_of_squared_weights
from weighted_answers
where measure = '{measure}' and not is_two_answers

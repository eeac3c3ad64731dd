/*
for_each: measure
title: "{title}, mean score"
description: >-
  Average answer from 1 (worst) to 5 (best), as federal reports printed it
  until 2023. Read it beside the share; it is no percentage. One row per
  Component, service, channel, quarter and basis.
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
  {source}; mean as in the quarterly A-11 reports, rounded half up to two
  decimals
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
    n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4 + 5 * n_5 as total,
    n_1 + 4 * n_2 + 9 * n_3 + 16 * n_4 + 25 * n_5 as total_of_squares,
    n_answers as n
from survey_answers
where measure = '{measure}' and not is_two_answers

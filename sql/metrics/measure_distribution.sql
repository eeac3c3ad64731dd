/*
for_each: measure
title: "{title}, all answers"
description: >-
  How the answers spread over {scale}: the share of each answer. The row
  without an answer is the total. One row per Component, service, channel,
  quarter, basis and answer.
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
breakdown: answer
minimum_n: 11
source: >-
  {source}
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with long as (
    unpivot survey_answers
    on n_0, n_1, n_2, n_3, n_4, n_5
    into name answer value n
)

select
    component,
    service,
    channel,
    quarter,
    month,
    basis,
    right(answer, 1) as answer,
    n as numerator,
    n_answers as denominator
from long
where
    measure = '{measure}'
    and case
        when is_two_answers then answer in ('n_0', 'n_1')
        else answer <> 'n_0'
    end
union all
select
    component,
    service,
    channel,
    quarter,
    month,
    basis,
    null as answer,
    n_answers as numerator,
    n_answers as denominator
from survey_answers
where measure = '{measure}'

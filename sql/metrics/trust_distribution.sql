/*
title: Trust, all answers
description: >-
  How the answers spread over the scale from 1 (worst) to 5 (best), or over 0
  (thumb down, no) and 1 (thumb up, yes): the share of each answer. The row
  without an answer is the total. One row per Component, service, channel,
  quarter, basis and answer.
question: >-
  This interaction increased my confidence in [program].
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
  OMB Circular A-11, Section 280, question 2 of the seven statements
  reported each quarter
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
    measure = 'trust'
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
where measure = 'trust'

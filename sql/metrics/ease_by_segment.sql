/*
title: Ease, by group
description: >-
  Share of favorable answers in each group of customers, such as a language
  or an age, one attribute at a time; the last part of the basis names the
  attribute. Whoever did not state it is a group of its own. One row per
  Component, quarter, basis and group.
question: >-
  It was easy to complete what I needed to do.
kind: share
unit: share of answers
better: higher
family: experience
basis: >-
  Instrument family, scale and wording of the question, and the attribute;
  two attributes are never crossed.
over_time: sum
breakdown: segment_value
compare_groups: true
minimum_n: 11
source: >-
  OMB Circular A-11, Section 280, question 4 of the seven statements
  reported each quarter
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    basis,
    segment_value,
    n_favourable as numerator,
    n_answers as denominator
from segment_answers
where measure = 'ease'

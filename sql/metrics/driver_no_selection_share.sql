/*
title: No driver ticked
description: >-
  Of the customers who were shown a list of drivers, the share who ticked
  none, for those with a favorable trust answer (positive) and the others
  (negative). The row without a branch is both. One row per Component,
  service, channel, quarter, basis and branch.
question: null
kind: share
unit: share of customers who saw the list
better: lower
family: experience
basis: >-
  Instrument family, scale and wording of the trust question that decides
  who sees the list; different ones are never added up.
over_time: sum
breakdown: branch
group: answer
counts_mentions: true
minimum_n: 11
source: >-
  OMB Circular A-11, Section 280, survey of 2023; data semantics of GSA
  Touchpoints
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
    null::date as month,
    basis,
    'positive' as branch,
    n_positive_shown - n_positive as numerator,
    n_positive_shown as denominator
from driver_answers
where driver = 'any_driver' and n_positive_shown > 0
union all
select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    basis,
    'negative' as branch,
    n_negative_shown - n_negative as numerator,
    n_negative_shown as denominator
from driver_answers
where driver = 'any_driver' and n_negative_shown > 0

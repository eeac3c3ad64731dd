/*
title: What went well
description: >-
  Of the customers who gave a favorable trust answer and were shown a list
  of drivers, the share who ticked each as something that went well. The row
  without a driver counts those who ticked any. A driver that the survey
  does not offer has no row, which is not 0%. One row per Component,
  service, channel, quarter, basis and driver.
question: >-
  What went well?
kind: share
unit: share of customers who saw the list
better: higher
family: experience
basis: >-
  Instrument family, scale and wording of the trust question that decides
  who sees the list; different ones are never added up.
over_time: sum
breakdown: driver
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
    case when driver <> 'any_driver' then driver end as driver,
    n_positive as numerator,
    n_positive_shown as denominator
from driver_answers
where n_positive_shown > 0

/*
title: Drivers, balance of mentions
description: >-
  Of all mentions of a driver, the share that say it went well. It describes
  what people choose to mention, not how satisfied they are. The row without
  a driver is all mentions. One row per Component, service, channel,
  quarter, basis and driver.
question: null
kind: share
unit: share of mentions
better: higher
family: experience
basis: >-
  Instrument family, scale and wording of the trust question that decides
  who sees the list; different ones are never added up.
over_time: sum
breakdown: driver
group: answer
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
    driver,
    n_positive as numerator,
    n_positive + n_negative as denominator
from driver_answers
where driver <> 'any_driver' and n_positive + n_negative > 0

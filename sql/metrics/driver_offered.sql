/*
title: Drivers offered
description: >-
  In how many surveys of a service and channel the list of drivers had each
  driver. It tells a driver that nobody ticked from one that nobody could
  tick. One row per Component, service, channel, quarter, basis and driver.
question: null
kind: total
unit: surveys of a service and channel
better: neither
family: response
basis: >-
  Instrument family, scale and wording of the trust question that decides
  who sees the list; different ones are never added up.
over_time: last
breakdown: driver
minimum_n: 0
source: >-
  OMB Circular A-11, Section 280, survey of 2023; data semantics of GSA
  Touchpoints
owner: DHS Customer Experience
version: 2
changelog:
  1: First version.
  2: Counts the lists themselves, the same figures.
*/
select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    basis,
    driver,
    1 as value
from driver_offer

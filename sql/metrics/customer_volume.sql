/*
title: Customers
description: >-
  How many customers used the service, by the best estimate of the
  Component. Customers that several surveys share are counted once. One row
  per Component, service, channel, quarter and basis.
question: null
kind: total
unit: people
better: neither
family: response
basis: >-
  One basis, people: head counts of all surveys may be added up.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  OMB Circular A-11, Section 280, volumes reported each quarter
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
    'people' as basis,
    customers as value,
    customers as n
from survey_volumes
where customers > 0

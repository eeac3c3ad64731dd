/*
title: What drives trust
description: >-
  Share of favorable trust answers among customers who rated a driver well,
  or ticked it, and among the others who were asked about it. The gap
  between the two groups tells how closely the driver goes with trust; it
  does not prove that one causes the other. One row per Component, service,
  quarter, basis (its last part names the driver) and group.
question: null
kind: share
unit: share of answers
better: neither
family: experience
basis: >-
  Instrument family, scale and wording of the trust question, and the
  driver; drivers are never added up.
over_time: sum
breakdown: is_named
compare_groups: true
group: answer
minimum_n: 11
source: >-
  Difference between two groups, see docs/statistics.md
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
select
    component,
    service,
    null as channel,
    quarter,
    null::date as month,
    basis,
    is_named,
    sum(n_favourable)::bigint as numerator,
    sum(n_answers)::bigint as denominator
from trust_driver_answers
group by component, service, quarter, basis, is_named

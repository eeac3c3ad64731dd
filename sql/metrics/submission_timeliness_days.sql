/*
title: Days from due date to report
description: >-
  How many days after the due date a report was first entered; a negative
  number is early. Reports due before the reporting system opened are left
  out. One row per Component, service and quarter.
question: null
kind: mean
unit: days
better: lower
family: response
basis: >-
  One basis, reports: every designated service owes the same report.
over_time: sum
breakdown: null
signed: true
minimum_n: 0
source: >-
  OMB Circular A-11, Section 280, quarterly reporting within 30 days after
  the quarter ends
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
    'reports' as basis,
    days_late as total,
    days_late * days_late as total_of_squares,
    1 as n
from reporting_board
where days_late is not null

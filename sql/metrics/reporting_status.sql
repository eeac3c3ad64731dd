/*
title: Reporting status
description: >-
  Where each quarterly report of a designated service stands: complete,
  late, partial, not reported or not due. One row per Component, service,
  quarter and status.
question: null
kind: total
unit: reports
better: neither
family: response
basis: >-
  One basis, reports: every designated service owes the same report.
over_time: sum
breakdown: reporting_status
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
    reporting_status,
    1 as value
from reporting_board

/*
title: Reporting rate
description: >-
  Of the quarterly reports that designated services owe, the share that came
  with usable answers on satisfaction and trust. One row per Component,
  service and quarter.
question: null
kind: share
unit: share of reports due
better: higher
family: response
basis: >-
  One basis, reports: every designated service owes the same report.
over_time: sum
breakdown: null
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
    case
        when reporting_status in ('complete', 'late') then 1
        else 0
    end as numerator,
    1 as denominator
from reporting_board
where reporting_status <> 'not_due'

/*
title: Wordings of the trust question
description: >-
  How many surveys used each wording of the trust question; different
  wordings are never compared. One row per Component, service, channel,
  quarter and wording.
question: null
kind: total
unit: surveys
better: neither
family: response
basis: >-
  One basis, reports: every designated service owes the same report.
over_time: sum
breakdown: wording
minimum_n: 0
source: >-
  OMB Circular A-11, Section 280; the trust question is asked in several
  wordings
owner: DHS Customer Experience
version: 2
changelog:
  1: First version.
  2: Counts the wordings themselves, the same figures.
*/
select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    'reports' as basis,
    wording,
    count(*) as value
from question_variant
where measure = 'trust'
group by component, service, channel, quarter, wording

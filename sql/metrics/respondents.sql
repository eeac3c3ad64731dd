/*
title: Respondents
description: >-
  How many customers answered a survey. One row per Component, service,
  channel, quarter and basis.
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
    respondents as value,
    respondents as n
from survey_volumes
where respondents > 0

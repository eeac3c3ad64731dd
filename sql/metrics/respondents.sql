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
  Instrument family; people who answered surveys of different families are
  not added up, so that small numbers cannot be worked out.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  OMB Circular A-11, Section 280, volumes reported each quarter
owner: DHS Customer Experience
version: 2
changelog:
  1: First version.
  2: One figure per instrument family.
*/
select
    component,
    service,
    channel,
    quarter,
    month,
    family as basis,
    respondents as value,
    respondents as n
from survey_volumes
where respondents > 0

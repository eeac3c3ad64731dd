/*
title: Comment rate
description: >-
  Of the customers who answered a survey, the share who also wrote a
  comment. One row per Component, service, channel, quarter and basis.
question: null
kind: share
unit: share of respondents
better: neither
family: feedback
basis: >-
  Instrument family; surveys of different families are never added up.
over_time: sum
breakdown: null
counts_mentions: true
minimum_n: 11
source: >-
  Share of responses whose open question is not blank
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
    family as basis,
    sum(n_comments)::bigint as numerator,
    sum(n_responses)::bigint as denominator
from usable_response
group by component, service, channel, quarter, month, family

/*
title: What people complain about
description: >-
  Of the comments that speak of a theme, the share whose words sound negative.
  The row without a theme is the share among all comments. One row per
  Component, service, quarter, basis and theme.
question: null
kind: share
unit: share of comments
better: lower
family: feedback
basis: >-
  Instrument family; surveys of different families are never added up.
over_time: sum
breakdown: about
group: answer
minimum_n: 11
source: >-
  Sentiment by vaderSentiment and phrases reviewed by people; see
  docs/comments.md
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
    family as basis,
    theme as about,
    sum(n_negative)::bigint as numerator,
    sum(n_comments)::bigint as denominator
from comment_count
where n_comments > 0
group by component, service, quarter, family, theme

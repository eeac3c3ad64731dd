/*
title: What comments are about
description: >-
  Of all comments in a survey, the share that speaks of each theme. A comment
  may speak of several themes, so the shares add up to more than one; comments
  in which no theme was found are a bucket of their own. The row without a theme
  is the share in which any theme was found. One row per Component, service,
  channel, quarter, basis and theme.
question: null
kind: share
unit: share of comments
better: neither
family: feedback
basis: >-
  Instrument family; surveys of different families are never added up.
over_time: sum
breakdown: theme
group: answer
counts_mentions: true
minimum_n: 11
source: >-
  Phrases reviewed by people, in the table theme_phrase; see docs/comments.md
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
    null::date as month,
    family as basis,
    theme,
    sum(n_comments)::bigint as numerator,
    sum(n_all)::bigint as denominator
from comment_count
where theme is not null
group by component, service, channel, quarter, family, theme
union all
select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    family as basis,
    null as theme,
    sum(n_all - n_comments)::bigint as numerator,
    sum(n_all)::bigint as denominator
from comment_count
where theme = 'unclassified'
group by component, service, channel, quarter, family

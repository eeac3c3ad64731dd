/*
title: How comments sound
description: >-
  Of all comments in a survey, the share whose words sound negative, neutral or
  positive. The row without a sentiment is the total. One row per Component,
  service, channel, quarter, basis and sentiment.
question: null
kind: share
unit: share of comments
better: neither
family: feedback
basis: >-
  Instrument family; surveys of different families are never added up.
over_time: sum
breakdown: sentiment
group: answer
minimum_n: 11
source: >-
  Sentiment by vaderSentiment; see docs/comments.md
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with long as (
    unpivot (
        select
            component,
            service,
            channel,
            quarter,
            family,
            sum(n_all)::bigint as n_all,
            sum(n_negative)::bigint as negative,
            sum(n_neutral)::bigint as neutral,
            sum(n_positive)::bigint as positive
        from comment_count
        where theme is null
        group by component, service, channel, quarter, family
    )
    on negative, neutral, positive
    into name sentiment value n
)

select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    family as basis,
    sentiment,
    n as numerator,
    n_all as denominator
from long
union all
select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    family as basis,
    null as sentiment,
    sum(n_all)::bigint as numerator,
    sum(n_all)::bigint as denominator
from comment_count
where theme is null
group by component, service, channel, quarter, family

/*
title: Pages found helpful
description: >-
  Of the people who answered the question below a web page, the share who said
  that the page was helpful, for each page. Whoever votes chooses to, and one
  person may vote on several pages. One row per Component, service,
  month and page.
question: >-
  Was this page helpful?
kind: share
unit: share of votes
better: higher
family: feedback
basis: >-
  All votes of yes or no.
over_time: sum
breakdown: page
minimum_n: 11
source: >-
  Page feedback counts of the Components
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
    month,
    'pages/yes_no/was-this-page-helpful' as basis,
    place as page,
    sum(case when activity = 'page_helpful' then n else 0 end)::bigint
        as numerator,
    sum(n)::bigint as denominator
from current_activity
where activity in ('page_helpful', 'page_not_helpful') and is_by_place
group by component, service, quarter, month, place

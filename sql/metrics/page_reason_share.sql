/*
title: Why pages did not help
description: >-
  Of the choices that people made after they had said that a web page was not
  helpful, the share of each reason. The row without a reason is the total. One
  row per Component, service, month and reason.
question: >-
  Why was this page not helpful?
kind: share
unit: share of choices
better: neither
family: feedback
basis: >-
  All choices of a reason.
over_time: sum
breakdown: reason
minimum_n: 11
source: >-
  Page feedback counts of the Components
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with choices as (
    select
        component,
        service,
        quarter,
        month,
        category as reason,
        sum(n) as n
    from current_activity
    where activity = 'page_reason' and is_by_category
    group by component, service, quarter, month, category
),

totals as (
    select
        component,
        service,
        quarter,
        month,
        sum(n) as n
    from choices
    group by component, service, quarter, month
),

reasons as (
    select distinct reason
    from choices
),

wanted as (
    select
        totals.component,
        totals.service,
        totals.quarter,
        totals.month,
        reasons.reason,
        totals.n as denominator
    from totals
    cross join reasons
)

select
    wanted.component,
    wanted.service,
    null as channel,
    wanted.quarter,
    wanted.month,
    'pages/choice/why-not-helpful' as basis,
    wanted.reason,
    coalesce(choices.n, 0)::bigint as numerator,
    wanted.denominator::bigint as denominator
from wanted
left join choices
    on
        wanted.component = choices.component
        and wanted.service is not distinct from choices.service
        and wanted.quarter = choices.quarter
        and wanted.month is not distinct from choices.month
        and wanted.reason = choices.reason
union all
select
    component,
    service,
    null as channel,
    quarter,
    month,
    'pages/choice/why-not-helpful' as basis,
    null as reason,
    n::bigint as numerator,
    n::bigint as denominator
from totals

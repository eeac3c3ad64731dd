/*
title: Components with a CX budget line
description: >-
  Of the Components that said whether their budget has a line for customer
  experience, the share whose budget has one. The last answer of a quarter
  counts. One row per Component and quarter.
question: null
kind: share
unit: share of Components
better: higher
family: maturity
basis: >-
  One basis: Components that answered.
over_time: last
breakdown: null
minimum_n: 0
source: >-
  Counts that Components report; evidence for the core function Governance &
  Strategy of the DHS CX Maturity Model
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with told as (
    select
        component,
        quarter,
        activity,
        n
    from current_activity
    where activity in ('cx_budget_line', 'cx_budget_answer') and is_total
    qualify coalesce(month, quarter_start(quarter)) = max(
        coalesce(month, quarter_start(quarter))
    ) over (partition by component, quarter, activity)
)

select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    'budget/answer/all' as basis,
    max(case when activity = 'cx_budget_line' then least(n, 1) end)
        as numerator,
    max(case when activity = 'cx_budget_answer' then 1 end) as denominator
from told
group by component, quarter
having
    max(case when activity = 'cx_budget_answer' then n end) > 0
    and count(case when activity = 'cx_budget_line' then 1 end) > 0

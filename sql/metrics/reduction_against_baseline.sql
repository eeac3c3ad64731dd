/*
title: Reduction since the baseline
description: >-
  Hours a year taken off since the initiative began, as a ratio to the hours
  of its baseline: as the Department reported it, and as counted from
  approvals due to the agency's discretion. Of the Department as a whole. One
  row per quarter and basis.
question: null
kind: ratio
unit: of the hours of the baseline
better: higher
family: burden
basis: >-
  As the Department reported it, or as counted from approvals; never added up.
over_time: last
breakdown: null
window: all
signed: true
minimum_n: 0
source: >-
  DHS Burden Reduction Initiative; table burden_goal
owner: DHS Customer Experience
version: 2
changelog:
  1: First version.
  2: Says that each quarter holds the quarters before; the same figures.
*/
with baseline as (
    select
        hours,
        stated_on
    from burden_goal
    where measure = 'baseline'
    qualify row_number() over (order by stated_on) = 1
),

reported as (
    select
        fiscal_quarter(stated_on) as quarter,
        hours
    from burden_goal
    where measure = 'reported'
    qualify row_number() over (
        partition by fiscal_quarter(stated_on)
        order by stated_on desc
    ) = 1
),

covered as (
    select distinct quarter
    from burden_inventory
    where not is_partial_inventory
),

counted as (
    select
        covered.quarter,
        -sum(change.agency_discretion) as hours
    from covered
    cross join baseline
    inner join burden_action as change
        on
            covered.quarter >= change.quarter
            and change.concluded_on >= baseline.stated_on
    where
        change.is_counted
        and change.measure = 'hours'
        and change.agency_discretion is not null
    group by covered.quarter
),

together as (
    select
        'burden/reported/initiative' as basis,
        quarter,
        hours
    from reported
    union all
    select
        'burden/counted/agency-discretion' as basis,
        quarter,
        hours
    from counted
)

select
    null as component,
    null as service,
    null as channel,
    together.quarter,
    null::date as month,
    together.basis,
    together.hours::double as numerator,
    baseline.hours::double as denominator
from together
cross join baseline

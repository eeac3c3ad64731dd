/*
title: Complaints per 100,000 customers
description: >-
  Complaints for each 100,000 customers served, by what they are about; in the
  figures that ship, customers are the passengers screened. Only months for
  which both the complaints and all customers are known count, complaints in
  all channels together. A category begins with the month in which a Component
  first has a complaint of it; without one in a later month it counts as 0. One row per Component, service, month and category.
question: null
kind: ratio
unit: complaints per 100,000 customers
better: lower
family: feedback
basis: >-
  All complaints over all customers served.
over_time: sum
breakdown: category
counts_events: true
minimum_n: 0
source: >-
  Counts of the Components; for TSA the complaint reports of the TSA Contact
  Center in the FOIA reading room over the passenger volumes that TSA publishes
owner: DHS Customer Experience
version: 2
changelog:
  1: First version.
  2: A category begins when it first occurs, and does not count as 0 before.
*/
with customers as (
    select
        component,
        service,
        month,
        sum(n) / 100000.0 as denominator
    from current_activity
    where activity = 'customer' and is_total and month is not null
    group by component, service, month
),

complaints as (
    select
        component,
        service,
        quarter,
        month,
        category,
        sum(n) as numerator
    from current_activity
    where activity = 'complaint' and is_by_category and month is not null
    group by component, service, quarter, month, category
),

totals as (
    select
        component,
        service,
        quarter,
        month,
        sum(n) as numerator
    from current_activity
    where activity = 'complaint' and is_total and month is not null
    group by component, service, quarter, month
),

told as (
    select distinct
        component,
        service,
        quarter,
        month
    from complaints
),

/* Before a category occurs for the first time nobody sorted complaints into it. */
categories as (
    select
        component,
        service,
        category,
        min(month) as begins_on
    from complaints
    group by component, service, category
),

wanted as (
    select
        told.*,
        categories.category
    from told
    inner join categories
        on
            told.component = categories.component
            and told.service is not distinct from categories.service
            and told.month >= categories.begins_on
),

counted as (
    select
        wanted.*,
        coalesce(complaints.numerator, 0) as numerator
    from wanted
    left join complaints
        on
            wanted.component = complaints.component
            and wanted.service is not distinct from complaints.service
            and wanted.month = complaints.month
            and wanted.category = complaints.category
    union all by name
    select *
    from totals
)

select
    counted.component,
    counted.service,
    null as channel,
    counted.quarter,
    counted.month,
    'complaints/per-100000-customers/all' as basis,
    counted.category,
    counted.numerator::bigint as numerator,
    customers.denominator::double as denominator
from counted
inner join customers
    on
        counted.component = customers.component
        and counted.service is not distinct from customers.service
        and counted.month = customers.month
where customers.denominator > 0

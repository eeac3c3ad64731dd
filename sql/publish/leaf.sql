/*
Sums of each service and channel behind a figure, in a year of each of its quarters:
what stays the same where two periods are compared like for like. Is hidden says that
disclosure control keeps the figure of that service and channel back. One row per
slice and leaf.
*/
with summed as (
    select
        slice_id,
        metric,
        basis,
        breakdown,
        period_kind,
        leaf,
        component,
        service,
        channel,
        min(quarter) as quarter,
        sum(numerator)::double as numerator,
        sum(denominator)::double as denominator,
        sum(squares)::double as squares,
        sum(squared_weights)::double as squared_weights,
        sum(n)::double as n
    from period_cell
    where scope = 'dhs'
    group by all
),

slice as (
    select distinct
        metric,
        basis,
        breakdown,
        quarter,
        slice_id
    from period_cell
    where scope = 'dhs' and period_kind = 'quarter'
),

hidden_leaf as (
    select
        every_sum.slice_id,
        every_sum.component,
        every_sum.service,
        every_sum.channel
    from every_sum
    inner join hidden on every_sum.row_id = hidden.row_id
    where every_sum.level = 'service' and every_sum.channel <> 'all'
)

select
    summed.slice_id,
    summed.leaf,
    summed.component,
    summed.service,
    summed.channel,
    summed.numerator,
    summed.denominator,
    summed.squares,
    summed.squared_weights,
    summed.n,
    hidden_leaf.slice_id is not null as is_hidden
from summed
left join slice
    on
        summed.period_kind = 'fiscal_year'
        and summed.metric = slice.metric
        and summed.basis = slice.basis
        and summed.breakdown is not distinct from slice.breakdown
        and summed.quarter = slice.quarter
left join hidden_leaf
    on
        coalesce(slice.slice_id, summed.slice_id) = hidden_leaf.slice_id
        and summed.component = hidden_leaf.component
        and summed.service = hidden_leaf.service
        and summed.channel = hidden_leaf.channel

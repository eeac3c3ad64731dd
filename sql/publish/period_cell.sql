/*
Cells of all metrics, repeated for each period that they belong to (month where
known, quarter, fiscal year) and each scope (dhs, government). A metric with the
rhythm of quarters has no months. A stock counts only in the last month of a quarter
and the last quarter of a year; with the rhythm of each Component, which assesses
itself when it can, in the last quarter in which that Component did, never in another
year. Where only some cells know their month, the
others read their quarter as month. The leaf names what may not change if two
periods are to be compared. A slice is what has the same metric, basis, breakdown
and period (slice_id). One row per cell, period and scope.
*/
with flagged as (
    select
        cell.*,
        private_cell.metric is not null as is_private,
        metric.kind,
        metric.over_time,
        metric.rhythm,
        cell.quarter = max(cell.quarter) over (
            partition by
                cell.metric, cell.basis, fiscal_year(cell.quarter),
                case when metric.rhythm = 'component' then cell.component end
        ) as is_last_quarter,
        bool_or(cell.month is not null) over (
            partition by cell.metric, cell.basis
        ) as is_month_known,
        coalesce(
            cell.month = max(cell.month) over (
                partition by cell.metric, cell.basis, cell.quarter
            ), true
        ) as is_last_month
    from cell
    inner join metric on cell.metric = metric.metric
    left join private_cell
        on
            cell.metric = private_cell.metric
            and cell.component is not distinct from private_cell.component
            and cell.service is not distinct from private_cell.service
            and cell.channel is not distinct from private_cell.channel
            and cell.quarter = private_cell.quarter
),

with_totals as (
    select * from flagged
    union all
    select flagged.* replace (null as breakdown)
    from flagged
    inner join metric on flagged.metric = metric.metric
    where metric.is_breakdown_additive
),

periods as (
    select
        *,
        'month' as period_kind,
        coalesce(strftime(month, '%Y-%m'), quarter) as period,
        '' as part
    from with_totals
    where is_month_known and rhythm <> 'quarter'
    union all
    select
        *,
        'quarter' as period_kind,
        quarter as period,
        '' as part
    from with_totals
    where over_time = 'sum' or is_last_month
    union all
    select
        *,
        'fiscal_year' as period_kind,
        fiscal_year(quarter) as period,
        case when rhythm = 'component' then '' else '/' || right(quarter, 2) end
            as part
    from with_totals
    where over_time = 'sum' or (is_last_quarter and is_last_month)
),

scopes as (
    select
        *,
        'dhs' as scope
    from periods
    where component is distinct from 'FED'
    union all
    select
        *,
        'government' as scope
    from periods
)

select
    scope,
    metric,
    basis,
    breakdown,
    period_kind,
    period,
    dense_rank() over (
        order by metric, basis, breakdown nulls first, period_kind, period
    ) as slice_id,
    quarter,
    coalesce(component, '-') as component,
    coalesce(service, '-') as service,
    coalesce(channel, '-') as channel,
    coalesce(component, '-') || '/' || coalesce(service, '-') || '/'
    || coalesce(channel, '-') || part as leaf,
    numerator,
    denominator,
    squares,
    squared_weights,
    n,
    is_private
from scopes

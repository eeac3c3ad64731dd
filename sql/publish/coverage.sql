/*
What a row of the grid over all channels lacks: of survey metrics the designated
services and quarters; of other metrics the months, and at the level of the
Department the Components without figures. One row per row of the grid that lacks
something.
*/
with present as (
    select distinct
        slice_id,
        service,
        quarter
    from period_cell
    where scope = 'dhs'
),

owed as (
    select
        board.component,
        board.service,
        board.quarter,
        'quarter' as period_kind,
        board.quarter as period
    from reporting_board as board
    union all
    select
        service.component,
        service.service,
        quarters.quarter,
        'fiscal_year' as period_kind,
        fiscal_year(quarters.quarter) as period
    from service
    inner join (
        select distinct left(board.quarter, 4) || parts.part as quarter
        from reporting_board as board
        cross join (
            select unnest(['Q1', 'Q2', 'Q3', 'Q4']) as part
        ) as parts
    ) as quarters
        on
            quarters.quarter >= service.designated_from
            and quarters.quarter
            <= coalesce(service.designated_to, quarters.quarter)
),

compared as (
    select
        grid.row_id,
        grid.level,
        grid.period_kind,
        owed.component,
        present.service is null as is_missing
    from grid
    inner join metric
        on grid.metric = metric.metric and metric.is_survey
    inner join owed
        on
            grid.period_kind = owed.period_kind
            and grid.period = owed.period
            and grid.component in ('all', owed.component)
            and grid.service in ('all', owed.service)
    left join present
        on
            grid.slice_id = present.slice_id
            and owed.service = present.service
            and owed.quarter = present.quarter
    where grid.scope = 'dhs' and grid.channel = 'all'
),

/* Where a total is given only if every part has a figure, each part and the total
may lack other Components. */
covering as (
    select distinct
        period_cell.metric,
        period_cell.basis,
        period_cell.period_kind,
        period_cell.period,
        period_cell.component,
        case when metric.own_total then period_cell.breakdown end as part
    from period_cell
    inner join metric on period_cell.metric = metric.metric
    where period_cell.scope = 'dhs'
),

absent as (
    select
        grid.row_id,
        count(*) as n_components,
        count(*) filter (where covering.component is null) as n_absent,
        string_agg(
            component.component, ', ' order by component.sort_order
        ) filter (where covering.component is null) as without,
        string_agg(
            component.component, ', ' order by component.sort_order
        ) filter (where covering.component is not null) as covered
    from grid
    inner join metric
        on grid.metric = metric.metric and not metric.is_survey
    cross join component
    left join covering
        on
            grid.metric = covering.metric
            and grid.basis = covering.basis
            and grid.period_kind = covering.period_kind
            and grid.period = covering.period
            and component.component = covering.component
            and covering.part is not distinct from case
                when metric.own_total then grid.breakdown
            end
    where
        grid.scope = 'dhs'
        and grid.level = 'department'
        and grid.channel = 'all'
    group by grid.row_id
),

months as (
    select distinct
        cell.metric,
        cell.basis,
        cell.component,
        cell.quarter,
        cell.month
    from cell
    inner join metric
        on
            cell.metric = metric.metric
            and not metric.is_survey
            and metric.over_time = 'sum'
),

spans as (
    select
        months.*,
        'quarter' as period_kind,
        months.quarter as period
    from months
    union all
    select
        months.*,
        'fiscal_year' as period_kind,
        fiscal_year(months.quarter) as period
    from months
),

counted as (
    select
        metric,
        basis,
        period_kind,
        period,
        case when grouping(component) = 1 then 'all' else component end
            as component,
        count(distinct month) as n_months,
        bool_and(month is not null) as is_month_known,
        case period_kind when 'quarter' then 3 else 12 end as n_wanted
    from spans
    group by
        metric, basis, period_kind, period,
        grouping sets ((), (component))
),

/* Where no Component is named, the figure is the Department's own. */
lacking as (
    select
        row_id,
        case
            when period_kind = 'fiscal_year'
                then
                    'Covers '
                    || count(*) filter (where not is_missing)
                    || ' of '
                    || count(*) || ' quarterly reports of the year.'
            when level = 'department'
                then
                    'Without '
                    || string_agg(
                        distinct component, ', ' order by component
                    ) filter (where is_missing) || '.'
            else 'Some designated services are missing.'
        end as reason
    from compared
    group by row_id, period_kind, level
    having bool_or(is_missing)
    union all
    select
        row_id,
        case
            when
                n_absent > n_components / 2
                then 'Covers ' || covered || ' only.'
            else 'Without ' || without || '.'
        end as reason
    from absent
    where n_absent > 0 and n_absent < n_components
    union all
    select
        grid.row_id,
        'Covers ' || counted.n_months || ' of ' || counted.n_wanted
        || ' months.' as reason
    from grid
    inner join counted
        on
            grid.metric = counted.metric
            and grid.basis = counted.basis
            and grid.period_kind = counted.period_kind
            and grid.period = counted.period
            and grid.component = counted.component
    where
        grid.scope = 'dhs'
        and grid.channel = 'all'
        and counted.is_month_known
        and counted.n_months < counted.n_wanted
)

select
    row_id,
    string_agg(reason, ' ' order by reason) as reason
from lacking
group by row_id

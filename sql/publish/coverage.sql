/*
Which designated services and quarters a row of the grid lacks, for survey
metrics over all channels. One row per row of the grid that lacks something.
*/
with present as (
    select distinct
        metric,
        basis,
        breakdown,
        period_kind,
        period,
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
            grid.metric = present.metric
            and grid.basis = present.basis
            and grid.breakdown is not distinct from present.breakdown
            and grid.period_kind = present.period_kind
            and grid.period = present.period
            and owed.service = present.service
            and owed.quarter = present.quarter
    where grid.scope = 'dhs' and grid.channel = 'all'
)

select
    row_id,
    case
        when period_kind = 'fiscal_year'
            then
                'Covers ' || count(*) filter (where not is_missing) || ' of '
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

/*
Which definitions stand behind a row, of metrics whose definition changed at a
quarter: the first and the latest version among its cells, and what the latest means
(definitions of the same meaning may be compared and added up). Is mixed says that cells of different
meaning were added up, which is no number. One row per such row of the grid.
*/
with changed as (
    select distinct metric
    from definition
    where valid_from is not null
),

cells as (
    select
        period_cell.*,
        definition.version,
        definition.meaning
    from period_cell
    inner join changed on period_cell.metric = changed.metric
    inner join definition
        on
            period_cell.metric = definition.metric
            and period_cell.quarter >= coalesce(definition.valid_from, '')
            and (
                definition.valid_before is null
                or period_cell.quarter < definition.valid_before
            )
)

select
    grid.row_id,
    min(cells.version) as first_version,
    max(cells.version) as version,
    max_by(cells.meaning, cells.version) as meaning,
    count(distinct cells.meaning) > 1 as is_mixed
from grid
inner join cells
    on
        grid.scope = cells.scope
        and grid.slice_id = cells.slice_id
        and grid.component in ('all', cells.component)
        and grid.service in ('all', cells.service)
        and grid.channel in ('all', cells.channel)
group by grid.row_id

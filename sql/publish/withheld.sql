/*
Totals that are not published because their source covers a part only: of the
Component itself, and of the Department. One row per such row of the grid.
*/
select
    grid.row_id,
    min(partial_source.reason) as reason
from grid
inner join partial_source
    on
        grid.family = partial_source.family
        and grid.component in ('all', partial_source.component)
        and grid.period
        in (partial_source.quarter, fiscal_year(partial_source.quarter))
where grid.breakdown is null
group by grid.row_id

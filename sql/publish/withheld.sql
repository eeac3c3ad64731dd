/*
Figures that are not published: totals whose source covers a part only, of the
Component itself and of the Department, and sums over quarters for which different
definitions hold. One row per such row of the grid.
*/
with incomplete as (
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
),

mixed as (
    select
        definition_at.row_id,
        'Definition: version ' || definition.version || ' applies from '
        || definition.valid_from || ', within the year, and quarters before '
        || 'and after must not be added up: ' || definition.change as reason
    from definition_at
    inner join grid on definition_at.row_id = grid.row_id
    inner join definition
        on
            grid.metric = definition.metric
            and definition_at.version = definition.version
    where definition_at.is_mixed
)

select
    coalesce(mixed.row_id, incomplete.row_id) as row_id,
    coalesce(mixed.reason, incomplete.reason) as reason
from mixed
full join incomplete on mixed.row_id = incomplete.row_id

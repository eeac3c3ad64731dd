/*
Cells in which people of a private source stand: those of metrics that count people,
where single responses were loaded for the Component, service, channel and quarter
(or, of a metric with a window, for one of its quarters), and all of those that count
rows of such loads. A dimension that a cell does not know matches every value. One
row per metric, Component, service, channel and quarter.
*/
with places as (
    select distinct
        cell.metric,
        cell.component,
        cell.service,
        cell.channel,
        cell.quarter,
        metric.is_of_loads,
        case
            when metric."window" is null then cell.quarter
            when metric."window" = 'all' then ''
            else quarter_add(cell.quarter, 1 - metric."window"::int)
        end as first_quarter
    from cell
    inner join metric on cell.metric = metric.metric
    where metric.is_of_people
)

select
    metric,
    component,
    service,
    channel,
    quarter
from places
where
    is_of_loads
    or exists (
        select 1
        from private_place
        where
            private_place.component
            = coalesce(places.component, private_place.component)
            and private_place.service
            = coalesce(places.service, private_place.service)
            and private_place.channel
            = coalesce(places.channel, private_place.channel)
            and private_place.quarter
            between places.first_quarter and places.quarter
    )

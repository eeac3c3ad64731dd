/*
Which tellings of times there are, and which of them count. A telling is the times of
one place and month (or quarter) in hours, days, months or quarters. Of a place's
times in one month the finest count: hours, else days, else the month; those of a
quarter where it has no finer ones. Times of no single place (null) and of places
tell the same people: those that were loaded last count. But a telling of less than
half of the people of a coarser one is only a part of it, which replaces nothing,
unless its load was told to (replacing_load). One row per Component, service,
channel, place, step, unit, quarter, month and coarseness.
*/
with tellings as (
    select
        held_times.component,
        held_times.service,
        held_times.channel,
        held_times.place,
        held_times.step,
        held_times.unit,
        held_times.quarter,
        held_times.month,
        held_times.coarseness,
        sum(held_times.n) as n,
        max(held_times.load_id) as load_id,
        bool_or(replacing_load.load_id is not null) as is_replacing
    from held_times
    left join replacing_load on held_times.load_id = replacing_load.load_id
    group by all
),

parted as (
    select
        *,
        coalesce(
            2 * n < max(n) over (
                partition by
                    component, service, channel, place, step, unit, quarter,
                    month
                order by coarseness
                rows between 1 following and unbounded following
            ), false
        ) and not is_replacing as is_part
    from tellings
),

finest as (
    select *
    from parted
    where not is_part
    qualify
        coarseness = min(coarseness) over (
            partition by
                component, service, channel, place, step, unit, quarter, month
        )
),

/* The months of a quarter, or the quarter itself. */
spans as (
    select
        *,
        coalesce(
            2 * sum(case when month is not null then n end) over of_quarter
            < max(case when month is null then n end) over of_quarter
            and not bool_or(month is not null and is_replacing) over of_quarter,
            month is null
        ) as is_quarter_kept
    from finest
    window of_quarter as (
        partition by component, service, channel, place, step, unit, quarter
    )
),

/* The places, or all of them together. */
places as (
    select
        *,
        coalesce(
            2 * sum(case when place is not null then n end) over of_period
            >= max(case when place is null then n end) over of_period
            or bool_or(place is not null and is_replacing) over of_period,
            true
        )
        and coalesce(
            max(case when place is not null then load_id end) over of_period
            >= max(case when place is null then load_id end) over of_period,
            place is not null
        ) as is_by_place
    from spans
    where is_quarter_kept = (month is null)
    window of_period as (
        partition by component, service, channel, step, unit, quarter, month
    )
)

select
    tellings.*,
    coalesce(places.is_by_place = (tellings.place is not null), false)
        as is_counted
from tellings
left join places
    on
        tellings.component = places.component
        and tellings.service is not distinct from places.service
        and tellings.channel is not distinct from places.channel
        and tellings.place is not distinct from places.place
        and tellings.step = places.step
        and tellings.unit = places.unit
        and tellings.quarter = places.quarter
        and tellings.month is not distinct from places.month
        and tellings.coarseness = places.coarseness

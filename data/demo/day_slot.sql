/*
The days of each quarter, each as often as its share asks: whoever draws a slot
draws a day. One row per rhythm, fiscal quarter and slot.
*/
with days as (
    select distinct
        quarter_plan.quarter,
        series.day::date as day
    from
        quarter_plan,
        unnest(
            generate_series(
                quarter_start(quarter_plan.quarter),
                quarter_end(quarter_plan.quarter), interval 1 day
            )
        ) as series (day)
)

select
    day_plan.rhythm,
    days.quarter,
    days.day,
    row_number() over (
        partition by day_plan.rhythm, days.quarter
        order by days.day
    ) as slot,
    count(*) over (partition by day_plan.rhythm, days.quarter) as n_slots
from days
inner join day_plan on isodow(days.day) = day_plan.weekday,
    unnest(range(round(20 * day_plan.share)::int)) as series (number)

/*
The parts of a day, each as often as its share asks: whoever draws a slot draws a
part of the day. One row per rhythm and slot.
*/
select
    hour_plan.rhythm,
    hour_plan.from_hour,
    hour_plan.to_hour,
    row_number() over (
        partition by hour_plan.rhythm
        order by hour_plan.from_hour
    ) as slot,
    count(*) over (partition by hour_plan.rhythm) as n_slots
from hour_plan,
    unnest(range(round(100 * hour_plan.share)::int)) as series (number)

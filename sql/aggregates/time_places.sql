/*
Where times are counted, so that a reader knows what a figure covers. Place is
null where the source names none. One row per Component, service, channel, step
and place.
Counts nothing. Keyed by component, service, channel, step, place.
*/
select
    component,
    service,
    channel,
    step,
    place,
    min(quarter) as first_quarter,
    max(quarter) as last_quarter
from current_times
group by component, service, channel, step, place

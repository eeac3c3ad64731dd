/*
The bands of a distribution of times reach from 0 to one without upper bound, and
none is missing between; otherwise its median would be wrong. One row per
distribution that breaks off.
*/
select
    component,
    service,
    channel,
    place,
    quarter,
    month,
    hour,
    step,
    bands
from current_times
group by all
having min(band_from) > 0 or count(*) filter (where band_to is null) <> 1

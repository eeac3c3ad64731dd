/*
The limit of every standard is a bound of the bands it is applied to; otherwise
nobody knows how many were served within it. The line counts the header. One row
per standard and set of bands that it cuts through.
*/
select distinct
    'service_standard.csv:' || (standard.rowid + 2) as line,
    standard.component,
    standard.step,
    standard.time_limit,
    current_times.bands
from service_standard as standard
inner join current_times
    on
        standard.component = current_times.component
        and standard.step = current_times.step
        and standard.time_limit = current_times.time_limit
where
    current_times.band_from < current_times.time_limit
    and coalesce(current_times.band_to > current_times.time_limit, true)

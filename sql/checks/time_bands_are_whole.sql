/*
The bands of a distribution of times begin at 0 and leave no gap; otherwise its
median would be wrong. One row per band after which, or before which, one is missing.
*/
with ordered as (
    select
        *,
        lag(band_to, 1, 0) over times as band_before,
        lag(band) over times as name_before
    from current_times
    window times as (
        partition by
            component, service, channel, place, quarter, month, hour, step,
            unit, bands
        order by band_from
    )
)

select *
from ordered
where band_before is distinct from band_from

/*
How many people waited, or were served, within each band of time, as it stands: of
each place and month the telling that counts (time_telling). Bands are only added up
where all bands of the distribution are the same, which `bands` names. Hour is the
hour of the day, null where the source does not give hours; time_limit is the
standard of the service, null where it has none. Times of nobody are left out: they
say nothing of how long it takes. One row per Component, service,
channel, place, month or quarter, hour, step and band.
*/
with ranked as (
    select
        held_times.*,
        string_agg(format('{:g}', held_times.band_from), '-') over (
            partition by
                held_times.component, held_times.service, held_times.channel,
                held_times.place, held_times.step, held_times.unit,
                held_times.period_kind, held_times.starts_at
            order by held_times.band_from
            rows between unbounded preceding and unbounded following
        ) || '+' as bands
    from held_times
    inner join time_telling as telling
        on
            held_times.component = telling.component
            and held_times.service is not distinct from telling.service
            and held_times.channel is not distinct from telling.channel
            and held_times.place is not distinct from telling.place
            and held_times.step = telling.step
            and held_times.unit = telling.unit
            and held_times.quarter = telling.quarter
            and held_times.month is not distinct from telling.month
            and held_times.coarseness = telling.coarseness
    where telling.is_counted
),

counted as (
    select
        component,
        service,
        channel,
        place,
        quarter,
        month,
        hour,
        step,
        unit,
        bands,
        format('{:g}', band_from)
        || coalesce('-' || format('{:g}', band_to), '+') as band,
        band_from,
        band_to,
        sum(n)::bigint as n
    from ranked
    group by all
),

summed as (
    select
        *,
        sum(n) over (
            partition by
                component, service, channel, place, quarter, month, hour, step,
                unit, bands
        )::bigint as n_all
    from counted
)

select
    summed.*,
    standard.time_limit
from summed
left join service_standard as standard
    on
        summed.component = standard.component
        and summed.service is not distinct from coalesce(
            standard.service, summed.service
        )
        and summed.step = standard.step
        and summed.unit = standard.unit
        and summed.quarter >= standard.valid_from
        and summed.quarter <= coalesce(standard.valid_to, summed.quarter)
where summed.n_all > 0
qualify
    row_number() over (
        partition by
            summed.component, summed.service, summed.channel, summed.place,
            summed.quarter, summed.month, summed.hour, summed.step,
            summed.unit, summed.bands, summed.band_from
        order by standard.service is null, standard.valid_from desc
    ) = 1

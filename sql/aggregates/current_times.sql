/*
How many people waited, or were served, within each band of time, as it stands.
The latest load counts; where a later load cut the same times into other bands,
its bands alone. Of a place's times in one month only the finest rows count: hours,
else days, else the month, and those of a quarter only where it has no finer ones.
Bands are only added up where all bands of the distribution are the same, which
`bands` names. Hour is the hour of the day, null where the source does not
give hours; time_limit is the standard of the service, null where it has none.
One row per Component, service, channel, place, month or quarter, hour, step and
band.
Counts times in n with n_all; for each step and bands.
*/
with recursive latest as (
    select *
    from time_band
    qualify row_number() over (
        partition by
            component, service, channel, place, period_kind, starts_at,
            step, unit, band_from
        order by load_id desc
    ) = 1
),

/* From 0 on each band leads to the next, so bands of an earlier load that no longer
fit are not met. */
followed as (
    select *
    from latest
    where band_from = 0
    union all
    select following.*
    from followed
    inner join latest as following
        on
            followed.component = following.component
            and followed.service is not distinct from following.service
            and followed.channel is not distinct from following.channel
            and followed.place is not distinct from following.place
            and followed.period_kind = following.period_kind
            and followed.starts_at = following.starts_at
            and followed.step = following.step
            and followed.unit = following.unit
            and followed.band_to = following.band_from
),

dated as (
    select
        *,
        case when period_kind = 'hour' then hour(starts_at) end
            as hour,
        case
            when period_kind <> 'quarter'
                then date_trunc('month', starts_at)::date
        end as month,
        fiscal_quarter(starts_at::date) as quarter,
        case period_kind
            when 'hour' then 1 when 'day' then 2 when 'month' then 3 else 4
        end as coarseness
    from followed
),

ranked as (
    select
        *,
        min(coarseness) over (
            partition by
                component, service, channel, place, step, unit, month
        ) as finest_of_month,
        min(coarseness) over (
            partition by
                component, service, channel, place, step, unit, quarter
        ) as finest_of_quarter,
        string_agg(format('{:g}', band_from), '-') over (
            partition by
                component, service, channel, place, step, unit, period_kind,
                starts_at
            order by band_from
            rows between unbounded preceding and unbounded following
        ) || '+' as bands
    from dated
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
    where
        coarseness = finest_of_month and period_kind <> 'quarter'
        or coarseness = finest_of_quarter and period_kind = 'quarter'
    group by all
)

select
    counted.*,
    sum(counted.n) over (
        partition by
            counted.component, counted.service, counted.channel, counted.place,
            counted.quarter, counted.month, counted.hour, counted.step,
            counted.unit, counted.bands
    )::bigint as n_all,
    standard.time_limit
from counted
left join service_standard as standard
    on
        counted.component = standard.component
        and counted.service is not distinct from coalesce(
            standard.service, counted.service
        )
        and counted.step = standard.step
        and counted.unit = standard.unit
        and counted.quarter >= standard.valid_from
        and counted.quarter <= coalesce(standard.valid_to, counted.quarter)
qualify
    row_number() over (
        partition by
            counted.component, counted.service, counted.channel, counted.place,
            counted.quarter, counted.month, counted.hour, counted.step,
            counted.unit, counted.bands, counted.band_from
        order by standard.service is null, standard.valid_from desc
    ) = 1

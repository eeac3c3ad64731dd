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
*/
with latest as (
    select
        *,
        row_number() over (
            partition by
                component, service, channel, place, period_kind, starts_at,
                step, unit, band_from
            order by load_id desc
        ) as recency
    from time_band
),

stale as (
    select distinct
        band.load_id,
        band.line_number,
        band.band_from
    from latest as band
    inner join latest as newer
        on
            band.component = newer.component
            and band.service is not distinct from newer.service
            and band.channel is not distinct from newer.channel
            and band.place is not distinct from newer.place
            and band.period_kind = newer.period_kind
            and band.starts_at = newer.starts_at
            and band.step = newer.step
            and band.unit = newer.unit
            and band.load_id < newer.load_id
            and band.band_from > newer.band_from
            and (band.band_from < newer.band_to or newer.band_to is null)
    where band.recency = 1 and newer.recency = 1
),

dated as (
    select
        latest.*,
        case when latest.period_kind = 'hour' then hour(latest.starts_at) end
            as hour,
        case
            when latest.period_kind <> 'quarter'
                then date_trunc('month', latest.starts_at)::date
        end as month,
        fiscal_quarter(latest.starts_at::date) as quarter,
        case latest.period_kind
            when 'hour' then 1 when 'day' then 2 when 'month' then 3 else 4
        end as coarseness
    from latest
    left join stale
        on
            latest.load_id = stale.load_id
            and latest.line_number = stale.line_number
            and latest.band_from = stale.band_from
    where latest.recency = 1 and stale.load_id is null
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
        ) as edges,
        last_value(band_to) over (
            partition by
                component, service, channel, place, step, unit, period_kind,
                starts_at
            order by band_from
            rows between unbounded preceding and unbounded following
        ) as last_edge
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
        edges || coalesce('-' || format('{:g}', last_edge), '+') as bands,
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

/*
Bands of time as they stand: the latest load counts; where a later load cut the same
times into other bands, its bands alone. Coarseness is 1 for hours, 2 for days, 3 for
months and 4 for quarters; month is null for a quarter, hour of the day is null where
the source does not give hours. One row per Component, service, channel, place,
period, step and band.
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
)

select
    *,
    case when period_kind = 'hour' then hour(starts_at) end as hour,
    case
        when period_kind <> 'quarter'
            then date_trunc('month', starts_at)::date
    end as month,
    fiscal_quarter(starts_at::date) as quarter,
    case period_kind
        when 'hour' then 1 when 'day' then 2 when 'month' then 3 else 4
    end as coarseness
from followed

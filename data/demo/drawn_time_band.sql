/*
How many people waited, or were served, within each band of time. The share
served within a time t is 1 / (1 + (median / t) ^ shape): half are served within
the median, and a small shape means a long tail. Bands come from rounded
cumulated counts, so that they add up. One row per time slot and band.
*/
with edged as (
    select
        time_slot.*,
        edge.low,
        edge.high
    from time_slot,
        unnest(list_zip(
            [0.0] || string_split(time_slot.edges, ' ')::double[],
            string_split(time_slot.edges, ' ')::double[] || [null]
        )) as bounds (bound),
        lateral (
            select
                bounds.bound[1] as low,
                bounds.bound[2] as high
        ) as edge
),

cumulated as (
    select
        *,
        case
            when low = 0 then 0
            else round(n_people / (1 + power(median / low, shape)))
        end as n_below,
        case
            when high is null then round(n_people)
            else round(n_people / (1 + power(median / high, shape)))
        end as n_up_to
    from edged
)

select
    service.component,
    cumulated.service,
    cumulated.channel,
    cumulated.place,
    cumulated.starts_at,
    cumulated.period_kind,
    cumulated.step,
    cumulated.unit,
    cumulated.low as band_from,
    cumulated.high as band_to,
    (cumulated.n_up_to - cumulated.n_below)::bigint as n
from cumulated
inner join service on cumulated.service = service.service

/*
Government-wide figures to read the Department's beside: all surveys of federal
High Impact Service Providers, the Department's own included, added up per
instrument family, scale and wording; none where that would add up quarters of
different definitions. Services elsewhere are those outside the
Department. One row per metric, channel, period, basis and breakdown.
*/
with services as (
    select
        slice_id,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        count(distinct component || '/' || service) as n_services,
        count(distinct case when component = 'FED' then service end)
            as n_services_elsewhere
    from period_cell
    where scope = 'government'
    group by slice_id, grouping sets ((), (channel))
),

suppressed as (
    select *
    from estimate
    where scope = 'dhs' and level = 'department' and is_suppressed
)

select
    government.metric,
    government.channel,
    government.period_kind,
    government.period,
    government.basis,
    government.breakdown,
    government.told_value as value,
    government.told_numerator as numerator,
    government.told_denominator as denominator,
    government.told_n as n,
    government.told_low as low,
    government.told_high as high,
    government.value as exact,
    services.n_services,
    services.n_services_elsewhere
from estimate as government
left join definition_at on government.row_id = definition_at.row_id
inner join services
    on
        government.slice_id = services.slice_id
        and government.channel = services.channel
where
    government.scope = 'government'
    and not coalesce(definition_at.is_mixed, false)
    and not coalesce(
        government.is_private
        and government.guard
        between 1 and people_needed(government.minimum_n) - 1, false
    )
    and not exists (
        select 1
        from suppressed
        where
            suppressed.slice_id = government.slice_id
            and suppressed.channel = government.channel
    )

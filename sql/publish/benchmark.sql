/*
Government-wide figures to read the Department's beside: all surveys of federal
High Impact Service Providers, the Department's own included, added up per
instrument family, scale and wording; none where that would add up quarters of
different definitions. Services elsewhere are those outside the
Department. One row per metric, channel, period, basis and breakdown.
*/
with services as (
    select
        metric,
        basis,
        breakdown,
        period_kind,
        period,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        count(distinct component || '/' || service) as n_services,
        count(distinct case when component = 'FED' then service end)
            as n_services_elsewhere
    from period_cell
    where scope = 'government'
    group by
        metric, basis, breakdown, period_kind, period,
        grouping sets ((), (channel))
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
        government.metric = services.metric
        and government.channel = services.channel
        and government.period_kind = services.period_kind
        and government.period = services.period
        and government.basis = services.basis
        and government.breakdown is not distinct from services.breakdown
where
    government.scope = 'government'
    and not coalesce(definition_at.is_mixed, false)
    and not coalesce(
        government.is_private
        and government.guard
        between 1 and greatest(government.minimum_n, 11) - 1, false
    )
    and not exists (
        select 1
        from suppressed
        where
            suppressed.metric = government.metric
            and suppressed.channel = government.channel
            and suppressed.period_kind = government.period_kind
            and suppressed.period = government.period
            and suppressed.basis = government.basis
            and suppressed.breakdown is not distinct from government.breakdown
    )

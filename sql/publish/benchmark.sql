/*
Government-wide figures to read the Department's beside: all surveys of federal
High Impact Service Providers, the Department's own included, added up per
instrument family, scale and wording. Services elsewhere are those outside the
Department. One row per metric, channel, period, basis and breakdown.
*/
with suppressed as (
    select *
    from estimate
    where scope = 'dhs' and level = 'department' and is_suppressed
)

select
    metric,
    channel,
    period_kind,
    period,
    basis,
    breakdown,
    value,
    numerator,
    denominator,
    n,
    low,
    high,
    n_services,
    n_services_elsewhere
from estimate as government
where
    scope = 'government'
    and not coalesce(guard between 1 and minimum_n - 1, false)
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

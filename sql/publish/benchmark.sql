/*
Government-wide figures to read the Department's beside: all surveys of federal
High Impact Service Providers, the Department's own included, added up per
instrument family, scale and wording. One row per metric, channel, period, basis
and breakdown.
*/
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
    n_services
from estimate
where
    scope = 'government'
    and not coalesce(guard between 1 and minimum_n - 1, false)

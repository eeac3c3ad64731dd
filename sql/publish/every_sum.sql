/*
Sums of cells for Department, Component and service, for all channels and each,
per period, basis and breakdown; of the rest of the government only the overall
sum. Where a dimension is unknown it reads - (a month reads as its quarter): such
rows are never published, but subtraction would give them, so disclosure control
looks at them too (is_known is false). Guard is the number of people whom disclosure control
protects: those who answered. A sum is private where any of its cells is. No period is longer than a year, so the distinct
ends of its quarters are its quarters. One row per sum.
*/
with summed as (
    select
        scope,
        metric,
        basis,
        breakdown,
        period_kind,
        period,
        case
            when grouping(component) = 1
                then
                    case scope
                        when 'dhs' then 'department' else 'government'
                    end
            when grouping(service) = 1 then 'component'
            else 'service'
        end as level,
        case when grouping(component) = 1 then 'all' else component end
            as component,
        case when grouping(service) = 1 then 'all' else service end as service,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(squares) as squares,
        sum(squared_weights) as squared_weights,
        sum(n) as n,
        bool_or(is_private) as is_private,
        bit_count(bit_or(1 << right(quarter, 1)::int)) as n_quarters
    from period_cell
    group by
        scope, metric, basis, breakdown, period_kind, period,
        grouping sets ((), (component), (component, service)),
        grouping sets ((), (channel))
)

select
    row_number() over (
        order by
            summed.metric, summed.basis, summed.breakdown nulls first,
            summed.scope, summed.level, summed.component, summed.service,
            summed.channel, summed.period_kind, summed.period
    ) as row_id,
    summed.*,
    metric.kind,
    metric.family,
    metric.minimum_n,
    metric.counts_events,
    (summed.level in ('department', 'government') or summed.component <> '-')
    and (summed.level <> 'service' or summed.service <> '-')
    and summed.channel <> '-'
    and (
        summed.period_kind <> 'month' or not contains(summed.period, 'Q')
    ) as is_known,
    case
        when metric.family = 'response' and metric.kind in ('share', 'ratio')
            then summed.numerator
        else coalesce(summed.n, summed.numerator)
    end as guard
from summed
inner join metric on summed.metric = metric.metric
where summed.scope = 'dhs' or summed.level = 'government'

/*
Sums of cells for Department, Component and service, for all channels and each,
per period, basis and breakdown; of the rest of the government only the overall
sum. Where a dimension is unknown it reads - (a month reads as its quarter): such
rows are never published, but subtraction would give them, so disclosure control
looks at them too (is_known is false). Guard is the number of people whom disclosure control
protects: those who answered. A sum is private where any of its cells is. No period is longer than a year, so the distinct
ends of its quarters are its quarters.

Other steps find rows by number: a row by row_id, the rows of one metric, basis,
breakdown and period by slice_id, those of one place over time by series_id (periods
in the order of period_number), and a total with its parts by whole_id. One row per
sum.
*/
with summed as (
    select
        scope,
        metric,
        basis,
        breakdown,
        period_kind,
        period,
        slice_id,
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
        scope, metric, basis, breakdown, period_kind, period, slice_id,
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
    dense_rank() over (
        order by
            summed.metric, summed.basis, summed.breakdown nulls first,
            summed.scope, summed.level, summed.component, summed.service,
            summed.channel, summed.period_kind
    ) as series_id,
    dense_rank() over (
        order by
            summed.metric, summed.basis, summed.scope, summed.level,
            summed.component, summed.service, summed.channel,
            summed.period_kind, summed.period
    ) as whole_id,
    period_number(summed.period, summed.period_kind) as period_number,
    summed.* replace (
        -- To a thousandth: amounts that are added up in another order differ by less.
        case metric.kind
            when 'total' then round(summed.numerator, 3)
            else summed.numerator
        end as numerator
    ),
    metric.kind,
    metric.family,
    metric.minimum_n,
    metric.counts_events,
    metric.counts_people,
    metric.interval,
    (summed.level in ('department', 'government') or summed.component <> '-')
    and (summed.level <> 'service' or summed.service <> '-')
    and summed.channel <> '-'
    and (
        summed.period_kind <> 'month' or not contains(summed.period, 'Q')
    ) as is_known,
    case
        when metric.counts_people = 'numerator' then summed.numerator
        else coalesce(summed.n, summed.numerator)
    end as guard
from summed
inner join metric on summed.metric = metric.metric
where summed.scope = 'dhs' or summed.level = 'government'

/*
Figures of a fiscal year are the sum of its quarters' figures, for metrics that
add up over time. Sums of which no row is published count too. One row per sum that
is not.
*/
select
    year.metric,
    year.component,
    year.period,
    year.numerator,
    sum(part.numerator) as sum_of_parts
from every_sum as year
inner join metric on year.metric = metric.metric
inner join every_sum as part
    on
        year.metric = part.metric
        and year.basis = part.basis
        and year.breakdown is not distinct from part.breakdown
        and year.level = part.level
        and year.component = part.component
        and year.service = part.service
        and year.channel = part.channel
        and year.period = fiscal_year(part.period)
where
    year.scope = 'dhs'
    and part.scope = 'dhs'
    and year.period_kind = 'fiscal_year'
    and part.period_kind = 'quarter'
    and metric.over_time = 'sum'
    and year.is_known
    and part.is_known
group by
    year.row_id, year.metric, year.component, year.period, year.numerator,
    year.denominator
having
    abs(year.numerator - sum(part.numerator)) > 1e-6
    or abs(year.denominator - sum(part.denominator)) > 1e-6

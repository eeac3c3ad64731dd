/*
Department figures are the sum of the Components' figures. Sums
of which no row is published count too. One row per sum that is not.
*/
select
    department.metric,
    department.period,
    department.channel,
    department.numerator,
    sum(part.numerator) as sum_of_parts
from every_sum as department
inner join every_sum as part
    on
        department.metric = part.metric
        and department.basis = part.basis
        and department.breakdown is not distinct from part.breakdown
        and department.channel = part.channel
        and department.period_kind = part.period_kind
        and department.period = part.period
where
    department.level = 'department'
    and department.scope = 'dhs'
    and part.scope = 'dhs'
    and part.level = 'component'
    and department.is_known
    and part.is_known
group by
    department.row_id, department.metric, department.period,
    department.channel, department.numerator, department.denominator
having
    abs(department.numerator - sum(part.numerator)) > 1e-6
    or abs(department.denominator - sum(part.denominator)) > 1e-6

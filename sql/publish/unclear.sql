/*
Changes since the period before that the figures cannot tell, with what a plan for more
answers needs: the value, the variance of one answer in both periods together (of means),
by how much weights widen the interval, and the variance that no answers take away. Only what is published enters: such a verdict
is given where neither figure is suppressed. One row per total of a share or mean.
*/
select
    comparison.row_id,
    comparison.is_private,
    now.metric,
    now.level,
    now.component,
    now.service,
    now.channel,
    now.period_kind,
    now.period,
    now.basis,
    now.breakdown,
    now.kind,
    now.n,
    before.n as previous_n,
    now.value,
    before.value as previous_value,
    variation.minimum_change,
    tested.ratio * variation.null_variance as ordinary_variance,
    now.standard_error * now.standard_error * now.n
    + before.standard_error * before.standard_error * before.n as variances,
    greatest(coalesce(now.design_effect, 1), coalesce(before.design_effect, 1))
        as design_effect
from comparison
inner join variation
    on
        comparison.row_id = variation.row_id
        and comparison.is_year = variation.is_year
inner join tested
    on
        comparison.row_id = tested.row_id
        and comparison.is_year = tested.is_year
inner join comparison_call
    on
        comparison.row_id = comparison_call.row_id
        and comparison.is_year = comparison_call.is_year
inner join estimate as now on comparison.row_id = now.row_id
inner join estimate as before on comparison.before_id = before.row_id
where
    comparison_call.verdict = 'cannot tell'
    and not comparison.is_year
    and now.kind in ('share', 'mean')
    and now.breakdown is null

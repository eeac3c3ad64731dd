/*
A gap between groups prints no number where the group, or all groups together, is
suppressed. One row per gap that does.
*/
select
    group_gap.metric,
    group_gap.level,
    group_gap.component,
    group_gap.service,
    group_gap.channel,
    group_gap.period,
    group_gap.basis,
    group_gap.breakdown
from group_gap
left join published
    on
        group_gap.metric = published.metric
        and group_gap.level = published.level
        and group_gap.component = published.component
        and group_gap.service = published.service
        and group_gap.channel = published.channel
        and group_gap.period_kind = published.period_kind
        and group_gap.period = published.period
        and group_gap.basis = published.basis
        and (
            group_gap.breakdown = published.breakdown
            or published.breakdown is null
        )
where
    coalesce(
        group_gap.value, group_gap.rest_value, group_gap.n, group_gap.rest_n,
        group_gap.gap, group_gap.gap_low, group_gap.gap_high
    ) is not null
group by
    group_gap.metric, group_gap.level, group_gap.component,
    group_gap.service, group_gap.channel, group_gap.period_kind,
    group_gap.period, group_gap.basis, group_gap.breakdown
having
    count(published.value) < 2

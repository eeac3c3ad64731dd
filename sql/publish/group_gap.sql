/*
Gaps between groups of people: each group of a metric that compares groups beside
everybody else in the same cell. Above and below need a test that holds after
Benjamini-Hochberg over all gaps that a reader sees at once (table group_tested)
and the minimum effect; otherwise there is no clear difference. Without a call the
reason says why. One row per row of the grid, quarter or fiscal year, that holds
a group.
*/
select
    group_pair.metric,
    group_pair.level,
    group_pair.component,
    group_pair.service,
    group_pair.channel,
    group_pair.period_kind,
    group_pair.period,
    group_pair.basis,
    group_pair.breakdown,
    case when not group_pair.is_hidden then group_pair.value end as value,
    case when not group_pair.is_hidden then group_pair.rest_value end
        as rest_value,
    case when not group_pair.is_hidden then group_pair.n end as n,
    case when not group_pair.is_hidden then group_pair.rest_n end as rest_n,
    case when not group_pair.is_hidden then group_pair.gap end as gap,
    case when not group_pair.is_hidden then group_pair.gap_low end as gap_low,
    case when not group_pair.is_hidden then group_pair.gap_high end
        as gap_high,
    case
        when group_pair.reason is not null then null
        when
            group_tested.p_adjusted < setting.false_discovery_rate
            and abs(group_pair.gap) >= case group_pair.kind
                when 'share' then setting.minimum_effect_share
                else setting.minimum_effect_mean
            end
            then case when group_pair.gap > 0 then 'above' else 'below' end
        else 'no clear difference'
    end as gap_call,
    group_pair.reason
from group_pair
cross join setting
left join group_tested on group_pair.row_id = group_tested.row_id

/*
Gaps between groups of people: each group of a metric that compares groups beside
everybody else in the same cell. Above and below need a test that holds after
Benjamini-Hochberg over all gaps that a reader sees at once (table group_tested)
and the minimum effect; otherwise there is no clear difference. Without a call the
reason says why. Of single responses the numbers are rounded as the figures are, and a
gap is the difference of the two rounded figures. One row per row of the grid, quarter
or fiscal year, that holds a group.
*/
with told as (
    select
        * exclude (value, rest_value, n, rest_n, gap, gap_low, gap_high),
        case
            when is_hidden then null
            when is_private then coarse_value(value, kind, n)
            else value
        end as value,
        case
            when is_hidden then null
            when is_private then coarse_value(rest_value, kind, rest_n)
            else rest_value
        end as rest_value,
        case
            when is_hidden then null
            when is_private then coarse_count(n)
            else n
        end as n,
        case
            when is_hidden then null
            when is_private then coarse_count(rest_n)
            else rest_n
        end as rest_n,
        case
            when is_hidden then null
            when is_private
                then
                    coarse_value(
                        coarse_value(value, kind, n)
                        - coarse_value(rest_value, kind, rest_n),
                        kind, least(n, rest_n)
                    )
            else gap
        end as gap,
        case
            when is_hidden then null
            when is_private
                then coarse_value(gap - gap_low, kind, least(n, rest_n))
        end as told_below,
        case
            when is_hidden then null
            when is_private
                then coarse_value(gap_high - gap, kind, least(n, rest_n))
        end as told_above,
        least(n, rest_n) as smaller_n,
        case when not is_hidden then gap_low end as exact_low,
        case when not is_hidden then gap_high end as exact_high,
        gap as exact_gap
    from group_pair
)

select
    told.metric,
    told.level,
    told.component,
    told.service,
    told.channel,
    told.period_kind,
    told.period,
    told.basis,
    told.breakdown,
    told.value,
    told.rest_value,
    told.n,
    told.rest_n,
    told.gap,
    case
        when told.is_private
            then
                coarse_value(
                    told.gap - told.told_below, told.kind, told.smaller_n
                )
        else told.exact_low
    end as gap_low,
    case
        when told.is_private
            then
                coarse_value(
                    told.gap + told.told_above, told.kind, told.smaller_n
                )
        else told.exact_high
    end as gap_high,
    case
        when told.reason is not null then null
        when
            group_tested.p_adjusted < setting.false_discovery_rate
            and abs(told.exact_gap) >= case told.kind
                when 'share' then setting.minimum_effect_share
                else setting.minimum_effect_mean
            end
            then case when told.exact_gap > 0 then 'above' else 'below' end
        else 'no clear difference'
    end as gap_call,
    told.reason
from told
cross join setting
left join group_tested on told.row_id = group_tested.row_id

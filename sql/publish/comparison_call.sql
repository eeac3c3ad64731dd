/*
What a comparison may say. Across a change of definition nothing is compared, however
alike the numbers are. Up and down need both a test that holds after
Benjamini-Hochberg over all that is compared at once (table tested) and the
minimum effect; otherwise there is no clear change. Reasons hold no number that
could come from a suppressed cell. A basis reads family/scale/wording, or
family/scale/wording/attribute where people are grouped by an attribute; what an
earlier period lacks is looked up among bases of the same attribute, and of the
same group. Of single responses a change is the difference of the two rounded figures, so it
tells no more than they do, and its interval is as wide as that of the exact change. One
row per row of the grid and kind of comparison.
*/
with told as (
    select
        *,
        case
            when is_private
                then
                    coarse_value(
                        told_value - told_before_value, kind, smaller_n
                    )
            else change
        end as told_change
    from comparison
),

redefined as (
    select
        comparison.row_id,
        comparison.is_year,
        -- The first change since then that gave the metric its present meaning.
        min(definition.version) as version,
        min_by(definition.valid_from, definition.version) as valid_from,
        min_by(definition.change, definition.version) as change
    from comparison
    inner join definition
        on
            comparison.metric = definition.metric
            and comparison.meaning = definition.meaning
            and comparison.before_version < definition.version
    where comparison.is_redefined
    group by comparison.row_id, comparison.is_year
),

compared as (
    select
        comparison.row_id,
        comparison.is_year,
        comparison.before_period,
        case
            when comparison.is_suppressed or comparison.is_before_suppressed
                then null
            else comparison.told_before_value
        end as before_value,
        comparison.told_change as change,
        case
            when not comparison.is_private then comparison.change_low
            else
                coarse_value(
                    comparison.told_change - coarse_value(
                        comparison.change - comparison.change_low,
                        comparison.kind, comparison.smaller_n
                    ),
                    comparison.kind, comparison.smaller_n
                )
        end as change_low,
        case
            when not comparison.is_private then comparison.change_high
            else
                coarse_value(
                    comparison.told_change + coarse_value(
                        comparison.change_high - comparison.change,
                        comparison.kind, comparison.smaller_n
                    ),
                    comparison.kind, comparison.smaller_n
                )
        end as change_high,
        case
            when comparison.is_suppressed then null
            when
                comparison.is_redefined
                or comparison.is_before_suppressed
                or comparison.share_in_one_only > setting.max_in_one_only
                or comparison.mix > setting.max_mix
                then 'not comparable'
            when comparison.z is null then null
            when
                tested.p_adjusted < setting.false_discovery_rate
                and abs(comparison.change) >= case comparison.kind
                    when 'share' then setting.minimum_effect_share
                    when 'mean' then setting.minimum_effect_mean
                    else setting.minimum_effect_rate * comparison.before_value
                end
                then case when comparison.change > 0 then 'up' else 'down' end
            else 'no clear change'
        end as verdict,
        case
            when comparison.is_suppressed then null
            when comparison.is_redefined
                then
                    'Definition: version ' || redefined.version
                    || ' applies from ' || redefined.valid_from || ': '
                    || redefined.change
            when comparison.is_before_suppressed
                then
                    'The figure of ' || comparison.before_period
                    || ' is suppressed.'
            when comparison.share_in_one_only > setting.max_in_one_only
                then
                    'Scope: other services, channels or quarters reported in '
                    || comparison.before_period || '.'
            when comparison.mix > setting.max_mix
                then
                    'Scope: the mix of services and channels shifted since '
                    || comparison.before_period
                    || '; compare each of them instead.'
        end as reason
    from told as comparison
    cross join setting
    left join redefined
        on
            comparison.row_id = redefined.row_id
            and comparison.is_year = redefined.is_year
    left join tested
        on
            comparison.row_id = tested.row_id
            and comparison.is_year = tested.is_year
),

judged as (
    select
        *,
        coalesce(verdict, '') <> 'not comparable'
        and before_value is not null as is_comparable
    from compared
),

figures as (
    select
        grid.row_id,
        grid.metric,
        grid.level,
        grid.component,
        grid.service,
        grid.channel,
        grid.period_kind,
        grid.period,
        grid.basis,
        split_part(grid.basis, '/', 4) as attribute,
        case when metric.compare_groups then grid.breakdown end as in_group
    from grid
    inner join metric on grid.metric = metric.metric
    where grid.scope = 'dhs'
),

wanted as (
    select
        figures.*,
        kinds.is_year,
        period_before(figures.period, figures.period_kind, kinds.is_year)
            as before
    from figures
    cross join (select unnest([false, true]) as is_year) as kinds
    left join compared
        on
            figures.row_id = compared.row_id
            and kinds.is_year = compared.is_year
    where compared.row_id is null
),

others as (
    select distinct * exclude (row_id)
    from figures
),

earlier as (
    select
        wanted.row_id,
        wanted.is_year,
        wanted.before,
        other.period as last_period,
        case
            when other.basis = wanted.basis then null
            when
                split_part(other.basis, '/', 1)
                <> split_part(wanted.basis, '/', 1)
                then 'Instrument'
            when
                split_part(other.basis, '/', 2)
                <> split_part(wanted.basis, '/', 2)
                then 'Scale'
            else 'Wording'
        end as difference,
        row_number() over (
            partition by wanted.row_id, wanted.is_year
            order by
                other.period desc,
                other.basis = wanted.basis desc,
                split_part(other.basis, '/', 1)
                = split_part(wanted.basis, '/', 1) desc,
                split_part(other.basis, '/', 2)
                = split_part(wanted.basis, '/', 2) desc
        ) as recency
    from wanted
    inner join others as other
        on
            wanted.metric = other.metric
            and wanted.attribute = other.attribute
            and wanted.in_group is not distinct from other.in_group
            and wanted.level = other.level
            and wanted.component = other.component
            and wanted.service = other.service
            and wanted.channel in (other.channel, 'all')
            and wanted.period_kind = other.period_kind
            and other.period <= wanted.before
),

breaks as (
    select
        row_id,
        is_year,
        before as before_period,
        null::double as before_value,
        null::double as change,
        null::double as change_low,
        null::double as change_high,
        'not comparable' as verdict,
        case
            when last_period = before and difference = 'Instrument'
                then
                    'Instrument: ' || before || ' used another survey '
                    || 'instrument.'
            when last_period = before and difference = 'Scale'
                then
                    'Scale: ' || before || ' used another answer scale.'
            when last_period = before
                then
                    'Wording: ' || before || ' asked the question in other '
                    || 'words.'
            when difference = 'Instrument'
                then
                    'Instrument: there is no usable figure for ' || before
                    || ', and the last one, for ' || last_period
                    || ', came from another survey instrument.'
            when difference is not null
                then
                    difference || ': there is no usable figure for ' || before
                    || ', and the last one, for ' || last_period
                    || ', was asked differently.'
            else
                'Gap: there is no usable figure for ' || before
                || '; the last one is for ' || last_period || '.'
        end as reason
    from earlier
    where recency = 1
)

select
    row_id,
    is_year,
    before_period,
    before_value,
    case when is_comparable then change end as change,
    case when is_comparable then change_low end as change_low,
    case when is_comparable then change_high end as change_high,
    verdict,
    reason
from judged
union all
select
    row_id,
    is_year,
    before_period,
    before_value,
    change,
    change_low,
    change_high,
    verdict,
    reason
from breaks

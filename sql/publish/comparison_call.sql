/*
What a comparison may say. Across a change of definition nothing is compared, however
alike the numbers are. Up and down are said of the change at a fixed mix of services and
channels (table like_for_like; a year also of quarters), and need both a test that holds
after Benjamini-Hochberg over all that is compared at once (table tested) and the minimum
effect. Same is said where the change is shown to be smaller than that (two one-sided
tests at 5 %), cannot tell where neither is, with the smallest change that would most
likely have been detected. What cannot be compared at a fixed mix, such as a total, is not
compared where others reported, nor, but for totals, where the mix shifted. Reasons hold
no number that could come from a suppressed cell. A basis reads family/scale/wording, or
family/scale/wording/attribute where people are grouped by an attribute; what an
earlier period lacks is looked up among bases of the same attribute, and of the
same group. Of single responses a change is the difference of the two rounded figures, so it
tells no more than they do, and its interval is as wide as that of the exact change; the
change at a fixed mix is rounded like it, and not told where a service or channel behind
it is hidden. One row per row of the grid and kind of comparison.
*/
with told as (
    select
        comparison.*,
        like_for_like.change as exact_like,
        like_for_like.half_below as like_below,
        like_for_like.half_above as like_above,
        coalesce(like_for_like.has_hidden, false) as has_hidden,
        like_for_like.n_parts = 1
        and like_for_like.overlap > 1 - 1e-9 as is_one_part,
        greatest(like_for_like.numerator_now, like_for_like.numerator_before)
            as n_events,
        like_for_like.row_id is not null as is_standardized,
        coalesce(like_for_like.overlap, 0) as overlap,
        coalesce(tested.widening, 1) as widening,
        tested.p_adjusted,
        tested.is_same,
        tested.detectable,
        variation.minimum_change,
        tested.history,
        case
            when comparison.is_private
                then
                    coarse_value(
                        comparison.told_value - comparison.told_before_value,
                        comparison.kind, comparison.smaller_n
                    )
            else comparison.change
        end as told_change
    from comparison
    left join like_for_like
        on
            comparison.row_id = like_for_like.row_id
            and comparison.is_year = like_for_like.is_year
    left join variation
        on
            comparison.row_id = variation.row_id
            and comparison.is_year = variation.is_year
    left join tested
        on
            comparison.row_id = tested.row_id
            and comparison.is_year = tested.is_year
),

/* A change at a fixed mix as it is told; of one service and channel it is the change. */
told_like as (
    select
        *,
        case
            when is_one_part then told_change
            when not is_private then exact_like
            when not has_hidden then coarse_value(exact_like, kind, smaller_n)
        end as like_change
    from told
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

scoped as (
    select
        comparison.*,
        comparison.share_in_one_only > setting.max_in_one_only
        and not comparison.is_standardized
        or comparison.is_standardized
        and comparison.overlap < setting.minimum_overlap as is_other_scope,
        not comparison.is_standardized
        and comparison.kind <> 'total'
        and comparison.mix > setting.max_mix as is_other_mix
    from told_like as comparison
    cross join setting
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
        told_bound(
            comparison.told_change,
            -comparison.widening * comparison.half_below,
            comparison.is_private, comparison.kind, comparison.smaller_n
        ) as change_low,
        told_bound(
            comparison.told_change,
            comparison.widening * comparison.half_above,
            comparison.is_private, comparison.kind, comparison.smaller_n
        ) as change_high,
        comparison.like_change,
        told_bound(
            comparison.like_change,
            -comparison.widening * comparison.like_below,
            comparison.is_private, comparison.kind, comparison.smaller_n
        ) as like_change_low,
        told_bound(
            comparison.like_change,
            comparison.widening * comparison.like_above,
            comparison.is_private, comparison.kind, comparison.smaller_n
        ) as like_change_high,
        case
            when comparison.is_private
                then
                    coarse_value(
                        comparison.detectable, comparison.kind,
                        comparison.smaller_n
                    )
            else comparison.detectable
        end as detectable_change,
        comparison.history as change_history,
        case
            when comparison.is_suppressed then null
            when
                comparison.is_redefined
                or comparison.is_before_suppressed
                or comparison.is_other_scope
                or comparison.is_other_mix
                or comparison.is_censored
                then 'not comparable'
            when comparison.p_adjusted is null then null
            when
                comparison.counts_events
                and comparison.n_events < setting.minimum_events
                then 'cannot tell'
            when
                comparison.p_adjusted < setting.false_discovery_rate
                and abs(comparison.exact_like) >= comparison.minimum_change
                then
                    case
                        when comparison.exact_like > 0 then 'up' else 'down'
                    end
            when comparison.is_same then 'same'
            else 'cannot tell'
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
            when comparison.is_other_scope
                then
                    'Scope: other services, channels or quarters reported in '
                    || comparison.before_period || '.'
            when comparison.is_other_mix
                then
                    'Scope: the mix of services and channels shifted since '
                    || comparison.before_period
                    || '; compare each of them instead.'
            when comparison.is_censored
                then
                    'At least: one of the two figures lies in the longest '
                    || 'band, which has no upper bound.'
            when
                comparison.p_adjusted is not null
                and comparison.counts_events
                and comparison.n_events < setting.minimum_events
                then
                    'Few events: fewer than ' || setting.minimum_events
                    || ' in both periods.'
        end as reason
    from scoped as comparison
    cross join setting
    left join redefined
        on
            comparison.row_id = redefined.row_id
            and comparison.is_year = redefined.is_year
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
        null::double as like_change,
        null::double as like_change_low,
        null::double as like_change_high,
        null::double as detectable_change,
        null::varchar as change_history,
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

/* Sums over parts come in any order, which may move the last digits: they are not told. */
select
    row_id,
    is_year,
    before_period,
    before_value,
    case when is_comparable then change end as change,
    case when is_comparable then round(change_low, 10) end as change_low,
    case when is_comparable then round(change_high, 10) end as change_high,
    case when is_comparable then round(like_change, 10) end as like_change,
    case when is_comparable then round(like_change_low, 10) end
        as like_change_low,
    case when is_comparable then round(like_change_high, 10) end
        as like_change_high,
    case when is_comparable then round(detectable_change, 10) end
        as detectable_change,
    case when is_comparable then change_history end as change_history,
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
    like_change,
    like_change_low,
    like_change_high,
    detectable_change,
    change_history,
    verdict,
    reason
from breaks

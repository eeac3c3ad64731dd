/*
Each service and channel behind a figure and behind the one before it (or a year
before), for shares and means: its share of the answers and its value in both
periods. Kitagawa's decomposition splits what it adds to the change into mix (its
share of the answers moved, valued at the mean of both values) and within (its
value moved, weighed with the mean of both shares). A leaf that answered in one
period only has the same value in both: what it adds is mix. Only of figures all
of whose leaves may be published. One row per figure, kind of comparison, service
and channel.
*/
with figure as (
    select
        now.row_id,
        comparison.is_year,
        comparison.before_period,
        before.row_id as before_id,
        now.denominator::double as n_now,
        before.denominator::double as n_before
    from comparison
    inner join estimate as now on comparison.row_id = now.row_id
    inner join estimate as before on comparison.before_id = before.row_id
    where
        now.kind in ('share', 'mean')
        and now.breakdown is null
        and not (now.level = 'service' and now.channel <> 'all')
        and not comparison.is_suppressed
        and not comparison.is_before_suppressed
        and not comparison.is_redefined
),

leaf as (
    select
        whole.row_id,
        part.component,
        part.service,
        part.channel,
        part.numerator::double as numerator,
        part.denominator::double as n,
        part.is_suppressed
    from estimate as whole
    inner join estimate as part
        on
            whole.slice_id = part.slice_id
            and whole.scope = part.scope
            and whole.component in ('all', part.component)
            and whole.service in ('all', part.service)
            and whole.channel in ('all', part.channel)
    where
        part.level = 'service'
        and part.channel <> 'all'
        and part.breakdown is null
        and part.denominator > 0
        and whole.row_id in (
            select figure.row_id from figure
            union
            select figure.before_id from figure
        )
),

stacked as (
    select
        figure.row_id,
        figure.is_year,
        leaf.component,
        leaf.service,
        leaf.channel,
        leaf.is_suppressed,
        leaf.n / figure.n_now as share_now,
        leaf.numerator / leaf.n as value_now,
        0 as share_before,
        null as value_before
    from figure
    inner join leaf on figure.row_id = leaf.row_id
    union all
    select
        figure.row_id,
        figure.is_year,
        leaf.component,
        leaf.service,
        leaf.channel,
        leaf.is_suppressed,
        0 as share_now,
        null as value_now,
        leaf.n / figure.n_before as share_before,
        leaf.numerator / leaf.n as value_before
    from figure
    inner join leaf on figure.before_id = leaf.row_id
),

paired as (
    select
        row_id,
        is_year,
        component,
        service,
        channel,
        bool_or(is_suppressed) as is_suppressed,
        sum(share_now) as share_now,
        sum(share_before) as share_before,
        max(value_now) as value_now,
        max(value_before) as value_before
    from stacked
    group by row_id, is_year, component, service, channel
),

split as (
    select
        *,
        coalesce(value_now, value_before) as late,
        coalesce(value_before, value_now) as early
    from paired
),

split_of as (
    select
        split.*,
        figure.before_period,
        (split.share_now - split.share_before) * (split.late + split.early) / 2
            as mix,
        (split.late - split.early) * (split.share_now + split.share_before) / 2
            as inside
    from split
    inner join figure
        on split.row_id = figure.row_id and split.is_year = figure.is_year
    window figure_of as (partition by split.row_id, split.is_year)
    qualify
        count(*) over figure_of > 1
        and not bool_or(split.is_suppressed) over figure_of
        -- An answer without known service or channel is in no leaf.
        and abs(sum(split.share_now) over figure_of - 1) < 1e-9
        and abs(sum(split.share_before) over figure_of - 1) < 1e-9
),

/* Of single responses the split is told as the figures are. A share of the answers is
told in steps that hold at least ten people, or it would count them. */
stepped as (
    select
        split_of.*,
        estimate.is_private,
        estimate.kind,
        estimate.n,
        case
            when estimate.n < 200 then 1e-1
            when estimate.n < 1000 then 5e-2
            else 1e-2
        end as step
    from split_of
    inner join estimate on split_of.row_id = estimate.row_id
)

select
    estimate.metric,
    estimate.level,
    estimate.component,
    estimate.service,
    estimate.channel,
    estimate.period_kind,
    estimate.period,
    estimate.basis,
    case when stepped.is_year then 'year' else 'period' end as compared_with,
    stepped.before_period,
    stepped.component as leaf_component,
    stepped.service as leaf_service,
    stepped.channel as leaf_channel,
    case
        when stepped.is_private
            then
                round(
                    round(stepped.share_before / stepped.step) * stepped.step, 2
                )
        else stepped.share_before
    end as share_before,
    case
        when stepped.is_private
            then
                round(
                    round(stepped.share_now / stepped.step) * stepped.step, 2
                )
        else stepped.share_now
    end as share_now,
    case
        when stepped.is_private
            then coarse_value(stepped.value_before, stepped.kind, 0)
        else stepped.value_before
    end as value_before,
    case
        when stepped.is_private
            then coarse_value(stepped.value_now, stepped.kind, 0)
        else stepped.value_now
    end as value_now,
    case
        when stepped.is_private
            then coarse_value(stepped.mix, stepped.kind, stepped.n)
        else stepped.mix
    end as mix,
    case
        when stepped.is_private
            then coarse_value(stepped.inside, stepped.kind, stepped.n)
        else stepped.inside
    end as within
from stepped
inner join estimate on stepped.row_id = estimate.row_id

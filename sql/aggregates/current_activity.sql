/*
Counts as they stand: of each count the load that came last, its label turned into a
category, days added up to months. A source may tell the same things more than once:
by category and place together, by each alone, in days, months or quarters. Which
telling counts is flagged, so that nothing counts twice: for each figure (total, by
category, by place) the telling that was loaded last, of those of one load the
finest, parts of what was told before left out (activity_telling). Days count where
all days of the month are there; a quarter counts where months do not fill it: where
one is missing, or where they are told in parts of less than half of it. Rows with
no flag count nowhere. A null category or place is all of them together. One row
per Component, service, channel, quarter, month, activity, place and category, for
each telling.
*/
with held as (
    select *
    from activity_count
    qualify row_number() over (
        partition by
            component, service, channel, place, period_kind, starts_on,
            activity, category
        order by load_id desc
    ) = 1
),

labels as (
    select
        activity,
        alias as label,
        category,
        1 as precedence
    from category_alias
    union all
    select
        activity,
        category as label,
        category,
        2 as precedence
    from category
    union all
    select
        activity,
        lower(name) as label,
        category,
        3 as precedence
    from category
),

known as (
    select
        activity,
        label,
        category
    from labels
    qualify row_number() over (
        partition by activity, label
        order by precedence, category
    ) = 1
),

mapped as (
    select
        held.component,
        held.service,
        held.channel,
        fiscal_quarter(held.starts_on) as quarter,
        case
            when held.period_kind <> 'quarter'
                then date_trunc('month', held.starts_on)::date
        end as month,
        held.activity,
        held.place,
        case
            when held.category is not null
                then coalesce(known.category, 'unmapped')
        end as category,
        held.period_kind,
        held.starts_on,
        held.load_id,
        held.n
    from held
    left join known
        on
            held.activity = known.activity
            and lower(trim(held.category)) = known.label
),

recent as (
    select
        *,
        max(
            case when is_complete and not is_part_of_all then recency end
        ) over (
            partition by
                component, service, channel, activity, quarter, month
        ) as of_all,
        max(
            case
                when is_complete and has_category and not is_part_of_category
                    then recency
            end
        ) over (
            partition by
                component, service, channel, activity, quarter, month
        ) as of_category,
        max(
            case
                when is_complete and has_place and not is_part_of_place
                    then recency
            end
        ) over (
            partition by
                component, service, channel, activity, quarter, month
        ) as of_place
    from activity_telling
),

flagged as (
    select
        *,
        is_complete and recency = of_all as is_total,
        coalesce(is_complete and recency = of_category, false)
            as is_by_category,
        coalesce(is_complete and recency = of_place, false) as is_by_place,
        month is not null and (has_category or has_place) and not is_replacing
            as is_partial
    from recent
),

/* Whether the months of a quarter fill it, and whether the quarter itself is told. */
spans as (
    select
        component,
        service,
        channel,
        activity,
        quarter,
        count(distinct case when is_total then month end) = 3
        and not coalesce(
            bool_or(is_total and is_partial)
            and 2 * sum(case when is_total and month is not null then n end)
            < sum(case when is_total and month is null then n end), false
        ) as total_by_month,
        count(distinct case when is_by_category then month end) = 3
        and not coalesce(
            bool_or(is_by_category and is_partial)
            and 2 * sum(
                case when is_by_category and month is not null then n end
            )
            < sum(case when is_by_category and month is null then n end), false
        ) as category_by_month,
        count(distinct case when is_by_place then month end) = 3
        and not coalesce(
            bool_or(is_by_place and is_partial)
            and 2 * sum(case when is_by_place and month is not null then n end)
            < sum(case when is_by_place and month is null then n end), false
        ) as place_by_month,
        bool_or(is_total and month is null) as total_by_quarter,
        bool_or(is_by_category and month is null) as category_by_quarter,
        bool_or(is_by_place and month is null) as place_by_quarter
    from flagged
    group by component, service, channel, activity, quarter
),

chosen as (
    select
        flagged.component,
        flagged.service,
        flagged.channel,
        flagged.activity,
        flagged.quarter,
        flagged.month,
        flagged.period_kind,
        flagged.has_category,
        flagged.has_place,
        flagged.is_complete,
        flagged.is_total
        and case
            when flagged.month is null then not spans.total_by_month
            else spans.total_by_month or not spans.total_by_quarter
        end as is_total,
        flagged.is_by_category
        and case
            when flagged.month is null then not spans.category_by_month
            else spans.category_by_month or not spans.category_by_quarter
        end as is_by_category,
        flagged.is_by_place
        and case
            when flagged.month is null then not spans.place_by_month
            else spans.place_by_month or not spans.place_by_quarter
        end as is_by_place
    from flagged
    inner join spans
        on
            flagged.component = spans.component
            and flagged.service is not distinct from spans.service
            and flagged.channel is not distinct from spans.channel
            and flagged.activity = spans.activity
            and flagged.quarter = spans.quarter
)

select
    mapped.component,
    mapped.service,
    mapped.channel,
    mapped.quarter,
    mapped.month,
    mapped.activity,
    mapped.place,
    mapped.category,
    chosen.is_complete,
    chosen.is_total,
    chosen.is_by_category,
    chosen.is_by_place,
    sum(mapped.n)::bigint as n
from mapped
inner join chosen
    on
        mapped.component = chosen.component
        and mapped.service is not distinct from chosen.service
        and mapped.channel is not distinct from chosen.channel
        and mapped.activity = chosen.activity
        and mapped.quarter = chosen.quarter
        and mapped.month is not distinct from chosen.month
        and mapped.period_kind = chosen.period_kind
        and (mapped.category is not null) = chosen.has_category
        and (mapped.place is not null) = chosen.has_place
group by
    mapped.component, mapped.service, mapped.channel, mapped.quarter,
    mapped.month, mapped.activity, mapped.place, mapped.category,
    mapped.period_kind, chosen.is_complete, chosen.is_total,
    chosen.is_by_category, chosen.is_by_place

/*
Which tellings of counts there are, and which figures each may give. A telling is
rows that differ in nothing but day, category and place. One told by categories or
places, whose sum is less than half of what an earlier telling gave for the same
figure, is only a part of it (is_part_of_...): three airports do not replace a
nation. It replaces nothing, unless its load was told to (replacing_load). Days
tell a month where all days of it are there. Recency tells which came last, and of
one load which is the finest. One row per Component, service, channel, activity,
quarter, month, kind of period, and whether by category and by place.
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

dated as (
    select
        held.*,
        fiscal_quarter(held.starts_on) as quarter,
        case
            when held.period_kind <> 'quarter'
                then date_trunc('month', held.starts_on)::date
        end as month,
        replacing_load.load_id is not null as is_replacing
    from held
    left join replacing_load on held.load_id = replacing_load.load_id
),

tellings as (
    select
        component,
        service,
        channel,
        activity,
        quarter,
        month,
        period_kind,
        category is not null as has_category,
        place is not null as has_place,
        period_kind <> 'day'
        or count(distinct starts_on) = max(day(last_day(month))) as is_complete,
        bool_or(is_replacing) as is_replacing,
        max(load_id) as load_id,
        8 * max(load_id) + 4 * (period_kind <> 'day')::int
        + 2 * (category is not null)::int + (place is not null)::int as recency,
        sum(n)::bigint as n
    from dated
    group by
        component, service, channel, activity, quarter, month, period_kind,
        category is not null, place is not null
),

/* What came last before that cannot be a part; only what came since is compared. */
reset as (
    select
        *,
        coalesce(max(
            case
                when
                    is_complete
                    and (is_replacing or not (has_category or has_place))
                    then recency
            end
        ) over (
            partition by
                component, service, channel, activity, quarter, month
            order by recency
            rows between unbounded preceding and 1 preceding
        ), 0) as compared_from
    from tellings
),

compared as (
    select
        telling.component,
        telling.service,
        telling.channel,
        telling.activity,
        telling.quarter,
        telling.month,
        telling.recency,
        max(before.n) as n_before,
        max(case when before.has_category then before.n end)
            as n_category_before,
        max(case when before.has_place then before.n end) as n_place_before,
        arg_max(before.load_id, before.n) as load_before
    from reset as telling
    inner join reset as before
        on
            telling.component = before.component
            and telling.service is not distinct from before.service
            and telling.channel is not distinct from before.channel
            and telling.activity = before.activity
            and telling.quarter = before.quarter
            and telling.month is not distinct from before.month
            and telling.recency > before.recency
            and telling.compared_from <= before.recency
    where before.is_complete
    group by all
)

select
    reset.component,
    reset.service,
    reset.channel,
    reset.activity,
    reset.quarter,
    reset.month,
    reset.period_kind,
    reset.has_category,
    reset.has_place,
    reset.is_complete,
    reset.is_replacing,
    reset.load_id,
    reset.recency,
    reset.n,
    compared.n_before,
    compared.load_before,
    coalesce(
        2 * reset.n < compared.n_before
        and (reset.has_category or reset.has_place)
        and not reset.is_replacing, false
    ) as is_part_of_all,
    coalesce(
        2 * reset.n < compared.n_category_before
        and reset.has_category
        and not reset.is_replacing, false
    ) as is_part_of_category,
    coalesce(
        2 * reset.n < compared.n_place_before
        and reset.has_place
        and not reset.is_replacing, false
    ) as is_part_of_place
from reset
left join compared
    on
        reset.component = compared.component
        and reset.service is not distinct from compared.service
        and reset.channel is not distinct from compared.channel
        and reset.activity = compared.activity
        and reset.quarter = compared.quarter
        and reset.month is not distinct from compared.month
        and reset.recency = compared.recency

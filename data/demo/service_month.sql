/*
Customers of each service in each month, with the storms and seasons of the
surveys. One row per service and month.
*/
with planned as (
    select
        activity_plan.*,
        service.component,
        count_month.month,
        season_plan.volume * coalesce(volume_event_plan.factor, 1)
        * (1 + activity_plan.growth * count_month.n_years) as volume,
        hash(setting.seed, activity_plan.service, count_month.month) as seed
    from activity_plan
    cross join setting
    cross join count_month
    inner join service on activity_plan.service = service.service
    inner join season_plan
        on
            activity_plan.season = season_plan.season
            and count_month.quarter_of_year = season_plan.quarter_of_year
    left join volume_event_plan
        on
            activity_plan.service = volume_event_plan.service
            and count_month.quarter = volume_event_plan.quarter
)

select
    component,
    service,
    profile,
    month,
    complaints_per_100000,
    round(customers / 3 * volume * (0.96 + 0.08 * drawn(seed, 'customers')))
    ::bigint as customers
from planned

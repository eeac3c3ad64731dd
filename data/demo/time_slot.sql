/*
The times that are counted: every month of the demonstration, and where a place
counts hour by hour, the hours of every sixth day. Median is the half-way time of
those counted, in the unit of the step. One row per line of the plan and month or
hour.
*/
with quarters as (
    select
        quarter_add(setting.first_quarter, step.number::int) as quarter,
        step.number // 4 as n_years
    from setting, unnest(range(setting.n_quarters)) as step (number)
),

months as (
    select
        quarters.*,
        (
            quarter_start(quarters.quarter) + to_months(part.number::int)
        )::timestamp as starts_at
    from quarters, unnest(range(3)) as part (number)
),

planned as (
    select
        time_plan.*,
        months.starts_at,
        hash(
            setting.seed, time_plan.service, time_plan.channel,
            time_plan.place, time_plan.step, months.starts_at
        ) as seed,
        time_plan.people * season_plan.volume
        * (1 + time_plan.growth * months.n_years)
        * coalesce(volume_event_plan.factor, 1) as people_of_month,
        time_plan.median
        * (1 + time_plan.season_effect * (season_plan.volume - 1))
        * coalesce(time_event_plan.factor, 1) as median_of_month
    from time_plan
    cross join setting
    cross join months
    inner join season_plan
        on
            time_plan.season = season_plan.season
            and right(months.quarter, 1)::int = season_plan.quarter_of_year
    left join time_event_plan
        on
            time_plan.service = time_event_plan.service
            and time_plan.channel is not distinct from time_event_plan.channel
            and time_plan.step = time_event_plan.step
            and months.quarter >= time_event_plan.first_quarter
            and months.quarter <= time_event_plan.last_quarter
    left join volume_event_plan
        on
            time_plan.service = volume_event_plan.service
            and months.quarter = volume_event_plan.quarter
),

sample_days as (
    select
        planned.*,
        planned.starts_at + to_days(day.number::int) as day
    from planned, unnest(range(0, 30, 6)) as day (number)
    where
        planned.rhythm = 'hour'
        and month(planned.starts_at + to_days(day.number::int))
        = month(planned.starts_at)
)

select
    service,
    channel,
    place,
    step,
    unit,
    edges,
    'month' as period_kind,
    starts_at,
    people_of_month * (0.94 + 0.12 * drawn(seed, 'people')) as n_people,
    median_of_month * (0.93 + 0.14 * drawn(seed, 'median')) as median,
    shape
from planned
where rhythm = 'month'
union all
select
    sample.service,
    sample.channel,
    sample.place,
    sample.step,
    sample.unit,
    sample.edges,
    'hour' as period_kind,
    sample.day + to_hours(hours.hour::int) as starts_at,
    sample.people_of_month / 30 * hours.share
    * (0.80 + 0.40 * drawn(hash(sample.seed, sample.day, hours.hour), 'people'))
        as n_people,
    sample.median_of_month * hours.slower
    * (0.75 + 0.50 * drawn(hash(sample.seed, sample.day, hours.hour), 'median'))
        as median,
    sample.shape
from sample_days as sample
cross join time_hour_plan as hours

/*
Who answers, when, and which groups he or she belongs to. The seed of a row
decides everything that is drawn for it. One row per response.
*/
with days as (
    select distinct
        rhythm,
        quarter,
        n_slots
    from day_slot
),

hours as (
    select distinct
        rhythm,
        n_slots
    from hour_slot
),

numbered as (
    select
        quarter_plan.survey,
        quarter_plan.channel,
        quarter_plan.quarter,
        survey_plan.rhythm,
        survey_plan.has_time,
        group_list.groups,
        series.number,
        hash(quarter_plan.seed, series.number) as seed
    from quarter_plan
    inner join survey_plan on quarter_plan.survey = survey_plan.survey
    left join group_list on survey_plan.respondents = group_list.respondents,
        unnest(generate_series(1, quarter_plan.n_responses)) as series (number)
),

placed as (
    select
        numbered.*,
        1 + floor(days.n_slots * drawn(numbered.seed, 'day')) as day_slot,
        1 + floor(hours.n_slots * drawn(numbered.seed, 'part of the day'))
            as hour_slot,
        list_filter(
            numbered.groups,
            lambda one:
            drawn(numbered.seed, one.segment) >= one.above
            and drawn(numbered.seed, one.segment) < one.upto
        ) as own_groups
    from numbered
    inner join days
        on
            numbered.rhythm = days.rhythm
            and numbered.quarter = days.quarter
    inner join hours on numbered.rhythm = hours.rhythm
)

select
    placed.survey,
    placed.channel,
    placed.quarter,
    placed.number,
    placed.seed,
    case
        when placed.has_time
            then
                day_slot.day + to_seconds(
                    3600 * hour_slot.from_hour + floor(
                        3600 * (hour_slot.to_hour - hour_slot.from_hour)
                        * drawn(placed.seed, 'second')
                    )
                )
    end as submitted_at,
    case
        when len(placed.own_groups) > 0
            then map(
                list_transform(
                    placed.own_groups, lambda one: one.segment
                ),
                list_transform(
                    placed.own_groups, lambda one: one.segment_value
                )
            )
    end as segments,
    case
        when
            len(
                list_filter(
                    placed.groups, lambda one: one.weight is not null
                )
            ) > 0
            then coalesce(
                list_max(
                    list_transform(
                        placed.own_groups, lambda one: one.weight
                    )
                ), 1
            )
    end as weight
from placed
inner join day_slot
    on
        placed.rhythm = day_slot.rhythm
        and placed.quarter = day_slot.quarter
        and placed.day_slot = day_slot.slot
inner join hour_slot
    on
        placed.rhythm = hour_slot.rhythm
        and placed.hour_slot = hour_slot.slot

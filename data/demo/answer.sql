/*
What the survey makes of each opinion: codes where its instrument asks, nothing
where it does not, ticks of the own branch, and a comment now and then. One row
per response.
*/
with asked as (
    select
        opinion.*,
        answer_scale.is_branching,
        answer_scale.trust as trust_scale,
        answer_scale.satisfaction as satisfaction_scale,
        answer_scale.effectiveness as effectiveness_scale,
        answer_scale.ease as ease_scale,
        answer_scale.efficiency as efficiency_scale,
        answer_scale.transparency as transparency_scale,
        answer_scale.humanity as humanity_scale,
        answer_scale.employee as employee_scale,
        survey_plan.comment_share,
        survey_plan.setting,
        survey_plan.thing,
        survey_plan.staff,
        opinion.trust > 0 as is_positive,
        -- Long surveys lose respondents on the way: how many are answered.
        1 + drawn(opinion.seed, 'patience') / survey_plan.item_loss
            as n_patience,
        drawn(opinion.seed, 'met staff') < survey_plan.employee_share
            as has_met_staff,
        survey_plan.not_offered,
        if(
            opinion.is_other_well, opinion.well || ['other'], opinion.well
        ) as went_well,
        if(
            opinion.is_other_badly, opinion.badly || ['other'], opinion.badly
        ) as went_badly
    from opinion
    inner join survey_plan on opinion.survey = survey_plan.survey
    inner join response_survey on opinion.survey = response_survey.survey
    inner join answer_scale
        on response_survey.instrument = answer_scale.instrument
),

themed as (
    select
        *,
        case
            when is_branching
                then list_filter(
                    [
                        'effectiveness', 'ease', 'efficiency',
                        'transparency', 'humanity', 'employee', 'other'
                    ],
                    lambda driver:
                    not list_contains(
                        string_split(
                            coalesce(not_offered, ''), ';'
                        ),
                        driver
                    )
                )
        end as offered,
        list_sort(
            list_intersect(if(is_positive, went_well, went_badly), offered)
        ) as own_ticks
    from asked
)

select
    survey,
    channel,
    quarter,
    printf('%06d', number) as response_id,
    submitted_at,
    case
        when is_branching or n_patience >= 2
            then answer_code(trust_scale, trust)
    end as trust,
    answer_code(satisfaction_scale, satisfaction) as satisfaction,
    case
        when n_patience >= 3
            then answer_code(effectiveness_scale, effectiveness)
    end as effectiveness,
    case when n_patience >= 4 then answer_code(ease_scale, ease) end as ease,
    case
        when n_patience >= 5 then answer_code(efficiency_scale, efficiency)
    end as efficiency,
    case
        when n_patience >= 6
            then answer_code(transparency_scale, transparency)
    end as transparency,
    case
        when n_patience >= 7 then answer_code(humanity_scale, humanity)
    end as humanity,
    case
        when n_patience >= 7 and has_met_staff
            then answer_code(employee_scale, employee)
    end as employee,
    tick(offered, is_positive, went_well, 'effectiveness')
        as positive_effectiveness,
    tick(offered, is_positive, went_well, 'ease') as positive_ease,
    tick(offered, is_positive, went_well, 'efficiency') as positive_efficiency,
    tick(offered, is_positive, went_well, 'transparency')
        as positive_transparency,
    tick(offered, is_positive, went_well, 'humanity') as positive_humanity,
    tick(offered, is_positive, went_well, 'employee') as positive_employee,
    tick(offered, is_positive, went_well, 'other') as positive_other,
    tick(offered, not is_positive, went_badly, 'effectiveness')
        as negative_effectiveness,
    tick(offered, not is_positive, went_badly, 'ease') as negative_ease,
    tick(offered, not is_positive, went_badly, 'efficiency')
        as negative_efficiency,
    tick(offered, not is_positive, went_badly, 'transparency')
        as negative_transparency,
    tick(offered, not is_positive, went_badly, 'humanity') as negative_humanity,
    tick(offered, not is_positive, went_badly, 'employee') as negative_employee,
    tick(offered, not is_positive, went_badly, 'other') as negative_other,
    drawn(seed, 'comment')
    < comment_share * if(is_positive, 0.85, 1.30) as has_comment,
    weight,
    segments,
    seed,
    is_positive,
    setting,
    thing,
    staff,
    case
        when not is_branching then if(is_positive, best, worst)
        when len(own_ticks) = 0 then 'other'
        else own_ticks[
            1 + floor(len(own_ticks) * drawn(seed, 'theme'))::int
        ]
    end as theme
from themed

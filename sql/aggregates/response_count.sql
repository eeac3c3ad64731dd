/*
Counts over the single survey responses that count, in one pass. Of each measure
the answers with each standard code; of each driver how many with a favorable
(or not favorable) trust answer were shown it and ticked it: nobody else saw
that question, whatever the file says of them; of each other measure how its
favorable (1) and other (0) answers go with those on trust. One row per survey,
channel, quarter and month (null where the survey tool gives no date).
Counts responses in n_responses with n_comments, trust_?, satisfaction_?,
effectiveness_?, ease_?, efficiency_?, transparency_?, humanity_?, employee_?,
*_shown, *_ticked. Keyed by survey, channel, quarter, month.
*/
with judged as (
    select
        response.*,
        date_trunc('month', response.submitted_at)::date as month,
        case
            when response.trust >= threshold.trust then 1
            when response.trust is not null then 0
        end as is_favourable,
        case
            when response.satisfaction >= threshold.satisfaction then 1
            when response.satisfaction is not null then 0
        end as satisfaction_rated,
        case
            when response.effectiveness >= threshold.effectiveness then 1
            when response.effectiveness is not null then 0
        end as effectiveness_rated,
        case
            when response.ease >= threshold.ease then 1
            when response.ease is not null then 0
        end as ease_rated,
        case
            when response.efficiency >= threshold.efficiency then 1
            when response.efficiency is not null then 0
        end as efficiency_rated,
        case
            when response.transparency >= threshold.transparency then 1
            when response.transparency is not null then 0
        end as transparency_rated,
        case
            when response.humanity >= threshold.humanity then 1
            when response.humanity is not null then 0
        end as humanity_rated,
        case
            when response.employee >= threshold.employee then 1
            when response.employee is not null then 0
        end as employee_rated,
        greatest(
            response.positive_effectiveness,
            response.positive_ease,
            response.positive_efficiency,
            response.positive_transparency,
            response.positive_humanity,
            response.positive_employee,
            response.positive_other
        ) as positive_ticks,
        greatest(
            response.negative_effectiveness,
            response.negative_ease,
            response.negative_efficiency,
            response.negative_transparency,
            response.negative_humanity,
            response.negative_employee,
            response.negative_other
        ) as negative_ticks
    from survey_response as response
    inner join response_survey
        on response.survey = response_survey.survey
    left join survey_threshold as threshold
        on response.survey = threshold.survey
    inner join release
        on
            response.survey = release.survey
            and response.quarter = release.quarter
    where
        counts_at(
            response.load_id, response.superseded_by, release.load_id
        )
)

select
    survey,
    channel,
    quarter,
    month,
    count(*) as n_responses,
    count(*) filter (where has_comment) as n_comments,
    max(submitted_at)::date as last_submitted_on,
    count(*) filter (where trust = 0) as trust_0,
    count(*) filter (where trust = 1) as trust_1,
    count(*) filter (where trust = 2) as trust_2,
    count(*) filter (where trust = 3) as trust_3,
    count(*) filter (where trust = 4) as trust_4,
    count(*) filter (where trust = 5) as trust_5,
    count(*) filter (where satisfaction = 0) as satisfaction_0,
    count(*) filter (where satisfaction = 1) as satisfaction_1,
    count(*) filter (where satisfaction = 2) as satisfaction_2,
    count(*) filter (where satisfaction = 3) as satisfaction_3,
    count(*) filter (where satisfaction = 4) as satisfaction_4,
    count(*) filter (where satisfaction = 5) as satisfaction_5,
    count(*) filter (where effectiveness = 0) as effectiveness_0,
    count(*) filter (where effectiveness = 1) as effectiveness_1,
    count(*) filter (where effectiveness = 2) as effectiveness_2,
    count(*) filter (where effectiveness = 3) as effectiveness_3,
    count(*) filter (where effectiveness = 4) as effectiveness_4,
    count(*) filter (where effectiveness = 5) as effectiveness_5,
    count(*) filter (where ease = 0) as ease_0,
    count(*) filter (where ease = 1) as ease_1,
    count(*) filter (where ease = 2) as ease_2,
    count(*) filter (where ease = 3) as ease_3,
    count(*) filter (where ease = 4) as ease_4,
    count(*) filter (where ease = 5) as ease_5,
    count(*) filter (where efficiency = 0) as efficiency_0,
    count(*) filter (where efficiency = 1) as efficiency_1,
    count(*) filter (where efficiency = 2) as efficiency_2,
    count(*) filter (where efficiency = 3) as efficiency_3,
    count(*) filter (where efficiency = 4) as efficiency_4,
    count(*) filter (where efficiency = 5) as efficiency_5,
    count(*) filter (where transparency = 0) as transparency_0,
    count(*) filter (where transparency = 1) as transparency_1,
    count(*) filter (where transparency = 2) as transparency_2,
    count(*) filter (where transparency = 3) as transparency_3,
    count(*) filter (where transparency = 4) as transparency_4,
    count(*) filter (where transparency = 5) as transparency_5,
    count(*) filter (where humanity = 0) as humanity_0,
    count(*) filter (where humanity = 1) as humanity_1,
    count(*) filter (where humanity = 2) as humanity_2,
    count(*) filter (where humanity = 3) as humanity_3,
    count(*) filter (where humanity = 4) as humanity_4,
    count(*) filter (where humanity = 5) as humanity_5,
    count(*) filter (where employee = 0) as employee_0,
    count(*) filter (where employee = 1) as employee_1,
    count(*) filter (where employee = 2) as employee_2,
    count(*) filter (where employee = 3) as employee_3,
    count(*) filter (where employee = 4) as employee_4,
    count(*) filter (where employee = 5) as employee_5,
    count(*) filter (
        where is_favourable = 1 and positive_effectiveness is not null
    ) as positive_effectiveness_shown,
    count(*) filter (
        where is_favourable = 1 and positive_effectiveness = 1
    ) as positive_effectiveness_ticked,
    count(*) filter (
        where is_favourable = 1 and positive_ease is not null
    ) as positive_ease_shown,
    count(*) filter (
        where is_favourable = 1 and positive_ease = 1
    ) as positive_ease_ticked,
    count(*) filter (
        where is_favourable = 1 and positive_efficiency is not null
    ) as positive_efficiency_shown,
    count(*) filter (
        where is_favourable = 1 and positive_efficiency = 1
    ) as positive_efficiency_ticked,
    count(*) filter (
        where is_favourable = 1 and positive_transparency is not null
    ) as positive_transparency_shown,
    count(*) filter (
        where is_favourable = 1 and positive_transparency = 1
    ) as positive_transparency_ticked,
    count(*) filter (
        where is_favourable = 1 and positive_humanity is not null
    ) as positive_humanity_shown,
    count(*) filter (
        where is_favourable = 1 and positive_humanity = 1
    ) as positive_humanity_ticked,
    count(*) filter (
        where is_favourable = 1 and positive_employee is not null
    ) as positive_employee_shown,
    count(*) filter (
        where is_favourable = 1 and positive_employee = 1
    ) as positive_employee_ticked,
    count(*) filter (
        where is_favourable = 1 and positive_other is not null
    ) as positive_other_shown,
    count(*) filter (
        where is_favourable = 1 and positive_other = 1
    ) as positive_other_ticked,
    count(*) filter (
        where is_favourable = 1 and positive_ticks is not null
    ) as positive_any_shown,
    count(*) filter (
        where is_favourable = 1 and positive_ticks = 1
    ) as positive_any_ticked,
    count(*) filter (
        where is_favourable = 0 and negative_effectiveness is not null
    ) as negative_effectiveness_shown,
    count(*) filter (
        where is_favourable = 0 and negative_effectiveness = 1
    ) as negative_effectiveness_ticked,
    count(*) filter (
        where is_favourable = 0 and negative_ease is not null
    ) as negative_ease_shown,
    count(*) filter (
        where is_favourable = 0 and negative_ease = 1
    ) as negative_ease_ticked,
    count(*) filter (
        where is_favourable = 0 and negative_efficiency is not null
    ) as negative_efficiency_shown,
    count(*) filter (
        where is_favourable = 0 and negative_efficiency = 1
    ) as negative_efficiency_ticked,
    count(*) filter (
        where is_favourable = 0 and negative_transparency is not null
    ) as negative_transparency_shown,
    count(*) filter (
        where is_favourable = 0 and negative_transparency = 1
    ) as negative_transparency_ticked,
    count(*) filter (
        where is_favourable = 0 and negative_humanity is not null
    ) as negative_humanity_shown,
    count(*) filter (
        where is_favourable = 0 and negative_humanity = 1
    ) as negative_humanity_ticked,
    count(*) filter (
        where is_favourable = 0 and negative_employee is not null
    ) as negative_employee_shown,
    count(*) filter (
        where is_favourable = 0 and negative_employee = 1
    ) as negative_employee_ticked,
    count(*) filter (
        where is_favourable = 0 and negative_other is not null
    ) as negative_other_shown,
    count(*) filter (
        where is_favourable = 0 and negative_other = 1
    ) as negative_other_ticked,
    count(*) filter (
        where is_favourable = 0 and negative_ticks is not null
    ) as negative_any_shown,
    count(*) filter (
        where is_favourable = 0 and negative_ticks = 1
    ) as negative_any_ticked,
    count(*) filter (
        where satisfaction_rated = 1 and is_favourable = 1
    ) as satisfaction_1_trust_1,
    count(*) filter (
        where satisfaction_rated = 1 and is_favourable = 0
    ) as satisfaction_1_trust_0,
    count(*) filter (
        where satisfaction_rated = 0 and is_favourable = 1
    ) as satisfaction_0_trust_1,
    count(*) filter (
        where satisfaction_rated = 0 and is_favourable = 0
    ) as satisfaction_0_trust_0,
    count(*) filter (
        where effectiveness_rated = 1 and is_favourable = 1
    ) as effectiveness_1_trust_1,
    count(*) filter (
        where effectiveness_rated = 1 and is_favourable = 0
    ) as effectiveness_1_trust_0,
    count(*) filter (
        where effectiveness_rated = 0 and is_favourable = 1
    ) as effectiveness_0_trust_1,
    count(*) filter (
        where effectiveness_rated = 0 and is_favourable = 0
    ) as effectiveness_0_trust_0,
    count(*) filter (
        where ease_rated = 1 and is_favourable = 1
    ) as ease_1_trust_1,
    count(*) filter (
        where ease_rated = 1 and is_favourable = 0
    ) as ease_1_trust_0,
    count(*) filter (
        where ease_rated = 0 and is_favourable = 1
    ) as ease_0_trust_1,
    count(*) filter (
        where ease_rated = 0 and is_favourable = 0
    ) as ease_0_trust_0,
    count(*) filter (
        where efficiency_rated = 1 and is_favourable = 1
    ) as efficiency_1_trust_1,
    count(*) filter (
        where efficiency_rated = 1 and is_favourable = 0
    ) as efficiency_1_trust_0,
    count(*) filter (
        where efficiency_rated = 0 and is_favourable = 1
    ) as efficiency_0_trust_1,
    count(*) filter (
        where efficiency_rated = 0 and is_favourable = 0
    ) as efficiency_0_trust_0,
    count(*) filter (
        where transparency_rated = 1 and is_favourable = 1
    ) as transparency_1_trust_1,
    count(*) filter (
        where transparency_rated = 1 and is_favourable = 0
    ) as transparency_1_trust_0,
    count(*) filter (
        where transparency_rated = 0 and is_favourable = 1
    ) as transparency_0_trust_1,
    count(*) filter (
        where transparency_rated = 0 and is_favourable = 0
    ) as transparency_0_trust_0,
    count(*) filter (
        where humanity_rated = 1 and is_favourable = 1
    ) as humanity_1_trust_1,
    count(*) filter (
        where humanity_rated = 1 and is_favourable = 0
    ) as humanity_1_trust_0,
    count(*) filter (
        where humanity_rated = 0 and is_favourable = 1
    ) as humanity_0_trust_1,
    count(*) filter (
        where humanity_rated = 0 and is_favourable = 0
    ) as humanity_0_trust_0,
    count(*) filter (
        where employee_rated = 1 and is_favourable = 1
    ) as employee_1_trust_1,
    count(*) filter (
        where employee_rated = 1 and is_favourable = 0
    ) as employee_1_trust_0,
    count(*) filter (
        where employee_rated = 0 and is_favourable = 1
    ) as employee_0_trust_1,
    count(*) filter (
        where employee_rated = 0 and is_favourable = 0
    ) as employee_0_trust_0
from judged
group by survey, channel, quarter, month

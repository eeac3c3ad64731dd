/*
Favorable and all answers by group of respondents, one attribute at a time; two
attributes are never crossed. One row per survey, channel, quarter, attribute and
group.
Counts answers in trust_answers with *_favourable, *_answers; for each segment.
*/
with response as (
    select
        answered.*,
        unnest(map_entries(answered.segments)) as entry
    from survey_response as answered
    inner join release
        on
            answered.survey = release.survey
            and answered.quarter = release.quarter
    where
        answered.segments is not null
        and counts_at(
            answered.load_id, answered.superseded_by, release.load_id
        )
)

select
    response.survey,
    response.channel,
    response.quarter,
    response.entry.key as segment,
    response.entry.value as segment_value,
    count(*) filter (where response.trust >= threshold.trust)
        as trust_favourable,
    count(response.trust) as trust_answers,
    count(*) filter (where response.satisfaction >= threshold.satisfaction)
        as satisfaction_favourable,
    count(response.satisfaction) as satisfaction_answers,
    count(*) filter (where response.effectiveness >= threshold.effectiveness)
        as effectiveness_favourable,
    count(response.effectiveness) as effectiveness_answers,
    count(*) filter (where response.ease >= threshold.ease)
        as ease_favourable,
    count(response.ease) as ease_answers,
    count(*) filter (where response.efficiency >= threshold.efficiency)
        as efficiency_favourable,
    count(response.efficiency) as efficiency_answers,
    count(*) filter (where response.transparency >= threshold.transparency)
        as transparency_favourable,
    count(response.transparency) as transparency_answers,
    count(*) filter (where response.humanity >= threshold.humanity)
        as humanity_favourable,
    count(response.humanity) as humanity_answers,
    count(*) filter (where response.employee >= threshold.employee)
        as employee_favourable,
    count(response.employee) as employee_answers
from response
inner join response_survey
    on response.survey = response_survey.survey
left join survey_threshold as threshold
    on response.survey = threshold.survey
group by
    response.survey, response.channel, response.quarter,
    response.entry.key, response.entry.value

/*
Usable answers to the standard questions, on the five-point scales. Quarantined
answers are left out. n_shown and n_answered count only surveys whose item
response can be computed. One row per Component, service, channel, quarter,
measure and basis.
*/
with quarantined as (
    select distinct
        survey_id,
        question
    from survey_finding
    where effect = 'quarantined' and applies_to in ('answers', 'all')
),

no_item_response as (
    select distinct
        survey_id,
        question
    from survey_finding
    where applies_to = 'item_response'
),

usable as (
    select
        answer.*,
        case
            when no_item_response.survey_id is null
                then report.respondents
        end as n_shown
    from current_answer as answer
    inner join current_report as report
        on answer.survey_id = report.survey_id
    left join quarantined
        on
            answer.survey_id = quarantined.survey_id
            and answer.question = coalesce(
                quarantined.question, answer.question
            )
    left join no_item_response
        on
            answer.survey_id = no_item_response.survey_id
            and answer.question = no_item_response.question
    where
        quarantined.survey_id is null
        and answer.measure is not null
        and answer.n_answers > 0
)

select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    measure,
    basis,
    sum(n_1)::bigint as n_1,
    sum(n_2)::bigint as n_2,
    sum(n_3)::bigint as n_3,
    sum(n_4)::bigint as n_4,
    sum(n_5)::bigint as n_5,
    sum(n_answers)::bigint as n_answers,
    sum(case when n_shown is not null then n_answers end)::bigint
        as n_answered,
    sum(n_shown)::bigint as n_shown
from usable
group by component, service, channel, quarter, measure, basis

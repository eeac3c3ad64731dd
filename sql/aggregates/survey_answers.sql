/*
Usable answers to the standard questions: on the five-point scales, and to the
trust question also on scales of two answers (codes 0 and 1). Answers 4 and 5, or
1 of two, are favorable; 1 and 2, or 0 of two, unfavorable. Quarantined answers
are left out. n_shown and n_answered count only surveys whose item response can
be computed. One row per Component, service, channel, quarter, month (null where
a source knows only the quarter), measure and basis.
Counts answers in n_answers with n_0, n_1, n_2, n_3, n_4, n_5, n_favourable,
n_unfavourable, n_answered; people asked in n_shown; for each measure.
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

filed as (
    select
        answer.survey_id,
        answer.question,
        null::date as month,
        answer.measure,
        answer.basis,
        answer.scale,
        answer.n_0,
        answer.n_1,
        answer.n_2,
        answer.n_3,
        answer.n_4,
        answer.n_5,
        answer.n_answers,
        report.respondents as n_asked
    from current_answer as answer
    inner join current_report as report
        on answer.survey_id = report.survey_id
    where report.survey is null
),

single as (
    select
        report.survey_id,
        answer.question,
        answer.month,
        answer.measure,
        answer.basis,
        answer.scale,
        answer.n_0,
        answer.n_1,
        answer.n_2,
        answer.n_3,
        answer.n_4,
        answer.n_5,
        answer.n_answers,
        response_count.n_responses as n_asked
    from response_answer as answer
    inner join response_count
        on
            answer.survey = response_count.survey
            and answer.channel = response_count.channel
            and answer.quarter = response_count.quarter
            and coalesce(answer.month, date '1900-01-01')
            = coalesce(response_count.month, date '1900-01-01')
    inner join current_report as report
        on
            answer.survey = report.survey
            and answer.channel = report.channel
            and answer.quarter = report.quarter
),

both_kinds as (
    select * from filed
    union all
    select * from single
),

usable as (
    select
        report.component,
        report.service,
        report.channel,
        report.quarter,
        answer.*,
        case when no_item_response.survey_id is null then answer.n_asked end
            as n_shown,
        answer.scale in ('thumbs', 'yes_no') as is_two_answers
    from both_kinds as answer
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
        and (
            answer.measure = 'trust'
            or answer.scale not in ('thumbs', 'yes_no')
        )
)

select
    component,
    service,
    channel,
    quarter,
    month,
    measure,
    basis,
    is_two_answers,
    sum(n_0)::bigint as n_0,
    sum(n_1)::bigint as n_1,
    sum(n_2)::bigint as n_2,
    sum(n_3)::bigint as n_3,
    sum(n_4)::bigint as n_4,
    sum(n_5)::bigint as n_5,
    sum(n_answers)::bigint as n_answers,
    sum(favorable_of(n_0, n_1, n_2, n_3, n_4, n_5, is_two_answers))::bigint
        as n_favourable,
    sum(case when is_two_answers then n_0 else n_1 + n_2 end)::bigint
        as n_unfavourable,
    sum(case when n_shown is not null then n_answers end)::bigint
        as n_answered,
    sum(n_shown)::bigint as n_shown
from usable
group by
    component, service, channel, quarter, month, measure, basis, is_two_answers

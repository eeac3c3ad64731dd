/*
Answers of weighted surveys: sums of weights instead of counts, and what the
design effect of the weights needs. One row per Component, service, channel,
quarter, month, measure and basis.
Counts answers in n_answers; weights in weight_answers with weight_favourable,
total, total_of_squares; squared weights in total_of_squared_weights; for each
measure.
*/
with weighted as (
    select
        response.*,
        date_trunc('month', response.submitted_at)::date as month
    from survey_response as response
    inner join release
        on
            response.survey = release.survey
            and response.quarter = release.quarter
    where
        response.weight is not null
        and counts_at(
            response.load_id, response.superseded_by, release.load_id
        )
),

long as (
    unpivot weighted
    on
    trust, satisfaction, effectiveness, ease, efficiency, transparency,
    humanity, employee
    into name measure value code
),

coded as (
    select
        report.component,
        report.service,
        long.channel,
        long.quarter,
        long.month,
        long.survey,
        long.measure,
        long.code,
        long.weight
    from long
    inner join usable_response as report
        on
            long.survey = report.survey
            and long.channel = report.channel
            and long.quarter = report.quarter
            and coalesce(long.month, date '1900-01-01')
            = coalesce(report.month, date '1900-01-01')
)

select
    coded.component,
    coded.service,
    coded.channel,
    coded.quarter,
    coded.month,
    coded.measure,
    question.basis,
    question.is_two_answers,
    count(*) as n_answers,
    sum(coded.weight) as weight_answers,
    sum(coded.weight * coded.weight) as total_of_squared_weights,
    coalesce(sum(coded.weight) filter (
        where favorable(coded.code, question.is_two_answers)
    ), 0) as weight_favourable,
    sum(coded.weight * coded.code) as total,
    sum(coded.weight * coded.code * coded.code) as total_of_squares
from coded
inner join survey_question as question
    on
        coded.survey = question.survey
        and coded.measure = question.measure
        and (not question.is_two_answers or coded.measure = 'trust')
group by
    coded.component, coded.service, coded.channel, coded.quarter, coded.month,
    coded.measure, question.basis, question.is_two_answers

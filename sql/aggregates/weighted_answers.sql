/*
Answers of weighted surveys: sums of weights instead of counts, and what the
design effect of the weights needs. One row per Component, service, channel,
quarter, month, measure and basis.
*/
with weighted as (
    select
        *,
        date_trunc('month', submitted_at)::date as month
    from survey_response
    where weight is not null and superseded_by is null
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
),

questions as (
    select
        response_survey.survey,
        question.measure,
        question.scale in ('thumbs', 'yes_no') as is_two_answers,
        instrument.family || '/' || question.scale || '/'
        || question.wording as basis
    from response_survey
    inner join instrument
        on response_survey.instrument = instrument.instrument
    inner join instrument_question as question
        on response_survey.instrument = question.instrument
    where
        question.asked_of = 'everyone'
        and (
            question.scale not in ('thumbs', 'yes_no')
            or question.measure = 'trust'
        )
)

select
    coded.component,
    coded.service,
    coded.channel,
    coded.quarter,
    coded.month,
    coded.measure,
    questions.basis,
    questions.is_two_answers,
    count(*) as n_answers,
    sum(coded.weight) as weight_answers,
    sum(coded.weight * coded.weight) as total_of_squared_weights,
    coalesce(sum(coded.weight) filter (
        where coded.code >= case when questions.is_two_answers then 1 else 4 end
    ), 0) as weight_favourable,
    sum(coded.weight * coded.code) as total,
    sum(coded.weight * coded.code * coded.code) as total_of_squares
from coded
inner join questions
    on
        coded.survey = questions.survey
        and coded.measure = questions.measure
group by
    coded.component, coded.service, coded.channel, coded.quarter, coded.month,
    coded.measure, questions.basis, questions.is_two_answers

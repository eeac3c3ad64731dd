/*
Answer counts of the reports as they stand, with what each question measures.
The basis names what may be pooled: instrument family, scale and wording.
Questions that are no standard measure keep a null measure. One row per survey
report and question.
Counts answers in n_answers with n_0, n_1, n_2, n_3, n_4, n_5; for each measure.
*/
with counted as (
    select
        survey,
        channel,
        quarter,
        question,
        measure,
        basis,
        scale,
        sum(n_0)::bigint as n_0,
        sum(n_1)::bigint as n_1,
        sum(n_2)::bigint as n_2,
        sum(n_3)::bigint as n_3,
        sum(n_4)::bigint as n_4,
        sum(n_5)::bigint as n_5
    from response_answer
    group by survey, channel, quarter, question, measure, basis, scale
),

answers as (
    select
        answer.survey_id,
        answer.question,
        instrument_question.measure,
        instrument.family || '/' || instrument_question.scale || '/'
        || instrument_question.wording as basis,
        instrument_question.scale,
        0 as n_0,
        answer.n_1,
        answer.n_2,
        answer.n_3,
        answer.n_4,
        answer.n_5,
        answer.published_mean
    from survey_report_answer as answer
    inner join current_report as report
        on
            answer.survey_id = report.survey_id
            and answer.load_id = report.load_id
    left join instrument
        on report.instrument = instrument.instrument
    left join instrument_question
        on
            report.instrument = instrument_question.instrument
            and answer.question = instrument_question.question
            and answer.wording = instrument_question.wording
    union all
    select
        report.survey_id,
        counted.question,
        counted.measure,
        counted.basis,
        counted.scale,
        counted.n_0,
        counted.n_1,
        counted.n_2,
        counted.n_3,
        counted.n_4,
        counted.n_5,
        null as published_mean
    from counted
    inner join current_report as report
        on
            counted.survey = report.survey
            and counted.channel = report.channel
            and counted.quarter = report.quarter
)

select
    answers.survey_id,
    report.component,
    report.service,
    report.channel,
    report.quarter,
    answers.question,
    answers.measure,
    answers.basis,
    answers.scale,
    answers.n_0,
    answers.n_1,
    answers.n_2,
    answers.n_3,
    answers.n_4,
    answers.n_5,
    answers.n_0 + answers.n_1 + answers.n_2 + answers.n_3 + answers.n_4
    + answers.n_5 as n_answers,
    answers.published_mean
from answers
inner join current_report as report
    on answers.survey_id = report.survey_id

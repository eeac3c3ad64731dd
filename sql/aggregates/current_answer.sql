/*
Answer counts of the reports as they stand, with what each question measures.
The basis names what may be pooled: instrument family, scale and wording.
Questions that are no standard measure keep a null measure. One row per survey
report and question.
*/
select
    answer.survey_id,
    report.component,
    report.service,
    report.channel,
    report.quarter,
    answer.question,
    instrument_question.measure,
    instrument.family || '/' || instrument_question.scale || '/'
    || instrument_question.wording as basis,
    answer.n_1,
    answer.n_2,
    answer.n_3,
    answer.n_4,
    answer.n_5,
    answer.n_1 + answer.n_2 + answer.n_3 + answer.n_4
    + answer.n_5 as n_answers,
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

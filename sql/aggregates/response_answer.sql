/*
Answers of single responses to the questions that an instrument asks everyone,
counted by standard code: 0 and 1 on scales of two answers, 1 to 5 on the others.
One row per survey, channel, quarter, month and measure.
Counts answers in n_answers with n_0, n_1, n_2, n_3, n_4, n_5; for each measure.
Keyed by survey, channel, quarter, month, measure.
*/
with long as (
    unpivot response_count
    on
    (
        trust_0, trust_1, trust_2,
        trust_3, trust_4, trust_5
    ) as trust,
    (
        satisfaction_0, satisfaction_1, satisfaction_2,
        satisfaction_3, satisfaction_4, satisfaction_5
    ) as satisfaction,
    (
        effectiveness_0, effectiveness_1, effectiveness_2,
        effectiveness_3, effectiveness_4, effectiveness_5
    ) as effectiveness,
    (
        ease_0, ease_1, ease_2,
        ease_3, ease_4, ease_5
    ) as ease,
    (
        efficiency_0, efficiency_1, efficiency_2,
        efficiency_3, efficiency_4, efficiency_5
    ) as efficiency,
    (
        transparency_0, transparency_1, transparency_2,
        transparency_3, transparency_4, transparency_5
    ) as transparency,
    (
        humanity_0, humanity_1, humanity_2,
        humanity_3, humanity_4, humanity_5
    ) as humanity,
    (
        employee_0, employee_1, employee_2,
        employee_3, employee_4, employee_5
    ) as employee
    into name measure value n_0, n_1, n_2, n_3, n_4, n_5
)

select
    long.survey,
    long.channel,
    long.quarter,
    long.month,
    question.question,
    long.measure,
    question.basis,
    question.scale,
    long.n_0,
    long.n_1,
    long.n_2,
    long.n_3,
    long.n_4,
    long.n_5,
    long.n_0 + long.n_1 + long.n_2 + long.n_3 + long.n_4 + long.n_5
        as n_answers
from long
inner join survey_question as question
    on long.survey = question.survey and long.measure = question.measure
where long.n_0 + long.n_1 + long.n_2 + long.n_3 + long.n_4 + long.n_5 > 0

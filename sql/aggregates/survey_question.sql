/*
Questions on a standard measure that the survey of single responses asks
everyone: what its answers may be pooled with (basis), and the lowest standard
code of a favorable answer. One row per survey, measure and wording.
Counts nothing. Keyed by survey, measure.
*/
select
    response_survey.survey,
    question.question,
    question.measure,
    question.scale,
    instrument.family || '/' || question.scale || '/'
    || question.wording as basis,
    question.scale in ('thumbs', 'yes_no') as is_two_answers,
    favorable_from(question.scale in ('thumbs', 'yes_no')) as favourable_from
from response_survey
inner join instrument
    on response_survey.instrument = instrument.instrument
inner join instrument_question as question
    on response_survey.instrument = question.instrument
where question.asked_of = 'everyone' and question.measure is not null

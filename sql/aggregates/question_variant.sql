/*
Which wording of a question a survey report used, where anybody answered it. It
holds no answers. One row per survey report, measure and wording.
Counts reports.
*/
select
    survey_id,
    component,
    service,
    channel,
    quarter,
    measure,
    split_part(basis, '/', 3) as wording
from current_answer
where measure is not null and n_answers > 0

/*
The lowest standard code of a favorable answer to each measure, null where the
survey does not ask it. One row per survey of single responses.
Counts nothing. Keyed by survey.
*/
select
    survey,
    max(favourable_from) filter (where measure = 'trust') as trust,
    max(favourable_from) filter (where measure = 'satisfaction')
        as satisfaction,
    max(favourable_from) filter (where measure = 'effectiveness')
        as effectiveness,
    max(favourable_from) filter (where measure = 'ease') as ease,
    max(favourable_from) filter (where measure = 'efficiency') as efficiency,
    max(favourable_from) filter (where measure = 'transparency')
        as transparency,
    max(favourable_from) filter (where measure = 'humanity') as humanity,
    max(favourable_from) filter (where measure = 'employee') as employee
from survey_question
group by survey

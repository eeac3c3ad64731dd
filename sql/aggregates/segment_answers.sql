/*
Answers to the standard questions by group of respondents, one attribute at a
time. Whoever did not state the attribute is in the group not_stated, of every
Component and quarter, so that the groups of an attribute add up to all answers.
One row per Component, quarter, measure, basis (its last part the attribute) and
group.
Counts answers in n_answers with n_favourable; for each measure and segment.
*/
with long as (
    unpivot segment_count
    on
    (trust_favourable, trust_answers) as trust,
    (satisfaction_favourable, satisfaction_answers) as satisfaction,
    (effectiveness_favourable, effectiveness_answers) as effectiveness,
    (ease_favourable, ease_answers) as ease,
    (efficiency_favourable, efficiency_answers) as efficiency,
    (transparency_favourable, transparency_answers) as transparency,
    (humanity_favourable, humanity_answers) as humanity,
    (employee_favourable, employee_answers) as employee
    into name measure value n_favourable, n_answers
),

stated as (
    select
        report.component,
        long.quarter,
        long.measure,
        answer.basis,
        long.segment,
        long.segment_value,
        sum(long.n_favourable)::bigint as n_favourable,
        sum(long.n_answers)::bigint as n_answers
    from long
    inner join current_report as report
        on
            long.survey = report.survey
            and long.channel = report.channel
            and long.quarter = report.quarter
    inner join (
        select distinct
            survey,
            measure,
            basis
        from response_answer
    ) as answer
        on
            long.survey = answer.survey
            and long.measure = answer.measure
    inner join (
        select distinct
            survey,
            channel,
            quarter
        from usable_response
    ) as usable
        on
            long.survey = usable.survey
            and long.channel = usable.channel
            and long.quarter = usable.quarter
    where long.n_answers > 0
    group by
        report.component, long.quarter, long.measure, answer.basis,
        long.segment, long.segment_value
),

everyone as (
    select
        component,
        quarter,
        measure,
        basis,
        sum(n_favourable)::bigint as n_favourable,
        sum(n_answers)::bigint as n_answers
    from survey_answers
    where component <> 'FED'
    group by component, quarter, measure, basis
),

attributes as (
    select distinct
        measure,
        basis,
        segment
    from stated
),

known as (
    select
        component,
        quarter,
        measure,
        basis,
        segment,
        sum(n_favourable)::bigint as n_favourable,
        sum(n_answers)::bigint as n_answers
    from stated
    group by component, quarter, measure, basis, segment
),

not_stated as (
    select
        everyone.component,
        everyone.quarter,
        everyone.measure,
        everyone.basis,
        attributes.segment,
        'not_stated' as segment_value,
        everyone.n_favourable - coalesce(known.n_favourable, 0)
            as n_favourable,
        everyone.n_answers - coalesce(known.n_answers, 0) as n_answers
    from everyone
    inner join attributes
        on
            everyone.measure = attributes.measure
            and everyone.basis = attributes.basis
    left join known
        on
            everyone.component = known.component
            and everyone.quarter = known.quarter
            and everyone.measure = known.measure
            and everyone.basis = known.basis
            and attributes.segment = known.segment
),

groups as (
    select stated.*
    from stated
    inner join (
        select distinct
            measure,
            basis
        from everyone
    ) as standard
        on
            stated.measure = standard.measure
            and stated.basis = standard.basis
    union all
    select * from not_stated
    where n_answers > 0
)

select
    component,
    quarter,
    measure,
    basis || '/' || segment as basis,
    segment,
    segment_value,
    n_favourable,
    n_answers
from groups

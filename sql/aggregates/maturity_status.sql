/*
Every practice of the model in every assessment, as the latest load says. A
practice without an answer is unanswered; an assessment that answers nothing is
none. One row per assessment (Component, unit or null, model, day) and practice.
Counts practices; for each unit, model and assessed_on. A stock.
*/
with answer as (
    select *
    from maturity_answer
    qualify row_number() over (
        partition by component, unit, model, assessed_on, practice
        order by load_id desc
    ) = 1
),

assessment as (
    select
        component,
        unit,
        model,
        assessed_on,
        max_by(method, load_id) as method,
        max_by(participants, load_id) as participants
    from answer
    group by component, unit, model, assessed_on
    having max(case when status <> 'unanswered' then 1 else 0 end) = 1
)

select
    assessment.component,
    assessment.unit,
    assessment.model,
    assessment.assessed_on,
    assessment.method,
    assessment.participants,
    practice.function,
    practice.level,
    practice.practice,
    practice.text,
    practice.sort_order,
    coalesce(answer.status, 'unanswered') as status,
    answer.evidence_url
from assessment
inner join maturity_practice as practice
    on assessment.model = practice.model
left join answer
    on
        assessment.component = answer.component
        and coalesce(assessment.unit, '') = coalesce(answer.unit, '')
        and assessment.model = answer.model
        and assessment.assessed_on = answer.assessed_on
        and practice.practice = answer.practice

/*
Answers of the planned assessments. The plan says how far each core function
reaches: 1.6 is all of level 1 and about six tenths of level 2. What decides for a
practice is drawn once for all assessments of a Component, so that a further reach
adds practices to those that were done before. One row per assessment and
practice.
*/
with reach as (
    select *
    from assessment_plan
    unpivot (
        reach for function in (
            governance_strategy, culture_organization, customer_understanding,
            service_design, measurement, organization
        )
    )
),

answered as (
    select
        reach.*,
        practice.practice,
        hash(setting.seed, reach.component, reach.unit, practice.practice)
            as seed,
        practice.level - 1 + drawn(
            hash(setting.seed, reach.component, practice.practice), 'practice'
        ) as needs
    from reach
    cross join setting
    inner join maturity_practice as practice
        on
            reach.model = practice.model
            and reach.function = practice.function
)

select
    answered.component,
    answered.unit,
    answered.model,
    answered.assessed_on,
    answered.method,
    answered.participants,
    answered.practice,
    coalesce(
        exception.status,
        if(answered.needs < answered.reach, 'done', 'not_done')
    ) as status,
    case
        when
            exception.status is null
            and answered.needs < answered.reach
            and drawn(answered.seed, 'evidence') < 0.3
            then
                'https://evidence.example.gov/' || lower(answered.component)
                || '/' || answered.practice
    end as evidence_url
from answered
left join assessment_exception_plan as exception
    on
        answered.component = exception.component
        and answered.unit is null
        and answered.assessed_on = exception.assessed_on
        and answered.practice = exception.practice

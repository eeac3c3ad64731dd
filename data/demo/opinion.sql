/*
What each respondent felt before the survey asks: about trust, satisfaction and
each driver, and which drivers he or she would tick. One row per response.
*/
with gathered as (
    select
        seed,
        sum(adds_to_trust)::double
        + any_value(open_part) * bell(seed, 'trust') as adds_to_trust,
        max(feeling) filter (where driver = 'effectiveness') as effectiveness,
        max(feeling) filter (where driver = 'ease') as ease,
        max(feeling) filter (where driver = 'efficiency') as efficiency,
        max(feeling) filter (where driver = 'transparency') as transparency,
        max(feeling) filter (where driver = 'humanity') as humanity,
        max(feeling) filter (where driver = 'employee') as employee,
        coalesce(list(driver order by driver) filter (where well > 0.9), [])
            as well,
        coalesce(list(driver order by driver) filter (where badly > 0.9), [])
            as badly,
        arg_max(driver, feeling) as best,
        arg_min(driver, feeling) as worst
    from experience
    group by seed
)

select
    respondent.*,
    gathered.effectiveness,
    gathered.ease,
    gathered.efficiency,
    gathered.transparency,
    gathered.humanity,
    gathered.employee,
    gathered.well,
    gathered.badly,
    gathered.best,
    gathered.worst,
    quarter_plan.trust + gathered.adds_to_trust as trust,
    quarter_plan.trust + 0.1 + 0.85 * gathered.adds_to_trust
    + 0.52 * bell(gathered.seed, 'satisfaction') as satisfaction,
    drawn(gathered.seed, 'other well') < 0.04 as is_other_well,
    drawn(gathered.seed, 'other badly') < 0.07 as is_other_badly
from gathered
inner join respondent on gathered.seed = respondent.seed
inner join quarter_plan
    on
        respondent.survey = quarter_plan.survey
        and respondent.quarter = quarter_plan.quarter

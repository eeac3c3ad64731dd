/*
By how much respondents of a group feel better or worse about a driver than
others. One row per response and driver concerned.
*/
select
    respondent.seed,
    group_effect_plan.driver,
    sum(group_effect_plan.effect::decimal(6, 3))::double as shift
from respondent
inner join group_effect_plan
    on
        respondent.survey = group_effect_plan.survey
        and respondent.segments[group_effect_plan.segment]
        = group_effect_plan.segment_value
group by respondent.seed, group_effect_plan.driver

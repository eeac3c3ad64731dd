/*
What each survey has in each quarter: customers, offers, responses, the mood of
the season and how the collection was filed. Customers depend on the service
alone, since surveys of one service may describe the same customers. One row per
survey and fiscal quarter with responses.
*/
with quarters as (
    select
        quarter_add(setting.first_quarter, step.number::int) as quarter,
        step.number // 4 as n_years
    from setting, unnest(range(setting.n_quarters)) as step (number)
),

planned as (
    select
        survey_plan.*,
        response_survey.service,
        response_survey.channel,
        quarters.quarter,
        quarters.n_years,
        season_plan.volume * coalesce(volume_event_plan.factor, 1) as volume,
        season_plan.mood,
        report_plan.what,
        hash(setting.seed, survey_plan.survey, quarters.quarter) as seed,
        hash(setting.seed, response_survey.service, quarters.quarter)
            as service_seed
    from survey_plan
    cross join setting
    inner join response_survey on survey_plan.survey = response_survey.survey
    inner join quarters
        on
            quarters.quarter >= survey_plan.first_quarter
            and quarters.quarter <= survey_plan.last_quarter
    inner join season_plan
        on
            survey_plan.season = season_plan.season
            and right(quarters.quarter, 1)::int = season_plan.quarter_of_year
    left join volume_event_plan
        on
            response_survey.service = volume_event_plan.service
            and quarters.quarter = volume_event_plan.quarter
    left join report_plan
        on
            survey_plan.survey = report_plan.survey
            and quarters.quarter = report_plan.quarter
),

with_customers as (
    select
        *,
        round(
            customers * volume * (1 + growth * n_years)
            * (0.95 + 0.10 * drawn(service_seed, 'customers'))
        )::bigint as n_customers
    from planned
    where what is distinct from 'missing'
),

with_offers as (
    select
        *,
        round(
            n_customers * offered_share * (0.94 + 0.12 * drawn(seed, 'offered'))
        )::bigint as n_offered
    from with_customers
)

select
    survey,
    service,
    channel,
    quarter,
    seed,
    profile,
    n_customers,
    n_offered,
    -- The smaller a survey, the more its responses vary by chance alone.
    round(
        n_offered * response_rate * (0.90 + 0.20 * drawn(seed, 'responses'))
        + 0.6 * sqrt(n_offered * response_rate) * bell(seed, 'chance')
    )::bigint as n_responses,
    trust + mood + 0.06 * (drawn(seed, 'wobble') - 0.5) as trust,
    what,
    case
        when what = 'late'
            then report_due_on(quarter) + 13
        else quarter_end(quarter) + 8 + floor(20 * drawn(seed, 'filed'))::int
    end as submitted_on
from with_offers

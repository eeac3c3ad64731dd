/*
What Components say of how they work: acquisitions, research, training, budget.
One row per Component, fiscal quarter and activity.
*/
with planned as (
    select
        maturity_plan.*,
        quarters.quarter,
        quarters.number,
        hash(setting.seed, maturity_plan.component, quarters.quarter) as seed
    from maturity_plan
    cross join setting
    cross join (
        select distinct
            quarter,
            4 * n_years + quarter_of_year - 1 as number
        from count_month
    ) as quarters
),

counted as (
    select
        *,
        round(acquisitions * (0.7 + 0.6 * drawn(seed, 'acquisitions')))
        ::bigint as n_acquisitions
    from planned
),

counts as (
    unpivot (
        select
            component,
            quarter,
            n_acquisitions as acquisition,
            least(n_acquisitions, round(n_acquisitions * (
                cx_share + cx_share_gain * number
            )))::bigint as acquisition_with_cx,
            floor(
                research_sessions * (0.6 + 0.08 * number)
                + 3 * drawn(seed, 'sessions')
            )::bigint as research_session,
            floor(
                usability_tests * (0.7 + 0.06 * number)
                + 2 * drawn(seed, 'tests')
            )::bigint as usability_test,
            round(staff_trained * (0.7 + 0.6 * drawn(seed, 'trained')))
            ::bigint as staff_trained,
            coalesce(quarter >= budget_from, false)::bigint as cx_budget_line,
            1::bigint as cx_budget_answer
        from counted
    )
    on columns(* exclude (component, quarter))
    into name activity value n
)

select
    component,
    quarter,
    activity,
    n
from counts

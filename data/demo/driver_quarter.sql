/*
How good each driver is on average in each survey and quarter, how much it
counts for trust there, and how much of trust the drivers leave open. Shifts are
what true changes did. One row per survey, fiscal quarter and driver.
*/
with shifts as (
    select
        survey,
        driver,
        first_quarter,
        last_quarter,
        effect::decimal(6, 3) as effect
    from event_plan
),

open_share as (
    -- Of two drivers' feelings 0.3025 is shared; bell() has variance 1.
    select
        profile,
        sqrt(
            1 - 0.6975 * sum((weight * weight)::decimal(9, 6))::double
            - 0.3025 * pow(sum(weight::decimal(9, 6))::double, 2)
        ) as open_part
    from driver_plan
    group by profile
)

select
    quarter_plan.survey,
    quarter_plan.quarter,
    driver_plan.driver,
    driver_plan.weight,
    driver_plan.salience,
    any_value(open_share.open_part) as open_part,
    coalesce(sum(shifts.effect), 0)::double as shift,
    any_value(quarter_plan.trust) + driver_plan.level + shift as level
from quarter_plan
inner join driver_plan on quarter_plan.profile = driver_plan.profile
inner join open_share on quarter_plan.profile = open_share.profile
left join shifts
    on
        quarter_plan.survey = shifts.survey
        and driver_plan.driver = shifts.driver
        and quarter_plan.quarter >= shifts.first_quarter
        and quarter_plan.quarter <= shifts.last_quarter
group by
    quarter_plan.survey, quarter_plan.quarter, driver_plan.driver,
    driver_plan.weight, driver_plan.salience, driver_plan.level

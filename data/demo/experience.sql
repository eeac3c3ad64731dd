/*
How each respondent felt about each driver, above 0 being favorable, what that
adds to his or her trust, and whether the driver is worth a tick if asked what
went well or what did not. One row per response and driver.
*/
with felt as (
    select
        respondent.seed,
        driver_quarter.driver,
        driver_quarter.level,
        driver_quarter.weight,
        driver_quarter.salience,
        driver_quarter.open_part,
        driver_quarter.shift,
        coalesce(group_shift.shift, 0)
        + 0.55 * bell(respondent.seed, 'mood of the day')
        + sqrt(0.6975) * bell(respondent.seed, driver_quarter.driver)
            as deviation
    from respondent
    inner join driver_quarter
        on
            respondent.survey = driver_quarter.survey
            and respondent.quarter = driver_quarter.quarter
    left join group_shift
        on
            respondent.seed = group_shift.seed
            and driver_quarter.driver = group_shift.driver
)

select
    seed,
    driver,
    open_part,
    level + deviation as feeling,
    -- An exact number, so that a sum does not depend on its order.
    (weight * (deviation + shift))::decimal(12, 9) as adds_to_trust,
    0.6 * (level + deviation) + salience
    + 0.8 * bell(seed, driver || ' well') as well,
    -0.6 * (level + deviation) + salience
    + 0.8 * bell(seed, driver || ' badly') as badly
from felt

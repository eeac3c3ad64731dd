/*
Which drivers the surveys of a service and channel had in the list of drivers.
It holds no answers. One row per Component, service, channel, quarter, basis of
the trust question and driver.
Counts surveys. A stock.
*/
select distinct
    component,
    service,
    channel,
    quarter,
    basis,
    driver
from driver_answers
where driver <> 'any_driver' and n_positive_shown + n_negative_shown > 0

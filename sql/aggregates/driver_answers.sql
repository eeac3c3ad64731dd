/*
What went well and what did not, ticked from a list: of each driver how many with
a favorable trust answer were shown it as something that went well and ticked
it, and how many with another answer were shown it as something that did not. The
driver any_driver counts those who were shown, and ticked, at least one. One row per
Component, service, channel, quarter, basis of the trust question and driver.
Counts respondents in n_positive_shown + n_negative_shown with n_positive,
n_negative; for each driver.
*/
with long as (
    unpivot usable_response
    on
    (
        positive_effectiveness_shown, positive_effectiveness_ticked,
        negative_effectiveness_shown, negative_effectiveness_ticked
    ) as effectiveness,
    (
        positive_ease_shown, positive_ease_ticked,
        negative_ease_shown, negative_ease_ticked
    ) as ease,
    (
        positive_efficiency_shown, positive_efficiency_ticked,
        negative_efficiency_shown, negative_efficiency_ticked
    ) as efficiency,
    (
        positive_transparency_shown, positive_transparency_ticked,
        negative_transparency_shown, negative_transparency_ticked
    ) as transparency,
    (
        positive_humanity_shown, positive_humanity_ticked,
        negative_humanity_shown, negative_humanity_ticked
    ) as humanity,
    (
        positive_employee_shown, positive_employee_ticked,
        negative_employee_shown, negative_employee_ticked
    ) as employee,
    (
        positive_other_shown, positive_other_ticked,
        negative_other_shown, negative_other_ticked
    ) as other,
    (
        positive_any_shown, positive_any_ticked,
        negative_any_shown, negative_any_ticked
    ) as any_driver
    into
    name driver
    value n_positive_shown, n_positive, n_negative_shown, n_negative
)

select
    component,
    service,
    channel,
    quarter,
    trust_basis as basis,
    driver,
    sum(n_positive_shown)::bigint as n_positive_shown,
    sum(n_positive)::bigint as n_positive,
    sum(n_negative_shown)::bigint as n_negative_shown,
    sum(n_negative)::bigint as n_negative
from long
where trust_basis is not null
group by component, service, channel, quarter, trust_basis, driver
having sum(n_positive_shown) + sum(n_negative_shown) > 0

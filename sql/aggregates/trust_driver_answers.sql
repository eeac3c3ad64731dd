/*
How favorable trust answers go with each driver of trust. Of instruments that ask
everyone to rate a driver, those who rated it favorably against the others; of
instruments that let respondents tick drivers, those who ticked it, on either
list, against the others who were shown it. The attribute names driver and kind.
One row per Component, service, channel, quarter, basis of the trust question,
attribute and group (yes or no).
Counts answers in n_answers with n_favourable; for each basis.
*/
with rated as (
    unpivot usable_response
    on
    (
        effectiveness_1_trust_1, effectiveness_1_trust_0,
        effectiveness_0_trust_1, effectiveness_0_trust_0
    ) as effectiveness,
    (
        ease_1_trust_1, ease_1_trust_0,
        ease_0_trust_1, ease_0_trust_0
    ) as ease,
    (
        efficiency_1_trust_1, efficiency_1_trust_0,
        efficiency_0_trust_1, efficiency_0_trust_0
    ) as efficiency,
    (
        transparency_1_trust_1, transparency_1_trust_0,
        transparency_0_trust_1, transparency_0_trust_0
    ) as transparency,
    (
        humanity_1_trust_1, humanity_1_trust_0,
        humanity_0_trust_1, humanity_0_trust_0
    ) as humanity,
    (
        employee_1_trust_1, employee_1_trust_0,
        employee_0_trust_1, employee_0_trust_0
    ) as employee
    into
    name driver
    value yes_favourable, yes_other, no_favourable, no_other
),

ticked as (
    select
        *,
        n_positive as yes_favourable,
        n_negative as yes_other,
        n_positive_shown - n_positive as no_favourable,
        n_negative_shown - n_negative as no_other
    from driver_answers
    where driver <> 'any_driver'
),

both_kinds as (
    select
        component,
        service,
        channel,
        quarter,
        trust_basis as basis,
        'rated-' || driver as attribute,
        yes_favourable,
        yes_other,
        no_favourable,
        no_other
    from rated
    union all
    select
        component,
        service,
        channel,
        quarter,
        basis,
        'ticked-' || driver as attribute,
        yes_favourable,
        yes_other,
        no_favourable,
        no_other
    from ticked
),

summed as (
    select
        component,
        service,
        channel,
        quarter,
        basis,
        attribute,
        sum(yes_favourable)::bigint as yes_favourable,
        sum(yes_favourable + yes_other)::bigint as n_yes,
        sum(no_favourable)::bigint as no_favourable,
        sum(no_favourable + no_other)::bigint as n_no
    from both_kinds
    where basis is not null
    group by component, service, channel, quarter, basis, attribute
    having sum(yes_favourable + yes_other + no_favourable + no_other) > 0
)

select
    component,
    service,
    channel,
    quarter,
    basis || '/' || attribute as basis,
    'yes' as is_named,
    yes_favourable as n_favourable,
    n_yes as n_answers
from summed
where n_yes > 0
union all
select
    component,
    service,
    channel,
    quarter,
    basis || '/' || attribute as basis,
    'no' as is_named,
    no_favourable as n_favourable,
    n_no as n_answers
from summed
where n_no > 0

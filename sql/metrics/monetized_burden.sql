/*
title: Value of burden hours
description: >-
  What the hours a year are worth at a documented hourly wage with benefits,
  where the table wage has one. It is another thing than burden cost and is
  never added to it. One row per Component, quarter, basis and control
  number.
question: null
kind: total
unit: US dollars a year
better: lower
family: burden
basis: >-
  Kind of source and of value: approved figures of a whole inventory, approved
  ones copied by hand, and requested ones; never added up.
over_time: last
breakdown: control_number
minimum_n: 0
source: >-
  Paperwork Reduction Act submission, item 12; wages from the table wage
owner: DHS Customer Experience
was: monetised_burden
version: 1
changelog:
  1: First version.
*/
with priced as (
    select
        burden_inventory.*,
        wage.hourly_wage_usd * wage.multiplier as usd_per_hour
    from burden_inventory
    inner join wage
        on
            year(quarter_start(burden_inventory.quarter)) >= wage.year
            and (
                wage.omb_control_number is null
                or burden_inventory.control_number
                = wage.omb_control_number
            )
    where
        burden_inventory.is_counted
        and burden_inventory.hours is not null
    qualify row_number() over (
        partition by burden_inventory.quarter, burden_inventory.icr_reference
        order by wage.omb_control_number asc nulls last, wage.year desc
    ) = 1
)

select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    basis,
    control_number,
    sum(hours * usd_per_hour)::double as value
from priced
group by component, quarter, basis, control_number

/*
title: Approvals that expire soon
description: >-
  Active approvals that expire within 180 days of the day of the inventory, in
  two parts: within 90 days, and after that. One row per Component, quarter
  and part.
question: null
kind: total
unit: approvals
better: lower
family: burden
basis: >-
  Whole inventories alone, judged at the day of the inventory.
over_time: last
breakdown: due
minimum_n: 0
source: >-
  Paperwork Reduction Act; inventory of information collections at reginfo.gov
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with parts as (
    select unnest(['days_0_90', 'days_91_180']) as due
)

select
    inventory.component,
    null as service,
    null as channel,
    inventory.quarter,
    null::date as month,
    inventory.basis,
    parts.due,
    count(*) filter (
        where case parts.due
            when 'days_0_90'
                then
                    inventory.expires_on - inventory.snapshot_on
                    between 0 and 90
            else
                inventory.expires_on - inventory.snapshot_on
                between 91 and 180
        end
    ) as value
from burden_inventory as inventory
cross join parts
where not inventory.is_partial_inventory
group by
    inventory.component, inventory.quarter, inventory.basis, parts.due

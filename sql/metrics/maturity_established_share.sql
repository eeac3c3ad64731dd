/*
title: CX maturity, functions established
description: >-
  Of the core functions of customer-experience maturity, the share that
  reached the level Established or a higher one. A Component with an unanswered
  practice has no figure. One row per Component, quarter with an assessment,
  and model that has such a level.
question: null
kind: share
unit: share of core functions
better: higher
family: maturity
basis: >-
  Model and version; assessments by different models or versions are never
  added up or compared. Only assessments of a Component as a whole count.
over_time: last
breakdown: null
minimum_n: 0
source: >-
  DHS CX Maturity Model (dhs.gov/cx/initiatives/cx-maturity/model); practices
  in the project's own words
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
select
    profile.component,
    null as service,
    null as channel,
    profile.quarter,
    null::date as month,
    'maturity/functions/' || profile.model as basis,
    count(case when profile.level >= established.level then 1 end)
        as numerator,
    count(profile.level) as denominator
from maturity_profile as profile
inner join maturity_level as established
    on
        profile.model = established.model
        and established.name = 'Established'
where profile.unit is null and profile.is_last_in_quarter
group by profile.component, profile.quarter, profile.model
having sum(profile.n_unanswered) = 0 and count(profile.level) > 0

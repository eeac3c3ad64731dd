/*
title: CX maturity, practices done
description: >-
  Of the practices that apply to a Component, the share that it does, for each
  core function of customer-experience maturity. A function with an unanswered
  practice has no figure, and there is a total only where every function has
  one. One row per Component, quarter with an assessment, model and core
  function.
question: null
kind: share
unit: share of applicable practices
better: higher
family: maturity
basis: >-
  Model and version; assessments by different models or versions are never
  added up or compared. Only assessments of a Component as a whole count.
over_time: last
breakdown: function
own_total: true
minimum_n: 0
source: >-
  DHS CX Maturity Model (dhs.gov/cx/initiatives/cx-maturity/model); practices
  in the project's own words
owner: DHS Customer Experience
version: 1
changelog:
  1: First version.
*/
with assessed as (
    select
        component,
        quarter,
        'maturity/practices/' || model as basis,
        function,
        n_done,
        n_applicable,
        n_unanswered
    from maturity_profile
    where unit is null and is_last_in_quarter
)

select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    basis,
    function,
    n_done as numerator,
    n_applicable as denominator
from assessed
where n_unanswered = 0 and n_applicable > 0
union all
select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    basis,
    null as function,
    sum(n_done)::bigint as numerator,
    sum(n_applicable)::bigint as denominator
from assessed
group by component, quarter, basis
having sum(n_unanswered) = 0 and sum(n_applicable) > 0

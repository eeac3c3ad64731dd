/*
title: Drivers asked of everyone
description: >-
  Of the customers who answered a yes or no question on a driver, such as
  whether connecting to an agent was easy, the share who said yes. Never
  mixed with drivers ticked from a list. One row per Component, service,
  channel, quarter, basis and driver.
question: null
kind: share
unit: share of answers
better: higher
family: experience
basis: >-
  Instrument family and scale; every driver has a question of its own, so
  there is no row for all of them.
over_time: sum
breakdown: driver
minimum_n: 11
source: >-
  TSA Contact Center survey, OMB control number 1601-0029
owner: DHS Customer Experience
version: 2
changelog:
  1: First version.
  2: Answers without a channel count too; none came so far.
*/
select
    report.component,
    report.service,
    answer.channel,
    answer.quarter,
    answer.month,
    report.family || '/yes_no/' || answer.measure as basis,
    answer.measure as driver,
    sum(answer.n_1)::bigint as numerator,
    sum(answer.n_answers)::bigint as denominator
from response_answer as answer
inner join usable_response as report
    on
        answer.survey = report.survey
        and answer.channel is not distinct from report.channel
        and answer.quarter = report.quarter
        and answer.month is not distinct from report.month
where answer.scale = 'yes_no' and answer.measure <> 'trust'
group by
    report.component, report.service, answer.channel, answer.quarter,
    answer.month, report.family, answer.measure

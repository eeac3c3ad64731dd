/*
Component, service and quarter (or fiscal year) for which a survey metric has no
number, with the reason in words. Only up to the last quarter for which people
were counted anywhere: the reporting board goes on to quarters that are not due
yet, and so do metrics that count reports. One row per metric, level, Component,
service and period without a number.
*/
with last_quarter as (
    select max(grid.period) as quarter
    from grid
    inner join metric on grid.metric = metric.metric
    where
        grid.period_kind = 'quarter'
        and metric.is_survey
        and metric.minimum_n > 0
        and not metric.is_of_loads
),

quarters as (
    select distinct reporting_board.quarter
    from reporting_board
    cross join last_quarter
    where
        reporting_board.quarter
        <= coalesce(last_quarter.quarter, reporting_board.quarter)
),

scopes as (
    select
        'department' as level,
        'all' as component,
        'all' as service
    union all
    select
        'component' as level,
        component,
        'all' as service
    from component
    union all
    select
        'service' as level,
        component,
        service
    from service
),

expected as (
    select
        metric.metric,
        metric.family,
        scopes.level,
        scopes.component,
        scopes.service,
        quarters.quarter
    from metric
    cross join scopes
    cross join quarters
    where metric.is_survey
),

missing as (
    select expected.*
    from expected
    left join grid
        on
            expected.metric = grid.metric
            and expected.level = grid.level
            and expected.component = grid.component
            and expected.service = grid.service
            and expected.quarter = grid.period
            and grid.channel = 'all'
    where grid.row_id is null
),

board as (
    select
        scopes.level,
        scopes.component,
        scopes.service,
        reporting_board.quarter,
        bool_or(
            reporting_board.reporting_status in ('complete', 'late', 'partial')
        )
            as is_filed,
        min(reporting_board.reason) as reason
    from scopes
    inner join reporting_board
        on
            scopes.component in ('all', reporting_board.component)
            and scopes.service in ('all', reporting_board.service)
    group by
        scopes.level, scopes.component, scopes.service, reporting_board.quarter
),

faults as (
    select
        scopes.level,
        scopes.component,
        scopes.service,
        finding.quarter,
        case
            when finding.applies_to in ('answers', 'all') then 'experience'
            else 'response'
        end as family,
        min(finding.reason) as reason
    from scopes
    inner join survey_finding as finding
        on
            scopes.component in ('all', finding.component)
            and scopes.service in ('all', finding.service)
    where
        finding.effect = 'quarantined'
        and finding.component <> 'FED'
    group by all
),

/* Where people of a private source gave such answers at all: that none is left
may mean nobody, or too few to tell. */
answered as (
    select distinct
        every_sum.metric,
        every_sum.level,
        every_sum.component,
        every_sum.service
    from every_sum
    inner join metric on every_sum.metric = metric.metric
    where
        every_sum.is_private
        and metric.group = 'answer'
),

by_quarter as (
    select
        missing.*,
        case
            when answered.metric is not null and board.is_filed
                then 'suppressed'
            when board.quarter is null then 'not_designated'
            when not board.is_filed then 'not_reported'
            when faults.reason is not null then 'not_reported'
            when missing.family = 'experience' then 'not_asked'
            else 'not_reported'
        end as status,
        case
            when answered.metric is not null and board.is_filed
                then 'Nobody, or fewer than 11 people, gave such an answer.'
            when board.quarter is null and missing.level = 'service'
                then 'The service was not designated for reporting.'
            when board.quarter is null
                then
                    component.name
                    || ' has no service designated for quarterly reporting.'
            when not board.is_filed then board.reason
            when faults.reason is not null then faults.reason
            when missing.family = 'experience'
                then 'The survey did not ask this question.'
            else 'The report does not give the figures this needs.'
        end as reason
    from missing
    left join board
        on
            missing.level = board.level
            and missing.component = board.component
            and missing.service = board.service
            and missing.quarter = board.quarter
    left join answered
        on
            missing.metric = answered.metric
            and missing.level = answered.level
            and missing.component = answered.component
            and missing.service = answered.service
    left join faults
        on
            missing.level = faults.level
            and missing.component = faults.component
            and missing.service = faults.service
            and missing.quarter = faults.quarter
            and missing.family = faults.family
    left join component on missing.component = component.component
),

by_year as (
    select
        by_quarter.metric,
        by_quarter.level,
        by_quarter.component,
        by_quarter.service,
        fiscal_year(by_quarter.quarter) as period,
        case
            when
                count(distinct by_quarter.status) = 1
                then min(by_quarter.status)
            else 'not_reported'
        end as status,
        case
            when
                count(distinct by_quarter.reason) = 1
                then min(by_quarter.reason)
            else 'No quarter of the year has a usable figure.'
        end as reason
    from by_quarter
    left join grid
        on
            by_quarter.metric = grid.metric
            and by_quarter.level = grid.level
            and by_quarter.component = grid.component
            and by_quarter.service = grid.service
            and fiscal_year(by_quarter.quarter) = grid.period
            and grid.channel = 'all'
    where grid.row_id is null
    group by all
)

select
    metric,
    level,
    component,
    service,
    'quarter' as period_kind,
    quarter as period,
    status,
    reason
from by_quarter
union all
select
    metric,
    level,
    component,
    service,
    'fiscal_year' as period_kind,
    period,
    status,
    reason
from by_year

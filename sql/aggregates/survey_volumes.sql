/*
How many customers used a service, were offered a survey and answered it.
Customers that several surveys of one quarter share are counted once. Where one
survey does not say how many customers it stands for, the sum is null, not a
smaller number. The columns for rates hold only surveys whose two counts can be
compared. One row per Component, service, channel, quarter and instrument
family.
Counts respondents in respondents with respondents_offered, respondents_covered;
people offered in offered with offered_counted, offered_reached; customers in
customers with customers_reached, customers_covered.
*/
with quarantined as (
    select
        survey_id,
        bool_or(applies_to = 'all') as is_all,
        bool_or(applies_to = 'offered') as is_offered,
        bool_or(applies_to = 'customers') as is_customers,
        bool_or(applies_to = 'reach') as is_reach
    from survey_finding
    where effect = 'quarantined'
    group by survey_id
),

usable as (
    select
        report.component,
        report.service,
        report.channel,
        report.quarter,
        report.family,
        coalesce(service.is_customers_shared, false) as is_shared,
        report.respondents,
        case
            when not coalesce(quarantined.is_offered, false)
                then report.offered
        end as offered,
        case
            when not coalesce(quarantined.is_customers, false)
                then report.customers
        end as customers,
        coalesce(quarantined.is_reach, false) as is_reach_quarantined
    from current_report as report
    left join quarantined on report.survey_id = quarantined.survey_id
    left join service on report.service = service.service
    where not coalesce(quarantined.is_all, false)
),

summed as (
    select
        component,
        service,
        channel,
        quarter,
        family,
        sum(respondents)::bigint as respondents,
        case when count(*) = count(offered) then sum(offered)::bigint end
            as offered,
        case
            when count(*) <> count(customers) then null
            when bool_or(is_shared) then max(customers)
            else sum(distinct customers)::bigint
        end as customers,
        sum(case when offered is not null then respondents end)::bigint
            as respondents_offered,
        sum(case when respondents is not null then offered end)::bigint
            as offered_counted,
        bool_or(is_reach_quarantined) as is_reach_quarantined
    from usable
    group by component, service, channel, quarter, family
)

select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    family,
    respondents,
    offered,
    customers,
    respondents_offered,
    offered_counted,
    case
        when customers > 0 and not is_reach_quarantined then offered
    end as offered_reached,
    case
        when offered is not null and not is_reach_quarantined then customers
    end as customers_reached,
    case when customers > 0 then respondents end as respondents_covered,
    case when respondents is not null then customers end as customers_covered
from summed

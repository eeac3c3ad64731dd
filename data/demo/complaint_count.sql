/*
Complaints, drawn around what the plan expects. One row per service, category,
channel, place and month with a complaint.
*/
with expected as (
    select
        service_month.component,
        service_month.service,
        service_month.month,
        complaint_plan.category,
        complaint_channel_plan.channel,
        place_plan.place,
        service_month.customers * service_month.complaints_per_100000 / 100000
        * complaint_plan.share * complaint_channel_plan.share
        * coalesce(place_plan.share, 1)
        * coalesce(complaint_event_plan.factor, 1) as expected,
        hash(
            setting.seed, service_month.service, service_month.month,
            complaint_plan.category, complaint_channel_plan.channel,
            place_plan.place
        ) as seed
    from service_month
    cross join setting
    inner join complaint_plan
        on service_month.profile = complaint_plan.profile
    inner join complaint_channel_plan
        on service_month.profile = complaint_channel_plan.profile
    left join place_plan on service_month.service = place_plan.service
    left join complaint_event_plan
        on
            service_month.service = complaint_event_plan.service
            and complaint_plan.category = complaint_event_plan.category
            and service_month.month >= complaint_event_plan.first_month
            and service_month.month <= complaint_event_plan.last_month
),

counted as (
    select
        *,
        greatest(0, floor(
            expected + if(expected >= 5, sqrt(expected), 0) * bell(seed, 'n')
            + drawn(seed, 'rest')
        ))::bigint as n
    from expected
)

select
    component,
    service,
    channel,
    place,
    month,
    category,
    n
from counted
where n > 0

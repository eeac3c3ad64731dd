/*
Everything that was counted beside the surveys, as teams would have sent it. One
row per Component, service, channel, place, period, activity and category.
*/
with counts as (
    select
        component,
        service,
        month as starts_on,
        'customer' as activity,
        customers as n
    from service_month
    union all by name
    select
        component,
        service,
        channel,
        place,
        month as starts_on,
        'complaint' as activity,
        category,
        n
    from complaint_count
    union all by name
    select
        component,
        service,
        channel,
        month as starts_on,
        unnest([
            'contact_offered', 'contact_answered', 'contact_abandoned',
            'contact_outcome_known', 'contact_resolved_first'
        ]) as activity,
        unnest([n_offered, n_answered, n_abandoned, n_known, n_resolved]) as n
    from contact_count
    union all by name
    select
        component,
        service,
        'website' as channel,
        form as place,
        month as starts_on,
        unnest(['form_start', 'form_completion']) as activity,
        unnest([n_starts, n_completed]) as n
    from form_count
    union all by name
    select
        component,
        service,
        'website' as channel,
        page as place,
        month as starts_on,
        unnest(['page_helpful', 'page_not_helpful']) as activity,
        unnest([n_helpful, n_not_helpful]) as n
    from page_count
    union all by name
    select
        component,
        service,
        'website' as channel,
        page as place,
        month as starts_on,
        'page_reason' as activity,
        reason as category,
        n
    from page_reason_count
    union all by name
    select
        component,
        quarter_start(quarter) as starts_on,
        activity,
        n,
        'quarter' as period_kind
    from maturity_count
)

select
    component,
    service,
    channel,
    place,
    coalesce(period_kind, 'month') as period_kind,
    starts_on,
    activity,
    category,
    n,
    null::varchar as report
from counts

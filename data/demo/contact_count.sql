/*
Contacts of contact centers: offered, answered, abandoned, with known outcome,
resolved at the first contact. One row per service, channel and month.
*/
with planned as (
    select
        contact_plan.*,
        service.component,
        count_month.month,
        season_plan.volume * coalesce(volume_event_plan.factor, 1)
        * (1 + contact_plan.growth * count_month.n_years) as volume,
        coalesce(contact_event_plan.answered_change, 0) as answered_change,
        coalesce(contact_event_plan.resolved_change, 0) as resolved_change,
        hash(
            setting.seed, contact_plan.service, contact_plan.channel,
            count_month.month
        ) as seed
    from contact_plan
    cross join setting
    cross join count_month
    inner join service on contact_plan.service = service.service
    inner join season_plan
        on
            contact_plan.season = season_plan.season
            and count_month.quarter_of_year = season_plan.quarter_of_year
    left join volume_event_plan
        on
            contact_plan.service = volume_event_plan.service
            and count_month.quarter = volume_event_plan.quarter
    left join contact_event_plan
        on
            contact_plan.service = contact_event_plan.service
            and contact_plan.channel = contact_event_plan.channel
            and count_month.month >= contact_event_plan.first_month
            and count_month.month <= contact_event_plan.last_month
),

offered as (
    select
        *,
        round(offered / 3 * volume * (0.95 + 0.10 * drawn(seed, 'offered')))
        ::bigint as n_offered
    from planned
),

answered as (
    select
        *,
        least(n_offered, round(n_offered * (
            answered_share + answered_change
            + 0.03 * (drawn(seed, 'answered') - 0.5)
        )))::bigint as n_answered
    from offered
),

known as (
    select
        *,
        round(n_answered * known_share)::bigint as n_known
    from answered
)

select
    component,
    service,
    channel,
    month,
    n_offered,
    n_answered,
    n_offered - n_answered as n_abandoned,
    n_known,
    round(n_known * (
        resolved_share + resolved_change
        + 0.03 * (drawn(seed, 'resolved') - 0.5)
    ))::bigint as n_resolved
from known

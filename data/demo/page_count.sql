/*
Votes on whether a page was helpful. One row per service, page and month.
*/
with planned as (
    select
        page_plan.*,
        service.component,
        count_month.month,
        season_plan.volume * coalesce(volume_event_plan.factor, 1)
        * (1 + page_plan.growth * count_month.n_years) as volume,
        hash(setting.seed, page_plan.page, page_plan.service, count_month.month)
            as seed
    from page_plan
    cross join setting
    cross join count_month
    inner join service on page_plan.service = service.service
    inner join season_plan
        on
            page_plan.season = season_plan.season
            and count_month.quarter_of_year = season_plan.quarter_of_year
    left join volume_event_plan
        on
            page_plan.service = volume_event_plan.service
            and count_month.quarter = volume_event_plan.quarter
),

voted as (
    select
        *,
        round(votes / 3 * volume * (0.92 + 0.16 * drawn(seed, 'votes')))
        ::bigint as n_votes,
        -- A month counts as changed once at least half of it came after.
        if(
            month + interval 14 day >= changed_on, helpful_share_after,
            helpful_share
        ) as expected_share
    from planned
),

counted as (
    select
        *,
        greatest(0, least(n_votes, round(
            n_votes * expected_share
            + sqrt(n_votes * expected_share * (1 - expected_share))
            * bell(seed, 'helpful')
        )))::bigint as n_helpful
    from voted
)

select
    component,
    service,
    page,
    month,
    n_helpful,
    n_votes - n_helpful as n_not_helpful,
    seed
from counted

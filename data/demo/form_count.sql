/*
Online forms opened and sent off. One row per service, form and month.
*/
with planned as (
    select
        form_plan.*,
        service.component,
        count_month.month,
        season_plan.volume * coalesce(volume_event_plan.factor, 1)
        * (1 + form_plan.growth * count_month.n_years) as volume,
        hash(setting.seed, form_plan.form, count_month.month) as seed
    from form_plan
    cross join setting
    cross join count_month
    inner join service on form_plan.service = service.service
    inner join season_plan
        on
            form_plan.season = season_plan.season
            and count_month.quarter_of_year = season_plan.quarter_of_year
    left join volume_event_plan
        on
            form_plan.service = volume_event_plan.service
            and count_month.quarter = volume_event_plan.quarter
),

started as (
    select
        *,
        round(starts / 3 * volume * (0.95 + 0.10 * drawn(seed, 'starts')))
        ::bigint as n_starts,
        -- A month counts as changed once at least half of it came after.
        if(
            month + interval 14 day >= changed_on, completed_share_after,
            completed_share
        ) as expected_share
    from planned
)

select
    component,
    service,
    form,
    month,
    n_starts,
    round(n_starts * (expected_share + 0.03 * (drawn(seed, 'share') - 0.5)))
    ::bigint as n_completed
from started

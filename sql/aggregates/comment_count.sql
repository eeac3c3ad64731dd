/*
Counts over the comments of comment_text: all of them (theme and sentiment
null), and those of each theme and sentiment. A comment counts in each of its
themes. One row per Component, service, channel, quarter, month, instrument
family and theme.
Counts comments in n_all with n_comments, n_negative, n_neutral, n_positive; for
each theme.
*/
with with_theme as (
    select
        remark.*,
        comment_theme.theme
    from comment_text as remark
    inner join comment_theme
        on
            remark.survey = comment_theme.survey
            and remark.quarter = comment_theme.quarter
            and remark.response_id = comment_theme.response_id
),

counted as (
    select
        component,
        service,
        channel,
        quarter,
        month,
        family,
        theme,
        count(*) as n_comments,
        count(*) filter (where sentiment = 'negative') as n_negative,
        count(*) filter (where sentiment = 'neutral') as n_neutral,
        count(*) filter (where sentiment = 'positive') as n_positive
    from with_theme
    group by component, service, channel, quarter, month, family, theme
),

everything as (
    select
        component,
        service,
        channel,
        quarter,
        month,
        family,
        count(*) as n_all,
        count(*) filter (where sentiment = 'negative') as n_negative,
        count(*) filter (where sentiment = 'neutral') as n_neutral,
        count(*) filter (where sentiment = 'positive') as n_positive
    from comment_text
    group by component, service, channel, quarter, month, family
)

select
    everything.component,
    everything.service,
    everything.channel,
    everything.quarter,
    everything.month,
    everything.family,
    theme.theme,
    everything.n_all,
    coalesce(counted.n_comments, 0) as n_comments,
    coalesce(counted.n_negative, 0) as n_negative,
    coalesce(counted.n_neutral, 0) as n_neutral,
    coalesce(counted.n_positive, 0) as n_positive
from everything
cross join theme
left join counted
    on
        everything.component = counted.component
        and everything.service = counted.service
        and everything.channel = counted.channel
        and everything.quarter = counted.quarter
        and everything.month is not distinct from counted.month
        and everything.family = counted.family
        and theme.theme = counted.theme
union all
select
    component,
    service,
    channel,
    quarter,
    month,
    family,
    null as theme,
    n_all,
    n_all as n_comments,
    n_negative,
    n_neutral,
    n_positive
from everything

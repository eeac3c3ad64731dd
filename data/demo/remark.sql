/*
The comments, put together from the sentences of the plan: sometimes an opening,
one sentence on the theme, sometimes a closing. One row per response with a
comment.
*/
with settings as (
    select distinct setting
    from survey_plan
),

sentences as (
    select
        comment_plan.part,
        comment_plan.driver,
        comment_plan.sentiment,
        settings.setting,
        list(comment_plan.text order by comment_plan.text) as texts
    from comment_plan
    inner join settings
        on comment_plan.setting in ('any', settings.setting)
    group by
        comment_plan.part, comment_plan.driver, comment_plan.sentiment,
        settings.setting
),

drawn_parts as (
    select
        answer.survey,
        answer.quarter,
        answer.response_id,
        answer.thing,
        answer.staff,
        case
            when drawn(answer.seed, 'has opening') < 0.30
                then opening.texts[
                    1 + floor(
                        len(opening.texts) * drawn(answer.seed, 'opening')
                    )::int
                ] || ' '
            else ''
        end as opening,
        core.texts[
            1 + floor(len(core.texts) * drawn(answer.seed, 'core'))::int
        ] as core,
        case
            when drawn(answer.seed, 'has closing') < 0.25
                then ' ' || closing.texts[
                    1 + floor(
                        len(closing.texts) * drawn(answer.seed, 'closing')
                    )::int
                ]
            else ''
        end as closing,
        drawn(answer.seed, 'typing') < 0.12 as is_careless
    from answer
    inner join sentences as core
        on
            core.part = 'core'
            and answer.theme = core.driver
            and if(answer.is_positive, 'positive', 'negative') = core.sentiment
            and answer.setting = core.setting
    inner join sentences as opening
        on
            opening.part = 'opening'
            and core.sentiment = opening.sentiment
            and core.setting = opening.setting
    inner join sentences as closing
        on
            closing.part = 'closing'
            and core.sentiment = closing.sentiment
            and core.setting = closing.setting
    where answer.has_comment
),

written as (
    select
        survey,
        quarter,
        response_id,
        is_careless,
        replace(
            replace(opening || core || closing, '{thing}', thing),
            '{staff}', staff
        ) as comment
    from drawn_parts
)

select
    survey,
    quarter,
    response_id,
    if(is_careless, rtrim(lower(comment), '.'), comment) as comment
from written

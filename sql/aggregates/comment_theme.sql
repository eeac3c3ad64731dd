/*
Themes of the comments of comment_text, found by the phrases of theme_phrase
in the text without punctuation and case. A comment may have several themes;
one without any has the theme unclassified. Method and version say which table
of phrases decided. One row per comment and theme.
Counts comments; for each theme.
*/
with rules as (
    select
        'phrase table' as method,
        left(
            md5(
                string_agg(
                    theme || '/' || phrase || '/' || effect, ';'
                    order by theme, phrase
                )
            ), 8
        ) as version
    from theme_phrase
),

phrases as (
    select
        theme,
        effect,
        ' ' || rtrim(phrase, '*')
        || case when phrase like '%*' then '' else ' ' end as needle
    from theme_phrase
),

texts as (
    select distinct
        comment,
        ' ' || regexp_replace(lower(comment), '[^\p{L}\p{N}]+', ' ', 'g')
        || ' ' as folded
    from comment_text
),

found as (
    select
        texts.comment,
        phrases.theme
    from texts
    inner join phrases on contains(texts.folded, phrases.needle)
    group by texts.comment, phrases.theme
    having min(phrases.effect) = 'includes'
),

judged as (
    select
        texts.comment,
        coalesce(found.theme, 'unclassified') as theme
    from texts
    left join found on texts.comment = found.comment
)

select
    remark.survey,
    remark.channel,
    remark.quarter,
    remark.response_id,
    judged.theme,
    rules.method,
    rules.version
from comment_text as remark
inner join judged on remark.comment = judged.comment
cross join rules

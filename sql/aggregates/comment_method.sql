/*
How comments were read: each step with its method and version, and how many
comments it read. One row per step and method.
Counts comments in n_comments; for each step.
*/
select
    'personal data' as step,
    redaction as method,
    count(*) as n_comments
from comment_text
group by redaction
union all
select
    'sentiment' as step,
    sentiment_method as method,
    count(*) as n_comments
from comment_text
group by sentiment_method
union all
select
    'themes' as step,
    decided.method,
    count(*) as n_comments
from comment_text
cross join (
    select distinct method || ', version ' || version as method
    from comment_theme
) as decided
group by decided.method

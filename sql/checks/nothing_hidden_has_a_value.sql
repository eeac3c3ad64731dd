/*
Rows that are neither ok, few nor partial print no number at all. One row per
published row that does.
*/
select
    metric,
    level,
    component,
    period,
    status
from published
where
    status not in ('ok', 'few', 'partial')
    and coalesce(
        value, numerator, denominator, n, low, high, previous_value, change,
        change_low, change_high, like_change, like_change_low,
        like_change_high, detectable_change, year_ago_value, year_ago_change,
        year_ago_change_low, year_ago_change_high, year_ago_like_change,
        year_ago_like_change_low, year_ago_like_change_high,
        year_ago_detectable_change, target, benchmark,
        external_benchmark, design_effect
    ) is not null

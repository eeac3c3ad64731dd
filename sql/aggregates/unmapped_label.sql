/*
Labels of counts that the tables category and category_alias do not know; they count
in the category unmapped until an alias says what they mean. One row per Component,
activity and label as written.
Counts rows in n_rows; for each activity.
*/
with known as (
    select
        activity,
        alias as label
    from category_alias
    union distinct
    select
        activity,
        category as label
    from category
    union distinct
    select
        activity,
        lower(name) as label
    from category
)

select
    activity_count.component,
    activity_count.activity,
    activity_count.category as label,
    count(*) as n_rows,
    min(activity_count.starts_on) as first_on,
    max(activity_count.starts_on) as last_on
from activity_count
left join known
    on
        activity_count.activity = known.activity
        and lower(trim(activity_count.category)) = known.label
where activity_count.category is not null and known.label is null
group by
    activity_count.component, activity_count.activity, activity_count.category

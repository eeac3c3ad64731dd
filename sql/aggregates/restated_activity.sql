/*
Counts that a later load stated anew: how many rows, and by how much their sum
changed from the first statement to the latest. One row per Component, activity and
period with such rows.
Counts rows in n_rows; events in n_first with n_latest; for each activity.
*/
with stated as (
    select
        activity_count.*,
        data_load.as_of,
        count(*) over (
            partition by
                activity_count.component, activity_count.service,
                activity_count.channel, activity_count.place,
                activity_count.period_kind, activity_count.starts_on,
                activity_count.activity, activity_count.category
        ) as n_statements,
        row_number() over (
            partition by
                activity_count.component, activity_count.service,
                activity_count.channel, activity_count.place,
                activity_count.period_kind, activity_count.starts_on,
                activity_count.activity, activity_count.category
            order by activity_count.load_id
        ) as statement
    from activity_count
    inner join data_load on activity_count.load_id = data_load.load_id
)

select
    component,
    activity,
    period_kind,
    starts_on,
    count(*) filter (where statement = 1) as n_rows,
    sum(case when statement = 1 then n else 0 end)::bigint as n_first,
    sum(case when statement = n_statements then n else 0 end)::bigint
        as n_latest,
    max(case when statement = n_statements then as_of end) as restated_on
from stated
where n_statements > 1
group by component, activity, period_kind, starts_on

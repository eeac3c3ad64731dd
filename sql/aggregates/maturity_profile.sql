/*
The level of every core function in every assessment: the highest level that has
applicable practices and whose applicable practices, like those of all levels
below, are done. 0 is not even the first level; null where a practice is
unanswered or none is applicable. It stands beside the assessment before and the
first one (the baseline) of the same Component, unit and model: levels of two
models, or two versions of one, are never compared. An assessment is old where
the data reach more than a year beyond it. One row per assessment (Component,
unit or null, model, day) and core function.
*/
with data_load_end as (
    select max(as_of) as as_of
    from data_load
    where
        not exists (
            select 1
            from load_undo
            where
                load_undo.load_id = data_load.load_id
                or load_undo.is_in_force
                and load_undo.undone_id = data_load.load_id
        )
),

opened as (
    select
        *,
        min(case when n_done < n_applicable then level end) over (
            partition by component, unit, model, assessed_on, function
        ) as first_open_level
    from maturity_level_count
),

levelled as (
    select
        component,
        unit,
        model,
        assessed_on,
        method,
        function,
        sum(n_practices)::bigint as n_practices,
        sum(n_applicable)::bigint as n_applicable,
        sum(n_done)::bigint as n_done,
        sum(n_not_done)::bigint as n_not_done,
        sum(n_unanswered)::bigint as n_unanswered,
        case
            when sum(n_unanswered) > 0 or sum(n_applicable) = 0 then null
            else coalesce(max(case
                when
                    n_applicable > 0
                    and (first_open_level is null or level < first_open_level)
                    then level
            end), 0)
        end as level
    from opened
    group by component, unit, model, assessed_on, method, function
),

ordered as (
    select
        *,
        lag(assessed_on) over (
            partition by component, unit, model, function order by assessed_on
        ) as previous_on,
        lag(level) over (
            partition by component, unit, model, function order by assessed_on
        ) as previous_level,
        min(assessed_on) over (
            partition by component, unit, model
        ) as baseline_on,
        first_value(level) over (
            partition by component, unit, model, function
            order by assessed_on
            rows between unbounded preceding and unbounded following
        ) as baseline_level,
        max(assessed_on) over (
            partition by component, unit, model
        ) as latest_on,
        max(assessed_on) over (
            partition by component, unit, model, fiscal_quarter(assessed_on)
        ) as last_of_quarter_on
    from levelled
)

select
    ordered.component,
    ordered.unit,
    ordered.model,
    ordered.function,
    ordered.assessed_on,
    fiscal_quarter(ordered.assessed_on) as quarter,
    ordered.method,
    ordered.n_practices,
    ordered.n_applicable,
    ordered.n_done,
    ordered.n_not_done,
    ordered.n_unanswered,
    ordered.level,
    ordered.assessed_on = ordered.latest_on as is_latest,
    ordered.assessed_on = ordered.last_of_quarter_on as is_last_in_quarter,
    coalesce(
        ordered.assessed_on + interval 1 year < data_load_end.as_of, false
    ) as is_old,
    ordered.previous_on,
    ordered.previous_level,
    ordered.baseline_on,
    ordered.baseline_level,
    case
        when ordered.assessed_on > ordered.baseline_on
            then ordered.level - ordered.baseline_level
    end as change_since_baseline
from ordered
cross join data_load_end

/*
What each designated service owed and filed for each fiscal quarter: those that the
loaded reports cover and, where single responses are loaded, up to the one of the
as-of date. Complete: usable answers to trust and to satisfaction (or, in the
survey of 2023, to the drivers effectiveness and ease), of single responses with
both volumes. Partial: something was filed, but one of them is missing or
quarantined. The days late are known only for quarters that were due after the
reporting system took its first record. One row per designated service and
fiscal quarter.
*/
with as_of as (
    select max(as_of) as as_of
    from data_load
    where
        fills in ('report', 'response', 'volume')
        and not exists (
            select 1
            from load_undo
            where
                load_undo.load_id = data_load.load_id
                or load_undo.is_in_force
                and load_undo.undone_id = data_load.load_id
        )
),

bounds as (
    select
        min(quarter_start(report.quarter)) as first_start,
        greatest(
            max(quarter_start(report.quarter)),
            max(case
                when report.survey is not null
                    then quarter_start(fiscal_quarter(as_of.as_of))
            end)
        ) as last_start,
        min(report.entered_on) as first_entered_on
    from current_report as report
    cross join as_of
),

quarters as (
    select fiscal_quarter(days.day::date) as quarter
    from
        bounds,
        unnest(
            generate_series(
                bounds.first_start, bounds.last_start, interval 3 month
            )
        ) as days (day)
),

owed as (
    select
        service.component,
        service.service,
        quarters.quarter,
        report_due_on(quarters.quarter) as due_on
    from service
    inner join quarters
        on
            quarters.quarter >= service.designated_from
            and quarters.quarter <= coalesce(
                service.designated_to, quarters.quarter
            )
),

filed as (
    select
        service,
        quarter,
        count(*) as n_reports,
        min(entered_on) as entered_on,
        bool_or(survey is not null and customers is null) as lacks_customers,
        bool_or(survey is not null and offered is null) as lacks_offered
    from current_report
    group by service, quarter
),

empty_reports as (
    select
        service,
        quarter,
        count(*) as n_empty
    from survey_finding
    where rule = 'empty_record'
    group by service, quarter
),

usable as (
    select
        service,
        quarter,
        bool_or(measure = 'satisfaction') as has_satisfaction,
        bool_or(measure = 'trust') as has_trust
    from survey_answers
    group by service, quarter
),

drivers as (
    select
        service,
        quarter,
        count(distinct driver) = 2 as has_drivers
    from driver_answers
    where driver in ('effectiveness', 'ease')
    group by service, quarter
),

faults as (
    select
        service,
        quarter,
        min(reason) as reason
    from survey_finding
    where
        effect = 'quarantined'
        and (
            applies_to = 'answers'
            or rule = 'collection_not_published'
        )
    group by service, quarter
),

judged as (
    select
        owed.component,
        owed.service,
        owed.quarter,
        owed.due_on,
        filed.entered_on,
        case
            when owed.due_on > bounds.first_entered_on
                then owed.due_on
        end as judged_due_on,
        as_of.as_of,
        coalesce(filed.n_reports, 0) as n_reports,
        coalesce(empty_reports.n_empty, 0) as n_empty,
        coalesce(usable.has_satisfaction, false)
        or coalesce(drivers.has_drivers, false) as has_satisfaction,
        coalesce(usable.has_trust, false) as has_trust,
        coalesce(filed.lacks_customers, false) as lacks_customers,
        coalesce(filed.lacks_offered, false) as lacks_offered,
        faults.reason as fault
    from owed
    cross join as_of
    cross join bounds
    left join filed
        on owed.service = filed.service and owed.quarter = filed.quarter
    left join empty_reports
        on
            owed.service = empty_reports.service
            and owed.quarter = empty_reports.quarter
    left join usable
        on owed.service = usable.service and owed.quarter = usable.quarter
    left join drivers
        on owed.service = drivers.service and owed.quarter = drivers.quarter
    left join faults
        on owed.service = faults.service and owed.quarter = faults.quarter
),

lacking as (
    select
        *,
        nullif(concat_ws(
            ', ',
            case when not has_trust then 'answers on trust' end,
            case
                when not has_satisfaction
                    then 'answers on satisfaction or on drivers'
            end,
            case when lacks_customers then 'number of customers' end,
            case
                when lacks_offered
                    then 'number of customers offered the survey'
            end
        ), '') as missing
    from judged
)

select
    component,
    service,
    quarter,
    due_on,
    case
        when n_reports > n_empty
            then date_diff('day', judged_due_on, entered_on)
    end as days_late,
    case
        when n_reports = n_empty and as_of <= due_on then 'not_due'
        when n_reports = n_empty then 'not_reported'
        when missing is not null then 'partial'
        when entered_on > judged_due_on then 'late'
        else 'complete'
    end as reporting_status,
    case
        when n_reports = n_empty and as_of <= due_on
            then date_diff('day', as_of, due_on)
    end as due_in_days,
    case
        when n_reports = n_empty then 'everything'
        else missing
    end as missing,
    case
        when n_reports = n_empty and as_of <= due_on
            then 'The report is not due before ' || due_on || '.'
        when n_reports = 0 then 'No report was filed.'
        when n_reports = n_empty
            then 'A report was filed with every figure 0 or blank.'
        when not has_satisfaction and fault is not null then fault
        when not has_trust and fault is not null then fault
        when not has_trust
            then 'The survey had no trust question.'
        when not has_satisfaction
            then 'The survey had no satisfaction question.'
        when missing is not null then 'Missing: ' || missing || '.'
        when entered_on > judged_due_on
            then
                'Entered on ' || entered_on || ', after the due date '
                || due_on || '.'
        else 'Satisfaction and trust were reported.'
    end as reason
from lacking

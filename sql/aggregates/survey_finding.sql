/*
What is wrong or remarkable in the quarterly reports, rule by rule; docs/data.md
explains each rule. Effect quarantined keeps the figures that applies_to names
out of every metric; effect warning keeps them and shows the reason beside them.
The reason holds no count and may be published; the counts are in the detail.
One row per survey report, question (null for the whole report) and rule.
Counts findings.
*/
with answered as (
    select *
    from current_answer
    where n_answers > 0
),

totals as (
    select
        survey_id,
        count(*) as n_questions,
        sum(case when n_answers between 99 and 101 then 1 else 0 end)
            as n_percent_like,
        max(n_answers) as largest_n,
        md5(string_agg(
            question || ':' || n_1 || ',' || n_2 || ',' || n_3 || ',' || n_4
            || ',' || n_5, ';' order by question
        )) as figures
    from answered
    group by survey_id
),

reports as (
    select
        report.*,
        coalesce(totals.n_questions, 0) as n_questions,
        coalesce(totals.n_percent_like, 0) as n_percent_like,
        coalesce(totals.largest_n, 0) as largest_n,
        totals.figures,
        coalesce(report.respondents, 0) as n_respondents,
        coalesce(report.offered, 0) as n_offered,
        coalesce(report.customers, 0) as n_customers,
        row_number() over (
            partition by
                report.organization, report.quarter, totals.figures,
                report.respondents, report.customers, report.offered
            order by report.survey_id
        ) as copy_number,
        bool_or(report.survey is not null) over (
            partition by report.service, report.channel, report.quarter
        ) as has_responses,
        count(*) over (
            partition by
                report.component, report.service, report.channel,
                report.quarter, report.customers
        ) as n_same_customers
    from current_report as report
    left join totals on report.survey_id = totals.survey_id
),

empty_record as (
    select
        survey_id,
        null::smallint as question,
        'empty_record' as rule,
        'quarantined' as effect,
        'all' as applies_to,
        'The report was filed with every figure 0 or blank, so nothing was '
        || 'reported.' as reason,
        null as detail
    from reports
    where
        n_questions = 0 and n_respondents = 0
        and n_offered = 0 and n_customers = 0
),

percentages_as_counts as (
    select
        survey_id,
        null::smallint as question,
        'percentages_as_counts' as rule,
        'quarantined' as effect,
        'answers' as applies_to,
        'Questions add up to 99 to 101 whatever the number of respondents: '
        || 'percentages were typed where counts belong.' as reason,
        n_percent_like || ' of ' || n_questions || ' questions add up to 99 to '
        || '101; ' || n_respondents || ' people answered.' as detail
    from reports
    where
        n_questions > 0
        and survey is null
        and 2 * n_percent_like >= n_questions
        and n_respondents > 110
),

scores_as_counts as (
    select
        survey_id,
        null::smallint as question,
        'scores_as_counts' as rule,
        'quarantined' as effect,
        'answers' as applies_to,
        'No question has more than 5 answers although many people answered: '
        || 'scores were typed where counts belong.' as reason,
        'At most ' || largest_n || ' answers to a question; ' || n_respondents
        || ' people answered.' as detail
    from reports
    where
        n_questions > 0
        and survey is null
        and largest_n <= 5
        and n_respondents >= 30
),

no_answers as (
    select
        survey_id,
        null::smallint as question,
        'no_answers' as rule,
        'warning' as effect,
        'answers' as applies_to,
        'People answered but no answer counts were filed.' as reason,
        n_respondents || ' people answered.' as detail
    from reports
    where n_questions = 0 and n_respondents > 0
),

same_figures_twice as (
    select
        survey_id,
        null::smallint as question,
        'same_figures_twice' as rule,
        'quarantined' as effect,
        'all' as applies_to,
        'Another report of the same organization and quarter has exactly these '
        || 'figures, so they are counted once.' as reason,
        null as detail
    from reports
    where n_questions > 0 and survey is null and copy_number > 1
),

answers_exceed_respondents as (
    select
        answered.survey_id,
        answered.question,
        'answers_exceed_respondents' as rule,
        'quarantined' as effect,
        'answers' as applies_to,
        'A question has more answers than the survey has respondents; which of '
        || 'the two is wrong cannot be told.' as reason,
        'Question ' || answered.question || ' has ' || answered.n_answers
        || ' answers from '
        || reports.n_respondents
        || ' respondents.' as detail
    from answered
    inner join reports on answered.survey_id = reports.survey_id
    where
        answered.n_answers > 1.05 * reports.n_respondents
        and answered.n_answers > reports.n_respondents + 2
),

answers_slightly_exceed_respondents as (
    select
        answered.survey_id,
        answered.question,
        'answers_slightly_exceed_respondents' as rule,
        'warning' as effect,
        'item_response' as applies_to,
        'A question has slightly more answers than the survey has respondents, '
        || 'a rounding slip; no item response rate is computed.' as reason,
        'Question ' || answered.question || ' has ' || answered.n_answers
        || ' answers from '
        || reports.n_respondents
        || ' respondents.' as detail
    from answered
    inner join reports on answered.survey_id = reports.survey_id
    where
        answered.n_answers > reports.n_respondents
        and not (
            answered.n_answers > 1.05 * reports.n_respondents
            and answered.n_answers > reports.n_respondents + 2
        )
),

offered_missing as (
    select
        survey_id,
        null::smallint as question,
        'offered_missing' as rule,
        'quarantined' as effect,
        'offered' as applies_to,
        'The number who were offered the survey is 0 or blank; no response '
        || 'rate is computed.' as reason,
        n_respondents || ' people answered.' as detail
    from reports
    where n_respondents > 0 and n_offered = 0
),

offered_below_respondents as (
    select
        survey_id,
        null::smallint as question,
        'offered_below_respondents' as rule,
        'quarantined' as effect,
        'offered' as applies_to,
        'More people answered than were offered the survey; no response rate '
        || 'is computed.' as reason,
        n_respondents || ' people answered, ' || n_offered || ' were offered '
        || 'the survey.' as detail
    from reports
    where n_offered > 0 and n_offered < n_respondents
),

offered_equals_respondents as (
    select
        survey_id,
        null::smallint as question,
        'offered_equals_respondents' as rule,
        'quarantined' as effect,
        'offered' as applies_to,
        'The number offered the survey equals the number who answered; that '
        || 'everybody answered is not credible, so no response rate is '
        || 'computed.'
            as reason,
        n_respondents || ' people answered.' as detail
    from reports
    where n_respondents >= 30 and n_offered = n_respondents
),

/* What surveys that describe the same customers come to, as survey_volumes adds
them up. */
together as (
    select
        reports.component,
        reports.service,
        reports.channel,
        reports.quarter,
        reports.family,
        sum(reports.n_respondents) as n_respondents,
        sum(reports.n_offered) as n_offered,
        case
            when bool_or(coalesce(service.is_customers_shared, false))
                then max(reports.n_customers)
            else sum(distinct reports.n_customers)
        end as n_customers
    from reports
    left join service on reports.service = service.service
    where reports.n_customers > 0
    group by
        reports.component, reports.service, reports.channel, reports.quarter,
        reports.family
),

offered_exceeds_customers as (
    select
        reports.survey_id,
        null::smallint as question,
        'offered_exceeds_customers' as rule,
        'quarantined' as effect,
        'reach' as applies_to,
        'More customers were offered the survey than used the service; no '
        || 'survey reach is computed.' as reason,
        reports.n_offered || ' were offered the survey, ' || reports.n_customers
        || ' used the service.' as detail
    from reports
    inner join together
        on
            reports.component = together.component
            and reports.service = together.service
            and reports.channel = together.channel
            and reports.quarter = together.quarter
            and reports.family = together.family
    where
        reports.n_customers > 0
        and (
            reports.n_offered > reports.n_customers
            or together.n_offered > together.n_customers
        )
),

customers_below_respondents as (
    select
        reports.survey_id,
        null::smallint as question,
        'customers_below_respondents' as rule,
        'quarantined' as effect,
        'customers' as applies_to,
        'More people answered than used the service; neither survey reach nor '
        || 'feedback coverage is computed.' as reason,
        reports.n_respondents || ' people answered, ' || reports.n_customers
        || ' used the service.' as detail
    from reports
    inner join together
        on
            reports.component = together.component
            and reports.service = together.service
            and reports.channel = together.channel
            and reports.quarter = together.quarter
            and reports.family = together.family
    where
        reports.n_customers > 0
        and (
            reports.n_customers < reports.n_respondents
            or together.n_customers < together.n_respondents
        )
),

customers_missing as (
    select
        survey_id,
        null::smallint as question,
        'customers_missing' as rule,
        'quarantined' as effect,
        'customers' as applies_to,
        'The number of customers is 0 or blank; neither survey reach nor '
        || 'feedback coverage is computed.' as reason,
        null as detail
    from reports
    where n_respondents > 0 and n_customers = 0
),

customers_shared as (
    select
        reports.survey_id,
        null::smallint as question,
        'customers_shared' as rule,
        'warning' as effect,
        'customers' as applies_to,
        'Several surveys of this quarter describe the same customers; the '
        || 'customer volume is counted once.' as reason,
        null as detail
    from reports
    left join service on reports.service = service.service
    where
        reports.n_customers > 0
        and reports.n_same_customers > 1
        or coalesce(service.is_customers_shared, false)
        and exists (
            select 1
            from reports as other
            where
                other.service = reports.service
                and other.quarter = reports.quarter
                and other.survey_id <> reports.survey_id
        )
),

responses_supersede_counts as (
    select
        survey_id,
        null::smallint as question,
        'responses_supersede_counts' as rule,
        'quarantined' as effect,
        'all' as applies_to,
        'The single responses of this service, channel and quarter are loaded, '
        || 'so the counts filed for them are not added.' as reason,
        null as detail
    from reports
    where survey is null and component <> 'FED' and has_responses
),

collection_not_published as (
    select
        survey_id,
        null::smallint as question,
        'collection_not_published' as rule,
        'quarantined' as effect,
        'all' as applies_to,
        'The collection is not published, or OMB did not rate it within its '
        || 'guidelines.' as reason,
        'State ' || coalesce(state, 'unknown') || ', rating '
        || coalesce(rating, 'none') || '.' as detail
    from reports
    where
        coalesce(state, 'published') not in ('published', 'archived')
        or coalesce(rating, 'TRUE') <> 'TRUE'
),

last_day_missing as (
    select
        survey_id,
        null::smallint as question,
        'last_day_missing' as rule,
        'warning' as effect,
        'report' as applies_to,
        'There is no response of the last day of the quarter although every '
        || 'day has many; an export that ends at midnight loses that day.'
            as reason,
        'The last response is of ' || last_submitted_on || '.' as detail
    from reports
    where
        last_submitted_on = quarter_end(quarter) - 1
        and n_respondents >= 10 * 90
),

notes as (
    select
        survey_id,
        unnest(string_split(source_notes, ';')) as rule
    from reports
    where source_notes is not null
),

fixed_at_the_door as (
    select
        survey_id,
        null::smallint as question,
        rule,
        'warning' as effect,
        'report' as applies_to,
        case rule
            when 'key_trimmed'
                then
                    'Blanks or tabs around a name or control number were '
                    || 'removed.'
            when 'control_number_placeholder'
                then
                    'The OMB control number is a column heading or blank, so '
                    || 'the clearance is unknown.'
            when 'filed_outside_department'
                then
                    'The report was filed under an organization of its own, '
                    || 'outside the Department; it is counted for its '
                    || 'Component.'
            when 'channel_unmapped'
                then
                    'The channel is blank or mixed, so the answers appear '
                    || 'under no single channel.'
            when 'service_renamed'
                then
                    'The service was filed under another name; surveys and '
                    || 'questions stayed the same.'
        end as reason,
        null as detail
    from notes
),

findings as (
    select * from empty_record
    union all
    select * from percentages_as_counts
    union all
    select * from scores_as_counts
    union all
    select * from no_answers
    union all
    select * from same_figures_twice
    union all
    select * from answers_exceed_respondents
    union all
    select * from answers_slightly_exceed_respondents
    union all
    select * from offered_missing
    union all
    select * from offered_below_respondents
    union all
    select * from offered_equals_respondents
    union all
    select * from offered_exceeds_customers
    union all
    select * from customers_below_respondents
    union all
    select * from customers_missing
    union all
    select * from customers_shared
    union all
    select * from responses_supersede_counts
    union all
    select * from collection_not_published
    union all
    select * from last_day_missing
    union all
    select * from fixed_at_the_door
)

select
    reports.component,
    reports.service,
    reports.channel,
    reports.quarter,
    findings.survey_id,
    findings.question,
    findings.rule,
    findings.effect,
    findings.applies_to,
    findings.reason,
    findings.detail
from findings
inner join reports on findings.survey_id = reports.survey_id

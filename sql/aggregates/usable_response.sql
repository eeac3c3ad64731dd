/*
Counts over single responses, with Component, service and what their trust
question asked, of all reports that are not quarantined. One row per survey,
channel, quarter and month.
Counts responses in n_responses with n_comments, trust_?, satisfaction_?,
effectiveness_?, ease_?, efficiency_?, transparency_?, humanity_?, employee_?,
*_shown, *_ticked. Keyed by survey, channel, quarter, month.
*/
with quarantined as (
    select distinct survey_id
    from survey_finding
    where effect = 'quarantined' and applies_to in ('answers', 'all')
)

select
    report.component,
    report.service,
    report.family,
    trust_question.basis as trust_basis,
    response_count.*
from response_count
inner join current_report as report
    on
        response_count.survey = report.survey
        and response_count.channel = report.channel
        and response_count.quarter = report.quarter
left join survey_question as trust_question
    on
        response_count.survey = trust_question.survey
        and trust_question.measure = 'trust'
left join quarantined
    on report.survey_id = quarantined.survey_id
where quarantined.survey_id is null

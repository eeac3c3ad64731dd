/*
Quarterly survey reports as they stand. Where a report was restated by a later
load, the latest one. Where single responses are loaded, they and the volumes
beside them are the report of their survey, channel and quarter, with a negative
number of its own. One row per survey report.
Counts respondents in respondents; people offered in offered; customers in
customers.
*/
with filed as (
    select
        *,
        row_number() over (
            partition by survey_id
            order by load_id desc
        ) as recency
    from survey_report
),

volumes as (
    select
        *,
        row_number() over (
            partition by survey, channel, quarter
            order by load_id desc
        ) as recency
    from survey_volume
),

counted as (
    select
        survey,
        channel,
        quarter,
        sum(n_responses)::bigint as respondents,
        max(last_submitted_on) as last_submitted_on
    from response_count
    group by survey, channel, quarter
),

keys as (
    select
        survey,
        channel,
        quarter
    from counted
    union
    select
        survey,
        channel,
        quarter
    from volumes
),

responses as (
    select
        -row_number() over (
            order by keys.survey, keys.channel, keys.quarter
        ) as survey_id,
        keys.survey,
        keys.channel,
        keys.quarter,
        coalesce(counted.respondents, 0) as respondents,
        counted.last_submitted_on,
        volumes.load_id,
        volumes.line_number,
        volumes.customers,
        volumes.offered,
        volumes.submitted_on,
        volumes.state,
        volumes.rating
    from keys
    left join counted
        on
            keys.survey = counted.survey
            and keys.channel = counted.channel
            and keys.quarter = counted.quarter
    left join volumes
        on
            keys.survey = volumes.survey
            and keys.channel = volumes.channel
            and keys.quarter = volumes.quarter
            and volumes.recency = 1
),

reports as (
    select
        load_id,
        line_number,
        survey_id,
        null as survey,
        organization,
        component,
        service,
        channel,
        quarter,
        instrument,
        customers,
        offered,
        respondents,
        omb_control_number,
        entered_on,
        null::date as last_submitted_on,
        null as state,
        null as rating,
        source_notes
    from filed
    where recency = 1
    union all
    select
        responses.load_id,
        responses.line_number,
        responses.survey_id::integer as survey_id,
        responses.survey,
        'DHS' as organization,
        service.component,
        response_survey.service,
        responses.channel,
        responses.quarter,
        response_survey.instrument,
        responses.customers,
        responses.offered,
        responses.respondents,
        instrument.omb_control_number,
        responses.submitted_on as entered_on,
        responses.last_submitted_on,
        responses.state,
        responses.rating,
        null as source_notes
    from responses
    inner join response_survey
        on responses.survey = response_survey.survey
    inner join service
        on response_survey.service = service.service
    inner join instrument
        on response_survey.instrument = instrument.instrument
)

select
    reports.*,
    coalesce(instrument.family, 'none') as family
from reports
left join instrument on reports.instrument = instrument.instrument

/*
Comments of responses that count, with what they belong to; not of quarantined
reports. One row per response with a comment.
*/
with usable as (
    select distinct
        component,
        service,
        family,
        survey,
        channel,
        quarter
    from usable_response
)

select
    usable.component,
    usable.service,
    usable.family,
    response.survey,
    response.channel,
    response.quarter,
    date_trunc('month', response.submitted_at)::date as month,
    response.response_id,
    remark.comment,
    remark.n_redacted,
    remark.sentiment,
    remark.sentiment_score,
    remark.redaction,
    remark.sentiment_method
from survey_comment as remark
inner join survey_response as response
    on
        remark.load_id = response.load_id
        and remark.survey = response.survey
        and remark.quarter = response.quarter
        and remark.response_id = response.response_id
inner join usable
    on
        response.survey = usable.survey
        and response.channel = usable.channel
        and response.quarter = usable.quarter
inner join release
    on
        response.survey = release.survey
        and response.quarter = release.quarter
where
    counts_at(response.load_id, response.superseded_by, release.load_id)

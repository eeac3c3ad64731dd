/*
Every key that a reference table names exists in the table it points to. One row
per missing key.
*/
select
    'service.csv' as file,
    service.component as missing_key
from service
left join component on service.component = component.component
where component.component is null
union all
select
    'channel_alias.csv' as file,
    channel_alias.channel as missing_key
from channel_alias
left join channel on channel_alias.channel = channel.channel
where channel.channel is null
union all
select
    'survey.csv' as file,
    survey.service as missing_key
from survey
left join service
    on
        survey.service = service.service
        and survey.component = service.component
where service.service is null
union all
select
    'survey.csv' as file,
    survey.instrument as missing_key
from survey
left join instrument on survey.instrument = instrument.instrument
where survey.instrument is not null and instrument.instrument is null
union all
select
    'instrument_question.csv' as file,
    instrument_question.instrument as missing_key
from instrument_question
left join instrument
    on instrument_question.instrument = instrument.instrument
where instrument.instrument is null
union all
select
    'target.csv' as file,
    target.metric as missing_key
from target
left join metric on target.metric = metric.metric
where metric.metric is null
union all
select
    'theme_phrase.csv' as file,
    theme_phrase.theme as missing_key
from theme_phrase
left join theme on theme_phrase.theme = theme.theme
where theme.theme is null

/*
Every key that a reference table names exists in the table it points to; targets,
benchmarks from outside and annotations are checked line by line when they are read.
One row per missing key.
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
    'theme_phrase.csv' as file,
    theme_phrase.theme as missing_key
from theme_phrase
left join theme on theme_phrase.theme = theme.theme
where theme.theme is null
union all
select
    'maturity_level.csv' as file,
    maturity_level.model as missing_key
from maturity_level
left join maturity_model on maturity_level.model = maturity_model.model
where maturity_model.model is null
union all
select
    'maturity_function.csv' as file,
    maturity_function.model as missing_key
from maturity_function
left join maturity_model on maturity_function.model = maturity_model.model
where maturity_model.model is null
union all
select
    'maturity_practice.csv' as file,
    maturity_practice.model || ' ' || maturity_practice.practice
        as missing_key
from maturity_practice
left join maturity_function
    on
        maturity_practice.model = maturity_function.model
        and maturity_practice.function = maturity_function.function
left join maturity_level
    on
        maturity_practice.model = maturity_level.model
        and maturity_practice.level = maturity_level.level
where maturity_function.function is null or maturity_level.level is null
union all
select
    'service_standard.csv' as file,
    service_standard.step || ' in ' || service_standard.unit as missing_key
from service_standard
left join time_step
    on
        service_standard.step = time_step.step
        and service_standard.unit = time_step.unit
where time_step.step is null
union all
select
    'service_standard.csv' as file,
    service_standard.component as missing_key
from service_standard
left join component on service_standard.component = component.component
where component.component is null
union all
select
    'service_standard.csv' as file,
    service_standard.service as missing_key
from service_standard
left join service
    on
        service_standard.service = service.service
        and service_standard.component = service.component
where service_standard.service is not null and service.service is null
union all
select
    'category.csv' as file,
    category.activity as missing_key
from category
left join activity on category.activity = activity.activity
where activity.activity is null
union all
select
    'category_alias.csv' as file,
    category_alias.category as missing_key
from category_alias
left join category
    on
        category_alias.activity = category.activity
        and category_alias.category = category.category
where category.category is null
union all
select
    'paired_rate.csv' as file,
    counted.activity as missing_key
from (
    select part as activity from paired_rate
    union all
    select whole as activity from paired_rate
) as counted
left join activity on counted.activity = activity.activity
where activity.activity is null

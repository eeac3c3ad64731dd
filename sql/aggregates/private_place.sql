/*
Where single responses stand behind figures: what is told of these people is
rounded in public, and hidden below 11. Everything else comes from sources that
agencies published. One row per Component, service, channel and quarter.
Counts nothing.
*/
select distinct
    service.component,
    service.service,
    response_count.channel,
    response_count.quarter
from response_count
inner join response_survey
    on response_count.survey = response_survey.survey
inner join service
    on response_survey.service = service.service

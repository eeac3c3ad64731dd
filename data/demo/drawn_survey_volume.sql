/*
What was filed beside the responses. A collection rated PARTIAL was submitted but
not published. One row per survey, channel and fiscal quarter with responses.
*/
select
    survey,
    channel,
    quarter,
    if(what is distinct from 'no_volumes', n_customers, null) as customers,
    if(what is distinct from 'no_volumes', n_offered, null) as offered,
    submitted_on,
    if(what is distinct from 'partial', 'published', 'submitted') as state,
    if(what is distinct from 'partial', 'TRUE', 'PARTIAL') as rating
from quarter_plan

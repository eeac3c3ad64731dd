/*
How many practices of a level are done, not done, not applicable and unanswered.
One row per assessment (Component, unit or null, model, day), core function and
level that has practices.
Counts practices in n_practices with n_applicable, n_done, n_not_done,
n_unanswered; for each unit, model and assessed_on. A stock.
*/
select
    component,
    unit,
    model,
    assessed_on,
    method,
    function,
    level,
    count(*) as n_practices,
    count(case when status <> 'not_applicable' then 1 end) as n_applicable,
    count(case when status = 'done' then 1 end) as n_done,
    count(case when status = 'not_done' then 1 end) as n_not_done,
    count(case when status = 'unanswered' then 1 end) as n_unanswered
from maturity_status
group by component, unit, model, assessed_on, method, function, level

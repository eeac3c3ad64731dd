/*
How many answers would settle a change that is not clear: the people who would have to
answer in each of the two periods for a test to tell the smallest change that is called
one, and the change that was seen, from chance (table planned). What was seen is planned
for only where it is large enough to be called a change at all. One row per total
of a share or mean whose change since the period before is not clear.
*/
select
    unclear.metric,
    unclear.level,
    unclear.component,
    unclear.service,
    unclear.channel,
    unclear.period_kind,
    unclear.period,
    unclear.basis,
    unclear.breakdown,
    unclear.n,
    unclear.previous_n,
    abs(unclear.change) as change,
    planned.n_for_change,
    unclear.minimum_change,
    planned.n_for_minimum
from unclear
inner join planned on unclear.row_id = planned.row_id

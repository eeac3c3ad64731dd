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
    case when unclear.is_private then coarse_count(unclear.n) else unclear.n end
        as n,
    case
        when unclear.is_private then coarse_count(unclear.previous_n)
        else unclear.previous_n
    end as previous_n,
    abs(unclear.told_change) as change,
    -- To two digits: a plan made from exact shares would tell them.
    case
        when unclear.is_private and planned.n_for_change > 0
            then round(
                planned.n_for_change,
                1 - floor(log10(planned.n_for_change))::int
            )
        else planned.n_for_change
    end as n_for_change,
    unclear.minimum_change,
    case
        when unclear.is_private and planned.n_for_minimum > 0
            then round(
                planned.n_for_minimum,
                1 - floor(log10(planned.n_for_minimum))::int
            )
        else planned.n_for_minimum
    end as n_for_minimum
from unclear
inner join planned on unclear.row_id = planned.row_id

/*
How many answers would settle a change that the figures cannot tell: the people who would
have to answer in each of the two periods to find, with 80 % power, a change twice as large
as the smallest that is called one (table planned); none where the series itself varies by
more. Twice, because of a change of just the smallest size half are seen smaller, however
many answer. One row per total of a share or mean whose change since the period before the
figures cannot tell.
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
    case
        when unclear.is_private
            then
                coarse_value(
                    2 * unclear.minimum_change, unclear.kind, unclear.n
                )
        else 2 * unclear.minimum_change
    end as planned_change,
    -- To two digits: a plan made from exact shares would tell them.
    case
        when unclear.is_private and planned.n_planned > 0
            then round(
                planned.n_planned,
                1 - floor(log10(planned.n_planned))::int
            )
        else planned.n_planned
    end as n_planned
from unclear
inner join planned on unclear.row_id = planned.row_id

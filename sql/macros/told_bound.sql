-- A bound of the interval of a change as it is told: the change as it is told, and the
-- distance (with its sign) to the bound. Of single responses both are rounded like figures.
-- told_bound(0.03, -0.0149, true, 'share', 200) is 0.02.
create or replace macro told_bound(change, distance, is_coarse, kind, n) as
case
    when not is_coarse then change + distance
    else coarse_value(change + coarse_value(distance, kind, n), kind, n)
end;

-- z of the score test that two rates are equal, from events k1, k2 in exposures
-- t1, t2 such as customers; positive where the second is higher. Null where there
-- are no events or no exposure.
create or replace macro two_rate_z(k1, t1, k2, t2) as
case
    when t1 > 0 and t2 > 0 and k1 + k2 > 0
        then
            (k2::double / t2 - k1::double / t1)
            / sqrt((k1 + k2)::double / (t1 + t2) * (1e0 / t1 + 1e0 / t2))
end;

-- z of the pooled two-proportion test of k2 of n2 against k1 of n1:
-- two_proportion_z(700, 1000, 740, 1000) is 1.992. Null where either n is 0;
-- 0 where nobody, or everybody, is counted in both.
create or replace macro two_proportion_z(k1, n1, k2, n2) as
case
    when n1 is null or n2 is null or n1 <= 0 or n2 <= 0 then null
    when k1 + k2 = 0 or k1 + k2 = n1 + n2 then 0.0e0
    else (k2::double / n2 - k1::double / n1) / sqrt(
        (k1 + k2)::double / (n1 + n2)
        * (1e0 - (k1 + k2)::double / (n1 + n2))
        * (1e0 / n1 + 1e0 / n2)
    )
end;

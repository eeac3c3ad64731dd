-- Upper bound of the Wilson 95 % interval of a share k of n (E. B. Wilson,
-- 1927): wilson_high(8, 10) is 0.9433. Null where n is null or 0.
create or replace macro wilson_high(k, n, z := 1.959963984540054e0) as
case
    when k is null or n is null or n <= 0 then null
    when k = n then 1.0e0
    else least(1.0e0, (
        k::double / n + z * z / (2e0 * n)
        + z * sqrt(
            (k::double / n * (1e0 - k::double / n) + z * z / (4e0 * n)) / n
        )
    ) / (1e0 + z * z / n))
end;

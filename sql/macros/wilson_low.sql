-- Lower bound of the Wilson 95 % interval of a share k of n (E. B. Wilson,
-- 1927): wilson_low(8, 10) is 0.4902. Null where n is null or 0.
create or replace macro wilson_low(k, n, z := 1.959963984540054e0) as
case
    when k is null or n is null or n <= 0 then null
    when k = 0 then 0.0e0
    else greatest(0.0e0, (
        k::double / n + z * z / (2e0 * n)
        - z * sqrt(
            (k::double / n * (1e0 - k::double / n) + z * z / (4e0 * n)) / n
        )
    ) / (1e0 + z * z / n))
end;

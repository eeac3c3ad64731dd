-- Mean total / n rounded half up (away from zero) to two decimals, as federal CX
-- reports print it, in whole numbers: rounded_mean(9, 2) is 4.5 and
-- rounded_mean(845, 200) is 4.23, where binary rounding could give 4.22. A total
-- that is no whole number counts to six decimals.
create or replace macro rounded_mean(total, n) as
case
    when n is null or n <= 0 then null
    when total::double = trunc(total::double)
        then
            sign(total)
            * (
                (200 * abs(total::hugeint) + n::hugeint)
                // (2 * n::hugeint)
            ) / 1e2
    else
        sign(total)
        * (
            (
                200 * abs((total::decimal(38, 6) * 1000000)::hugeint)
                + 1000000 * n::hugeint
            ) // (2000000 * n::hugeint)
        ) / 1e2
end;

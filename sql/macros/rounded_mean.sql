-- Mean total / n rounded half up to two decimals in whole-number arithmetic,
-- as federal CX reports print it: rounded_mean(9, 2) is 4.5 and
-- rounded_mean(845, 200) is 4.23, where binary rounding could give 4.22.
create or replace macro rounded_mean(total, n) as
case
    when n is null or n <= 0 then null
    else floor((2 * 100 * total::hugeint + n) / (2e0 * n)) / 1e2
end;

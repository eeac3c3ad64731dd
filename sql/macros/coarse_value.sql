-- A figure of n people as a public edition tells it. Below 1,000 people a share has
-- two decimals (whole percent) and a mean one; from there on each has one more. A
-- total is a number of people; any other figure has two digits, or three.
-- coarse_value(0.4567, 'share', 900) is 0.46, coarse_value(0.4567, 'share', 1000)
-- is 0.457.
create or replace macro coarse_value(value, kind, n) as
case
    when value is null then null
    when kind = 'share' and n < 1000
        then sign(value) * floor(abs(value) * 1e2 + 0.5e0) / 1e2
    when kind = 'share'
        then sign(value) * floor(abs(value) * 1e3 + 0.5e0) / 1e3
    when kind = 'mean' and n < 1000
        then sign(value) * floor(abs(value) * 1e1 + 0.5e0) / 1e1
    when kind = 'mean'
        then sign(value) * floor(abs(value) * 1e2 + 0.5e0) / 1e2
    when kind = 'total' then coarse_count(value)
    when value = 0 then 0.0e0
    else
        round(
            value, (
                case when n < 1000 then 1 else 2 end
                - floor(log10(abs(value)))
            )::int
        )
end;

-- Periods of a kind counted one by one, so that the period before is one less:
-- period_number('2021-01', 'month') is 24252, period_number('2021Q1', 'quarter')
-- is 8084, period_number('FY2021', 'fiscal_year') is 2021. Null where a month is
-- not known and its quarter stands in its place.
create or replace macro period_number(p, kind) as
case kind
    when 'month'
        then
            case
                when not contains(p, 'Q')
                    then 12 * left(p, 4)::int + right(p, 2)::int - 1
            end
    when 'quarter' then 4 * left(p, 4)::int + right(p, 1)::int - 1
    else right(p, 4)::int
end;

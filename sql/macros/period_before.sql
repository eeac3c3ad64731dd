-- The period before a period of the same kind, or the one a year before where
-- is_year is true: period_before('2021Q1', 'quarter', false) is '2020Q4'.
create or replace macro period_before(p, kind, is_year) as
case kind
    when 'month'
        then
            strftime(
                (p || '-01')::date
                - to_months(case when is_year then 12 else 1 end),
                '%Y-%m'
            )
    when 'quarter' then quarter_add(p, case when is_year then -4 else -1 end)
    else 'FY' || (right(p, 4)::int - 1)::varchar
end;

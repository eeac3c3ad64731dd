-- The federal fiscal quarter of a day: fiscal_quarter(date '2021-01-15') is
-- '2021Q2'. The fiscal year runs from October to September.
create or replace macro fiscal_quarter(d) as
(year(d) + (month(d) >= 10)::int)::varchar
|| 'Q' || ((month(d) + 2) % 12 // 3 + 1)::varchar;

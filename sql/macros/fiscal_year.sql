-- The fiscal year of a fiscal quarter: fiscal_year('2021Q2') is 'FY2021'.
create or replace macro fiscal_year(q) as 'FY' || left(q, 4);

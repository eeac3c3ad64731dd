-- Last day of a fiscal quarter: quarter_end('2021Q2') is 2021-03-31.
create or replace macro quarter_end(q) as
(quarter_start(q) + to_months(3) - to_days(1))::date;

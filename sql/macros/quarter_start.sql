-- First day of a fiscal quarter: quarter_start('2021Q2') is 2021-01-01.
create or replace macro quarter_start(q) as
(
    make_date(left(q, 4)::int - 1, 10, 1)
    + to_months(3 * (right(q, 1)::int - 1))
)::date;

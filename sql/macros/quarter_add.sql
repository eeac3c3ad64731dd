-- The fiscal quarter k quarters later: quarter_add('2021Q1', -1) is '2020Q4'.
create or replace macro quarter_add(q, k) as
fiscal_quarter((quarter_start(q) + to_months(3 * k))::date);

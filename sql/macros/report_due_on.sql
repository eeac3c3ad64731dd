-- Day on which the report of a fiscal quarter is due: 30 days after the
-- quarter ends (OMB Circular A-11 Section 280 reporting guidance).
create or replace macro report_due_on(q) as
(quarter_end(q) + to_days(30))::date;

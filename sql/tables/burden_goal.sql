create or replace table burden_goal (
    measure varchar not null,
    hours bigint not null,
    stated_on date not null,
    due_on date,
    text varchar not null,
    source varchar not null
);

comment on table burden_goal is 'Totals of the Department''s initiative to reduce burden: baseline, goal and what was reported. One row per measure and statement. Counts hours in hours; for each measure. A stock.';
comment on column burden_goal.measure is 'baseline (hours a year before), goal (hours less) or reported (hours less, as reported).';
comment on column burden_goal.hours is 'Hours a year.';
comment on column burden_goal.stated_on is 'Day of the statement, or the last day of its month where only the month is known.';
comment on column burden_goal.due_on is 'Day by which the goal was to be met; null for other measures.';
comment on column burden_goal.text is 'The statement in words.';
comment on column burden_goal.source is 'Who stated it and where.';

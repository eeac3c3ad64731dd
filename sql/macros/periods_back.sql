-- How many periods of a kind lie between a period and the one that it is compared
-- with: the one before, or the one a year before where is_year is true.
create or replace macro periods_back(kind, is_year) as
case
    when not is_year then 1
    when kind = 'month' then 12
    when kind = 'quarter' then 4
    else 1
end;

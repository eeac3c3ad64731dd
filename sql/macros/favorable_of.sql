-- How many answers are favorable, of the counts of the standard codes 0 to 5:
-- favorable_of(0, 1, 2, 3, 4, 5, false) is 9. Null where a count is.
create or replace macro favorable_of(n_0, n_1, n_2, n_3, n_4, n_5, is_two) as
case when favorable(0, is_two) then n_0 else 0 end
+ case when favorable(1, is_two) then n_1 else 0 end
+ case when favorable(2, is_two) then n_2 else 0 end
+ case when favorable(3, is_two) then n_3 else 0 end
+ case when favorable(4, is_two) then n_4 else 0 end
+ case when favorable(5, is_two) then n_5 else 0 end;

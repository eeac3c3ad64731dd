-- The lowest standard answer code that is favorable: favorable_from(false) is 4,
-- favorable_from(true) is 1.
create or replace macro favorable_from(is_two) as
case
    when favorable(0, is_two) then 0
    when favorable(1, is_two) then 1
    when favorable(2, is_two) then 2
    when favorable(3, is_two) then 3
    when favorable(4, is_two) then 4
    when favorable(5, is_two) then 5
end;

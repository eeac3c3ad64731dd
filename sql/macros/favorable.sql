-- Whether a standard answer code is favorable: 4 and 5 of five answers, 1 of
-- two: favorable(4, false) is true, favorable(0, true) is false. Null where
-- the code, or how many answers there are, is not known.
create or replace macro favorable(answer, is_two_answers) as
case is_two_answers
    when true then answer = 1
    when false then answer between 4 and 5
end;

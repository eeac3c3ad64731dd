-- How many people a figure on single responses needs: as many as its metric asks for,
-- and 11 at least, whatever a header says (cell-size policy of CMS).
create or replace macro people_needed(minimum_n) as
greatest(coalesce(minimum_n, 0), 11);

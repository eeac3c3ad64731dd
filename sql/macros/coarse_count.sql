-- A number of people as a public edition tells it: to the nearest ten, half up, so
-- that coarse_count(44) is 40 and coarse_count(45) is 50.
create or replace macro coarse_count(n) as
floor(n::double / 1e1 + 0.5e0) * 1e1;

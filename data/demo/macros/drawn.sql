-- A number from 0 up to, not including, 1 that depends on nothing but the seed
-- of a row and the name of what is drawn: drawn(seed, 'day'). The same on any
-- number of threads, which random() is not.
create or replace temp macro drawn(seed, what) as
(hash(xor(seed, hash(what))) >> 11)::double / 9007199254740992;

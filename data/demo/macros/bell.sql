-- A number around 0 with standard deviation 1 and the shape of a bell, drawn
-- from the seed of a row as drawn() does. It is the sum of the four quarters of
-- one hash, so it is exact on any machine, and within 3.5 of 0.
create or replace temp macro bell(seed, what) as
sqrt(3) * (
    (
        (hash(xor(seed, hash(what))) & 65535)
        + ((hash(xor(seed, hash(what))) >> 16) & 65535)
        + ((hash(xor(seed, hash(what))) >> 32) & 65535)
        + (hash(xor(seed, hash(what))) >> 48)
    )::double / 65536 - 2
);

-- Lower bound of the 95 % score interval for a count of events, in events: the
-- smallest expected count that a score test would not reject.
create or replace macro poisson_low(k) as
greatest(0e0, k + 1.9207294103470267e0 - sqrt(
    1.9207294103470267e0 * 1.9207294103470267e0
    + 3.8414588206940534e0 * k
));

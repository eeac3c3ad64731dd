-- Upper bound of the 95 % score interval for a count of events, in events.
-- As poisson_low, the largest expected count.
create or replace macro poisson_high(k) as
k + 1.9207294103470267e0 + sqrt(
    1.9207294103470267e0 * 1.9207294103470267e0
    + 3.8414588206940534e0 * k
);

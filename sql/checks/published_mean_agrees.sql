/*
The mean that a quarterly report printed equals the mean of its counts, rounded
half up to two decimals. One row per question that differs.
*/
select
    survey_id,
    question,
    published_mean,
    rounded_mean(n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4 + 5 * n_5, n_answers)
        as computed_mean
from current_answer
where
    published_mean is not null
    and n_answers > 0
    and abs(
        published_mean
        - rounded_mean(n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4 + 5 * n_5, n_answers)
    ) > 0.001

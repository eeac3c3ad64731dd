/*
The months of the demonstration. One row per month.
*/
with quarters as (
    select
        quarter_add(setting.first_quarter, step.number::int) as quarter,
        step.number // 4 as n_years
    from setting, unnest(range(setting.n_quarters)) as step (number)
)

select
    series.month::date as month,
    quarters.quarter,
    quarters.n_years,
    right(quarters.quarter, 1)::int as quarter_of_year
from
    quarters,
    unnest(
        generate_series(
            quarter_start(quarters.quarter),
            quarter_end(quarters.quarter), interval 1 month
        )
    ) as series (month)

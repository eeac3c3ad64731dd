/*
Why a page did not help: customers who said so may choose one reason, and about
every fifth chooses none. One row per service, page, month and reason.
*/
select
    page_count.component,
    page_count.service,
    page_count.page,
    page_count.month,
    page_reason_plan.reason,
    floor(
        page_count.n_not_helpful * page_reason_plan.share
        * (0.7 + 0.2 * drawn(page_count.seed, page_reason_plan.reason))
    )::bigint as n
from page_count
cross join page_reason_plan

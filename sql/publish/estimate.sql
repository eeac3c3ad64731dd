/*
Every row of the grid as it was measured, and whether it may be told: not where
disclosure control hides it (table hidden), nor where its source covers a part only
(table withheld, with the reason). One row per row of the grid.
*/
select
    measured.*,
    hidden.row_id is not null or withheld.row_id is not null as is_suppressed,
    withheld.reason as withheld_reason
from measured
left join hidden on measured.row_id = hidden.row_id
left join withheld on measured.row_id = withheld.row_id

/*
Every row of the grid as it was measured, as it would be told (told_...), and whether
it may be: not where disclosure control hides it (table hidden), nor where its source
covers a part only (table withheld, with the reason). One row per row of the grid.
*/
select
    measured.*,
    shown.value as told_value,
    shown.numerator as told_numerator,
    shown.denominator as told_denominator,
    shown.n as told_n,
    shown.low as told_low,
    shown.high as told_high,
    shown.design_effect as told_design_effect,
    hidden.row_id is not null or withheld.row_id is not null as is_suppressed,
    withheld.reason as withheld_reason
from measured
inner join shown on measured.row_id = shown.row_id
left join hidden on measured.row_id = hidden.row_id
left join withheld on measured.row_id = withheld.row_id

-- Whether a response that one load brought and another may have superseded
-- counts in the state after a load: counts_at(3, null, 5) and counts_at(3, 6, 5)
-- are true, counts_at(3, 4, 5) and counts_at(6, null, 5) are false.
create or replace macro counts_at(load_id, superseded_by, through) as
load_id <= through and coalesce(superseded_by > through, true);

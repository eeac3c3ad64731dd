/*
The scale on which each instrument asks everyone for each measure, null where it
does not ask, and whether it asks what went well and what did not instead. Read
from the reference tables, so that the answers cannot differ from them. One row
per instrument.
*/
select
    instrument,
    bool_or(asked_of = 'positive') as is_branching,
    max(scale) filter (where measure = 'trust' and asked_of = 'everyone')
        as trust,
    max(scale) filter (
        where measure = 'satisfaction' and asked_of = 'everyone'
    ) as satisfaction,
    max(scale) filter (
        where measure = 'effectiveness' and asked_of = 'everyone'
    ) as effectiveness,
    max(scale) filter (where measure = 'ease' and asked_of = 'everyone')
        as ease,
    max(scale) filter (where measure = 'efficiency' and asked_of = 'everyone')
        as efficiency,
    max(scale) filter (
        where measure = 'transparency' and asked_of = 'everyone'
    ) as transparency,
    max(scale) filter (where measure = 'humanity' and asked_of = 'everyone')
        as humanity,
    max(scale) filter (where measure = 'employee' and asked_of = 'everyone')
        as employee
from instrument_question
group by instrument

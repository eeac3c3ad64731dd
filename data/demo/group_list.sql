/*
The groups that the respondents of a survey may belong to. Each has a stretch
between 0 and 1 as long as its share; who falls into none is not known. One row
per kind of respondents.
*/
with stretches as (
    select
        respondents,
        segment,
        segment_value,
        weight,
        share,
        sum(round(10000 * share)::int) over (
            partition by respondents, segment
            order by segment_value
        ) / 10000 as upto
    from respondent_plan
)

select
    respondents,
    list(
        {
            'segment': segment,
            'segment_value': segment_value,
            'weight': weight,
            'above': upto - share,
            'upto': upto
        }
        order by segment, segment_value
    ) as groups
from stretches
group by respondents

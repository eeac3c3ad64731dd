/*
The change of each share, mean and rate of events at a fixed mix: the changes of its
services and channels (in a year, of each in the same quarter of the year) that both
periods have, each weighed with the mean of its shares of the answers in the two
(direct standardization with the weights of Kitagawa 1955). Null variance is that of
the change if nothing changed: pooled proportions and rates, as in the tests of Mantel
and Haenszel; of means that of Welch. The halves of the 95 % interval come from the
intervals of the parts (method of variance estimates recovery, Zou and Donner 2008):
of one service and channel it is Newcombe's. Overlap is the share of the answers, 0 to
1, that come from parts of both periods, in the period where it is smaller. Services
and channels that disclosure control hides are one part together. Signature is the
same for figures that count the same answers. One row per row of the grid and kind of
comparison.
*/
with side as (
    select
        grid.row_id,
        leaf.leaf,
        leaf.is_hidden,
        leaf.numerator,
        leaf.denominator,
        leaf.squares,
        leaf.squared_weights,
        leaf.n
    from grid
    inner join leaf
        on
            grid.slice_id = leaf.slice_id
            and grid.component in ('all', leaf.component)
            and grid.service in ('all', leaf.service)
            and grid.channel in ('all', leaf.channel)
    where
        grid.scope = 'dhs'
        and (grid.kind in ('share', 'mean') or grid.counts_events)
),

stacked as (
    select
        comparison.row_id,
        comparison.is_year,
        side.leaf,
        side.is_hidden,
        side.numerator as numerator_now,
        side.denominator as denominator_now,
        side.squares as squares_now,
        side.squared_weights as squared_weights_now,
        coalesce(side.n, side.denominator) as n_now,
        null as numerator_before,
        null as denominator_before,
        null as squares_before,
        null as squared_weights_before,
        null as n_before
    from comparison
    inner join side on comparison.row_id = side.row_id
    union all
    select
        comparison.row_id,
        comparison.is_year,
        side.leaf,
        side.is_hidden,
        null as numerator_now,
        null as denominator_now,
        null as squares_now,
        null as squared_weights_now,
        null as n_now,
        side.numerator as numerator_before,
        side.denominator as denominator_before,
        side.squares as squares_before,
        side.squared_weights as squared_weights_before,
        coalesce(side.n, side.denominator) as n_before
    from comparison
    inner join side on comparison.before_id = side.row_id
),

paired as (
    select
        row_id,
        is_year,
        leaf,
        bool_or(is_hidden) as is_hidden,
        sum(numerator_now) as numerator_now,
        sum(denominator_now) as denominator_now,
        sum(squares_now) as squares_now,
        sum(squared_weights_now) as squared_weights_now,
        sum(n_now) as n_now,
        sum(numerator_before) as numerator_before,
        sum(denominator_before) as denominator_before,
        sum(squares_before) as squares_before,
        sum(squared_weights_before) as squared_weights_before,
        sum(n_before) as n_before
    from stacked
    group by row_id, is_year, leaf
),

/* Events of a place whose exposure is not known count for the whole alone. */
named as (
    select
        * replace (
            case
                when
                    bool_or(
                        numerator_now > 0 and not coalesce(
                            denominator_now > 0, false
                        )
                        or numerator_before > 0 and not coalesce(
                            denominator_before > 0, false
                        )
                    ) over (partition by row_id, is_year)
                    then 'whole'
                when is_hidden then 'hidden'
                else leaf
            end as leaf
        ),
        leaf as own_leaf
    from paired
),

part as (
    select
        row_id,
        is_year,
        leaf,
        bool_or(is_hidden) as is_hidden,
        string_agg(own_leaf, '|' order by own_leaf) as leaves,
        sum(numerator_now) as numerator_now,
        sum(denominator_now) as denominator_now,
        sum(squares_now) as squares_now,
        sum(squared_weights_now) as squared_weights_now,
        sum(n_now) as n_now,
        sum(numerator_before) as numerator_before,
        sum(denominator_before) as denominator_before,
        sum(squares_before) as squares_before,
        sum(squared_weights_before) as squared_weights_before,
        sum(n_before) as n_before
    from named
    group by row_id, is_year, leaf
),

sized as (
    select
        *,
        denominator_now
        / nullif(sum(denominator_now) over figure, 0) as share_now,
        denominator_before
        / nullif(sum(denominator_before) over figure, 0) as share_before,
        coalesce(denominator_now > 0 and denominator_before > 0, false)
            as is_in_both,
        numerator_now / nullif(denominator_now, 0) as value_now,
        numerator_before / nullif(denominator_before, 0) as value_before,
        case
            when squared_weights_now is null then denominator_now
            else
                least(
                    n_now, denominator_now * denominator_now
                    / nullif(squared_weights_now, 0)
                )
        end as effective_now,
        case
            when squared_weights_before is null then denominator_before
            else
                least(
                    n_before, denominator_before * denominator_before
                    / nullif(squared_weights_before, 0)
                )
        end as effective_before,
        -- Of one answer, for parts of a single answer, which have no spread of their own.
        sum(squares_now) over figure
        / nullif(sum(denominator_now) over figure, 0)
        - power(
            sum(numerator_now) over figure
            / nullif(sum(denominator_now) over figure, 0), 2
        ) as spread_now,
        sum(squares_before) over figure
        / nullif(sum(denominator_before) over figure, 0)
        - power(
            sum(numerator_before) over figure
            / nullif(sum(denominator_before) over figure, 0), 2
        ) as spread_before
    from part
    window figure as (partition by row_id, is_year)
),

weighed as (
    select
        sized.*,
        estimate.kind,
        estimate.counts_events,
        (sized.share_now + sized.share_before)
        / sum(sized.share_now + sized.share_before)
            over (partition by sized.row_id, sized.is_year) as weight,
        case
            when estimate.kind = 'mean'
                then
                    coalesce(
                        greatest(
                            0,
                            sized.squares_now / sized.denominator_now
                            - power(sized.value_now, 2)
                        )
                        * sized.n_now / nullif(sized.n_now - 1, 0),
                        sized.spread_now
                    ) / sized.effective_now
        end as variance_now,
        case
            when estimate.kind = 'mean'
                then
                    coalesce(
                        greatest(
                            0,
                            sized.squares_before / sized.denominator_before
                            - power(sized.value_before, 2)
                        )
                        * sized.n_before / nullif(sized.n_before - 1, 0),
                        sized.spread_before
                    ) / sized.effective_before
        end as variance_before,
        (
            sized.value_now * sized.effective_now
            + sized.value_before * sized.effective_before
        ) / (sized.effective_now + sized.effective_before) as pooled
    from sized
    inner join estimate on sized.row_id = estimate.row_id
    where sized.is_in_both
),

bounded as (
    select
        *,
        case
            when kind = 'share'
                then
                    pooled
                    * (1 - pooled)
                    * (1 / effective_now + 1 / effective_before)
            when counts_events
                then pooled * (1 / denominator_now + 1 / denominator_before)
            else variance_now + variance_before
        end as null_variance,
        case
            when kind = 'share'
                then
                    value_now
                    - wilson_low(value_now * effective_now, effective_now)
            when counts_events
                then value_now - poisson_low(numerator_now) / denominator_now
            else 1.959963984540054e0 * sqrt(variance_now)
        end as below_now,
        case
            when kind = 'share'
                then
                    wilson_high(value_now * effective_now, effective_now)
                    - value_now
            when counts_events
                then poisson_high(numerator_now) / denominator_now - value_now
            else 1.959963984540054e0 * sqrt(variance_now)
        end as above_now,
        case
            when kind = 'share'
                then
                    value_before
                    - wilson_low(
                        value_before * effective_before, effective_before
                    )
            when counts_events
                then
                    value_before
                    - poisson_low(numerator_before) / denominator_before
            else 1.959963984540054e0 * sqrt(variance_before)
        end as below_before,
        case
            when kind = 'share'
                then
                    wilson_high(
                        value_before * effective_before, effective_before
                    )
                    - value_before
            when counts_events
                then
                    poisson_high(numerator_before) / denominator_before
                    - value_before
            else 1.959963984540054e0 * sqrt(variance_before)
        end as above_before
    from weighed
)

select
    row_id,
    is_year,
    count(*) as n_parts,
    bool_or(is_hidden) as has_hidden,
    least(sum(share_now), sum(share_before)) as overlap,
    md5(string_agg(leaves, '|' order by leaves)) as signature,
    sum(weight * (value_now - value_before)) as change,
    sum(weight * value_before) as value_before,
    sum(numerator_now) as numerator_now,
    sum(numerator_before) as numerator_before,
    sum(weight * weight * null_variance) as null_variance,
    sqrt(sum(weight * weight * (
        below_now * below_now + above_before * above_before
    ))) as half_below,
    sqrt(sum(weight * weight * (
        above_now * above_now + below_before * below_before
    ))) as half_above
from bounded
group by row_id, is_year

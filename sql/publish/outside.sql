/*
The rest of the government beside a Component (left_out) and beside the Department (left_out
is all): all surveys of federal High Impact Service Providers but its own, of the same
instrument family, scale, wording and period; none where that would add up quarters of
different definitions. Only public figures enter: where single responses stand behind
another Component, services outside the Department are taken alone. Largest share is that
of the answers, 0 to 1, of the service with the most. Low and high are 95 % bounds. One row
per slice, channel and what is left out.
*/
with service_sum as (
    select
        slice_id,
        component,
        service,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        sum(numerator)::double as numerator,
        sum(denominator)::double as denominator,
        sum(squares)::double as squares,
        sum(squared_weights)::double as squared_weights,
        sum(coalesce(n, denominator))::double as n,
        bool_or(is_private) as is_private
    from period_cell
    where scope = 'government' and denominator > 0
    group by
        slice_id, component, service, grouping sets ((), (channel))
),

sides as (
    select distinct
        slice_id,
        channel,
        component as left_out
    from service_sum
    where component not in ('FED', '-')
    union all
    select distinct
        slice_id,
        channel,
        'all' as left_out
    from service_sum
),

other as (
    select
        sides.left_out,
        service_sum.*,
        bool_or(service_sum.is_private) over (
            partition by sides.slice_id, sides.channel, sides.left_out
        ) as is_any_private
    from sides
    inner join service_sum
        on
            sides.slice_id = service_sum.slice_id
            and sides.channel = service_sum.channel
            and sides.left_out <> service_sum.component
            and (sides.left_out <> 'all' or service_sum.component = 'FED')
),

summed as (
    select
        slice_id,
        channel,
        left_out,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(squares) as squares,
        sum(n) as n,
        case
            when sum(squared_weights) is null then sum(denominator)
            else pow(sum(denominator), 2) / sum(squared_weights)
        end as effective_n,
        count(*) as n_services,
        max(denominator) / sum(denominator) as largest_share,
        bool_or(component = 'FED') as is_beyond
    from other
    where component = 'FED' or not is_any_private
    group by slice_id, channel, left_out
),

valued as (
    select
        summed.*,
        government.kind,
        summed.numerator / summed.denominator as exact,
        sqrt(
            greatest(
                0,
                summed.squares / summed.denominator
                - pow(summed.numerator / summed.denominator, 2)
            ) / summed.effective_n
        ) as standard_error
    from summed
    inner join estimate as government
        on
            government.scope = 'government'
            and summed.slice_id = government.slice_id
            and summed.channel = government.channel
    left join definition_at on government.row_id = definition_at.row_id
    where
        government.kind in ('share', 'mean')
        and summed.is_beyond
        and not coalesce(definition_at.is_mixed, false)
)

select
    slice_id,
    channel,
    left_out,
    n_services,
    largest_share,
    exact,
    case
        when kind = 'mean' then rounded_mean(numerator, denominator) else exact
    end as value,
    case
        when kind = 'share'
            then wilson_low(exact * effective_n, effective_n)
        else exact - 1.959963984540054e0 * standard_error
    end as low,
    case
        when kind = 'share'
            then wilson_high(exact * effective_n, effective_n)
        else exact + 1.959963984540054e0 * standard_error
    end as high
from valued

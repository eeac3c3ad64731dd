/*
What a change varies by, beside sampling. Of each change that can be compared, change and
standard error on a scale on which large and small figures vary alike: of shares over the
deviation of one answer, of rates of events over the rate, of means as they are. Like the limits of a
control chart, ordinary variation comes from the mean of the steps that a series made before
(at most twelve): pi / 2 times its square, less what sampling explains. With fewer than
minimum_steps of its own, a series takes the steps that all series of the same metric, level
and kind of channel made before (the mean of their squares, less that of sampling), if these
are at least twice as many; with fewer of these, sampling alone counts. Nothing that came
later enters. Ratio is ordinary variation over that of sampling (variances), n_steps how
many steps tell of it, minimum change the smallest change that is called one. One row per
comparison that is tested.
*/
with compared as (
    select
        comparison.row_id,
        comparison.is_year,
        comparison.metric,
        comparison.kind,
        comparison.counts_events,
        comparison.level,
        comparison.is_all_channels,
        comparison.period_kind,
        comparison.period_number,
        comparison.series_id,
        like_for_like.change,
        like_for_like.null_variance,
        like_for_like.value_before,
        (
            2 * like_for_like.value_before + like_for_like.change
        ) / 2 as middle
    from comparison
    cross join setting
    inner join like_for_like
        on
            comparison.row_id = like_for_like.row_id
            and comparison.is_year = like_for_like.is_year
    where
        comparison.is_tested
        and not comparison.is_suppressed
        and not comparison.is_before_suppressed
        and not comparison.is_redefined
        and like_for_like.overlap >= setting.minimum_overlap
        and like_for_like.null_variance is not null
),

scaled as (
    select
        compared.*,
        case
            when compared.kind = 'share'
                then
                    least(
                        setting.minimum_effect_share,
                        ln(setting.minimum_effect_odds)
                        * compared.middle * (1 - compared.middle)
                    )
            when compared.kind = 'mean' then setting.minimum_effect_mean
            else setting.minimum_effect_rate * compared.value_before
        end as minimum_change,
        -- Where all or nobody count there is no variation to learn from.
        case
            when compared.null_variance < 1e-18 then null
            when compared.kind = 'share'
                then sqrt(compared.middle * (1 - compared.middle))
            when compared.counts_events then nullif(compared.middle, 0)
            else 1
        end as scale
    from compared
    cross join setting
),

step as (
    select
        *,
        abs(change) / scale as size,
        sqrt(null_variance) / scale as sampling
    from scaled
),

own as (
    select
        *,
        count(size) over earlier as n_own,
        avg(size) over earlier as size_own,
        avg(sampling) over earlier as sampling_own
    from step
    window earlier as (
        partition by series_id, is_year
        order by period_number
        rows between 12 preceding and 1 preceding
    )
),

by_period as (
    select
        metric,
        kind,
        level,
        is_all_channels,
        period_kind,
        is_year,
        period_number,
        count(size) as n,
        sum(size * size) as squares,
        sum(sampling * sampling) filter (where size is not null)
            as sampling_squares
    from step
    group by all
),

alike as (
    select
        *,
        sum(n) over earlier as n_alike,
        (sum(squares) over earlier - sum(sampling_squares) over earlier)
        / sum(n) over earlier as beside_alike
    from by_period
    window earlier as (
        partition by metric, level, is_all_channels, period_kind, is_year
        order by period_number
        rows between unbounded preceding and 1 preceding
    )
),

chosen as (
    select
        own.*,
        case
            when own.n_own >= setting.minimum_steps then 'own'
            when alike.n_alike >= 2 * setting.minimum_steps then 'alike'
            else 'sampling'
        end as history,
        case
            when own.n_own >= setting.minimum_steps then own.n_own
            when alike.n_alike >= 2 * setting.minimum_steps then alike.n_alike
        end as n_steps,
        case
            when own.n_own >= setting.minimum_steps
                then
                    pi() / 2 * own.size_own * own.size_own
                    - own.sampling_own * own.sampling_own
            when alike.n_alike >= 2 * setting.minimum_steps
                then alike.beside_alike
        end as beside_sampling
    from own
    cross join setting
    inner join alike
        on
            own.metric = alike.metric
            and own.level = alike.level
            and own.is_all_channels = alike.is_all_channels
            and own.period_kind = alike.period_kind
            and own.is_year = alike.is_year
            and own.period_number = alike.period_number
)

select
    row_id,
    is_year,
    change,
    null_variance,
    minimum_change,
    history,
    n_steps,
    coalesce(
        greatest(0, beside_sampling) / nullif(sampling * sampling, 0), 0
    ) as ratio
from chosen

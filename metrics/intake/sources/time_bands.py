"""Times to the next step in columns of our own: how many people waited, or were served,
within each band of time, for any team."""

from pathlib import Path

import duckdb

from metrics.base.errors import CxError
from metrics.intake.sources.base import (
    STAGING,
    LoadOptions,
    Staged,
    existing,
    file_facts,
    read_csv_text,
    read_header,
    require_rows,
    value_reasons,
)
from metrics.intake.sources.plan import require_columns
from metrics.intake.sources.texts import NO_ANSWER, TRIMMED
from metrics.intake.sources.totals import sums_of_others, total_check

WANTED = ["component", "step", "unit", "period_kind", "start", "band_from", "band_to", "n"]
COLUMNS = [*WANTED, "service", "channel", "place"]

STARTS = {
    "hour": (r"\d{4}-\d{2}-\d{2} \d{2}:00", "start || ':00'", "an hour such as 2016-01-31 23:00"),
    "day": (r"\d{4}-\d{2}-\d{2}", "start", "a day such as 2016-01-31"),
    "month": (r"\d{4}-\d{2}", "start || '-01'", "a month such as 2016-01"),
    "quarter": (r"20\d{2}Q[1-4]", "quarter_start(start)::varchar", "a quarter such as 2016Q2"),
}
"""For each kind of period how its start is written: pattern, SQL for the moment, words."""

_SAME_TIMES = ", ".join(
    f"lower({name})" for name in ("component", "service", "channel", "place", "period_kind",
                                  "start", "step", "unit")
)  # fmt: skip
_START = " ".join(
    f"when '{kind}' then case when regexp_full_match(start, '{pattern}') "
    f"then try_cast({moment} as timestamp) end"
    for kind, (pattern, moment, _) in STARTS.items()
)


class TimeBands:
    """Source `time-bands`."""

    name = "time-bands"
    title = "Waits, answer and processing times: people by band of time"
    fills = "time"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has the columns that every such file must have."""
        path = Path(location)
        return path.is_file() and set(WANTED) <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the bands; see `Source.stage`.

        The bands of one place, period and step are one statement: they begin at 0, leave
        no gap, have no upper end, and count only if every one of them can be read.
        """
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path, may_end_open=True)
        header = read_header(path)
        require_columns(header, WANTED, f"{location}:1")
        require_columns(header, [name for name in header if name in COLUMNS], f"{location}:1")
        if extra := [name for name in header if name not in COLUMNS]:
            raise CxError(
                f"{location}:1: column {extra[0]!r} is not expected; the columns are "
                f"{', '.join(COLUMNS)}"
            )
        n_rows = read_csv_text(connection, path, header, "stage_raw", facts)
        require_rows(n_rows, f"{path}:{facts.n_lines + 1}")
        for name in set(COLUMNS) - set(header):
            connection.execute(f"alter table stage_raw add column {name} varchar")
        texts = ", ".join(
            f"case when lower({text}) not in {NO_ANSWER} then {text} end as {name}"
            for name, text in ((name, TRIMMED.format(name)) for name in COLUMNS)
        )
        connection.execute(f"""
            create or replace temp table stage_text as
            with texts as (select line_number, {texts} from stage_raw)
            select
                *,
                case lower(period_kind) {_START} end as starts_at,
                try_cast(band_from as double) as low,
                try_cast(band_to as double) as high,
                dense_rank() over (order by {_SAME_TIMES}) as distribution
            from texts
        """)
        self._reject(connection)
        connection.execute("""
            insert into stage_time by name
            select
                line_number, upper(component) as component, service,
                lower(channel) as channel, place, starts_at,
                lower(period_kind) as period_kind, lower(step) as step, lower(unit) as unit,
                low as band_from, high as band_to, n::bigint as n
            from stage_text
            where line_number not in (select line_number from stage_reject)
        """)
        return Staged(n_rows, None, path.name, facts.sha256)

    def _reject(self, connection: duckdb.DuckDBPyConnection) -> None:
        number = r"not regexp_full_match(coalesce({0}, ''), '[0-9]{{1,5}}(\.[0-9])?')"
        checks = [
            ("component",
             "coalesce(upper(component) not in (select component from component), true)",
             "must be a Component of data/reference/component.csv"),
            ("service", "service is not null and (service, upper(component)) "
             "not in (select (service, component) from service)",
             "must be a service of the Component in data/reference/service.csv, or blank"),
            ("channel", "lower(channel) not in (select channel from channel)",
             "must be a channel of data/reference/channel.csv, or blank"),
            ("step", "coalesce(lower(step) not in (select step from time_step), true)",
             "must be a step of data/reference/time_step.csv"),
            ("unit", "lower(unit) is distinct from "
             "(select unit from time_step where time_step.step = lower(stage_text.step))",
             "must be the unit of the step in data/reference/time_step.csv"),
            ("period_kind", f"coalesce(lower(period_kind), '') not in {tuple(STARTS)}",
             f"must be {', '.join(STARTS)}"),
            *(
                ("start", f"lower(period_kind) = '{kind}' and starts_at is null",
                 f"must be {words}")
                for kind, (_, _, words) in STARTS.items()
            ),
            ("band_from", number.format("band_from"), "must be a number such as 15 or 7.5"),
            ("band_to", f"band_to is not null and {number.format('band_to')}",
             "must be a number such as 15, or blank where the band has no upper bound"),
            ("start", "starts_at > now() at time zone 'UTC' or starts_at < timestamp '2000-01-01'",
             "must lie between 2000 and today"),
            total_check("place"),
            ("n", "not regexp_full_match(coalesce(n, ''), '[0-9]{1,12}')",
             "must be a whole number of people, 0 or more"),
        ]  # fmt: skip
        arms = value_reasons(checks)
        row = ", ".join(f"{name}: {name}" for name in COLUMNS)
        connection.execute(f"""
            create or replace temp view stage_number as
            select
                distribution as line_number, lower(place) as place,
                concat_ws('|', {_SAME_TIMES.replace("lower(place), ", "")}) as alike,
                sum(try_cast(n as bigint)) as number
            from stage_text
            group by all
        """)
        connection.execute(f"""
            insert into stage_reject
            with unreadable as (
                {arms}
                union all
                select line_number, 'place',
                    'The people are the sum of all other places of the file, so they would '
                    || 'count twice; leave the rows out, or load a place of that name in a file '
                    || 'of its own.'
                from stage_text
                where distribution in (
                    select line_number
                    from ({sums_of_others("stage_number", "place", ["alike"])})
                )
            ),
            ordered as (
                select
                    line_number, low, high, distribution,
                    lag(high) over bands as high_before,
                    row_number() over bands as number,
                    count(*) over (partition by distribution, low) as n_same
                from stage_text
                where distribution not in (
                    select distribution from stage_text
                    where line_number in (select line_number from unreadable)
                )
                window bands as (partition by distribution order by low, line_number)
            ),
            misfit as (
                select
                    line_number, distribution, 'band_from' as column_name,
                    case
                        when n_same > 1
                            then 'The band appears more than once in the file; keep one row.'
                        when number = 1
                            then 'The bands of these times must begin at 0; add the first one, '
                                || 'also where it counts nobody.'
                        when coalesce(high_before <> low, true)
                            then 'The band before must end where this one begins; give every '
                                || 'band, also those that count nobody.'
                    end as reason
                from ordered
                where
                    n_same > 1
                    or number = 1 and low <> 0
                    or number > 1 and coalesce(high_before <> low, true)
                union all
                select
                    line_number, distribution, 'band_to',
                    'The upper bound of a band must be above its lower bound.'
                from ordered
                where high <= low
                union all
                select
                    line_number, distribution, 'band_to',
                    'The last band of these times must have no upper bound; add one, also '
                        || 'where it counts nobody.'
                from ordered
                qualify
                    high is not null
                    and number = max(number) over (partition by distribution)
            ),
            reasons as (
                select line_number, column_name, reason from unreadable
                union all
                select line_number, column_name, reason from misfit
            ),
            -- Times of which a band is missing would give a wrong median.
            incomplete as (
                select
                    stage_text.line_number, 'n' as column_name,
                    'Line ' || first.line_number || ' of the same times was rejected; they count '
                    || 'as a whole, so fix that line.' as reason
                from stage_text
                inner join (
                    select distribution, min(line_number) as line_number
                    from stage_text
                    where line_number in (select line_number from reasons)
                    group by distribution
                ) as first using (distribution)
                where stage_text.line_number not in (select line_number from reasons)
            ),
            everything as (from reasons union all from incomplete)
            select everything.line_number, everything.column_name, everything.reason,
                to_json({{{row}}})::varchar
            from everything
            inner join stage_text using (line_number)
        """)

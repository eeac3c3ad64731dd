"""Hourly waits at passport control, as CBP publishes them for each airport terminal.

One row per hour with passengers: how many waited up to 15 minutes, 16 to 30 and so on,
how many were excluded (their wait was not taken) and how many there were in all. Dates
are written 12/31/2018 up to 2018 and 2019-12-31 since.
"""

from pathlib import Path

import duckdb

from metrics.intake.sources.base import (
    STAGING,
    LoadOptions,
    Staged,
    check_header,
    existing,
    file_facts,
    read_csv_text,
    read_header,
    require_rows,
    value_reasons,
)
from metrics.intake.sources.texts import TRIMMED
from metrics.intake.sources.totals import total_check

BANDS: dict[str, tuple[int, int | None]] = {
    "all_n_0..15": (0, 15),
    "all_n_16..30": (15, 30),
    "all_n_31..45": (30, 45),
    "all_n_46..60": (45, 60),
    "all_n_61..90": (60, 90),
    "all_n_91..120": (90, 120),
    "all_n_120..": (120, None),
}
"""Columns that count passengers by wait, with the bounds in minutes; the lower one is
outside. Waits are whole minutes."""

COLUMNS = [
    *("airport", "terminal", "date", "hour"),
    *(f"{who}_{what}_wait" for who in ("us", "non_us", "all") for what in ("avg", "max")),
    *BANDS,
    *("all_excluded", "all_total", "all_flights", "all_booths"),
]
COUNTS = [*BANDS, "all_excluded", "all_total"]

_DAY = (
    r"case when regexp_full_match(date, '\d{1,2}/\d{1,2}/\d{4}') "
    "then try_strptime(date, '%m/%d/%Y')::date "
    r"when regexp_full_match(date, '\d{4}-\d{2}-\d{2}') then try_cast(date as date) end"
)
_HOUR = r"regexp_full_match(hour, '([01]\d|2[0-3])00 - ([01]\d|2[0-3])00')"
_HOURS_APART = "(left(hour, 2)::int + 1) % 24 <> substr(hour, 8, 2)::int"


class CbpWaits:
    """Source `cbp-waits`."""

    name = "cbp-waits"
    title = "Hourly waits at passport control, from CBP"
    fills = "time"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has the counts by wait."""
        path = Path(location)
        return path.is_file() and {"airport", "hour", *BANDS} <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage one row per hour and band; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path, may_end_open=True)
        check_header(path, COLUMNS)
        n_rows = read_csv_text(connection, path, read_header(path), "stage_raw", facts)
        require_rows(n_rows, f"{path}:{facts.n_lines + 1}")
        texts = ", ".join(f'{TRIMMED.format(f"{chr(34)}{name}{chr(34)}")} as "{name}"'
                          for name in COLUMNS)  # fmt: skip
        connection.execute(f"""
            create or replace temp table stage_text as
            with texts as (select line_number, {texts} from stage_raw)
            select *, {_DAY} as day, case when {_HOUR} then left(hour, 2)::int end as hour_of_day
            from texts
        """)
        self._reject(connection)
        bands = "\nunion all\n".join(
            f"select line_number, {low} as band_from, {high or 'null'} as band_to, "
            f'"{name}"::bigint as n from good'
            for name, (low, high) in BANDS.items()
        )
        connection.execute(f"""
            insert into stage_time by name
            with good as (
                from stage_text
                where line_number not in (select line_number from stage_reject)
            ),
            bands as ({bands})
            select
                line_number, 'CBP' as component, airport || ' ' || terminal as place,
                day + to_hours(hour_of_day) as starts_at, 'hour' as period_kind,
                'wait' as step, 'minutes' as unit, band_from, band_to, n
            from good
            inner join bands using (line_number)
        """)
        return Staged(n_rows, None, path.name, facts.sha256)

    def _reject(self, connection: duckdb.DuckDBPyConnection) -> None:
        checks = [
            ("airport", "not regexp_full_match(coalesce(airport, ''), '[A-Z]{3}')",
             "must be an airport code of three letters"),
            ("terminal", "terminal is null", "must name the terminal"),
            total_check("terminal"),
            ("date", "day is null", "must be a day such as 12/31/2018 or 2018-12-31"),
            ("date", "day > current_date or day < date '2000-01-01'",
             "must lie between 2000 and today"),
            ("hour", f"not coalesce({_HOUR}, false) or {_HOURS_APART}",
             "must be an hour such as 2300 - 0000"),
            *(
                (name, f"""not regexp_full_match(coalesce("{name}", ''), '[0-9]{{1,9}}')""",
                 "must be a whole number of passengers, 0 or more")
                for name in COUNTS
            ),
        ]  # fmt: skip
        arms = value_reasons(checks)
        known = " + ".join(f'try_cast("{name}" as bigint)' for name in [*BANDS, "all_excluded"])
        row = ", ".join(f'"{name}": "{name}"' for name in COLUMNS)
        connection.execute(f"""
            insert into stage_reject
            with unreadable as (
                {arms}
            ),
            reasons as (
                from unreadable
                union all
                select
                    line_number, 'all_total',
                    'The bands and the excluded add up to ' || ({known})
                    || ' passengers, but the total is ' || all_total
                    || '; ask the publisher which is right.'
                from stage_text
                where
                    {known} <> try_cast(all_total as bigint)
                    and line_number not in (select line_number from unreadable)
                union all
                select
                    line_number, 'hour',
                    'Terminal, day and hour appear more than once in the file; keep one row.'
                from stage_text
                where day is not null
                qualify count(*) over (partition by airport, terminal, day, hour) > 1
            )
            select reasons.line_number, reasons.column_name, reasons.reason,
                to_json({{{row}}})::varchar
            from reasons
            inner join stage_text using (line_number)
        """)

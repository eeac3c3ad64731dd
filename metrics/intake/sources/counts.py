"""Counts of what happened: complaints, customers, contacts, votes on a page. Any team's
file, one row per count, and what its relatives of other formats share."""

from pathlib import Path

import duckdb

from metrics.base.duck import sql_text
from metrics.base.errors import CxError
from metrics.intake.sources.base import (
    ROWS,
    STAGING,
    Check,
    FileFacts,
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
from metrics.intake.sources.texts import FOLDED, NO_ANSWER, TRIMMED
from metrics.intake.sources.totals import sums_of_others, total_check

PERIODS = {
    "month": ("20[0-9]{2}-(0[1-9]|1[0-2])", "a month such as 2024-10"),
    "day": ("20[0-9]{2}-[0-9]{2}-[0-9]{2}", "a day such as 2024-10-31"),
    "quarter": ("20[0-9]{2}Q[1-4]", "a fiscal quarter such as 2025Q1"),
}
"""Columns that may say when: how their values read, and what to call that."""

REQUIRED = ["component", "activity", "n"]
COLUMNS = [
    *("component", "service", "channel", "place", *PERIODS),
    *("activity", "category", "n", "report"),
]
KEY = ROWS["count"][1]
_SAME = [name for name in KEY if name not in ("place", "category")]
_IS_KNOWN = """lower(trim(category)) in (
    select alias from category_alias
    union all select category from category
    union all select lower(name) from category
)"""


class Counts:
    """Source `counts`."""

    name = "counts"
    title = "Counts of complaints, customers, contacts, votes and the like"
    fills = "count"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has component, activity, n and a period."""
        path = Path(location)
        if not path.is_file():
            return False
        header = set(read_header(path))
        return set(REQUIRED) <= header and bool(set(PERIODS) & header)

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the counts; see `Source.stage`."""
        path, facts, header = opened(connection, location)
        require_columns(header, REQUIRED, f"{location}:1")
        require_columns(header, [name for name in header if name in COLUMNS], f"{location}:1")
        if extra := [name for name in header if name not in COLUMNS]:
            raise CxError(
                f"{location}:1: column {extra[0]!r} is not expected; the columns are "
                f"{', '.join(COLUMNS)}"
            )
        given = [name for name in PERIODS if name in header]
        if len(given) != 1:
            raise CxError(
                f"{location}:1: the columns name {len(given)} kinds of period; have one of "
                f"{', '.join(PERIODS)}, and one file for each"
            )
        period = given[0]
        n_rows = read_texts(connection, path, header, facts, COLUMNS)
        starts_on = {
            "month": "try_cast(month || '-01' as date)",
            "day": "try_cast(day as date)",
            "quarter": f"case when {reads('quarter', 'quarter')} then quarter_start(quarter) end",
        }[period]
        connection.execute(f"""
            create or replace temp table stage_count_text as
            select
                texts.line_number, component, service,
                coalesce(known.channel, texts.channel) as channel,
                place, '{period}' as period_kind, {starts_on} as starts_on, activity, category,
                n, report
            from stage_text as texts
            left join (
                select channel as alias, channel from channel
                union
                select alias, channel from channel_alias
            ) as known on lower(texts.channel) = known.alias
        """)
        listed = "must be in data/reference/{0}.csv".format
        checks = [
            ("component", "coalesce(component not in (select component from component), true)",
             listed("component")),
            ("service", "service is not null and not exists (select 1 from service as held where "
             "held.service = texts.service and held.component = texts.component)",
             "must be a service of the Component in data/reference/service.csv, or blank"),
            ("channel", "channel is not null and channel not in (select channel from channel) "
             "and lower(channel) not in (select alias from channel_alias)",
             f"{listed('channel')} or channel_alias.csv, or blank"),
            (period, f"not coalesce({reads(period, period)}, false)",
             f"must be {PERIODS[period][1]}"),
            ("activity", "coalesce(activity not in (select activity from activity), true)",
             listed("activity")),
        ]  # fmt: skip
        if period == "day":
            checks.append(("day", f"{reads('day', 'day')} and try_cast(day as date) is null",
                           "must be a day of the calendar"))  # fmt: skip
        finish(connection, checks, COLUMNS, period)
        return Staged(n_rows, None, path.name, facts.sha256)


def reads(column: str, period: str) -> str:
    """SQL that says whether a text reads like a period; null where there is none."""
    return f"regexp_full_match({column}, '{PERIODS[period][0]}')"


def opened(
    connection: duckdb.DuckDBPyConnection, location: str
) -> tuple[Path, FileFacts, list[str]]:
    """Make the staging tables and prove that a file is text; return its header too."""
    connection.execute(STAGING)
    path = existing(location)
    return path, file_facts(path), read_header(path)


def read_texts(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    header: list[str],
    facts: FileFacts,
    columns: list[str],
) -> int:
    """Read a file into `stage_text`: the columns as texts without blanks around them,
    null where there is nothing, the column category as it is written. Return its rows."""
    n_rows = read_csv_text(connection, path, header, "stage_raw", facts)
    require_rows(n_rows, f"{path}:{facts.n_lines + 1}")
    for name in set(columns) - set(header):
        connection.execute(f"alter table stage_raw add column {name} varchar")
    numbers = ("n", "complaints", "passengers")
    texts = {name: (FOLDED if name in numbers else TRIMMED).format(name) for name in columns}
    select = ", ".join(
        f"case when lower({text}) not in {NO_ANSWER} "
        f"then {name if name == 'category' else text} end as {name}"
        for name, text in texts.items()
    )
    connection.execute(
        f"create or replace temp table stage_text as select line_number, {select} from stage_raw"
    )
    return n_rows


def finish(
    connection: duckdb.DuckDBPyConnection,
    checks: list[Check],
    columns: list[str],
    period: str,
    count: str = "n",
) -> None:
    """Reject the rows of `stage_text` that fail a check or are there twice, and stage
    the others from `stage_count_text`, which has the columns of the raw table.

    `period` and `count` are the columns of the file that reasons name.
    """
    checks = [
        *checks,
        *(total_check(name) for name in columns if name in ("place", "airport", "category")),
        (count, f"not regexp_full_match(coalesce({count}, ''), '[0-9]{{1,15}}')",
         "must be a whole number, 0 or more"),
        (count, f"regexp_full_match({count}, '[0-9]{{13,15}}')", "must have at most 12 digits"),
    ]  # fmt: skip
    arms = value_reasons(checks, "stage_text as texts")
    place = "airport" if "airport" in columns else "place"
    connection.execute("""
        create or replace temp view stage_number as
        select *, try_cast(n as bigint) as number from stage_count_text where starts_on is not null
    """)
    row = ", ".join(f"{name}: {name}" for name in columns)
    connection.execute(f"""
        insert into stage_reject
        with reasons as (
            {arms}
            union all
            select line_number, '{period}',
                'The period has not begun yet; the date is wrong.'
            from stage_count_text
            where starts_on > current_date
            union all
            select line_number, '{count}',
                'The same count is in the file more than once; keep one row.'
            from stage_count_text
            where starts_on is not null
            qualify count(*) over (partition by {", ".join(KEY)}) > 1
            union all
            select line_number, {sql_text(place)},
                'The count is the sum of all other places of the file, so it would count '
                || 'twice; leave the row out, or load a place of that name in a file of its own.'
            from ({sums_of_others("stage_number", "place", [*_SAME, "category"])})
            union all
            select line_number, 'category',
                'The count is the sum of all other categories of the file, so it would count '
                || 'twice; leave the row out, or add the category to data/reference/category.csv.'
            from ({sums_of_others("stage_number", "category", [*_SAME, "place"], _IS_KNOWN)})
        )
        select reasons.line_number, reasons.column_name, reasons.reason,
            to_json({{{row}}})::varchar
        from reasons
        inner join stage_text using (line_number)
    """)
    connection.execute("""
        insert into stage_count by name
        select * replace (n::bigint as n)
        from stage_count_text
        where line_number not in (select line_number from stage_reject)
    """)

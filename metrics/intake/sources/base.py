"""What all sources share: the staging tables, and reading a CSV file safely."""

import codecs
import csv
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Protocol

import duckdb
import pandas as pd

from metrics.base.duck import first_row, sql_text
from metrics.base.errors import CxError
from metrics.warehouse.store import describe_header

csv.field_size_limit(16_000_000)

ROWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "volume": ("survey_volume", ("survey", "channel", "quarter")),
    "count": (
        "activity_count",
        (
            *("component", "service", "channel", "place"),
            *("period_kind", "starts_on", "activity", "category"),
        ),
    ),
    "time": (
        "time_band",
        (
            *("component", "service", "channel", "place"),
            *("period_kind", "starts_at", "step", "unit", "band_from"),
        ),
    ),
    "maturity": (
        "maturity_answer",
        ("component", "unit", "model", "assessed_on", "practice"),
    ),
    "burden": ("burden_request", ("icr_reference", "snapshot_on")),
}
"""Raw tables that are filled row by row: for each `fills` of a source the table, and the
columns that say what a row is about. A row about the same replaces an earlier one."""

STAGES = (
    "stage_report",
    "stage_answer",
    "stage_response",
    "stage_withdrawn",
    "stage_reject",
    *(f"stage_{fills}" for fills in ROWS),
)

STAGING = """
create or replace temp table stage_report as
select * exclude (load_id) from survey_report limit 0;
create or replace temp table stage_answer as
select * exclude (load_id) from survey_report_answer limit 0;
create or replace temp table stage_response as
select * exclude (load_id) from survey_response limit 0;
create or replace temp table stage_withdrawn as
select quarter, response_id from survey_response limit 0;
create or replace temp table stage_reject as
select * exclude (load_id) from rejected_row limit 0;
""" + "".join(
    f"create or replace temp table stage_{fills} as "
    f"select * exclude (load_id) from {table} limit 0;\n"
    for fills, (table, _) in ROWS.items()
)
"""Staging tables that a source fills. For each row of the file that can be used: one
stage_report row with its stage_answer rows, one stage_response row (as
`metrics.intake.sources.staging` makes it), or one or more rows of the staging of ROWS, all
with its line number. For each reason why a row cannot be used: a stage_reject row.
stage_withdrawn are the responses that the file has but leaves out."""

CONTENT_HASH = """
update stage_report set content_hash = md5(concat_ws(
    '|', survey_id, component, service, channel, quarter,
    coalesce(instrument, ''), coalesce(customers, -1), coalesce(offered, -1),
    coalesce(respondents, -1), coalesce(omb_control_number, ''),
    coalesce((
        select string_agg(concat_ws(
            ',', question, coalesce(wording, ''), n_1, n_2, n_3, n_4, n_5
        ), ';' order by question)
        from stage_answer
        where stage_answer.survey_id = stage_report.survey_id
    ), '')
))
"""
"""Fills stage_report.content_hash from the figures, whatever file they are from."""


@dataclass(frozen=True)
class LoadOptions:
    """What the user says about the files: the survey and fiscal quarter that the
    responses belong to, a mapping file, of a database the query, and the date the
    files speak of. `is_shipped` are figures that come with the project; `is_replacing`
    says that the files tell everything there is, however much less it is than before."""

    survey: str | None = None
    quarter: str | None = None
    mapping: Path | None = None
    query: str | None = None
    as_of: date | None = None
    is_shipped: bool = False
    is_replacing: bool = False


@dataclass(frozen=True)
class Staged:
    """What a source staged: rows in the file, the date it speaks of (None where it does
    not say), the name and SHA-256 under which it is known, and the survey where it is
    of one."""

    n_rows: int
    as_of: date | None
    file_name: str
    sha256: str
    survey: str | None = None


class Source(Protocol):
    """An input format. `fills` names the staging it fills: report, response, or one of
    ROWS."""

    name: str
    title: str
    fills: str

    def recognizes(self, location: str) -> bool:
        """Say whether a file looks like this format; reads its first lines only."""

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Fill the staging tables. Raises CxError where the whole file is unusable."""


@dataclass(frozen=True)
class FileFacts:
    """SHA-256 of a file, and how many lines and commas it has."""

    sha256: str
    n_lines: int
    n_commas: int


def existing(location: str) -> Path:
    """Return the path of a file that is there, or raise CxError."""
    path = Path(location)
    if not path.exists():
        raise CxError(f"{location}: there is no such file; check the name")
    return path


def file_facts(path: Path, may_end_open: bool = False) -> FileFacts:
    """Hash a file and prove that it is UTF-8 text that ends with a line break, in one
    pass of constant memory. With `may_end_open` the last line may lack its break.

    Raises CxError naming the line of the first byte that is not text.
    """
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    n_lines, n_commas, last = 0, 0, b""
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                carried = len(decoder.getstate()[0])  # bytes of a character begun before
                bad = block.find(b"\0")
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    start = max(error.start - carried, 0)
                    bad = start if bad < 0 else min(bad, start)
                if bad >= 0:
                    line = n_lines + block[:bad].count(b"\n") + 1
                    raise CxError(
                        f"{path}:{line}: the file is not UTF-8 text; save it as 'CSV UTF-8' and "
                        "load it again"
                    )
                n_lines += block.count(b"\n")
                n_commas += block.count(b",")
                last = block
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise CxError(
            f"{path}:{n_lines + 1}: the file ends inside a character, so it was cut; fetch it again"
        ) from error
    except OSError as error:
        raise CxError(
            f"{path}: cannot be read ({error.strerror}); check the name and the rights"
        ) from error
    if not last:
        raise CxError(f"{path}: the file is empty; fetch it again")
    if not last.endswith(b"\n") and may_end_open:
        n_lines += 1
    elif not last.endswith(b"\n"):
        raise CxError(
            f"{path}:{n_lines + 1}: the last line does not end with a line break, so the file may "
            "be cut; fetch it again, or add a line break if you know it is whole"
        )
    return FileFacts(digest.hexdigest(), n_lines, n_commas)


def read_records(path: Path, count: int) -> list[list[str]]:
    """Return the first records of a CSV file, byte-order mark dropped."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return list(islice(csv.reader(file), count))
    except OSError as error:
        raise CxError(
            f"{path}: cannot be read ({error.strerror}); check the name and the rights"
        ) from error
    except csv.Error as error:
        raise CxError(f"{path}:1: the header cannot be read ({error}); fetch it again") from error


def read_header(path: Path) -> list[str]:
    """Return the column names of a CSV file, blanks around them and byte-order mark
    dropped."""
    records = read_records(path, 1)
    return [name.strip() for name in records[0]] if records else []


def check_header(path: Path, expected: list[str]) -> None:
    """Raise CxError where the columns are not the expected ones, in any order."""
    found = read_header(path)
    if sorted(found) != sorted(expected):
        raise CxError(f"{path}:1: {describe_header(found, expected)}")


def literal_path(path: Path) -> str:
    """Return a path as an SQL literal whose signs such as * and [ mean themselves."""
    return sql_text(re.sub(r"([*?\[])", r"[\1]", str(path)))


def require_rows(n_rows: int, where: str) -> None:
    """Raise CxError where a file has no row; `where` is the file, and the line where the
    first row should be."""
    if n_rows < 1:
        raise CxError(f"{where}: there is no row below the header; fetch the file again")


Check = tuple[str, str, str]
"""A column, the condition in SQL under which its value is wrong, and what it must be."""


def value_reasons(
    checks: list[Check], table: str = "stage_text", names: dict[str, str] | None = None
) -> str:
    """Return selects that give line_number, column_name and reason of every value of a
    table of texts that fails a check. `names` are the columns as the file calls them."""
    return "\nunion all\n".join(
        f"select line_number, {sql_text((names or {}).get(column, column))} as column_name, "
        f"""'The value ' || coalesce(chr(39) || left("{column}", 80) || chr(39), 'is blank; it') """
        f"|| {sql_text(f' {must}.')} as reason from {table} where {condition}"
        for column, condition, must in checks
    )


def csv_scan(path: Path, names: list[str], is_parallel: bool = False) -> str:
    """Return the table function that reads a CSV file as texts under these names."""
    types = ", ".join(f"{sql_text(name)}: 'varchar'" for name in names)
    return (
        f"read_csv({literal_path(path)}, all_varchar = true, header = true, delim = ',', "
        "quote = '\"', escape = '\"', strict_mode = true, null_padding = false, "
        f"auto_detect = false, parallel = {str(is_parallel).lower()}, max_line_size = 16000000, "
        f"columns = {{{types}}})"
    )


def read_csv_text(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    names: list[str],
    table: str,
    facts: FileFacts,
) -> int:
    """Read a CSV file into a temporary table of texts; return its rows.

    `names` are the columns in the order of the file. The table has them and
    `line_number`, the line on which each row starts (line breaks in quotes and blank
    lines counted). Blank values are null. Raises CxError with the line where the file
    is cut or malformed.
    """
    # DuckDB says nothing of a last row whose quoted value never ends (it drops the
    # row), of a blank value too many, and of blank lines. Commas and line breaks are
    # therefore counted twice: in the file and in what was read of it.
    signs = "length(joined) - length(replace(joined, {}, ''))"
    quoted = ", ".join(f'"{name}"' for name in names)
    header = ("".join(record) for record in read_records(path, 1))
    in_header = next(header, "")
    header_lines = 1 + in_header.count("\n")
    try:
        connection.execute(f"""
            create or replace temp table {table} as
            with numbered as (
                select {quoted}, row_number() over () as row_number
                from {csv_scan(path, names)}
            ),
            counted as (
                select *, concat_ws('', {quoted}) as joined from numbered
            )
            select * exclude (joined),
                {signs.format("','")} as n_commas,
                {signs.format("chr(10)")} as n_breaks,
                {header_lines} + row_number + coalesce(sum(n_breaks) over (
                    order by row_number rows between unbounded preceding and 1 preceding
                ), 0)::bigint as line_number
            from counted
        """)
    except duckdb.Error as error:
        raise CxError(_first_fault(path) or csv_failure(path, error)) from error
    n_rows, n_breaks, n_commas = first_row(
        connection,
        f"select count(*), coalesce(sum(n_breaks), 0), coalesce(sum(n_commas), 0) from {table}",
    ) or (0, 0, 0)
    n_commas += (n_rows + 1) * (len(names) - 1) + in_header.count(",")
    if n_commas != facts.n_commas:
        raise CxError(
            _first_fault(path)
            or f"{path}: the commas of the file do not fit its {n_rows} rows; "
            "save the file again as 'CSV UTF-8'"
        )
    if n_rows + header_lines + n_breaks != facts.n_lines:
        _number_lines(connection, path, table, n_rows)
    for helper in ("n_commas", "n_breaks", "row_number"):
        connection.execute(f"alter table {table} drop column {helper}")
    return int(n_rows)


def _number_lines(
    connection: duckdb.DuckDBPyConnection, path: Path, table: str, n_rows: int
) -> None:
    """Number the rows of a file with blank lines, which DuckDB skips."""
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        reader = csv.reader(file)
        lines, start = [], 1
        try:
            for row in reader:
                if row:
                    lines.append(start)
                start = reader.line_num + 1
        except csv.Error as error:
            raise CxError(_first_fault(path) or f"{path}:{start}: {error}; fix it") from error
    if len(lines) != n_rows + 1:
        raise CxError(
            f"{path}: {len(lines) - 1} rows were found but {n_rows} could be read; "
            "save the file again as 'CSV UTF-8'"
        )
    frame = pd.DataFrame({"row_number": range(1, n_rows + 1), "line": lines[1:]})
    connection.register("stage_line", frame)
    connection.execute(f"""
        update {table} set line_number = stage_line.line
        from stage_line
        where {table}.row_number = stage_line.row_number
    """)
    connection.unregister("stage_line")


def _first_fault(path: Path) -> str | None:
    """Say which row of a CSV file is the first that cannot be read, and why."""
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        reader = csv.reader(file, strict=True)
        start, width = 1, 0
        try:
            for row in reader:
                width = width or len(row)
                if row and len(row) != width:
                    return (
                        f"{path}:{start}: {len(row)} values where the header has {width} columns; "
                        "the file may be cut, fetch it again"
                    )
                start = reader.line_num + 1
        except csv.Error as error:
            if "new-line" in str(error):
                return (
                    f"{path}:{start}: a line of this row ends with a carriage return alone; save "
                    "the file again as 'CSV UTF-8'"
                )
            return (
                f"{path}:{start}: a quoted value of this row never ends, or holds a quote that is "
                "not doubled; the file may be cut, fetch it again"
            )
    return None


def csv_failure(path: Path, error: duckdb.Error) -> str:
    """Turn DuckDB's long CSV error into one line: file, what, remedy."""
    first = str(error).splitlines()[0].rstrip(".")
    if "state machine" in first:
        first = "the line ends of the file are mixed"
    return f"{path}: {first}; save the file again as 'CSV UTF-8', or fetch it again"


TABLES_FILLED: dict[str, tuple[str, ...]] = {
    "report": ("survey_report", "survey_report_answer"),
    "response": ("survey_response", "survey_comment"),
    **{fills: (table,) for fills, (table, _) in ROWS.items()},
}
"""Raw tables that a load fills, by what its format fills."""

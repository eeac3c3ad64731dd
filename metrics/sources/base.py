"""What all sources share: the staging tables, and reading a CSV file safely."""

import codecs
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import duckdb

from metrics.errors import CxError
from metrics.warehouse import describe_header, first_value, sql_text

STAGING = """
create or replace temp table stage_report as
select * exclude (load_id) from survey_report limit 0;
create or replace temp table stage_answer as
select * exclude (load_id) from survey_report_answer limit 0;
create or replace temp table stage_reject as
select * exclude (load_id) from rejected_row limit 0;
"""
"""Staging tables that a source fills: one stage_report row for each row of the
file that can be used, its stage_answer rows, and a stage_reject row for each
reason why a row cannot be used."""

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
class Staged:
    """What a source staged: rows in the file, and the date it speaks of."""

    n_rows: int
    as_of: date


class Source(Protocol):
    """An input format."""

    name: str
    title: str

    def recognises(self, path: Path) -> bool:
        """Say whether the file looks like this format; reads its first line only."""

    def main_file(self, path: Path) -> Path:
        """Return the file whose rows are counted (of a folder, the one inside)."""

    def stage(self, connection: duckdb.DuckDBPyConnection, path: Path) -> Staged:
        """Fill the staging tables. Raises CxError where the whole file is unusable."""


@dataclass(frozen=True)
class FileFacts:
    """SHA-256 of a file and whether it ends with a line break."""

    sha256: str
    ends_with_newline: bool


def file_facts(path: Path) -> FileFacts:
    """Hash a file and prove that it is UTF-8, in one pass of constant memory.

    Raises CxError naming the line of the first byte that is not UTF-8.
    """
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    line, last = 1, b""
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    line += block[: max(error.start, 0)].count(b"\n")
                    raise CxError(
                        f"{path}:{line}: the file is not UTF-8 text; save it as "
                        "'CSV UTF-8' and load it again"
                    ) from error
                line += block.count(b"\n")
                last = block
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise CxError(
            f"{path}:{line}: the file ends inside a character, so it was cut; fetch it again"
        ) from error
    except OSError as error:
        raise CxError(
            f"{path}: cannot be read ({error.strerror}); check the name and the rights"
        ) from error
    if not last:
        raise CxError(f"{path}: the file is empty; fetch it again")
    return FileFacts(digest.hexdigest(), last.endswith(b"\n"))


def read_header(path: Path) -> list[str]:
    """Return the column names of a CSV file's first line, byte-order mark dropped."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            line = file.readline(1 << 20)
    except OSError as error:
        raise CxError(
            f"{path}: cannot be read ({error.strerror}); check the name and the rights"
        ) from error
    return [name.strip().strip('"') for name in line.rstrip("\r\n").split(",")]


def check_header(path: Path, expected: list[str]) -> None:
    """Raise CxError where the columns are not the expected ones, in any order."""
    found = read_header(path)
    if sorted(found) != sorted(expected):
        raise CxError(f"{path}:1: {describe_header(found, expected)}")


def read_csv_text(
    connection: duckdb.DuckDBPyConnection, path: Path, columns: list[str], table: str
) -> int:
    """Read a CSV file into a temporary table of texts; return its rows.

    The table has the columns named and `line_number`, the line on which each
    row starts (quoted line breaks counted). Blank values are null. Raises
    CxError with the line where the file is cut or malformed.
    """
    check_header(path, columns)
    line_breaks = "coalesce(length(joined) - length(replace(joined, chr(10), '')), 0)"
    quoted = ", ".join(f'"{name}"' for name in columns)
    types = ", ".join(f"{sql_text(name)}: 'varchar'" for name in read_header(path))
    try:
        connection.execute(f"""
            create or replace temp table {table} as
            with numbered as (
                select {quoted}, row_number() over () as row_number
                from read_csv(
                    {sql_text(str(path))}, all_varchar = true, header = true, delim = ',',
                    quote = '"', escape = '"', strict_mode = true, null_padding = false,
                    auto_detect = false, parallel = false, max_line_size = 16000000,
                    columns = {{{types}}}
                )
            ),
            counted as (
                select *, concat_ws('', {quoted}) as joined from numbered
            )
            select * exclude (row_number, joined),
                1 + row_number + coalesce(sum({line_breaks}) over (
                    order by row_number rows between unbounded preceding and 1 preceding
                ), 0)::bigint as line_number
            from counted
        """)
    except duckdb.Error as error:
        raise CxError(csv_failure(path, error)) from error
    return int(first_value(connection, f"select count(*) from {table}"))


def csv_failure(path: Path, error: duckdb.Error) -> str:
    """Turn DuckDB's long CSV error into one line: file, line, what, remedy."""
    message = str(error)
    line = re.search(r"(?:CSV Error on|Error in file .*? on) Line: (\d+)", message)
    where = f"{path}:{line[1]}" if line else str(path)
    if "Expected Number of Columns" in message:
        numbers = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
        detail = f"{numbers[2]} values where the header has {numbers[1]}" if numbers else "too few"
        return f"{where}: {detail} columns; the file may be cut, fetch it again"
    if "quote" in message.lower():
        return f"{where}: a quoted value never ends; the file may be cut, fetch it again"
    return f"{where}: {message.splitlines()[0]}; mend the file or fetch it again"

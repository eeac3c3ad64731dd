"""Small files of single responses, and reference tables of a test's own."""

import csv
import io
import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from metrics.base.settings import REFERENCE
from metrics.intake.load import LoadResult, load_files
from metrics.intake.sources import LoadOptions

DRIVERS = ("effectiveness", "ease", "efficiency", "transparency", "humanity", "employee", "other")
FLAGS = [f"{branch}_{driver}" for branch in ("positive", "negative") for driver in DRIVERS]
CX_HEADER = ["external_id", "question_1", *FLAGS, "question_4"]
"""The 17 columns of the Touchpoints upload, in the order of GSA's sample."""

LIKERT, THUMBS, KEYPAD = (
    "fema-disaster-assistance-email",
    "uscis-contact-center-phone",
    "tsa-contact-center-phone",
)
"""Surveys that ship: trust on five points, by thumbs, and by yes (1) and no (2)."""

RAW = (
    *("survey_response", "survey_comment", "survey_volume", "rejected_row", "data_load"),
    *("load_declaration", "replacing_load"),
)

Row = dict[str, str]
Contents = dict[str, list[tuple[Any, ...]]]


def cx(response_id: str, trust: str = "4", comment: str = "", **flags: str) -> Row:
    """A row of the 17 columns; flags that are not named are 0."""
    assert set(flags) <= set(FLAGS)
    row = {"external_id": response_id, "question_1": trust, "question_4": comment}
    return row | dict.fromkeys(FLAGS, "0") | flags


def csv_text(
    header: Sequence[str],
    rows: Iterable[Row],
    line_end: str = "\n",
    quote_all: bool = False,
) -> str:
    """A CSV file as text; a value is quoted where it must be, or always."""

    def value(text: str) -> str:
        is_quoted = quote_all or re.search('[",\r\n]', text)
        return '"' + text.replace('"', '""') + '"' if is_quoted else text

    lines = [header, *([row.get(name, "") for name in header] for row in rows)]
    return "".join(",".join(map(value, line)) + line_end for line in lines)


def write_csv(path: Path, rows: Sequence[Row], header: Sequence[str] = ()) -> Path:
    """Write a CSV file as UTF-8 and return its path; the header is that of the rows."""
    path.write_bytes(csv_text(header or list(rows[0]), rows).encode())
    return path


def write_cx(path: Path, *rows: Row) -> Path:
    """Write a file of the 17 columns and return its path."""
    return write_csv(path, rows, CX_HEADER)


def records(text: str) -> list[tuple[int, Row]]:
    """The rows of a CSV file with the lines on which they start, by Python's reader."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="\n"))
    header: list[str] = []
    found, line = [], 1
    for row in reader:
        if row and header:
            found.append((line, dict(zip(header, row, strict=True))))
        header = header or row
        line = reader.line_num + 1
    return found


def write_mapping(path: Path, text: str) -> Path:
    """Write a mapping file and return its path."""
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def own_reference(folder: Path, **tables: Sequence[Row]) -> Path:
    """A folder with the reference tables that ship and further rows of the test."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        shipped = (REFERENCE / f"{table}.csv").read_text(encoding="utf-8")
        header = next(csv.reader(io.StringIO(shipped)))
        assert all(set(row) <= set(header) for row in rows)
        added = csv_text(header, rows).split("\n", 1)[1]
        (folder / f"{table}.csv").write_text(shipped + added, encoding="utf-8", newline="")
    return folder


def load(
    connection: duckdb.DuckDBPyConnection,
    format_name: str,
    *locations: Path | str,
    dry_run: bool = False,
    rejects: Path | None = None,
    **options: Any,
) -> list[LoadResult]:
    """Load files; the parts of every file must add up to its rows."""
    texts = [str(location) for location in locations]
    given = LoadOptions(**options)
    results = load_files(
        connection, format_name, texts, dry_run=dry_run, options=given, reject_file=rejects
    )
    for result in results:
        assert result.n_accepted + result.n_duplicate + result.n_rejected == result.n_rows
        assert result.n_reasons >= result.n_rejected
    return results


def contents(connection: duckdb.DuckDBPyConnection) -> Contents:
    """Every raw row of the warehouse."""
    return {
        table: connection.execute(f"select * from {table} order by all").fetchall() for table in RAW
    }


def emptied(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Empty the raw tables of a warehouse that tests share."""
    for table in RAW:
        connection.execute(f"delete from {table}")
    return connection


def rejections(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str, str]]:
    """Line, column and reason of every rejection."""
    return connection.execute(
        "select line_number, column_name, reason from rejected_row order by all"
    ).fetchall()


def current(connection: duckdb.DuckDBPyConnection, columns: str) -> list[tuple[Any, ...]]:
    """Columns of the responses that count, with their comments."""
    return connection.execute(
        f"select {columns} from survey_response "
        "left join survey_comment using (load_id, survey, quarter, response_id) "
        "where superseded_by is null order by quarter, response_id"
    ).fetchall()

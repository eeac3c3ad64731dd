"""The warehouse: one private DuckDB file with raw rows and everything sql/ defines.

One process writes it at a time. The dashboard never opens it.
"""

import csv
import difflib
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from metrics.base.duck import connect, first_row, first_value, in_use, sql_text, transaction
from metrics.base.errors import CxError
from metrics.base.settings import FILE_NAME, REFERENCE, REFERENCE_FOLDER, SQL, shown_path
from metrics.base.sqlfiles import SqlFile, macro_statements, read_sql_folder, sql_failure
from metrics.define.catalog import Metric, select_line
from metrics.warehouse.reference import Row, reference_problems
from metrics.warehouse.release import plan_release

if TYPE_CHECKING:  # loads slowly, and most commands never need it
    pass


COUNTING_LOADS = """
    from data_load
    where not exists (
        from load_undo
        where load_undo.load_id = data_load.load_id
            or load_undo.is_in_force and load_undo.undone_id = data_load.load_id
    )
"""
"""Loads that were not taken back, without the records of taking back."""

PUBLIC_LOADS = f"""
    select data_load.* replace (row_number() over (order by load_id)::integer as load_id),
        load_id as own_id
    {COUNTING_LOADS} and survey is null
"""
"""Loads of figures that are public, as an edition may tell them: numbered without gaps,
which would count the loads of single responses. `own_id` is the number in data_load."""

PRIVATE_LOADS = f"""
    select distinct format, fills, survey {COUNTING_LOADS} and survey is not null
"""
"""Single responses that are loaded, as an edition may tell them. How many rows, when and
from which files is not public: by the difference of two editions it is said of persons."""


@contextmanager
def read_warehouse(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse of a data set for reading: it stays as it is, tables that SQL
    makes go elsewhere. The connection is one in memory, with the warehouse attached.

    Raises CxError where there is none, or another process writes it.
    """
    path = home / FILE_NAME
    if not path.exists():
        raise CxError(f"{path}: there is no warehouse; build, or load files, then publish")
    connection = connect(":memory:")
    try:
        connection.execute(f"attach {sql_text(str(path))} as warehouse (read_only)")
        connection.execute("use warehouse")
        yield connection
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise in_use(path) from error
    finally:
        connection.close()


@contextmanager
def open_warehouse(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse of a data set for writing, with macros, tables and
    reference data of this version in place. Creates it where there is none.

    Raises CxError where another process has it open, or where the raw tables
    were made by an incompatible version.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CxError(
            f"{home}: cannot be made ({error.strerror}); set CX_HOME to a folder you may write"
        ) from error
    connection = connect(home / FILE_NAME)
    try:
        prepare(connection, home / REFERENCE_FOLDER)
        yield connection
    finally:
        connection.close()


@contextmanager
def open_fresh(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a warehouse for reading, its aggregates as this version and its loads make
    them. They are made anew only where something changed since.

    The connection is a scratch database of its own, in which views may be made; names of
    tables are looked up there first, then in the warehouse.
    """
    path = home / FILE_NAME
    if not _is_fresh(path, home / REFERENCE_FOLDER):
        with open_warehouse(home) as connection:
            build_aggregates(connection)
    with read_warehouse(home) as connection:
        connection.execute("set search_path = 'memory.main,warehouse.main'")
        yield connection


def _is_fresh(path: Path, own_reference: Path) -> bool:
    if not path.exists():
        return False
    connection = connect(path, read_only=True)
    try:
        return first_row(connection, "from warehouse_state") == (
            definition_key(own_reference),
            _loads(connection),
        )
    except duckdb.CatalogException:
        return False
    finally:
        connection.close()


def definition_key(own_reference: Path | None = None) -> str:
    """Hash of everything beside the loaded rows that decides what aggregates hold."""
    folders = [SQL / name for name in ("macros", "tables", "aggregates")]
    files = [path for folder in folders for path in folder.glob("*.sql")]
    return hashlib.sha256(
        "".join(
            f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"
            for path in [*sorted(files), *reference_files(own_reference)]
        ).encode()
    ).hexdigest()


def _loads(connection: duckdb.DuckDBPyConnection) -> str:
    """What is loaded, in a word that changes with every load."""
    return str(
        first_value(
            connection,
            "select concat_ws('/', count(*), max(load_id), sum(n_accepted)) from data_load",
        )
    )


def prepare(connection: duckdb.DuckDBPyConnection, own_reference: Path | None = None) -> None:
    """Apply sql/macros and sql/tables and load the reference data, all or nothing.

    A table in the folder `own_reference` replaces the one of data/reference as a
    whole. Macros come in the order their references need: those that use no other
    first.
    """
    with transaction(connection):
        for statement in macro_statements():
            connection.execute(statement)
        _check_raw_tables(connection)
        for path in sorted((SQL / "tables").glob("*.sql")):
            connection.execute(path.read_text(encoding="utf-8"))
        tables = {path: _read_reference(path) for path in reference_files(own_reference)}
        problems = reference_problems(tables)
        if problems:
            raise CxError("\n".join(problems))
        for path, rows in tables.items():
            _load_reference(connection, path, rows)
        connection.execute(
            "insert into warehouse_state values (?, null)", [definition_key(own_reference)]
        )


def reference_files(own_reference: Path | None = None) -> list[Path]:
    """Return the CSV file of each reference table, by table name."""
    files = {path.stem: path for path in REFERENCE.glob("*.csv")}
    if own_reference is not None and own_reference.is_dir():
        files |= {path.stem: path for path in own_reference.glob("*.csv")}
    return [files[name] for name in sorted(files)]


def _declared_columns(path: Path) -> list[str]:
    """Column names of a sql/tables file, from its column comments."""
    return re.findall(rf"comment on column {path.stem}\.(\w+) is", path.read_text("utf-8"))


def _check_raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse raw tables of another version. Reference tables are made anew anyway."""
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'main' "
        "order by table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append(column)
    for path in sorted((SQL / "tables").glob("*.sql")):
        found, declared = columns.get(path.stem), _declared_columns(path)
        is_raw = "create table if not exists" in path.read_text(encoding="utf-8")
        if is_raw and found and found != declared:
            raise CxError(
                f"the warehouse's table {path.stem} was made by another version "
                f"(it has {', '.join(found)}; this version needs {', '.join(declared)}); "
                "move the warehouse away and load its files again"
            )


def _read_reference(path: Path) -> list[Row]:
    """Read a reference file, held to the columns of its table."""
    table, where = path.stem, shown_path(path)
    ddl = SQL / "tables" / f"{table}.sql"
    if not ddl.exists():
        raise CxError(f"{where}:1: there is no table {table} in sql/tables; add {table}.sql")
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next(reader, [])
            rows = [(reader.line_num, row) for row in reader if row]
        except UnicodeDecodeError as error:
            raise CxError(
                f"{where}:{_line_of_bad_byte(path)}: the file is not UTF-8 text; "
                "save it as 'CSV UTF-8'"
            ) from error
        except csv.Error as error:
            raise CxError(f"{where}:{reader.line_num}: {error}; fix the quotes") from error
    declared = _declared_columns(ddl)
    if header != declared:
        raise CxError(f"{where}:1: {describe_header(header, declared)}")
    for line, row in rows:
        if len(row) != len(declared):
            raise CxError(
                f"{where}:{line}: {len(row)} values where the header has {len(declared)} columns; "
                "fix the commas or quotes"
            )
    return [(line, dict(zip(declared, row, strict=True))) for line, row in rows]


def _load_reference(connection: duckdb.DuckDBPyConnection, path: Path, rows: list[Row]) -> None:
    """Insert all rows in one statement, many times as fast as one by one."""
    if not rows:
        return
    values = [_values(path.stem, row) for _, row in rows]
    marks = ", ".join("(" + ", ".join("?" for _ in row) + ")" for row in values)
    try:
        connection.execute(
            f"insert into {path.stem} values {marks}", [value for row in values for value in row]
        )
    except duckdb.Error as error:
        where, reason = _first_refused(path, rows) or (1, str(error).splitlines()[0])
        raise CxError(f"{shown_path(path)}:{where}: {reason}; fix the row") from error


def _values(table: str, row: dict[str, str]) -> list[str | None]:
    keep_empty = {"alias"} if table == "channel_alias" else set()
    return [value if value != "" or name in keep_empty else None for name, value in row.items()]


def _first_refused(path: Path, rows: list[Row]) -> tuple[int, str] | None:
    """Line and reason of the first row that the table refuses, found in an empty copy."""
    with duckdb.connect(":memory:") as scratch:
        scratch.execute((SQL / "tables" / f"{path.stem}.sql").read_text(encoding="utf-8"))
        for line, row in rows:
            values = _values(path.stem, row)
            marks = ", ".join("?" for _ in values)
            try:
                scratch.execute(f"insert into {path.stem} values ({marks})", values)
            except duckdb.Error as error:
                return line, str(error).splitlines()[0]
    return None


def _line_of_bad_byte(path: Path) -> int:
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return 1


def describe_header(found: list[str], expected: list[str]) -> str:
    """Say in one line how a header differs from the expected columns."""
    missing = [name for name in expected if name not in found]
    extra = [name for name in found if name not in expected]
    parts = []
    for name in missing:
        close = difflib.get_close_matches(name, extra, 1, 0.6)
        hint = f" (renamed to {close[0]!r}?)" if close else ""
        parts.append(f"column {name!r} is missing{hint}")
    parts += [
        f"column {name!r} is not expected"
        for name in extra
        if not any(f"renamed to {name!r}" in part for part in parts)
    ]
    repeated = [name for name in dict.fromkeys(found) if found.count(name) > 1]
    parts += [f"column {name!r} is there more than once" for name in repeated]
    if not parts:
        parts = ["the columns are in another order than " + ", ".join(expected)]
    shown = "; ".join(parts[:5]) + (f"; and {len(parts) - 5} more" if len(parts) > 5 else "")
    return f"{shown}; use the header of the format"


def build_aggregates(connection: duckdb.DuckDBPyConnection, folder: Path | None = None) -> None:
    """Rebuild every table of sql/aggregates, all or nothing.

    Raises CxError with file and line where a select fails.
    """
    if folder is None:
        plan_release(connection)
    for file in read_sql_folder(folder or SQL / "aggregates"):
        create_table(connection, file)
    if folder is None:
        connection.execute("update warehouse_state set loads = ?", [_loads(connection)])


def create_table(connection: duckdb.DuckDBPyConnection, file: SqlFile, into: str = "") -> None:
    """Create the table of one select, in the schema `into` if one is named."""
    prefix = f"{into}." if into else ""
    try:
        connection.execute(f"create or replace table {prefix}{file.name} as {file.select}")
        connection.execute(f"comment on table {prefix}{file.name} is {sql_text(file.comment)}")
    except duckdb.Error as error:
        raise CxError(sql_failure(file.path, file.select, str(error))) from error


def create_metric_view(connection: duckdb.DuckDBPyConnection, metric: Metric) -> None:
    """Create the view of one metric, title and description as its comment."""
    try:
        connection.execute(f"create or replace view {metric.name} as {metric.sql}")
    except duckdb.Error as error:
        raise CxError(
            sql_failure(metric.path, metric.sql, str(error), select_line(metric.path))
        ) from error
    comment = sql_text(f"{metric.title}. {metric.description}")
    connection.execute(f"comment on view {metric.name} is {comment}")


MADE_UP = "demonstration"
"""Format of the loads that hold made-up rows."""


def holds_demonstration(connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether an open warehouse holds made-up rows, whatever else it holds."""
    return bool(
        first_value(connection, "select count(*) from data_load where format = ?", [MADE_UP])
    )

"""What DuckDB is asked everywhere: to open a file, a first row, a transaction, a literal."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from metrics.base.errors import CxError

if TYPE_CHECKING:  # loads slowly, and most commands never need it
    import pandas as pd


def first_row(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    parameters: list[Any] | dict[str, Any] | None = None,
) -> tuple[Any, ...] | None:
    """Return the first row of a query, or None; leaves no result open."""
    rows = connection.execute(query, parameters).fetchall()
    return rows[0] if rows else None


def first_value(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None
) -> Any:
    """Return the first value of the first row of a query, or None."""
    row = first_row(connection, query, parameters)
    return row[0] if row else None


def fill_table(connection: duckdb.DuckDBPyConnection, table: str, frame: "pd.DataFrame") -> None:
    """Create or replace a table with the rows of a frame."""
    connection.register("frame_to_fill", frame)
    connection.execute(f"create or replace table {table} as select * from frame_to_fill")
    connection.unregister("frame_to_fill")


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Keep all that the block writes, or nothing where it fails. It may write to one
    database only."""
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Take back what a transaction wrote. Where an error such as a full disk has ended the
    transaction already, that error is what the user must see, not that there is none."""
    with suppress(duckdb.Error):
        connection.execute("rollback")


def sql_text(value: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def connect(path: str | Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, with a clear error where another process writes it."""
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise in_use(path) from error
        raise CxError(f"{path}: cannot be opened ({str(error).splitlines()[0]})") from error
    connection.execute("set preserve_insertion_order = true")
    return connection


def in_use(path: str | Path) -> CxError:
    """Return the error that tells that another process has a warehouse open."""
    return CxError(
        f"{path}: another process has the warehouse open; "
        "wait until it has finished, then try again"
    )

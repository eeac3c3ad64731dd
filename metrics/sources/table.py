"""Any CSV or Parquet file, and any database, with a mapping file."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import sqlalchemy
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from metrics.errors import CxError, UsageError
from metrics.sources.base import STAGING, LoadOptions, Staged, existing, read_header
from metrics.sources.mapping import mapped_plan, read_mapping
from metrics.sources.responses import (
    Plan,
    find_survey,
    plan_columns,
    require_columns,
    sql_name,
    stage_csv,
    stage_table,
    with_quarter,
)
from metrics.warehouse import sql_text

BATCH = 20_000
"""Rows fetched from a database at a time."""


def planned(
    connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions, name: str
) -> Plan:
    """Return the plan of the mapping file that the user names."""
    if options.mapping is None:
        raise UsageError(f"{name} needs a mapping file; name it with --mapping FILE.yaml")
    mapping = read_mapping(options.mapping)
    survey = find_survey(connection, options.survey or mapping.survey, location)
    plan = mapped_plan(connection, survey, mapping, str(options.mapping))
    if not plan.answers:
        raise CxError(
            f"{options.mapping}:1: no column is mapped to a question; add lines under `answers`"
        )
    return with_quarter(plan, options.quarter, location)


class MappedFile:
    """Source `csv`: a CSV or Parquet file with a mapping file."""

    name = "csv"
    title = "Any CSV or Parquet file with a mapping"
    fills = "response"

    def recognises(self, location: str) -> bool:
        """Say whether the file is Parquet; a CSV file alone tells nothing."""
        path = Path(location)
        return path.is_file() and path.read_bytes()[:4] == b"PAR1"

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the responses; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        plan = planned(connection, location, options, self.name)
        if not self.recognises(location):
            require_columns(read_header(path), plan_columns(plan), location)
            n_rows, sha256 = stage_csv(connection, path, plan)
        else:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            scan = f"read_parquet({sql_text(location)})"
            try:
                header = [
                    str(row[0])
                    for row in connection.execute(f"describe select * from {scan}").fetchall()
                ]
                require_columns(header, plan_columns(plan), location)
                wanted = [name for name in header if name.strip() in plan_columns(plan)]
                select = f"select {', '.join(sql_name(name) for name in wanted)} from {scan}"
                n_rows = stage_table(connection, select, wanted, plan, location, sha256)
            except duckdb.IOException as error:
                raise CxError(
                    f"{location}: cannot be read as Parquet ({str(error).splitlines()[0]}); "
                    "fetch it again"
                ) from error
        return Staged(n_rows, date.today(), path.name, sha256, plan.survey.survey)


class Database:
    """Source `database`: the rows of a query at a SQLAlchemy URL, with a mapping file."""

    name = "database"
    title = "Any database that SQLAlchemy reaches, with a query and a mapping"
    fills = "response"

    def recognises(self, location: str) -> bool:
        """Say whether the location is a URL."""
        return "://" in location

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the rows of the query; see `Source.stage`.

        All rows are fetched in one query before anything is loaded, so a server that
        goes away in the middle leaves nothing behind.
        """
        connection.execute(STAGING)
        if options.query is None:
            raise UsageError("database needs a query; name it with --query 'select ...'")
        shown = shown_url(location)
        plan = planned(connection, shown, options, self.name)
        digest = hashlib.sha256(f"{shown}\n{options.query}\n".encode())
        header: list[str] = []
        n_fetched = 0
        try:
            with _query(location, options.query) as result:
                header = list(result.keys())
                require_columns(header, plan_columns(plan), shown)
                names = ", ".join(f"{sql_name(name)} varchar" for name in header)
                connection.execute(f"create or replace temp table stage_fetched ({names})")
                for batch in result.partitions(BATCH):
                    frame = pd.DataFrame(
                        [[None if v is None else str(v) for v in row] for row in batch],
                        columns=header,
                        dtype="str",
                    )
                    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy())
                    connection.register("stage_batch", frame)
                    connection.execute("insert into stage_fetched select * from stage_batch")
                    connection.unregister("stage_batch")
                    n_fetched += len(frame)
        except (SQLAlchemyError, OSError) as error:
            cause = " ".join(str(getattr(error, "orig", None) or error).split())
            after = f" after {n_fetched} rows" if n_fetched else ""
            raise CxError(
                f"{shown}: the database failed{after} ({cause}); nothing was loaded, check the "
                "server, the URL and the query, and load again"
            ) from error
        sha256 = digest.hexdigest()
        n_rows = stage_table(connection, "from stage_fetched", header, plan, shown, sha256)
        return Staged(n_rows, date.today(), shown, sha256, plan.survey.survey)


def shown_url(location: str) -> str:
    """Return a database URL without its password. Raises UsageError where it is none."""
    try:
        url = sqlalchemy.make_url(location)
    except ArgumentError as error:
        raise UsageError(
            "the location is no SQLAlchemy URL; write it like postgresql+psycopg://user@host/name"
        ) from error
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def _query(location: str, query: str) -> Iterator["sqlalchemy.CursorResult[object]"]:
    try:
        engine = sqlalchemy.create_engine(location)
    except (NoSuchModuleError, ImportError) as error:
        raise CxError(
            f"{shown_url(location)}: the database driver is not installed ({error}); install it "
            "into the project's .venv"
        ) from error
    try:
        with engine.connect() as database:
            options = {"stream_results": True, "max_row_buffer": BATCH}
            yield database.execution_options(**options).exec_driver_sql(query)
    finally:
        engine.dispose()

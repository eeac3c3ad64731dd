"""Any CSV or Parquet file, and any database, with a mapping file."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from metrics.base.errors import CxError, UsageError
from metrics.intake.sources.base import (
    STAGING,
    LoadOptions,
    Staged,
    existing,
    file_facts,
    literal_path,
    read_header,
    require_rows,
)
from metrics.intake.sources.mapping import mapped_plan, read_mapping
from metrics.intake.sources.plan import Plan, plan_columns, require_columns, with_quarter
from metrics.intake.sources.staging import stage_csv, stage_table
from metrics.intake.sources.survey import find_survey
from metrics.intake.sources.texts import sql_name

if TYPE_CHECKING:
    from sqlalchemy import CursorResult

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
    plan = mapped_plan(connection, survey, mapping, location)
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

    def recognizes(self, location: str) -> bool:
        """Say whether the file is Parquet; a CSV file alone tells nothing."""
        path = Path(location)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the responses; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        plan = planned(connection, location, options, self.name)
        if not self.recognizes(location):
            facts = file_facts(path, may_end_open=True)
            sha256 = facts.sha256
            require_columns(read_header(path), plan_columns(plan), f"{location}:1")
            n_rows = stage_csv(connection, path, facts, plan)
        else:
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            scan = f"read_parquet({literal_path(path)})"
            try:
                header = [
                    str(row[0])
                    for row in connection.execute(f"describe select * from {scan}").fetchall()
                ]
                require_columns(header, plan_columns(plan), location)
                wanted = [name for name in header if name.strip() in plan_columns(plan)]
                select = f"select {', '.join(sql_name(name) for name in wanted)} from {scan}"
                n_rows = stage_table(connection, select, wanted, plan, location, sha256)
            except duckdb.Error as error:
                raise CxError(
                    f"{location}: cannot be read as Parquet ({str(error).splitlines()[0]}); "
                    "fetch it again"
                ) from error
            require_rows(n_rows, location)
        return Staged(n_rows, None, path.name, sha256, plan.survey.survey)


class Database:
    """Source `database`: the rows of a query at a SQLAlchemy URL, with a mapping file."""

    name = "database"
    title = "Any database that SQLAlchemy reaches, with a query and a mapping"
    fills = "response"

    def recognizes(self, location: str) -> bool:
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
        from sqlalchemy.exc import SQLAlchemyError  # takes longer to load than most files

        shown = shown_url(location)
        plan = planned(connection, shown, options, self.name)
        if plan.response_id is None:
            raise CxError(
                f"{options.mapping}:1: response_id is missing; without one, every response would "
                "count again when the database is asked again. Name the column that holds it"
            )
        digest = hashlib.sha256(f"{shown}\n{options.query}\n".encode())
        wanted = plan_columns(plan)
        n_fetched = 0
        try:
            with _query(location, options.query) as result:
                header = [name.strip() for name in result.keys()]  # noqa: SIM118
                require_columns(header, wanted, shown)
                places = [header.index(name) for name in wanted]
                names = ", ".join(f"{sql_name(name)} varchar" for name in wanted)
                connection.execute(f"create or replace temp table stage_fetched ({names})")
                for batch in result.partitions(BATCH):
                    texts = [
                        [None if row[place] is None else str(row[place]) for place in places]
                        for row in batch
                    ]
                    frame = pd.DataFrame(texts, columns=wanted, dtype="str")
                    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy())
                    connection.register("stage_batch", frame)
                    connection.execute("insert into stage_fetched select * from stage_batch")
                    connection.unregister("stage_batch")
                    n_fetched += len(frame)
        except (SQLAlchemyError, OSError) as error:
            cause = _without_secrets(str(getattr(error, "orig", None) or error), location)
            after = f" after {n_fetched} rows" if n_fetched else ""
            raise CxError(
                f"{shown}: the database failed{after} ({cause}); nothing was loaded, check the "
                "server, the URL and the query, and load again"
            ) from error
        sha256 = digest.hexdigest()
        n_rows = stage_table(connection, "from stage_fetched", wanted, plan, shown, sha256)
        return Staged(n_rows, None, shown, sha256, plan.survey.survey)


def shown_url(location: str) -> str:
    """Return a database URL without its password. Raises UsageError where it is none."""
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError

    try:
        url = sqlalchemy.make_url(location)
    except (ArgumentError, ValueError) as error:
        raise UsageError(
            "the location is no SQLAlchemy URL; write it like postgresql+psycopg://user@host/name"
        ) from error
    if url.password is not None and "@" in f"{url.host}{url.database}":
        raise UsageError("the URL has more than one @; write the one in the password as %40")
    return url.set(query={}).render_as_string(hide_password=True)


def _without_secrets(cause: str, location: str) -> str:
    """Return what a driver says in one line, without the passwords of the URL."""
    import sqlalchemy

    url = sqlalchemy.make_url(location)
    secrets = [str(url.password or "")]
    for name, values in url.normalized_query.items():
        if re.search("pass|pwd|secret|token|key", name.lower()):
            secrets += values
    for secret in filter(None, secrets):
        cause = cause.replace(secret, "***")
    return " ".join(cause.split())


@contextmanager
def _query(location: str, query: str) -> Iterator["CursorResult[object]"]:
    import sqlalchemy
    from sqlalchemy.exc import NoSuchModuleError

    try:
        engine = sqlalchemy.create_engine(location)
    except (NoSuchModuleError, ImportError) as error:
        raise CxError(
            f"{shown_url(location)}: the database driver is not installed ({error}); install it "
            "into the project's .venv"
        ) from error
    try:
        with engine.connect() as database:
            # Without no_parameters, a % in the query would be taken for a placeholder.
            options = {"stream_results": True, "max_row_buffer": BATCH, "no_parameters": True}
            yield database.execution_options(**options).exec_driver_sql(query)
    finally:
        engine.dispose()

"""Loading files into the warehouse: all of a command's files in one transaction.

Every row of a file ends in exactly one place: accepted, duplicate or rejected.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from metrics.errors import CxError, UsageError
from metrics.sources import SOURCES, Source
from metrics.sources.base import file_facts
from metrics.warehouse import first_row, first_value


@dataclass(frozen=True)
class LoadResult:
    """Outcome of one file, in rows."""

    file: str
    format: str
    as_of: date
    n_rows: int
    n_accepted: int
    n_duplicate: int
    n_rejected: int
    n_restated: int
    reasons: list[tuple[int, str, str]] = field(default_factory=list)
    """(line, column, reason) of every reason for a rejection."""


def find_source(name: str | None, path: Path) -> Source:
    """Return the source of a format name, or the one that recognises the file."""
    if name not in (None, "auto"):
        if name not in SOURCES:
            raise UsageError(f"unknown format {name!r}; choose one of {', '.join(SOURCES)}")
        return SOURCES[str(name)]
    for source in SOURCES.values():
        if source.recognises(path):
            return source
    raise CxError(
        f"{path}: no format recognises this file; name one of {', '.join(SOURCES)} before the file"
    )


def load_files(
    connection: duckdb.DuckDBPyConnection,
    format_name: str | None,
    paths: list[Path],
    as_of: date | None = None,
    dry_run: bool = False,
) -> list[LoadResult]:
    """Load files into an open warehouse; nothing is kept if one of them fails.

    `as_of` is the date the files speak of; without it the files say so
    themselves. With `dry_run` everything is checked and nothing is kept.
    Raises CxError where a file as a whole cannot be used.
    """
    connection.execute("begin")
    try:
        results = [_load_one(connection, format_name, path, as_of) for path in paths]
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("rollback" if dry_run else "commit")
    return results


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(first_value(connection, query) or 0)


def _load_one(
    connection: duckdb.DuckDBPyConnection, format_name: str | None, path: Path, as_of: date | None
) -> LoadResult:
    if not path.exists():
        raise CxError(f"{path}: there is no such file; check the name")
    source = find_source(format_name, path)
    main_file = source.main_file(path)
    facts = file_facts(main_file)
    staged = source.stage(connection, path)
    as_of = as_of or staged.as_of
    connection.execute("""
        create or replace temp table stage_new as
        select stage_report.*
        from stage_report
        left join (
            select survey_id, content_hash
            from survey_report
            qualify row_number() over (partition by survey_id order by load_id desc) = 1
        ) as held using (survey_id)
        where held.content_hash is distinct from stage_report.content_hash
    """)
    n_accepted = _count(connection, "select count(*) from stage_new")
    n_rejected = _count(connection, "select count(distinct line_number) from stage_reject")
    n_restated = _count(
        connection,
        "select count(*) from stage_new where survey_id in (select survey_id from survey_report)",
    )
    n_duplicate = _count(connection, "select count(*) from stage_report") - n_accepted
    if n_accepted + n_duplicate + n_rejected != staged.n_rows:
        raise CxError(
            f"{path}: {staged.n_rows} rows were read but {n_accepted} accepted, {n_duplicate} "
            f"duplicate and {n_rejected} rejected; nothing was loaded, please report this"
        )
    known = first_row(
        connection,
        "select 1 from data_load where sha256 = ? and as_of >= ?",
        [facts.sha256, as_of],
    )
    if n_accepted or not known:
        load_id = _count(connection, "select coalesce(max(load_id), 0) + 1 from data_load")
        connection.execute(
            "insert into data_load values (?, ?, null, ?, ?, ?, now() at time zone 'UTC', ?, ?, ?, ?)",
            [
                load_id,
                source.name,
                main_file.name,
                facts.sha256,
                as_of,
                staged.n_rows,
                n_accepted,
                n_duplicate,
                n_rejected,
            ],
        )
        connection.execute(
            f"insert into survey_report by name select {load_id} as load_id, * from stage_new"
        )
        connection.execute(f"""
            insert into survey_report_answer by name
            select {load_id} as load_id, stage_answer.*
            from stage_answer
            where survey_id in (select survey_id from stage_new)
        """)
        connection.execute(
            f"insert into rejected_row by name select {load_id} as load_id, * from stage_reject"
        )
    reasons = connection.execute(
        "select line_number, column_name, reason from stage_reject order by all"
    ).fetchall()
    return LoadResult(
        str(path),
        source.name,
        as_of,
        staged.n_rows,
        n_accepted,
        n_duplicate,
        n_rejected,
        n_restated,
        reasons,
    )

"""Loading files into the warehouse: all of a command's files in one transaction.

Every row of a file ends in exactly one place: accepted, duplicate or rejected. The
files are read and checked before the transaction begins, because an error within one
ends it, and a source may have to read a file again after one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from pathlib import Path

import duckdb

from metrics.base.duck import first_row, first_value, roll_back, sql_text
from metrics.base.errors import CxError, UsageError
from metrics.base.settings import SHIPPED_FORMAT
from metrics.intake.declared import LIVE, keep_declarations, refuse_changes
from metrics.intake.partial import partial_notes
from metrics.intake.sources import SOURCES, LoadOptions, Source
from metrics.intake.sources.base import ROWS, STAGES, Staged
from metrics.intake.sources.survey import ANSWERS
from metrics.intake.text.door import read_comments, redact_rejects

NO_OPTIONS = LoadOptions()


SHOWN_REASONS = 1000
"""Reasons that a result carries; the table rejected_row has them all."""


@dataclass(frozen=True)
class Reason:
    """Why rows were rejected: how many, and the line of the first."""

    column: str
    reason: str
    n_rows: int
    first_line: int


@dataclass(frozen=True)
class LoadResult:
    """Outcome of one file, in rows, with the first reasons for rejections by line.

    `n_withdrawn` responses of earlier loads count no longer, because the file leaves
    them out; of its own rows they are among the rejected ones. `notes` say where the file
    tells far less than was loaded before of the same thing.
    """

    file: str
    format: str
    survey: str | None
    as_of: date
    n_rows: int
    n_accepted: int
    n_duplicate: int
    n_rejected: int
    n_restated: int
    reasons: list[Reason]
    n_reasons: int
    n_withdrawn: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Counts:
    n_accepted: int
    n_duplicate: int
    n_restated: int
    n_withdrawn: int = 0


def find_source(name: str | None, location: str, options: LoadOptions = NO_OPTIONS) -> Source:
    """Return the source of a format name, or the one that recognizes the file."""
    if name not in (None, "auto"):
        if name not in SOURCES:
            raise UsageError(f"unknown format {name!r}; choose one of {', '.join(SOURCES)}")
        return SOURCES[str(name)]
    if SOURCES["database"].recognizes(location):
        return SOURCES["database"]
    for source in SOURCES.values():
        if source.recognizes(location):
            return source
    if options.mapping is not None:
        return SOURCES["csv"]
    _require_file(location)
    raise CxError(
        f"{_shown(location)}: no format recognizes this file; name one of {', '.join(SOURCES)} "
        "before the file, or say with --mapping what its columns hold"
    )


def load_files(
    connection: duckdb.DuckDBPyConnection,
    format_name: str | None,
    locations: list[str] | list[Path],
    as_of: date | None = None,
    dry_run: bool = False,
    options: LoadOptions = NO_OPTIONS,
    reject_file: Path | None = None,
    first: Callable[[list[Staged]], None] | None = None,
) -> list[LoadResult]:
    """Load files into an open warehouse; nothing is kept if one of them fails.

    `as_of` is the date the files speak of; without it the files say so themselves,
    or it is today. `options` say what the files do not. With `dry_run` everything
    is checked and nothing is kept. Rejected rows are also written to `reject_file`,
    a CSV file. `first` is done at the start of the transaction, with what was staged.
    Raises CxError where a file as a whole cannot be used.
    """
    options = replace(options, as_of=as_of or options.as_of)
    staged: list[tuple[Source, str, Staged]] = []
    try:
        for number, location in enumerate(locations):
            source = find_source(format_name, str(location), options)
            one = _stage(connection, source, str(location), options)
            staged.append((source, str(location), one))
            for table in STAGES:
                connection.execute(f"drop table if exists {table}_{number}")
                connection.execute(f"alter table {table} rename to {table}_{number}")
        return _commit(connection, staged, options, dry_run, reject_file, first)
    finally:
        connection.execute("reset timezone")
        for number, table in product(range(len(locations)), STAGES):
            connection.execute(f"drop table if exists {table}_{number}")


def _stage(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    location: str,
    options: LoadOptions,
) -> Staged:
    """Let a source stage a file, outside any transaction."""
    if source.name != "database":
        _require_file(location)
    return source.stage(connection, location, options)


def _require_file(location: str) -> None:
    if "://" in location or not Path(location).exists():
        raise CxError(f"{_shown(location)}: there is no such file; check the name")


def _shown(location: str) -> str:
    """Return a location without the password that a database URL may hold."""
    return re.sub(r"(:/+[^:@/\s]*):.*@", r"\1:***@", location, flags=re.DOTALL)


def _commit(
    connection: duckdb.DuckDBPyConnection,
    staged: list[tuple[Source, str, Staged]],
    options: LoadOptions,
    dry_run: bool,
    reject_file: Path | None,
    first: Callable[[list[Staged]], None] | None,
) -> list[LoadResult]:
    """Bring what was staged of all files into the warehouse, all or nothing."""
    connection.execute("""
        create or replace temp table load_reject (
            file varchar, line_number bigint, column_name varchar, reason varchar,
            raw_text varchar
        )
    """)
    connection.execute("begin")
    try:
        if first is not None:
            first([one for _, _, one in staged])
        results = []
        for number, (source, location, one) in enumerate(staged):
            for table in STAGES:
                connection.execute(f"drop table if exists {table}")
                connection.execute(f"alter table {table}_{number} rename to {table}")
            results.append(_finish(connection, source, location, one, options))
        if reject_file is not None:
            connection.execute(
                f"copy (from load_reject order by all) to {sql_text(str(reject_file))} "
                "(format csv, header)"
            )
    except BaseException:
        roll_back(connection)
        raise
    connection.execute("rollback" if dry_run else "commit")
    return results


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(first_value(connection, query) or 0)


def _finish(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    location: str,
    staged: Staged,
    options: LoadOptions,
) -> LoadResult:
    """Bring what was staged of one file into the warehouse."""
    as_of = options.as_of or staged.as_of or date.today()
    redact_rejects(connection, are_figures=source.fills != "response")
    load_id = _count(connection, "select coalesce(max(load_id), 0) + 1 from data_load")
    counts = _finish_kind(connection, load_id, source.fills, staged, options.is_replacing)
    n_rejected = _count(connection, "select count(distinct line_number) from stage_reject")
    if counts.n_accepted + counts.n_duplicate + n_rejected != staged.n_rows:
        raise CxError(
            f"{staged.file_name}: {staged.n_rows} rows were read but {counts.n_accepted} accepted, "
            f"{counts.n_duplicate} duplicate and {n_rejected} rejected; nothing was loaded, please "
            "report this"
        )
    # Where nobody says which date a file speaks of, a second load of it says nothing new.
    known = first_row(
        connection,
        "select 1 from data_load where sha256 = ? and (? or as_of >= ?) "
        "and coalesce(survey, '') = coalesce(?, '')",
        [staged.sha256, options.as_of is None and staged.as_of is None, as_of, staged.survey],
    )
    if counts.n_accepted or counts.n_withdrawn or not known:
        connection.execute(
            "insert into data_load "
            "values (?, ?, ?, ?, ?, ?, ?, now() at time zone 'UTC', ?, ?, ?, ?)",
            [
                load_id,
                SHIPPED_FORMAT if options.is_shipped else source.name,
                source.fills,
                staged.survey,
                staged.file_name,
                staged.sha256,
                as_of,
                staged.n_rows,
                counts.n_accepted,
                counts.n_duplicate,
                n_rejected,
            ],
        )
        connection.execute(
            f"insert into rejected_row by name select {load_id} as load_id, * from stage_reject"
        )
    notes = []
    if counts.n_accepted and options.is_replacing and source.fills in ROWS:
        connection.execute("insert into replacing_load values (?)", [load_id])
    elif counts.n_accepted:
        notes = partial_notes(connection, load_id, source.fills)
    if source.fills in LIVE:
        _hold_to_declarations(connection, load_id, source.fills, staged.survey)
    shown = location if source.name != "database" else staged.file_name
    connection.execute("insert into load_reject select ?, * from stage_reject", [shown])
    reasons = connection.execute("""
        select column_name, reason, count(*), min(line_number)
        from stage_reject group by column_name, reason order by 4, 1, 2 limit ?
    """, [SHOWN_REASONS]).fetchall()  # fmt: skip
    return LoadResult(
        shown,
        source.name,
        staged.survey,
        as_of,
        staged.n_rows,
        counts.n_accepted,
        counts.n_duplicate,
        n_rejected,
        counts.n_restated,
        [Reason(*reason) for reason in reasons],
        _count(connection, "select count(*) from stage_reject"),
        counts.n_withdrawn,
        notes,
    )


def _hold_to_declarations(
    connection: duckdb.DuckDBPyConnection, load_id: int, fills: str, survey: str | None
) -> None:
    """Refuse rows of surveys and instruments that earlier loads read by another
    declaration; keep the one of this load."""
    keep_declarations(connection)
    _, live = LIVE[fills]
    rows = connection.execute(f"select name from ({live}) where load_id = {load_id}").fetchall()
    names = {*(row[0] for row in rows), *([survey] if survey else [])}
    refuse_changes(connection, names, "Nothing was loaded.")


def _finish_reports(connection: duckdb.DuckDBPyConnection, load_id: int) -> _Counts:
    """Add the reports that are new or restated."""
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
    n_restated = _count(
        connection,
        "select count(*) from stage_new where survey_id in (select survey_id from survey_report)",
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
    n_staged = _count(connection, "select count(*) from stage_report")
    return _Counts(n_accepted, n_staged - n_accepted, n_restated)


def _finish_rows(
    connection: duckdb.DuckDBPyConnection, load_id: int, fills: str, is_replacing: bool
) -> _Counts:
    """Add the rows that are new or restated, of a raw table that is filled row by row; of
    files that replace what was told before also those that no such file told yet."""
    table, key = ROWS[fills]
    columns = [row[0] for row in connection.execute(f"describe stage_{fills}").fetchall()]
    said = [name for name in columns if name not in (*key, "line_number")]
    is_same = " and ".join(f"staged.{name} is not distinct from held.{name}" for name in key)
    differs = " or ".join(f"staged.{name} is distinct from held.{name}" for name in said)
    told_anew = (
        "held.load_id not in (select load_id from replacing_load)" if is_replacing else "false"
    )
    connection.execute(f"""
        create or replace temp table stage_new as
        select
            staged.*,
            held.load_id is not null as is_restated
        from stage_{fills} as staged
        left join (
            from {table}
            qualify row_number() over (
                partition by {", ".join(key)} order by load_id desc
            ) = 1
        ) as held on {is_same}
        where held.load_id is null or {differs} or {told_anew}
    """)
    n_accepted, n_restated = first_row(
        connection,
        "select count(distinct line_number), "
        "count(distinct line_number) filter (where is_restated) from stage_new",
    ) or (0, 0)
    connection.execute(
        f"insert into {table} by name "
        f"select {load_id} as load_id, * exclude (is_restated) from stage_new"
    )
    n_staged = _count(connection, f"select count(distinct line_number) from stage_{fills}")
    return _Counts(n_accepted, n_staged - n_accepted, n_restated)


_TRIMMED = r"nullif(nullif(nullif(trim(comment, e' \t\r\n'), ''), 'null'), 'NULL')"
_STAGED_COMMENT = _TRIMMED.replace("comment", "staged.comment")
_CONTENT = ("channel", "submitted_at", *ANSWERS, "weight", "segments")


def _finish_responses(
    connection: duckdb.DuckDBPyConnection, load_id: int, staged: Staged
) -> _Counts:
    """Add the responses that are new or restated, and take back the ones that the file
    leaves out; one that a file holds more than once counts as its last row says.
    Comments are compared and kept without personal data."""
    survey = sql_text(str(staged.survey))
    read_comments(
        connection,
        f"select {_TRIMMED} as clear from stage_response where {_TRIMMED} is not null",
    )
    n_staged = _count(connection, "select count(*) from stage_response")
    # A file without a fault was read without line numbers and proved unique then.
    is_unique = first_value(
        connection,
        "select count(line_number) = 0 "
        "or count(*) = count(distinct case when line_number is not null "
        "then hash(quarter, response_id) end) from stage_response",
    )
    if not is_unique:
        connection.execute("""
            create or replace temp table stage_response as
            from stage_response
            qualify row_number() over (
                partition by quarter, response_id order by line_number desc
            ) = 1
        """)
    is_first = not first_value(
        connection,
        f"select 1 from survey_response where survey = {survey} "
        "and quarter in (select distinct quarter from stage_response) limit 1",
    )
    n_withdrawn = _withdraw(connection, load_id, survey)
    n_restated = 0
    if not is_first:
        n_restated = _drop_held(connection, load_id, survey)
    n_accepted = _count(connection, "select count(*) from stage_response")
    columns = ", ".join(name for name in _CONTENT if name != "channel")
    # Order means nothing here, and keeping it would write large loads twice.
    connection.execute("set preserve_insertion_order = false")
    try:
        connection.execute(f"""
            insert into survey_response by name
            select {load_id} as load_id, {survey} as survey, channel, quarter, response_id,
                {columns}, {_TRIMMED} is not null as has_comment
            from stage_response
        """)
        connection.execute(f"""
            insert into survey_comment by name
            select {load_id} as load_id, {survey} as survey, staged.quarter, staged.response_id,
                comment_read.* exclude (clear)
            from stage_response as staged
            inner join comment_read on {_STAGED_COMMENT} = comment_read.clear
        """)
    finally:
        connection.execute("set preserve_insertion_order = true")
    connection.execute("drop table stage_response")
    connection.execute("drop table comment_read")
    return _Counts(n_accepted, n_staged - n_accepted, n_restated, n_withdrawn)


def _withdraw(connection: duckdb.DuckDBPyConnection, load_id: int, survey: str) -> int:
    """Mark the responses that the warehouse holds and the file now leaves out, such as
    spam that was found later; return how many those are."""
    connection.execute("""
        delete from stage_withdrawn using stage_response
        where
            stage_withdrawn.quarter = stage_response.quarter
            and stage_withdrawn.response_id = stage_response.response_id
    """)
    found = connection.execute(f"""
        update survey_response set superseded_by = {load_id}
        where
            survey = {survey}
            and superseded_by is null
            and (quarter, response_id) in (select quarter, response_id from stage_withdrawn)
    """).fetchall()
    return int(found[0][0])


def _drop_held(connection: duckdb.DuckDBPyConnection, load_id: int, survey: str) -> int:
    """Take the responses out of the staging that the warehouse holds as they are, and
    mark the ones that the staging restates; return how many those are. What a file says
    of no response at all, such as the time, is not compared."""
    counts = ", ".join(f"count({name})" for name in _CONTENT)
    given = first_row(connection, f"select {counts} from stage_response") or ()
    same = " and ".join(
        f"held.{name} is not distinct from staged.{name}"
        for name, count in zip(_CONTENT, given, strict=True)
        if count
    )
    connection.execute(f"""
        create or replace temp table stage_held as
        select
            staged.quarter,
            staged.response_id,
            {same}
            and coalesce(comment.comment, '') = coalesce(comment_read.comment, '')
            as is_same
        from stage_response as staged
        left join comment_read on {_STAGED_COMMENT} = comment_read.clear
        inner join survey_response as held
            on staged.quarter = held.quarter and staged.response_id = held.response_id
        left join survey_comment as comment
            on
                held.load_id = comment.load_id
                and held.survey = comment.survey
                and held.quarter = comment.quarter
                and held.response_id = comment.response_id
        where held.survey = {survey} and held.superseded_by is null
    """)
    connection.execute(f"""
        update survey_response set superseded_by = {load_id}
        from stage_held
        where
            survey_response.survey = {survey}
            and survey_response.superseded_by is null
            and survey_response.quarter = stage_held.quarter
            and survey_response.response_id = stage_held.response_id
            and not stage_held.is_same
    """)
    connection.execute("""
        delete from stage_response using stage_held
        where
            stage_response.quarter = stage_held.quarter
            and stage_response.response_id = stage_held.response_id
            and stage_held.is_same
    """)
    return _count(connection, "select count(*) from stage_held where not is_same")


def _finish_kind(
    connection: duckdb.DuckDBPyConnection,
    load_id: int,
    fills: str,
    staged: Staged,
    is_replacing: bool,
) -> _Counts:
    """Bring into the warehouse what a source staged, in the way of what it fills."""
    if fills == "report":
        return _finish_reports(connection, load_id)
    if fills == "response":
        return _finish_responses(connection, load_id, staged)
    return _finish_rows(connection, load_id, fills, is_replacing)

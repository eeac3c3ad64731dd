"""Taking a load back: what it brought counts no longer, what it replaced counts again.

An undo is kept in the record of loads, in one transaction with what it changes. Single
responses keep every version, so that what is published can stay as it was until the
release rule lets the change in. Rows of public figures leave their tables and wait in
undone_row, where the undo of the undo finds them.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from metrics.base.duck import first_row, first_value, sql_text, transaction
from metrics.base.errors import CxError
from metrics.base.settings import SHIPPED_FORMAT
from metrics.intake.load import NO_OPTIONS, LoadResult, load_files
from metrics.intake.sources import LoadOptions
from metrics.intake.sources.base import TABLES_FILLED, Staged
from metrics.warehouse.store import COUNTING_LOADS, MADE_UP

FORMAT = "undo"
"""Format of the record of an undo in data_load."""

_KEY = ("survey", "quarter", "response_id")


@dataclass(frozen=True)
class Undone:
    """What an undo did: the number of its record, the load, how many rows (responses, or
    rows of figures) count no longer as they did and how many count again, the loads of the
    same kind that came later, and those of them that found rows of theirs held already."""

    load_id: int
    undone_id: int
    n_gone: int
    n_again: int
    later: list[int]
    repeated_by: list[int]


@dataclass(frozen=True)
class _Load:
    load_id: int
    format: str
    fills: str
    survey: str | None
    file_name: str
    sha256: str


def undo_load(connection: duckdb.DuckDBPyConnection, load_id: int) -> Undone:
    """Take a load back in an open warehouse; the record of an undo is taken back as any
    load is, and its load counts again.

    Raises CxError where there is no such load, where it was taken back already, or where
    it holds figures that a build would put back.
    """
    with transaction(connection):
        return _undo(connection, load_id)


def redo_load(
    connection: duckdb.DuckDBPyConnection,
    load_id: int,
    location: str,
    options: LoadOptions = NO_OPTIONS,
) -> tuple[Undone, LoadResult]:
    """Take a load back and load its file again as everything is declared now, in one
    transaction. `options` are those the file needed the first time; survey and date are
    those of the load.

    Raises CxError where the file is not that of the load, and as `undo_load` does.
    """
    load = _load(connection, load_id)
    as_of = first_value(connection, "select as_of from data_load where load_id = ?", [load_id])
    given = LoadOptions(
        survey=options.survey or load.survey,
        quarter=options.quarter,
        mapping=options.mapping,
        query=options.query,
    )
    undone: list[Undone] = []

    def take_back(staged: list[Staged]) -> None:
        if staged[0].sha256 != load.sha256:
            raise CxError(
                f"{location}: is not the file of load {load_id} ({load.file_name}): its SHA-256 "
                f"begins with {staged[0].sha256[:12]}, not with {load.sha256[:12]}; name the file "
                "that was loaded, or take the load back with `loads undo` and load another file"
            )
        undone.append(_undo(connection, load_id))

    (result,) = load_files(
        connection, load.format, [location], as_of, options=given, first=take_back
    )
    return undone[0], result


def list_loads(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return all loads and records of undos, oldest first, with what became of them."""
    frame = connection.execute("""
        select
            data_load.load_id as load, strftime(data_load.loaded_at, '%Y-%m-%d %H:%M') as loaded,
            data_load.format, data_load.file_name as file, data_load.survey,
            data_load.as_of::varchar as "as of", data_load.n_accepted as accepted,
            data_load.n_duplicate as duplicate, data_load.n_rejected as rejected,
            coalesce('taken back by ' || undone.load_id, '') as state
        from data_load
        left join load_undo as undone
            on data_load.load_id = undone.undone_id and undone.is_in_force
        order by data_load.load_id
    """).df()
    rows: list[dict[str, Any]] = frame.to_dict("records")
    return rows


def _load(connection: duckdb.DuckDBPyConnection, load_id: int) -> _Load:
    row = first_row(
        connection,
        "select load_id, format, fills, survey, file_name, sha256 from data_load where load_id = ?",
        [load_id],
    )
    if row is None:
        raise CxError(
            f"there is no load {load_id}; see `python -m metrics loads list`. Nothing was changed"
        )
    return _Load(*row)


def _undo(connection: duckdb.DuckDBPyConnection, load_id: int) -> Undone:
    load = _load(connection, load_id)
    if load.format in (SHIPPED_FORMAT, MADE_UP):
        raise CxError(
            f"load {load_id} ({load.file_name}) holds figures that come with the project, and "
            "`build` would load them again; change data/ and build. Nothing was changed"
        )
    by = first_value(
        connection, "select load_id from load_undo where undone_id = ? and is_in_force", [load_id]
    )
    if by is not None:
        raise CxError(
            f"load {load_id} ({load.file_name}) was taken back already, by {by}; `loads undo {by}` "
            "makes it count again. Nothing was changed"
        )
    number = int(first_value(connection, "select max(load_id) + 1 from data_load"))
    # The load whose rows come or go: an undo of an undo is about the load at its end.
    target, counts = load_id, False
    while about := first_value(
        connection, "select undone_id from load_undo where load_id = ?", [target]
    ):
        connection.execute(
            "update load_undo set is_in_force = ? where load_id = ?", [counts, target]
        )
        target, counts = int(about), not counts
    connection.execute("insert into load_undo values (?, ?, true)", [number, load_id])
    if load.fills == "response":
        n_gone, n_again = _undo_responses(connection, number, target)
    elif counts:
        n_gone, n_again = 0, _put_back(connection, target)
    else:
        n_gone, n_again = _take_out(connection, target, load.fills), 0
    connection.execute(
        """
        insert into data_load
        select ?, ?, fills, survey, ?, sha256, as_of, now() at time zone 'UTC', ?, ?, 0, 0
        from data_load where load_id = ?
        """,
        [number, FORMAT, f"undo of {load_id}", n_again, n_again, load_id],
    )
    later = connection.execute(
        f"select load_id, n_duplicate {COUNTING_LOADS} and load_id > ? and fills = ? "
        "and survey is not distinct from ? order by load_id",
        [target, load.fills, load.survey],
    ).fetchall()
    repeated = [] if counts else [later_id for later_id, n_duplicate in later if n_duplicate]
    return Undone(number, load_id, n_gone, n_again, [one[0] for one in later], repeated)


def _take_out(connection: duckdb.DuckDBPyConnection, load_id: int, fills: str) -> int:
    """Move the rows of a load out of their tables; return how many the first had."""
    counts = []
    for table in TABLES_FILLED[fills]:
        connection.execute(f"""
            insert into undone_row
            select {load_id}, {sql_text(table)}, to_json(held)::varchar
            from {table} as held where load_id = {load_id}
        """)
        done = connection.execute(f"delete from {table} where load_id = {load_id}").fetchall()
        counts.append(int(done[0][0]))
    return counts[0]


def _put_back(connection: duckdb.DuckDBPyConnection, load_id: int) -> int:
    """Move the rows of a load back into their tables; return how many the first has."""
    tables = connection.execute(
        "select distinct table_name from undone_row where load_id = ?", [load_id]
    ).fetchall()
    counts = {}
    for (table,) in tables:
        columns = connection.execute(f"describe {table}").fetchall()
        values = ", ".join(
            f"(row_text::json ->> {sql_text(name)})::{kind} as {name}" for name, kind, *_ in columns
        )
        done = connection.execute(
            f"insert into {table} by name select {values} from undone_row "
            "where load_id = ? and table_name = ?",
            [load_id, table],
        ).fetchall()
        counts[table] = int(done[0][0])
    connection.execute("delete from undone_row where load_id = ?", [load_id])
    return counts.get("survey_report", sum(counts.values()))


def _undo_responses(
    connection: duckdb.DuckDBPyConnection, number: int, load_id: int
) -> tuple[int, int]:
    """Let every response that a load touched count as the other loads say, as of record
    `number`; return how many count no longer as they did, and how many count again.

    The last load that is not taken back decides: with a row, or by leaving the response
    out. A row that counts again does so as a copy, because the versions before stay as
    they are.
    """
    connection.execute(f"""
        create or replace temp table undo_target as
        with touched as (
            select distinct survey, quarter, response_id
            from survey_response
            where load_id = {load_id} or superseded_by = {load_id}
        ),
        versions as (
            select response.*
            from survey_response as response
            inner join touched using (survey, quarter, response_id)
        ),
        loads as (
            select load_id {COUNTING_LOADS}
        ),
        events as (
            select survey, quarter, response_id, load_id, true as has_row
            from versions where load_id in (from loads)
            union all
            -- Left out by a load that has no row of the response itself.
            select survey, quarter, response_id, superseded_by as load_id, false as has_row
            from versions where superseded_by in (from loads)
        ),
        deciding as (
            select survey, quarter, response_id, max(load_id) as load_id,
                arg_max(has_row, (load_id, has_row)) as has_row
            from events group by survey, quarter, response_id
        )
        select touched.survey, touched.quarter, touched.response_id,
            case when deciding.has_row then deciding.load_id end as load_id,
            held.load_id as held_id
        from touched
        left join deciding using (survey, quarter, response_id)
        left join versions as held
            on touched.survey = held.survey and touched.quarter = held.quarter
                and touched.response_id = held.response_id and held.superseded_by is null
    """)
    connection.execute("delete from undo_target where load_id is not distinct from held_id")
    same = " and ".join(f"response.{name} = undo_target.{name}" for name in _KEY)
    done = connection.execute(f"""
        update survey_response as response set superseded_by = {number}
        from undo_target
        where {same} and response.superseded_by is null
    """).fetchall()
    n_again = 0
    for table, replaced in (
        ("survey_response", f"{number} as load_id, null as superseded_by"),
        ("survey_comment", f"{number} as load_id"),
    ):
        copied = connection.execute(f"""
            insert into {table} by name
            select response.* replace ({replaced})
            from {table} as response
            inner join undo_target on {same} and response.load_id = undo_target.load_id
        """).fetchall()
        n_again = n_again or int(copied[0][0])
    connection.execute("drop table undo_target")
    return int(done[0][0]), n_again

"""The demonstration data set: survey responses that nobody gave.

data/demo holds everything that decides them: its own reference tables, a plan in small
tables (how many answer where, what matters to them, what happened) and the SQL that
draws responses from the plan. Equal inputs give equal rows, on any number of threads.
"""

import shutil
from pathlib import Path

import duckdb

from metrics.base.duck import first_row, first_value, sql_text, transaction
from metrics.base.settings import DEMO, REFERENCE_FOLDER, ROOT
from metrics.base.sqlfiles import file_hash, read_sql_folder
from metrics.intake.sources.base import ROWS
from metrics.intake.text.door import read_comments
from metrics.warehouse.store import MADE_UP, create_table

RAW_TABLES = (
    *("survey_response", "survey_comment", "load_declaration", "replacing_load"),
    *(table for table, _ in ROWS.values()),
)

DRAWN = "drawn_"
"""Prefix of the tables of data/demo that are rows of a raw table as they stand."""


def demo_files() -> list[Path]:
    """Return every file that decides what the demonstration data are."""
    return sorted(path for path in DEMO.rglob("*") if path.suffix in (".csv", ".sql"))


def copy_reference(home: Path) -> None:
    """Put the reference tables of the demonstration beside its warehouse, where they
    replace those of data/reference."""
    target = home / REFERENCE_FOLDER
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(DEMO / "reference", target)


def fill(connection: duckdb.DuckDBPyConnection) -> int:
    """Draw the responses, comments and volumes into an open warehouse that has the
    reference tables of the demonstration; return the number of responses.

    Rows of an earlier drawing are replaced, other loads are kept.
    """
    connection.execute("attach ':memory:' as demo")
    connection.execute("set search_path = 'demo,' || current_database()")
    try:
        _draw(connection)
        with transaction(connection):
            _replace_rows(connection)
        return int(first_value(connection, "select count(*) from demo.answer"))
    finally:
        connection.execute("reset search_path")
        connection.execute("detach demo")


def _draw(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of data/demo in the scratch database `demo`."""
    for path in sorted((DEMO / "macros").glob("*.sql")):
        connection.execute(path.read_text(encoding="utf-8"))
    for path in sorted((DEMO / "plan").glob("*.csv")):
        connection.execute(
            f"create table demo.{path.stem} as from read_csv({sql_text(str(path))}, header = true)"
        )
    for file in read_sql_folder(DEMO):
        create_table(connection, file, "demo")


def _replace_rows(connection: duckdb.DuckDBPyConnection) -> None:
    for table in RAW_TABLES:
        connection.execute(
            f"delete from {table} where load_id in "
            "(select load_id from data_load where format = ?)",
            [MADE_UP],
        )
    # Nobody gave these responses, so none of them waits for others.
    connection.execute(
        "delete from released where survey in (select survey from data_load where format = ?)",
        [MADE_UP],
    )
    connection.execute("delete from data_load where format = ?", [MADE_UP])
    (held,) = first_row(connection, "select coalesce(max(load_id), 0) from data_load") or (0,)
    drawn = {
        table: ", ".join(f"drawn.{name}" for name in key)
        for table, key in ROWS.values()
        if (DEMO / f"{DRAWN}{table}.sql").exists()
    }
    others = "".join(
        f"""
            union all
            select null, '{fills}', 'demonstration-{table}.sql', count(*)
            from {DRAWN}{table}"""
        for fills, (table, _) in ROWS.items()
        if table in drawn
    )
    # One load per survey, as if each had sent a file, and one for each other table. The
    # times are fixed, so that equal inputs give equal rows.
    connection.execute(
        f"""
        insert into data_load by name
        with loads as (
            select survey, 'response' as fills,
                'demonstration-' || survey || '.sql' as file_name, count(*) as n
            from answer
            group by survey{others}
        )
        select
            {held} + row_number() over (order by survey nulls last, file_name) as load_id,
            '{MADE_UP}' as format, fills, survey, file_name, ? as sha256, setting.as_of,
            setting.as_of::timestamp as loaded_at, n as n_rows, n as n_accepted,
            0 as n_duplicate, 0 as n_rejected
        from loads
        cross join setting
        order by load_id
        """,
        [file_hash(demo_files(), ROOT)],
    )
    columns = [row[0] for row in connection.execute("describe survey_response").fetchall()]
    own = ", ".join(
        f"answer.{name}" for name in columns if name not in ("load_id", "superseded_by")
    )
    loads = f"(select load_id, survey from data_load where format = '{MADE_UP}')"
    connection.execute(f"""
        insert into survey_response by name
        select load.load_id, {own}
        from answer
        inner join {loads} as load on answer.survey = load.survey
        order by load.load_id, answer.quarter, answer.response_id
    """)
    read_comments(connection, "select comment as clear from remark")
    connection.execute(f"""
        insert into survey_comment by name
        select load.load_id, remark.survey, remark.quarter, remark.response_id,
            comment_read.* exclude (clear)
        from remark
        inner join comment_read on remark.comment = comment_read.clear
        inner join {loads} as load on remark.survey = load.survey
        order by load.load_id, remark.quarter, remark.response_id
    """)
    for table, key in drawn.items():
        connection.execute(f"""
            insert into {table} by name
            select load.load_id, row_number() over (order by {key}) as line_number, drawn.*
            from {DRAWN}{table} as drawn
            inner join data_load as load
                on load.format = '{MADE_UP}'
                and load.file_name = 'demonstration-{table}.sql'
        """)

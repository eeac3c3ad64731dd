"""Hostile SQL: refused with a plain reason before it runs, and harmless where it does run."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.base.duck import first_value
from metrics.base.errors import CxError, UsageError
from metrics.base.reading import readable_tables
from metrics.base.sqlfiles import macro_statements
from metrics.define.sandbox import FUNCTIONS, Limits, Sandbox, limits_set, refusals
from metrics.edition.edition import open_edition
from metrics.gate.publish import publish
from tests.made_up import made_up_metric

CANARY = "/tmp/cx_canary"  # where hostile SQL would write

ONE = "exactly one select"
FILES = "reads files; a metric reads tables only"
IS_FILE = "is a file; a metric reads tables only"
NO_TABLE = "there is no table"
ASKS = "asks the machine or the database about itself"
CLOCK = "may give another result each time"
SIZE = "makes values of any size"
LISTED = "is not in the list of functions"

HOSTILE = {
    # reads or writes files
    "select * from read_csv('/etc/passwd')": FILES,
    "select * from read_text('/etc/hostname')": FILES,
    "select * from read_blob('/etc/shadow')": FILES,
    "select * from read_json('/etc/hosts')": FILES,
    "select * from read_parquet('s3://bucket/x.parquet')": FILES,
    "select * from parquet_metadata('x.parquet')": FILES,
    "select * from sniff_csv('/etc/passwd')": FILES,
    "select * from glob('/**')": FILES,
    "select * from '/etc/passwd'": IS_FILE,
    "select * from 'survey.csv'": IS_FILE,
    'select * from "https://example.org/x.csv"': IS_FILE,
    f"copy (select 1) to '{CANARY}.csv'": ONE,
    f"copy component to '{CANARY}.parquet' (format parquet)": ONE,
    f"export database '{CANARY}'": ONE,
    f"import database '{CANARY}'": ONE,
    # other databases, extensions, settings
    f"attach '{CANARY}.duckdb' as other": ONE,
    "attach 'warehouse.duckdb' as w (read_only)": ONE,
    "detach given": ONE,
    "install httpfs": ONE,
    "load httpfs": ONE,
    "set memory_limit = '100GB'": ONE,
    "set enable_external_access = true": ONE,
    "reset threads": ONE,
    "pragma database_list": ONE,
    "pragma enable_profiling": ONE,
    "call pragma_version()": ONE,
    "use memory": ONE,
    "checkpoint": ONE,
    "vacuum": ONE,
    "select 1; set threads = 64": ONE,
    "select 1; attach ':memory:' as x; select 2": ONE,
    # changes rows
    "create table stolen as select * from component": ONE,
    "create macro f() as 1": ONE,
    "insert into component values ('X')": ONE,
    "update component set name = 'x'": ONE,
    "delete from component": ONE,
    "drop table component": ONE,
    "truncate component": ONE,
    "alter table component rename to x": ONE,
    "with gone as (delete from component returning *) select * from gone": "changes nothing",
    "with more as (insert into component values ('X') returning *) select * from more": "changes",
    "prepare p as select 1": ONE,
    "execute p": ONE,
    "begin transaction": ONE,
    # asks about the machine and the database
    "select getenv('HOME')": ASKS,
    "select current_setting('temp_directory')": ASKS,
    "select * from duckdb_settings()": ASKS,
    "select * from duckdb_secrets()": ASKS,
    "select * from duckdb_databases()": ASKS,
    "select * from pragma_database_size()": ASKS,
    "select current_user": ASKS,
    "select version()": ASKS,
    "select * from information_schema.tables": "named without a schema",
    "select * from duckdb_tables": NO_TABLE,
    "select * from pg_catalog.pg_class": "named without a schema",
    "select * from sqlite_master": NO_TABLE,
    "describe component": "is not described here",
    "show tables": "is not described here",
    "summarize component": "is not described here",
    "explain select 1": ONE,
    # raw rows
    "select * from survey_response": "is a raw table",
    "select * from survey_comment": "is a raw table",
    "select * from warehouse.main.survey_response": "named without a schema",
    "select comment from rejected_row": "is a raw table",
    # SQL from texts, and other back doors
    "select * from query('drop table component')": "runs SQL from a text",
    "select * from query_table('survey_response')": "runs SQL from a text",
    "select * from json_execute_serialized_sql('{}')": "runs SQL from a text",
    "select json_serialize_sql('select 1')": LISTED,
    "select nextval('s')": CLOCK,
    "select $1": "no one to give the parameter",
    "select main.abs(1)": "called without a schema",
    "select list_transform([1], lambda x: x + 1)": LISTED,
    "select pg_sleep(100)": ASKS,
    "select sleep_ms(100000)": LISTED,
    "select error('x')": LISTED,
    "select write_log('x')": FILES,
    # another result each time
    "select now()": CLOCK,
    "select current_date": CLOCK,
    "select random()": CLOCK,
    "select uuid()": CLOCK,
    "select * from component using sample 1": "a sample differs each time",
    "select * from component tablesample 10%": "a sample differs each time",
    # bombs
    "with recursive a as (select 1 union all select 2 from a) from a": "may never end",
    "select length(repeat('x', 4000000000))": SIZE,
    "select lpad('x', 2000000000, 'y')": SIZE,
    "select * from range(100000000000)": SIZE,
    "select unnest(generate_series(1, 10000000000))": SIZE,
    "select " + "abs(" * 120 + "1" + ")" * 120: "nested too deeply",
    "select '" + "x" * 200_000 + "'": "longer than 100,000 characters",
}
assert len(HOSTILE) >= 60

DYNAMIC = {
    "with recursive a as (select 1 as n union all select n + 1 from a) select sum(n) as n from a",
    "select length(repeat('x', 4000000000)) as n",
    "select list(range) as n from range(100000000000)",
    "select sum(a.n * b.n) as n from (select unnest(generate_series(1, 1000000)) as n) as a "
    "cross join (select unnest(generate_series(1, 1000000)) as n) as b",
}
"""What only limits of time and memory stop."""

QUICK = Limits(seconds=1, megabytes=256)


@pytest.mark.parametrize("sql", HOSTILE, ids=lambda sql: sql[:60])
def test_hostile_sql_is_refused_with_a_plain_reason(sql: str) -> None:
    found = refusals(sql)
    assert found, "nothing was refused"
    text = " ".join(one.message for one in found)
    assert HOSTILE[sql] in text
    assert all(one.line == 1 and "Error" not in one.message for one in found)


def test_the_line_of_what_is_refused_is_named() -> None:
    sql = "select\n    component,\n    now() as quarter,\n    getenv('A') as basis\nfrom nowhere\n"
    assert [(one.line, one.message.split(";")[0]) for one in refusals(sql)] == [
        (3, "now may give another result each time"),
        (4, "getenv asks the machine or the database about itself"),
        (5, "there is no table 'nowhere' for metrics"),
    ]


def test_a_misspelt_name_comes_with_the_right_one() -> None:
    (table,) = refusals("select 1 as n from survey_answer")
    (function,) = refusals("select coun_if(true) as n from survey_answers")
    assert "did you mean survey_answers?" in table.message
    assert "did you mean count_if?" in function.message


def test_what_metrics_need_is_not_refused() -> None:
    assert (
        refusals("""
        with parts as (
            select component, quarter, sum(n_answers) filter (where measure = 'trust') as n
            from survey_answers
            group by all
        ),

        ranked as (
            select *, row_number() over (partition by component order by quarter) as place
            from parts
            where quarter in (select quarter from reporting_board) and n between 1 and 1e9
        )

        select
            component, wilson_low(n, n) as low, n::double / nullif(place, 0) as share,
            case when place > 1 then 'later' else 'first' end as part, quarter like '2021%' as is_it
        from ranked
        order by all
        """)
        == []
    )


def test_every_listed_function_is_one() -> None:
    with duckdb.connect() as connection:
        known = {
            row[0]
            for row in connection.execute("select function_name from duckdb_functions()").fetchall()
        }
    windows = {
        "nth_value",
        "row_number",
        "rank",
        "dense_rank",
        "percent_rank",
        "cume_dist",
        "ntile",
    }
    windows |= {"lag", "lead", "first_value", "last_value"}
    assert FUNCTIONS - known - windows == set()
    assert {"survey_answers", "component"} <= readable_tables()
    assert "survey_response" not in readable_tables()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database file with one table of three rows."""
    connection = duckdb.connect(tmp_path / "private.duckdb")
    connection.execute(
        "create table component as select unnest(['TSA', 'CBP', 'FEMA']) as component"
    )
    yield connection
    connection.close()


def _select(name: str, sql: str) -> dict[str, str]:
    return {"name": name, "into": "cells", "schema": "main", "sql": sql}


def _canaries() -> list[str]:
    return [path.name for path in Path("/tmp").glob("cx_canary*")]


def test_hostile_sql_leaves_no_trace_where_it_runs(
    database: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the first wall, on purpose: the second one holds alone."""
    monkeypatch.setenv("CX_SECRET", "xyzzy-secret")
    before = hashlib.sha256((tmp_path / "private.duckdb").read_bytes()).hexdigest()
    settings = database.execute("select name, value from duckdb_settings() order by 1").fetchall()
    everything = [sql for sql in HOSTILE if len(sql) < 10_000]
    everything += [*DYNAMIC, f"select 1 as n; copy (select 1) to '{CANARY}.csv'; select 2 as n"]
    with Sandbox(database, macro_statements(), QUICK) as box:
        box.copy(["component"])
        selects = [_select(f"hostile_{at}", sql) for at, sql in enumerate(everything)]
        outcomes = box.run(selects)
        assert len(outcomes) == len(everything)
        for (_, name), outcome in outcomes.items():
            if outcome.error is None:
                table = box.table("cells", name)
                rows = str(database.execute(f"select columns(*)::varchar from {table}").fetchall())
                assert "xyzzy-secret" not in rows and "root:" not in rows, everything[int(name[8:])]
    assert _canaries() == []
    assert first_value(database, "select count(*) from component") == 3
    assert database.execute("select name, value from duckdb_settings() order by 1").fetchall() == (
        settings
    )
    assert hashlib.sha256((tmp_path / "private.duckdb").read_bytes()).hexdigest() == before
    with Sandbox(database, [], QUICK) as box:
        box.copy(["component"])
        (good,) = box.run([_select("good", "select count(*) as n from component")]).values()
        assert good.error is None
        assert first_value(database, f"from {box.table('cells', 'good')}") == 3


@pytest.mark.parametrize("sql", sorted(DYNAMIC), ids=lambda sql: sql[:40])
def test_a_bomb_is_named_and_the_others_run(database: duckdb.DuckDBPyConnection, sql: str) -> None:
    with Sandbox(database, [], QUICK) as box:
        box.copy(["component"])
        outcomes = box.run(
            [
                _select("before", "from component"),
                _select("bomb", sql),
                _select("after", "select 1"),
            ]
        )
        assert [outcome.is_excess for outcome in outcomes.values()] == [False, True, False]
        assert first_value(database, f"select count(*) from {box.table('cells', 'before')}") == 3
        assert first_value(database, f"from {box.table('cells', 'after')}") == 1
    message = str(outcomes["cells", "bomb"].error)
    assert "longer than 1 seconds" in message or "more than 256 megabytes" in message
    with pytest.raises(duckdb.CatalogException):
        database.execute(f"from {box._database}.cells.before")


def test_the_process_sees_no_environment(
    database: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a function of the environment may be called in a later version."""
    monkeypatch.setenv("CX_SECRET", "xyzzy-secret")
    real = os.environ["CX_SECRET"]
    with Sandbox(database, [], QUICK) as box:
        box.copy([])
        (outcome,) = box.run([_select("x", "select getenv('CX_SECRET') as s")]).values()
        value = None if outcome.error else first_value(database, f"from {box.table('cells', 'x')}")
    assert real == "xyzzy-secret" and not value


def test_fractions_add_up_alike_every_time(database: duckdb.DuckDBPyConnection) -> None:
    database.execute(
        "create table survey_answers as "
        "select 1 / (range + 3.0) as x, range % 7 as g from range(300000)"
    )
    found = set()
    for _ in range(3):
        with Sandbox(database, [], Limits()) as box:
            box.copy(["survey_answers"])
            box.run([_select("x", "select g, sum(x) as s from survey_answers group by g")])
            rows = database.execute(f"from {box.table('cells', 'x')} order by g").fetchall()
            found.add(str(rows))
    assert len(found) == 1


def test_limits_come_from_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CX_METRIC_SECONDS", raising=False)
    assert limits_set() == Limits()
    monkeypatch.setenv("CX_METRIC_SECONDS", "2.5")
    monkeypatch.setenv("CX_METRIC_MEGABYTES", "300")
    assert limits_set() == Limits(2.5, 300)
    monkeypatch.setenv("CX_METRIC_SECONDS", "soon")
    with pytest.raises(UsageError, match="CX_METRIC_SECONDS is 'soon'; set it to a number"):
        limits_set()


SLOW = (
    "select 'TSA' as component, null as service, null as channel, '2024Q3' as quarter, "
    "null as month, 'a11/agree5/made-up' as basis, sum(a.n) as numerator, sum(b.n) as denominator "
    "from (select unnest(generate_series(1, 1000000)) as n) as a "
    "cross join (select unnest(generate_series(1, 1000000)) as n) as b"
)
GOOD = (
    "select null as component, null as service, null as channel, fiscal_quarter(stated_on) as "
    "quarter, null::date as month, 'burden' as basis, hours as value from burden_goal "
    "where measure = 'baseline'"
)
GOOD_FIXTURE = """
given: {burden_goal: [{measure: baseline, hours: 5, stated_on: 2024-06-01}]}
expected:
  - {component: null, service: null, channel: null, quarter: 2024Q3, month: null, basis: burden,
     value: 5}
"""


def test_a_slow_metric_is_left_out_and_named_or_stops_everything(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    catalog = {}
    of_hours: dict[str, Any] = {
        "kind": "total",
        "family": "burden",
        "over_time": "last",
        "minimum_n": 0,
    }
    for name, sql, keys in (("slow", SLOW, {}), ("good", GOOD, of_hours)):
        path = tmp_path / f"{name}.sql"
        path.write_text(sql)
        catalog[name] = made_up_metric(name, sql=sql, path=path, **keys)
    (tmp_path / "good.yaml").write_text(GOOD_FIXTURE)
    home = tmp_path / "home"
    warehouse.execute(
        "insert into data_load by name select 1 as load_id, 'x' as format, 'x' as file_name, "
        "'0' as sha256, date '2024-07-01' as as_of, now() as loaded_at, 1 as n_rows, "
        "1 as n_accepted, 0 as n_duplicate, 0 as n_rejected, 'report' as fills"
    )
    with pytest.raises(CxError, match=r"slow.sql:1: the select .*\n.*Nothing was published"):
        publish(
            *(warehouse, home),
            catalog=catalog,
            limits=QUICK,
            is_all_or_nothing=True,
            fixtures=tmp_path,
        )
    assert not list(home.rglob("manifest.json"))
    edition_id = publish(warehouse, home, catalog=catalog, limits=QUICK, fixtures=tmp_path)
    opened = open_edition(home, edition_id)
    assert list(opened.manifest["left_out"]) == ["slow"]
    assert "took longer than 1 seconds" in opened.manifest["left_out"]["slow"]
    assert set(opened.metrics.index) == {"good"} == set(opened.manifest["metrics"])
    shown = opened.rows(metric="good", level="department", period="2023Q1")
    assert shown["value"].tolist() == [190_000_000]

"""Hostile selects against a warehouse in which every raw row carries a canary.

Each goes through two doors: the front one (`query` and the reading of a metric file, which
refuse), and straight into the confined process, past every refusal. Through neither may a
canary, a path of this machine or another database come.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.base.errors import CxError
from metrics.base.reading import (
    PERSONAL,
    personal_columns,
    personal_tables,
    raw_tables,
    readable_tables,
    referenced_tables,
    root_of,
)
from metrics.base.settings import ROOT
from metrics.base.sqlfiles import macro_statements
from metrics.define.catalog import read_metric
from metrics.define.sandbox import Limits, Sandbox, refusals
from metrics.define.trial import tried
from metrics.desk.query import query
from metrics.warehouse.store import build_aggregates, open_fresh, open_warehouse
from tests.conftest import own_file
from tests.made_up import made_up_metric

CANARY = "canary"
SECONDS, MEGABYTES = 2, 256

RAW = sorted(raw_tables())
WITHOUT_TEXT = {"survey_volume", "warehouse_state", "load_undo", "release", "replacing_load"}
"""Raw tables that hold no text of a load: numbers, and surveys and quarters that are declared."""

GROUPS: dict[str, list[str]] = {
    "a raw table by its name": [f"select * from {name}" for name in RAW]
    + ["select * from SURVEY_COMMENT", 'select * from "Survey_Comment"', "table survey_comment"],
    "single responses and comments": [
        f"select * from {name}" for name in sorted(personal_tables())
    ],
    "a name that a CTE elsewhere has": [
        f"select * from {name} where exists (with {name.upper()} as (select 1 as x) "
        f"select x from {name.upper()})"
        for name in [*RAW, *sorted(personal_tables())]
    ]
    + [
        "with survey_comment as (select * from survey_comment) select * from survey_comment",
        'with "SURVEY_COMMENT" as (select * from survey_comment) select * from "SURVEY_COMMENT"',
        "with a as (select * from survey_comment), survey_comment as (select 1 as x) "
        "select * from a",
        "with a as (with survey_comment as (select 1 as x) select * from survey_comment) "
        "select * from a, survey_comment",
        "select * from (with survey_comment as (select 1 as x) from survey_comment) as a, "
        "survey_comment",
        "select (with survey_comment as (select 1 as x) select x from survey_comment), comment "
        "from survey_comment",
        "select * from component where component in (with survey_comment as (select 'a' as x) "
        "select x from survey_comment) union all by name select * from survey_comment",
        "with recursive survey_comment as (select * from survey_comment union all "
        "select * from survey_comment where false) select * from survey_comment",
        "with recursive r as (select comment from survey_comment union all select 'x' from r "
        "where false) from r",
        "with a as materialized (select * from survey_response) select a.*, 1 as n from a",
        "with rejected_row(x) as (select raw_text from rejected_row) select x from rejected_row",
        # The Kelvin sign is no K for DuckDB, but for Python.
        'with "wee\u212a" as (select 1 as x) select * from survey_comment',
        "select * from survey_comment as component",
        "select survey_comment.* from survey_comment join component on true",
        "select * from component, lateral (select * from survey_comment) as c",
        "from survey_comment select comment",
        "from (from survey_comment)",
        "(select * from survey_comment)",
        "select 1 as n union all (select length(comment) from survey_comment)",
        "select * from component order by (select max(comment) from survey_comment)",
        "select max(n) over (order by (select max(comment) from survey_comment)) from wage",
        "select * from component limit (select count(*) from survey_comment)",
        "unpivot survey_comment on comment into name k value v",
        "pivot survey_comment on survey using max(comment)",
        "from survey_comment pivot (max(comment) for survey in ('a'))",
        "values ((select max(comment) from survey_comment))",
        "select columns(*) from survey_comment",
        "select struct_pack(a := survey_comment) from survey_comment",
        "select list(survey_comment) as everything from survey_comment",
        "select survey_comment from survey_comment",
    ],
    "a raw table by a path": [
        "select * from main.survey_comment",
        "select * from warehouse.survey_comment",
        "select * from warehouse.main.survey_comment",
        "select * from memory.main.survey_comment",
        'select * from "warehouse"."main"."survey_comment"',
        "select * from given.main.survey_comment",
        "select * from temp.main.survey_comment",
        "select * from gate.main.cell",
        "with main as (select 1) select * from main.survey_comment",
        "select * from survey_comment at (version => 1)",
        "select * from query_table('survey_comment')",
        "select * from query_table(['survey_comment', 'survey_response'])",
        "select * from query('from survey_comment')",
        "select * from query('from warehouse.main.survey_comment')",
        "select * from json_execute_serialized_sql(json_serialize_sql('from survey_comment'))",
        "select * from seq_scan('survey_comment')",
    ],
    "letters that look alike": [
        "select * from survey_c\u043emment",
        "select * from \uff53urvey_comment",
        "select * from survey_comment\u200b",
        "select * from survey\u00ad_comment",
        "select * from \u202esurvey_comment",
        'select * from "survey_comment "',
        'select * from "survey_comment\x00"',
        "select\u00a0*\u00a0from\u00a0survey_comment",
        "select * /* \x00 */ from survey_comment",
        "select * from sur\\u0076ey_comment",
        "select * from U&'survey_comment'",
    ],
    "what the database says of itself": [
        f"select * from {function}()"
        for function in (
            *("duckdb_databases", "duckdb_tables", "duckdb_columns", "duckdb_views"),
            *("duckdb_settings", "duckdb_functions", "duckdb_schemas", "duckdb_constraints"),
            *("duckdb_extensions", "duckdb_secrets", "duckdb_logs", "duckdb_indexes"),
            *("duckdb_temporary_files", "duckdb_memory", "duckdb_prepared_statements"),
            *("duckdb_external_file_cache", "duckdb_variables", "duckdb_log_contexts"),
            *("duckdb_extension_repositories", "duckdb_external_resources", "duckdb_triggers"),
            *("pragma_database_size", "pragma_version", "pragma_platform", "pragma_user_agent"),
            *("pragma_collations", "duckdb_dependencies", "duckdb_sequences", "duckdb_types"),
        )
    ]
    + [
        *("select * from duckdb_databases", "select * from duckdb_tables"),
        *("select * from duckdb_columns", "select * from duckdb_settings"),
        *("select * from sqlite_master", "select * from sqlite_temp_master"),
        *("select * from pragma_database_list", "select * from duckdb_logs"),
        *("select * from information_schema.tables", "select * from information_schema.columns"),
        *("select * from information_schema.schemata", "select * from pg_catalog.pg_tables"),
        *("select * from pg_catalog.pg_class", "select * from pg_catalog.pg_database"),
        *("select * from pg_catalog.pg_settings", "select * from pg_catalog.pg_views"),
        "select * from system.main.duckdb_databases()",
        "select * from system.information_schema.tables",
        "select * from pragma_table_info('survey_comment')",
        "select * from pragma_storage_info('survey_comment')",
        "select * from pragma_metadata_info('warehouse')",
        "select * from duckdb_table_sample('survey_comment')",
        "select * from which_secret('s3://x', 's3')",
        "select current_setting('secret_directory')",
        "select current_setting('home_directory'), current_setting('temp_directory')",
        "select current_setting('allowed_paths'), current_setting('search_path')",
        "select current_database(), current_schema(), current_query()",
        "select current_schemas(true), current_catalog, version()",
        "select getenv('HOME'), getenv('PATH')",
        "select system.main.current_setting('extension_directory')",
        "select pg_get_viewdef(1), pg_my_temp_schema()",
        "select getvariable('x')",
        "describe survey_comment",
        "summarize survey_comment",
        "show all tables",
        "show databases",
        "pragma database_list",
        "call pragma_database_list()",
        "explain select * from component",
        "explain analyze select * from component",
    ],
    "files": [
        "select * from read_text('/proc/self/environ')",
        "select * from read_text('/proc/self/cmdline')",
        "select * from read_blob('/proc/self/maps')",
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/dev/stdin')",
        "select * from read_text('warehouse.duckdb')",
        "select * from read_duckdb('{home}/warehouse.duckdb', table_name := 'survey_comment')",
        "select * from read_csv('{home}/warehouse.duckdb', header = false)",
        "select * from '{home}/warehouse.duckdb'",
        "select * from read_json_auto('/proc/self/status')",
        "select * from parquet_schema('{home}/warehouse.duckdb')",
        "select * from glob('{home}/*')",
        "select * from sniff_csv('/etc/passwd')",
        "select * from '/etc/hostname'",
        "attach '{home}/warehouse.duckdb' as w",
        "select 1; attach '{home}/warehouse.duckdb' as w; from w.survey_comment",
        "copy component to '{home}/out.csv'",
        "with w as (insert into component values ('x')) select 1",
        "with w as (delete from component returning *) select * from w",
        "create table x as from component",
        "drop table component",
        "load httpfs",
        "set enable_external_access = true",
        "select write_log('x')",
        "select * from python_map_function(1, 1)",
        "select * from pandas_scan(0)",
    ],
    "columns that are not there": [
        "select response_id from response_count",
        "select comment from comment_count",
        "select rowid, * from component",
        "select file_name from load_count",
        "select raw_text from load_count",
        "select warehouse.main.survey_comment.comment from component",
    ],
}
HOSTILE = [sql for group in GROUPS.values() for sql in group]
assert len(set(HOSTILE)) == len(HOSTILE) >= 120


def _plant(connection: duckdb.DuckDBPyConnection) -> None:
    """Put a row into every raw table; every text in it is a canary, or a real key that
    lets the row reach the aggregates."""
    survey, channel = connection.execute(
        "select survey, coalesce(channel, 'phone') from response_survey order by survey"
    ).fetchall()[0]
    keys = {"survey": survey, "channel": channel, "quarter": "2024Q3", "component": "TSA"}
    keys |= {"fills": "response", "period_kind": "month", "response_id": f"{CANARY}-response_id"}
    keys |= {"state": None, "rating": None}  # a collection that counts
    keys |= {"redaction": "v1", "sentiment_method": "v1", "sentiment": "neutral"}
    dates = {"as_of": "2024-09-01", "starts_on": "2024-08-01", "snapshot_on": "2024-08-01"}
    for table in RAW:
        if table == "warehouse_state":
            continue
        columns = connection.execute(f"describe from {table}").fetchall()
        row = {}
        for name, kind, *_ in columns:
            if kind == "VARCHAR":
                row[name] = keys.get(name, f"{CANARY}-{table}-{name} /{CANARY}/{name}.csv")
            elif kind in ("DATE", "TIMESTAMP"):
                row[name] = dates.get(name, "2024-08-15")
            elif kind.startswith("MAP"):
                row[name] = {f"{CANARY}-segment": f"{CANARY}-value"}
            else:
                row[name] = None if name == "superseded_by" else 1
        marks = ", ".join("?" for _ in row)
        connection.execute(
            f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values())
        )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a small warehouse full of canaries, its aggregates made."""
    folder = tmp_path_factory.mktemp("private-canary-home")
    with open_warehouse(folder) as connection:
        _plant(connection)
        build_aggregates(connection)
    return folder


@pytest.fixture(scope="module")
def past_the_refusals(home: Path) -> Iterator[dict[str, tuple[str | None, str]]]:
    """What each hostile select gives straight in the confined process, which holds every
    table that it may: its error, or its rows as text."""
    everything = [sql.replace("{home}", str(home)) for sql in HOSTILE]
    with (
        open_fresh(home) as connection,
        Sandbox(connection, macro_statements(), Limits(SECONDS, MEGABYTES)) as box,
    ):
        box.copy(readable_tables())
        selects = [
            {"name": f"s{at}", "into": "cells", "schema": "main", "sql": sql}
            for at, sql in enumerate(everything)
        ]
        outcomes = box.run(selects)
        found = {}
        for at, sql in enumerate(HOSTILE):
            outcome = outcomes["cells", f"s{at}"]
            rows = ""
            if outcome.error is None:
                table = box.table("cells", f"s{at}")
                rows = str(
                    connection.execute(f"select columns(*)::varchar from {table}").fetchall()
                )
            found[sql] = outcome.error, rows
        yield found


def _private(home: Path) -> list[str]:
    """Texts that only the warehouse or the machine knows."""
    here = [str(home), str(ROOT), sys.prefix, str(Path.home()), tempfile.gettempdir() + "/"]
    return [f"{CANARY}-", f"/{CANARY}/", "root:", *(path for path in here if len(path) > 1)]


def test_the_canaries_are_where_they_should_be(home: Path) -> None:
    """Or else nothing below would tell anything."""
    with open_fresh(home) as connection:
        for table in [*RAW, "comment_text", "comment_theme"]:
            rows = connection.execute(f"select t::varchar from {table} as t").fetchall()
            assert rows, table
            assert CANARY in str(rows) or table in WITHOUT_TEXT, table


def test_no_table_that_may_be_read_holds_a_row_of_one_person(home: Path) -> None:
    """By what is in them, not by their names."""
    names = [f"{CANARY}-survey_comment", f"{CANARY}-survey_response", f"{CANARY}-rejected_row"]
    names += [f"{CANARY}-data_load", f"{CANARY}-response_id"]
    with open_fresh(home) as connection:
        for table in sorted(readable_tables()):
            rows = str(connection.execute(f"select t::varchar from {table} as t").fetchall())
            assert [name for name in names if name in rows] == [], table
            columns = {row[0] for row in connection.execute(f"describe from {table}").fetchall()}
            assert columns & PERSONAL == set(), table


@pytest.mark.parametrize("sql", HOSTILE, ids=lambda sql: ascii(sql)[1:70])
def test_nothing_private_comes_out_past_the_refusals(
    sql: str, home: Path, past_the_refusals: dict[str, tuple[str | None, str]]
) -> None:
    error, rows = past_the_refusals[sql]
    # The line that an error repeats of the select may name, cut short, what the select named.
    told = [line for line in (error or "").splitlines() if not line.startswith("LINE ")]
    said = "\n".join(told).replace(str(home), "")
    assert [text for text in _private(home) if text in rows or text in said] == []
    assert "warehouse" not in rows and "private" not in rows.replace("private_", "")


def test_the_front_door_says_one_thing_for_each(home: Path, tmp_path: Path) -> None:
    header = own_file("trust", tmp_path).read_text("utf-8").partition("*/")[0] + "*/\n"
    harmless = []
    for sql in HOSTILE:
        text = sql.replace("{home}", str(home))
        if not refusals(text):
            harmless.append(sql)
            continue
        with pytest.raises(CxError, match=r"^line \d+: .+; .+") as refused:
            query(home, text, 10)
        assert "\n" not in str(refused.value) or len(refusals(text)) > 1
        path = tmp_path / "hostile.sql"
        path.write_text(header + text, encoding="utf-8")
        with pytest.raises(CxError, match=r"hostile.sql:\d+: .+; .+"):
            read_metric(path)
    # What is refused by nobody reads nothing: it names what is not there.
    for sql in harmless:
        with pytest.raises(CxError) as wrong:
            query(home, sql, 10)
        assert [text for text in _private(home) if text in str(wrong.value)] == []
    assert len(harmless) < 10, harmless


@pytest.mark.parametrize(
    ("sql", "tables"),
    {
        "with x as (select * from x) select * from x": {"x"},
        "with x as (select 1 as a) select * from X": set(),
        'with "X" as (select 1 as a) select * from x': set(),
        "select * from t where exists (with T as (select 1 as a) select a from T)": {"t"},
        "with a as (select * from b), b as (select 1 as n) select * from a, b": {"b"},
        "with a as (select 1 as n), b as (select * from a) select * from b": set(),
        "with recursive r as (select 1 as n union all select n + 1 from r) from r": set(),
        "with recursive r as (select n from r union all select n + 1 from r) from r": {"r"},
        "with x as (select 1 as n) select * from main.x": {"x"},
        "(with x as (select 1 as n) from x) union all (from x)": {"x"},
        "with x as (with y as (select 1 as n) from y) select * from x, y": {"y"},
        "select 1 in (select c from Lower) as n": {"lower"},
        'with "wee\u212a" as (select 1 as n) select * from week': {"week"},
    }.items(),
    ids=lambda one: one[:60] if isinstance(one, str) else "",
)
def test_a_cte_hides_a_table_only_where_it_is_in_scope(sql: str, tables: set[str]) -> None:
    assert referenced_tables(sql) == tables


def test_what_copies_a_persons_words_under_another_name_is_seen() -> None:
    raw = {"survey_comment": frozenset({"comment", "response_id"})}

    def personal(sql: str) -> frozenset[str]:
        return personal_columns(sql, raw)

    assert personal("select survey, lower(comment) as text from survey_comment") == {"text"}
    assert personal("with a as (select comment as t from survey_comment) select max(t) as m from a")
    assert personal("select * from survey_comment") == {"comment", "response_id"}
    assert personal("select * exclude (comment) from survey_comment") == {"response_id"}
    assert personal("select quarter from a union all select comment from survey_comment")
    assert not personal("select survey, count(comment) as n from survey_comment group by survey")
    assert not personal("select survey, comment from elsewhere")
    assert personal_tables() == {"comment_text", "comment_theme"}


def test_only_readable_tables_are_copied_or_given(home: Path) -> None:
    with (
        open_fresh(home) as connection,
        Sandbox(connection, [], Limits()) as box,
    ):
        for table in [*RAW, *personal_tables(), "nowhere", "component as from survey_comment --"]:
            with pytest.raises(ValueError, match="never goes into the sandbox"):
                box.copy([table])
            with pytest.raises(ValueError, match="is no table that a metric may read"):
                box.give("fixture", {table: [{"survey": "x"}]})
        with pytest.raises(
            ValueError, match=r"component has no column 'nam' \(did you mean name\?\)"
        ):
            box.give("fixture", {"component": [{"nam": "x"}]})
        hidden = "component) select max(comment) from survey_comment --"
        with pytest.raises(ValueError, match="has no column"):
            box.give("fixture", {"component": [{hidden: "x"}]})
        connection.execute("create table memory.main.wage as from survey_comment")
        with pytest.raises(ValueError, match="it has the column"):
            box.copy(["wage"])  # a table of that name, but not that table


def test_a_breakdown_is_the_name_of_a_column(home: Path, tmp_path: Path) -> None:
    """It stands in the SQL that collects the cells where the raw rows are."""
    text = own_file("trust", tmp_path).read_text("utf-8")
    breakdown = "(select max(comment) from survey_comment)"
    text = text.replace("breakdown: null", f"breakdown: {breakdown}")
    path = tmp_path / "sly.sql"
    path.write_text(text.replace("    basis,", f'    basis, 1 as "{breakdown}",'))
    with pytest.raises(CxError, match=r"sly.sql:\d+: key 'breakdown' is wrong"):
        read_metric(path)


def test_a_fixture_gives_what_a_metric_may_read(home: Path, tmp_path: Path) -> None:
    sql = "select 'TSA' as component, null as service, null as channel, '2024Q3' as quarter, "
    sql += "null as month, 'a/b/c' as basis, 1 as numerator, 2 as denominator"
    path = tmp_path / "sly.sql"
    path.write_text(sql)
    (tmp_path / "sly.yaml").write_text("given:\n  survey_comment: []\nexpected: []\n")
    metric = made_up_metric("sly", sql=sql, path=path)
    with (
        open_fresh(home) as connection,
        tried(connection, {"sly": metric}, fixtures=tmp_path) as trials,
    ):
        problems = trials["sly"].problems
    (problem,) = [one for one in problems if "survey_comment" in one]
    assert re.search(r"sly.yaml:1: the fixture cannot be run \(.+\); ", problem)


NESTED = {
    "brackets": lambda n: "select " + "(" * n + "1" + ")" * n,
    "brackets never closed": lambda n: "select " + "(" * n,
    "brackets beside texts": lambda n: r"select E'\'', " + "('" * n + "'",
    "subqueries": lambda n: "select * from " + "(select * from " * n + "component" + ")" * n,
    "not": lambda n: "select " + "not " * n + "true",
    "plus": lambda n: "select 1" + "+1" * n,
    "case": lambda n: "select " + "case when true then " * n + "1" + " end" * n,
    "lists": lambda n: "select " + "[" * n + "1" + "]" * n,
    "functions": lambda n: "select " + "abs(" * n + "1" + ")" * n,
    "ctes": lambda n: "with a as (" * n + "select 1" + ") select 1" * n,
    "joins": lambda n: "select * from component" + " join wage on true" * n,
    "casts": lambda n: "select 1" + "::int" * n,
    "dots": lambda n: "select a" + ".a" * n,
    "comments": lambda n: "select " + "/*" * n,
    "a long name": lambda n: "select * from " + "a" * n,
    "a long function": lambda n: "select " + "a" * n + "(1)",
    "a long column": lambda n: "select '" + "a" * n,
}


@pytest.mark.parametrize("n", [400, 5000, 100_000])
@pytest.mark.parametrize("kind", NESTED)
def test_whatever_is_nested_or_long_gets_one_short_message(
    kind: str, n: int, tmp_path: Path
) -> None:
    sql = NESTED[kind](n)
    path = tmp_path / "deep.sql"
    header = own_file("trust", tmp_path).read_text("utf-8").partition("*/")[0] + "*/\n"
    path.write_text(header + sql)
    with pytest.raises(CxError) as wrong:
        read_metric(path)
    (message,) = str(wrong.value).splitlines()
    assert re.search(r"deep.sql:\d+: .+; .+", message) and len(message) < 500


@pytest.mark.parametrize(
    ("sql", "says"),
    {
        "": "there is no select",
        "  \n ": "there is no select",
        "-- nothing\n/* at all */": "there is no select",
        ";": "there is no select",
        "select 1; select 2": "exactly one select",
        "select 1 from component;;select": "parsed",
        "select 'a\x00b'": "U+0000, a character that cannot be seen",
        "select 1 as n\nfrom sur\u200bvey": "line 2: the select holds U+200B",
        "select '\udcff'": "U+DCFF",
        "select 'a": "parsed",
        "select \ufeff1": "U+FEFF",
        "select * from ｃomponent": "there is no table",
    }.items(),
    ids=ascii,
)
def test_an_odd_text_gets_one_message(sql: str, says: str, home: Path) -> None:
    with pytest.raises(CxError) as wrong:
        query(home, sql, 10)
    (message,) = str(wrong.value).splitlines()
    assert says in message and message.startswith("line ") and "; " in message


def test_a_last_semicolon_does_no_harm(home: Path) -> None:
    for sql in ("select 1 as n;", "select 1 as n; --", "select 1 as n;\n/* end */", "select 1 n;;"):
        assert refusals(sql) == []
        assert root_of(sql)["type"] == "SELECT_NODE"
    assert query(home, "select 1 as n; -- done", 10)["n"].tolist() == [1]


def test_query_gives_the_first_rows_alone(home: Path) -> None:
    found = query(home, "select a.component as a, 1 as n, 2 as N from component as a order by a", 3)
    assert list(found.columns) == ["a", "n", "N_1"] and len(found) == 3


BOMBS = [
    "select length(repeat('x', 4000000000)) as n",
    "select string_agg(a.component || b.family || c.text, ',') as n from component as a, "
    "instrument as b, instrument_question as c, instrument_question as d, instrument_question as e",
    "select list(c.text) as n from instrument_question as a, instrument_question as b, "
    "instrument_question as c, instrument_question as d",
    "select format('{:>900000000}', c.component) as n from component as c",
    "select count(distinct concat(a.text, b.text, c.text, d.text)) as n from instrument_question "
    "as a, instrument_question as b, instrument_question as c, instrument_question as d",
    "select * from instrument_question as a, instrument_question as b, instrument_question as c",
    "select row_number() over (order by a.text || b.text || c.text || d.text) as n from "
    "instrument_question as a, instrument_question as b, instrument_question as c, "
    "instrument_question as d",
    "select replace(replace(replace(replace(replace(replace('"
    + "x" * 999
    + "', 'x', '"
    + "x" * 999
    + "'), 'x', '"
    + "x" * 999
    + "'), 'x', 'xxxxxxxxxx'), 'x', 'xx'), 'x', 'xx'), 'x', 'xx') as n",
]


def test_a_bomb_stays_within_its_room(home: Path, tmp_path: Path) -> None:
    """In a process of its own, whose largest child is the confined one."""
    script = tmp_path / "bombs.py"
    script.write_text(f"""
import resource
from pathlib import Path
from metrics.define.sandbox import Limits, Sandbox
from metrics.warehouse.store import open_fresh
from tests.conftest import own_file
from tests.test_hostile_sql import BOMBS
with open_fresh(Path({str(home)!r})) as connection:
    with Sandbox(connection, [], Limits({SECONDS}, {MEGABYTES})) as box:
        box.copy(["component", "instrument", "instrument_question"])
        selects = [dict(name=f"b{{at}}", into="cells", schema="main", sql=sql)
                   for at, sql in enumerate(BOMBS)]
        for outcome in box.run(selects).values():
            print(outcome.is_excess, str(outcome.error).splitlines()[:1])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
""")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    *said, peak = done.stdout.splitlines()
    assert [line.split()[0] for line in said] == ["True"] * len(BOMBS), said
    assert all("megabytes of memory" in line or "longer than" in line for line in said)
    assert int(peak) < MEGABYTES + 512


ENDLESS = "with recursive a as (select 1 as n union all select n + 1 from a) select sum(n) from a"


def _confined_of(pid: int) -> list[int]:
    """Processes that a process started to run selects in."""
    # "-ww": a terminal's width in COLUMNS would cut the line before the name.
    listed = subprocess.run(
        ["ps", "-ww", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [int(own) for own, parent, what in rows if int(parent) == pid and "confined" in what]


def _until(find: Callable[[], Any]) -> Any:
    for _ in range(300):
        found = find()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come about within 30 seconds")


def test_nothing_is_left_of_a_run_that_is_killed(home: Path, tmp_path: Path) -> None:
    """No folder, and no process that goes on when nobody waits for its result."""
    script = f"""
from pathlib import Path
from typing import Any
from metrics.define.sandbox import Limits, Sandbox
from metrics.warehouse.store import open_fresh
with open_fresh(Path({str(home)!r})) as connection:
    with Sandbox(connection, [], Limits(600, 256)) as box:
        box.run([dict(name="a", into="c", schema="main", sql={ENDLESS!r})])
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    (confined,) = _until(lambda: _confined_of(process.pid))
    process.kill()
    process.wait()
    _until(lambda: not _is_there(confined))
    assert list(tmp_path.iterdir()) == []


def _is_there(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")

"""Plausible mistakes are caught, honest metrics pass, and docs/mistakes.md lists them."""

import fnmatch
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from metrics.base.errors import CxError
from metrics.base.reading import referenced_tables
from metrics.base.settings import ROOT, SQL
from metrics.define import trial
from metrics.define.catalog import Metric, drafts, read_catalog, read_metric
from metrics.define.counted import counted_tables, counts_loads, counts_people, read_declaration
from metrics.define.fixtures import FIXTURES, MAX_BYTES
from metrics.define.trial import PROOFS, Memory, tried
from metrics.desk.starter import Wish, start
from metrics.edition.manifest import current_id
from metrics.gate.publish import publish
from metrics.warehouse.store import build_aggregates, open_warehouse, prepare
from tests.conftest import metrics_of, own_file
from tests.mistakes import GIVEN, HONEST, MISTAKES, Attempt, page

PAGE = ROOT / "docs" / "mistakes.md"


@pytest.fixture(scope="module")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse whose aggregates hold the rows of the fixtures."""
    connection = duckdb.connect(":memory:")
    prepare(connection)
    build_aggregates(connection)
    for table, rows in GIVEN.items():
        if table in ("service", "channel"):
            continue  # reference tables, which are filled
        for row in rows:
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values())
            )
    yield connection
    connection.close()


def _written(folder: Path, attempts: tuple[Attempt, ...]) -> dict[str, Metric]:
    folder.mkdir(exist_ok=True)
    catalog = {}
    for one in attempts:
        path = folder / f"{one.name}.sql"
        path.write_text(one.text, encoding="utf-8")
        catalog[one.name] = read_metric(path)
    return catalog


def _fixtures(
    connection: duckdb.DuckDBPyConnection, catalog: dict[str, Metric], folder: Path
) -> None:
    """Write fixtures that expect what the selects return, right or wrong."""
    for metric in catalog.values():
        given = {name: GIVEN[name] for name in sorted(referenced_tables(metric.sql))}
        connection.execute("create schema given")
        for table, rows in given.items():
            connection.execute(f"create table given.{table} as from main.{table} limit 0")
            for row in rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"insert into given.{table} ({', '.join(row)}) values ({marks})",
                    list(row.values()),
                )
        connection.execute("set search_path = 'given,main'")
        result = connection.execute(metric.sql)
        names = [column[0] for column in result.description or []]
        expected = [
            {name: _plain(value) for name, value in zip(names, row, strict=True)}
            for row in result.fetchall()
        ]
        connection.execute("reset search_path")
        connection.execute("drop schema given cascade")
        text = yaml.safe_dump({"given": given, "expected": expected}, sort_keys=False)
        (folder / f"{metric.name}.yaml").write_text(text, encoding="utf-8")


def _plain(value: Any) -> Any:
    is_number = not isinstance(value, str | bool | int) and hasattr(value, "as_integer_ratio")
    return float(value) if is_number else value


def test_each_mistake_is_caught_and_each_honest_metric_passes(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    catalog = _written(tmp_path / "m", (*MISTAKES, *HONEST))
    _fixtures(tables, catalog, tmp_path / "m")
    with tried(tables, catalog, fixtures=tmp_path / "m") as trials:
        found = {name: trial.problems for name, trial in trials.items()}
    missed = {
        one.name: found[one.name]
        for one in MISTAKES
        if not any(str(one.catch) in problem for problem in found[one.name])
    }
    assert missed == {}
    assert {one.name: found[one.name] for one in HONEST if found[one.name]} == {}
    for one in MISTAKES:
        for problem in found[one.name]:
            file, line, rest = problem.split(":", 2)
            assert file.startswith(str(tmp_path / "m" / one.name)), problem
            assert 1 <= int(line) <= len(one.text.splitlines()), problem
            assert ";" in rest, problem  # what is wrong; what to do


def test_there_are_sixty_and_the_page_lists_them() -> None:
    assert len(MISTAKES) >= 60
    names = [one.name for one in itertools.chain(MISTAKES, HONEST)]
    assert len(set(names)) == len(names)
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write it anew: python -c 'from tests.mistakes import page; print(page(), end=\"\")' "
        "> docs/mistakes.md"
    )


CASES = ROOT.parent / "shared" / "cases" / "metrics"
PASSING = {"p01_prefix_before_basis", "cx_index"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without an edition. It says that a file was loaded, and holds no row, so that
    to publish takes a moment."""
    folder = tmp_path_factory.mktemp("published")
    with open_warehouse(folder) as connection:
        connection.execute(
            "insert into data_load by name select 1 as load_id, 'published-figures' as format, "
            "'report' as fills, 'a.csv' as file_name, 'a' as sha256, date '2021-07-01' as as_of, "
            "timestamp '2021-07-01' as loaded_at, 1 as n_rows, 1 as n_accepted, 0 as n_duplicate, "
            "0 as n_rejected"
        )
        build_aggregates(connection)
    return folder


@pytest.fixture
def home(published: Path, tmp_path: Path) -> Path:
    """A copy of that home."""
    return shutil.copytree(published, tmp_path / "home")


def test_the_cases_that_went_wrong_are_refused_by_check_and_by_publish(
    tables: duckdb.DuckDBPyConnection, home: Path
) -> None:
    if not CASES.is_dir():
        pytest.skip("the cases lie beside the project and are not here")
    catalog = {path.stem: read_metric(path) for path in sorted(CASES.glob("*.sql"))}
    with tried(tables, catalog, fixtures=CASES) as trials:
        checked = {name: trial.problems for name, trial in trials.items()}
    with open_warehouse(home) as connection, pytest.raises(CxError) as refused:
        publish(connection, home, catalog=catalog, fixtures=CASES)
    published = str(refused.value).splitlines()
    for name in catalog:
        own = [line for line in published if line.startswith(f"{CASES / name}.")]
        assert bool(checked[name]) == bool(own) == (name not in PASSING), (name, checked[name])
        for line in [*checked[name], *own]:
            assert re.match(r"[^:]+\.(sql|yaml):\d+: [^;]+;", line), line
    assert current_id(home) is None


def test_a_fixture_that_is_missing_unfilled_or_wrong_publishes_nothing(
    home: Path, tmp_path: Path
) -> None:
    catalog, folder = metrics_of("reporting_status"), tmp_path / "fixtures"
    folder.mkdir()
    right = (FIXTURES / "reporting_status.yaml").read_text(encoding="utf-8")
    for text, message in (
        (None, "the metric has no fixture"),
        (right + "# FILL_IN\n", "the fixture is not filled yet"),
        ("given: [", "cannot be read"),
        (right.replace("value: 1", "value: 2"), "expected but not returned"),
        ("given: {reporting_board: []}\nexpected: []\n", "the fixture proves nothing"),
        (right + "#" * MAX_BYTES, "bytes; give a few rows"),
    ):
        if text is not None:
            (folder / "reporting_status.yaml").write_text(text, encoding="utf-8")
        with open_warehouse(home) as connection, pytest.raises(CxError) as refused:
            publish(connection, home, catalog=catalog, fixtures=folder)
        assert message in str(refused.value)
        assert "reporting_status." in str(refused.value)
        assert "Nothing was published" in str(refused.value)
        assert current_id(home) is None


def test_where_nothing_gives_a_cell_publish_says_so(home: Path) -> None:
    with open_warehouse(home) as connection, pytest.raises(CxError, match="gives a cell"):
        publish(connection, home, catalog=metrics_of("reporting_status"))
    assert current_id(home) is None


def test_what_passed_is_not_run_again_until_something_changes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "Memory", Memory)  # not that of all homes of this run
    catalog = metrics_of("reporting_status", "reporting_rate")
    memory = home / PROOFS

    def worlds_run() -> set[str]:
        with open_warehouse(home) as connection:
            with tried(connection, catalog, fixtures=FIXTURES, home=home) as trials:
                assert all(trial.counts and not trial.problems for trial in trials.values())
            return {str(len(json.loads(memory.read_text(encoding="utf-8"))))}

    assert not memory.exists()
    assert worlds_run() == {"2"}
    key = Memory(home).key(catalog["reporting_rate"], FIXTURES)
    other = catalog["reporting_rate"].model_copy(update={"minimum_n": 11})
    assert Memory(home).counts(key) is not None
    assert Memory(home).counts(Memory(home).key(other, FIXTURES)) is None
    for broken in ("", "[]", "{", json.dumps({key: 7}), json.dumps({key: {"value": ["no", 1]}})):
        memory.write_text(broken, encoding="utf-8")
        assert Memory(home).counts(key) is None
        assert worlds_run()


def test_a_draft_is_left_out_and_named_and_stops_nothing(tmp_path: Path) -> None:
    folder, fixtures = tmp_path / "metrics", tmp_path / "fixtures"
    folder.mkdir()
    fixtures.mkdir()
    own_file("trust", folder)
    start(Wish("my_metric"), folder=folder, fixtures=fixtures)
    assert read_catalog(folder).keys() == {"trust"}
    (said,) = drafts(folder).values()
    assert said.startswith(f"{folder / 'my_metric.sql'}:")
    assert "check my_metric" in said
    with pytest.raises(CxError, match="not filled yet"):
        read_metric(folder / "my_metric.sql")


def test_a_header_or_file_of_any_length_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "long.sql"
    keys = "".join(f"key_{number}: 1\n" for number in range(50_000))
    for text, message in (
        (f"/*\n{keys}*/\nselect 1 as numerator\n", "bytes"),
        (f"/*\n{keys[:30_000]}\n*/\nselect 1 as numerator\n", "header has 30,0"),
        ("/*\n*/" + "x" * 5_000_000, "bytes"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CxError, match=message):
            read_metric(path)


def test_every_table_says_what_it_counts_in_columns_that_it_has(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    known = counted_tables()
    assert {path.stem for path in (SQL / "aggregates").glob("*.sql")} <= known.keys()
    for table, one in known.items():
        columns = {row[0] for row in tables.execute(f"describe {table}").fetchall()}
        named = {*one.each, *one.key, *(name for name, _ in one.flags)}
        named |= {one.stock_column} if one.stock_column else set()
        assert named <= columns, table
        for unit in one.units:
            assert unit.amount is None or set(unit.amount.split(" + ")) <= columns, table
            for pattern in unit.columns:
                assert fnmatch.filter(columns, pattern), (table, pattern)
        if one.condition:
            tables.execute(f"select count(*) from {table} where {one.condition}")


def test_people_are_told_by_the_tables_that_a_select_reads() -> None:
    catalog = read_catalog()
    for name in ("trust", "respondents", "comment_rate", "theme_share", "trust_weighted"):
        assert counts_people(catalog[name])
    # A row of a load of responses is one person's too, in the quarter of the load.
    assert counts_people(catalog["invalid_rows"]) and counts_loads(catalog["invalid_rows"])
    for name in ("complaints", "waits_counted", "burden_hours", "reporting_rate"):
        assert not counts_people(catalog[name]) and not counts_loads(catalog[name])
    assert all(one.minimum_n >= 11 for one in catalog.values() if counts_people(one))


def test_a_declaration_that_cannot_be_read_says_so() -> None:
    assert read_declaration("t", "Some rows. One row per row.") is None
    one = read_declaration("t", "One row per day. Counts calls in n where is_total. A stock.")
    assert one is not None
    assert (one.what, one.column, one.condition, one.is_stock) == ("calls", "n", "is_total", True)
    with pytest.raises(ValueError, match="cannot be read"):
        read_declaration("t", "One row per day. Counts Calls in n - 1.")

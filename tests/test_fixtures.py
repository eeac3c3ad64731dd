"""Every metric has a hand-made fixture, and a fixture that is wrong says so."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from metrics.base.settings import SQL
from metrics.define import template
from metrics.define.catalog import Metric, read_catalog
from metrics.define.fixtures import FIXTURES, fixture_path
from metrics.define.trial import tried
from metrics.warehouse.store import build_aggregates, prepare

CATALOG = read_catalog()


@pytest.fixture(scope="module")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse without a single report, which gives fixtures their column types."""
    connection = duckdb.connect(":memory:")
    prepare(connection)
    build_aggregates(connection)
    yield connection
    connection.close()


def test_every_metric_has_a_fixture_and_every_fixture_a_metric() -> None:
    there = {path.stem for path in FIXTURES.glob("*.yaml")}
    assert there <= set(CATALOG)
    assert {fixture_path(metric).stem for metric in CATALOG.values()} <= there
    # Two members of a file that makes several are proven by hand, the others on the first.
    for path in (SQL / "metrics").glob("*.sql"):
        made = set(template.names_in(path))
        assert len(made & there) >= min(len(made), 2), path.name


WHOLE_GOVERNMENT = {"survey_answers", "survey_volumes", "reporting_board"}
"""Aggregates that hold more than the Department's figures, and more than a metric takes."""


def fixture_problems(
    tables: duckdb.DuckDBPyConnection, metric: Metric, folder: Path = FIXTURES
) -> list[str]:
    """What the fixture of a metric says of it; problems of the metric itself left out."""
    with tried(tables, {metric.name: metric}, fixtures=folder) as trials:
        return [text for text in trials[metric.name].problems if ".yaml:" in text]


def test_metrics_give_the_cells_of_their_fixtures(tables: duckdb.DuckDBPyConnection) -> None:
    with tried(tables, CATALOG, fixtures=FIXTURES) as trials:
        assert {name: trial.problems for name, trial in trials.items() if trial.problems} == {}
        assert trials.keys() == CATALOG.keys()


@pytest.mark.parametrize("name", sorted(path.stem for path in FIXTURES.glob("*.yaml")))
def test_fixture_shows_its_arithmetic_and_its_edges(name: str) -> None:
    text = (FIXTURES / f"{name}.yaml").read_text(encoding="utf-8")
    fixture = yaml.safe_load(text)
    given = [row for rows in fixture["given"].values() for row in rows]
    assert text.startswith("# ") and any(digit in text.split("given:")[0] for digit in "123456789")
    assert len(given) >= 2
    if fixture["given"].keys().isdisjoint(WHOLE_GOVERNMENT):
        return
    assert any(row["component"] == "FED" for row in fixture["expected"])
    assert any(row["component"] != "FED" for row in fixture["expected"])
    if name != "reporting_status":  # every report on the board has a status, so none stays out
        kept = {(row["component"], row["channel"], row["quarter"]) for row in fixture["expected"]}
        left_out = [
            row
            for row in given
            if (row["component"], row.get("channel"), row["quarter"]) not in kept
            or row.get("measure") not in (None, *name.split("_"))
            or row.get("n_answers") == 0
        ]
        assert left_out, "no given row that the metric must leave out"


def _write(folder: Path, given: str, expected: str) -> None:
    (folder / "trust.yaml").write_text(f"given:{given}\nexpected:{expected}\n", encoding="utf-8")


GIVEN = """
  survey_answers:
    - {component: TSA, quarter: 2021Q2, measure: trust, basis: b, n_favourable: 70, n_answers: 100}
"""
EXPECTED = """
  - {component: TSA, service: null, channel: null, quarter: 2021Q2, month: null, basis: b,
     numerator: 70, denominator: 100}
"""


def _problems(tables: duckdb.DuckDBPyConnection, folder: Path, given: str, want: str) -> list[str]:
    _write(folder, given, want)
    return fixture_problems(tables, CATALOG["trust"], folder)


def test_a_wrong_number_names_the_file_and_both_rows(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert _problems(tables, tmp_path, GIVEN, EXPECTED) == []
    row = "basis=b, channel=null, component=TSA, denominator=100, month=null, numerator={}, "
    row += "quarter=2021Q2, service=null"
    fix = "; fix the select or the fixture"
    assert _problems(tables, tmp_path, GIVEN, EXPECTED.replace("70", "71")) == [
        f"{tmp_path / 'trust.yaml'}:5: expected but not returned: {row.format(71)}{fix}",
        f"{tmp_path / 'trust.yaml'}:5: returned but not expected: {row.format(70)}{fix}",
    ]


@pytest.mark.parametrize(
    ("change", "n_problems"),
    [
        (("month: null", "month: 2021-01-01"), 2),  # a date is not null
        (("service: null", "service: 'null'"), 2),  # nor is the word
        (("service: null, ", ""), 2),  # every column of the select is compared
        (("denominator: 100", "denominator: 100.0"), 0),  # equal numbers, other type
        (("denominator: 100", "denominator: 100.5"), 2),
    ],
)
def test_values_are_compared_by_what_they_mean(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path, change: tuple[str, str], n_problems: int
) -> None:
    assert change[0] in EXPECTED
    assert len(_problems(tables, tmp_path, GIVEN, EXPECTED.replace(*change))) == n_problems


def test_a_fixture_without_a_row_proves_nothing(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _write(tmp_path, "\n  survey_answers:", "")
    with tried(tables, {"trust": CATALOG["trust"]}, fixtures=tmp_path) as trials:
        (problem,) = trials["trust"].problems
    assert re.match(r"sql/metrics/measure\.sql:[1-9][0-9]*: the fixture proves nothing: ", problem)


def test_repeated_rows_are_counted(tables: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    problems = _problems(tables, tmp_path, GIVEN, EXPECTED + EXPECTED)
    assert len(problems) == 1
    assert "expected but not returned" in problems[0]
    assert len(_problems(tables, tmp_path, GIVEN + GIVEN.split("\n", 2)[2], EXPECTED)) == 1


def test_dates_and_fractions_of_the_select_can_be_expected(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    select = "select date '2021-01-01' as month, 0.1e0 + 0.2e0 as x, 1.50 as y, component "
    metric = CATALOG["trust"].model_copy(update={"sql": select + "from survey_answers"})
    _write(tmp_path, GIVEN, "\n  - {month: 2021-01-01, x: 0.3, y: 1.5, component: TSA}")
    assert fixture_problems(tables, metric, tmp_path) == []


@pytest.mark.parametrize(
    ("given", "expected", "message"),
    [
        ("\n  reporting_board: []", EXPECTED, "the metric reads survey_answers, which is not"),
        (GIVEN.replace("n_favourable", "n_four"), EXPECTED, "the fixture cannot be run"),
        (GIVEN.replace("survey_answers", "nothing"), EXPECTED, "survey_answers"),
        (" 3", EXPECTED, "write `given:` as tables"),
        (GIVEN, " 3", "write `given:` as tables"),
        ("\n  survey_answers: [", EXPECTED, "cannot be read"),
        ("\n  survey_answers:", EXPECTED, "expected but not returned"),
        (GIVEN, "", "returned but not expected"),
    ],
)
def test_a_fixture_that_cannot_be_used_says_why_on_one_line(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path, given: str, expected: str, message: str
) -> None:
    problems = _problems(tables, tmp_path, given, expected)
    assert len(problems) == 1
    assert re.match(rf"{re.escape(str(tmp_path / 'trust.yaml'))}:[1-9][0-9]*: ", problems[0])
    assert message in problems[0]
    assert "\n" not in problems[0]


def test_a_missing_fixture_is_a_problem(tables: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (problem,) = fixture_problems(tables, CATALOG["trust"], tmp_path)
    assert problem.startswith(f"{tmp_path / 'trust.yaml'}:1: the metric has no fixture; add")


def test_a_fixture_sees_no_row_of_the_warehouse(
    tables: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    held = tables.cursor()
    held.execute(
        "insert into survey_answers (component, quarter, measure) values ('TSA', 'q', 'trust')"
    )
    try:
        assert _problems(tables, tmp_path, GIVEN, EXPECTED) == []
    finally:
        held.execute("delete from survey_answers")


def test_a_metric_that_counts_wrongly_fails_its_fixture(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    wrong: Metric = CATALOG["trust"].model_copy(
        update={"sql": CATALOG["trust"].sql.replace("n_favourable as", "n_unfavourable as")}
    )
    assert fixture_problems(tables, wrong) != []

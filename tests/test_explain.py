"""`show --explain`: cells add up to what is published, and nothing hidden is told."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from metrics.base.settings import FILE_NAME, PUBLISHED, ROOT
from metrics.cli.main import main
from metrics.define.catalog import read_catalog, read_metric
from metrics.define.fixtures import FIXTURES, fixture_path
from metrics.desk.explain import explain
from metrics.desk.trace import column_steps
from metrics.edition.edition import DEMONSTRATION, Edition, open_edition
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.warehouse.store import open_warehouse
from tests.conftest import metrics_of, own_file

TSA_YEAR = ["--component", "TSA", "--level", "component", "--channel", "all", "--period", "FY2022"]


@pytest.fixture(scope="module")
def demo(demo_home: Path) -> Edition:
    return open_edition(demo_home)


def asked(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
) -> dict[str, Any]:
    monkeypatch.setenv("CX_HOME", str(home))
    assert main(["show", *arguments, "--explain", "--format", "json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_cells_are_those_of_the_file_and_add_up(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = asked(federal_home, monkeypatch, capsys, "respondents", *TSA_YEAR)
    reports = pd.read_csv(PUBLISHED / "survey_report.csv")
    wanted = reports[(reports["component"] == "TSA") & reports["quarter"].str.startswith("2022")]
    by_part = wanted.groupby(["channel", "quarter"])["respondents"].sum().to_dict()
    rows = told["cells"]["rows"]
    assert {(row["channel"], row["quarter"]): row["numerator"] for row in rows} == by_part
    assert told["cells"]["sums"]["numerator"] == wanted["respondents"].sum()
    assert told["cells"]["is_equal"] and told["number"]["numerator"] == sum(by_part.values())
    assert told["notes"] == []
    (load,) = next(one for one in told["loads"] if one["table"] == "survey_report")["loads"]
    assert load["file_name"] == "survey_report.csv, survey_report_answer.csv"
    assert load["n_rejected"] == 0
    assert len(load["sha256"]) == 64 and load["as_of"] == "2023-05-21"
    assert told["mark"] is None


@pytest.mark.parametrize(
    ("metric", "status"),
    [
        ("burden_hours", "ok"),  # a stock
        ("complaint_rate", "ok"),  # a rate
        ("wait_median", "ok"),  # a quantile of bands
        ("trust_mean", "ok"),
        ("trust_weighted", "ok"),
        ("complaints", "ok"),
        ("maturity_function_score", "ok"),
        ("respondents", "partial"),
    ],
)
def test_cells_of_every_kind_add_up(demo: Edition, metric: str, status: str) -> None:
    rows = demo.rows(metric=metric)
    rows = rows[rows["status"] == status]
    # The years show whether a stock counts its last quarter alone.
    years = rows[rows["period_kind"] == "fiscal_year"]
    found = (explain(demo, row) for _, row in (years if len(years) else rows).iterrows())
    told = next(one for one in found if one["cells"]["told"])
    assert told["cells"]["is_equal"], told["cells"]
    assert told["mark"] == DEMONSTRATION


def test_a_suppressed_number_stays_suppressed(
    demo: Edition,
    demo_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = demo.rows(metric="trust")
    row = row[row["status"] == "suppressed"].iloc[0]
    told = explain(demo, row)
    assert told["cells"] == {"told": False, "reason": f"The number is suppressed. {row['reason']}"}
    assert {told["number"][name] for name in ("value", "numerator", "denominator", "n")} == {None}
    address = [
        f"--{name}={row[name]}"
        for name in ("level", "component", "service", "channel", "period", "basis")
    ]
    monkeypatch.setenv("CX_HOME", str(demo_home.parent.parent))
    assert main(["--data", "demo", "show", "trust", *address, "--explain"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(DEMONSTRATION)
    assert "Not told. The number is suppressed." in text and "add up" not in text


def test_no_cell_is_told_beside_a_suppressed_one(demo: Edition) -> None:
    rows = demo.rows(metric="driver_balance")
    hidden = rows[
        (rows["status"] == "suppressed")
        & (rows["level"] == "component")
        & (rows["channel"] != "all")
        & (rows["period_kind"] == "quarter")
    ].iloc[0]
    whole = demo.rows(
        metric="driver_balance",
        level="component",
        component=hidden["component"],
        channel="all",
        period=hidden["period"],
        basis=hidden["basis"],
    )
    department = demo.rows(
        metric="driver_balance",
        level="department",
        channel="all",
        period=hidden["period"],
        basis=hidden["basis"],
    )
    found = [row for rows in (whole, department) for _, row in rows.iterrows()]
    found = [row for row in found if row["status"] != "suppressed"]
    assert found
    for row in found:
        told = explain(demo, row)
        assert not told["cells"]["told"]
        assert "rows" not in told["cells"] and "sums" not in told["cells"]
        assert "would give them away" in told["cells"]["reason"]


def test_what_is_told_is_published_already_or_carries_a_warning(demo: Edition) -> None:
    published = demo.rows(metric="trust")
    address = ["component", "service", "channel", "period", "basis"]
    open_rows = published[published["value"].notna() & (published["level"] == "service")]
    known = set(open_rows[address].itertuples(index=False, name=None))
    asked = published[(published["level"] == "department") & published["value"].notna()]
    n_told = 0
    for _, row in asked[asked["period_kind"] == "quarter"].head(8).iterrows():
        cells = explain(demo, row)["cells"]
        for one in cells.get("rows", []):
            n_told += 1
            key = (
                *(one[name] for name in ("component", "service", "channel", "quarter")),
                row["basis"],
            )
            assert key in known or cells["warning"]
    assert n_told


def test_several_numbers_are_listed_and_none_is_explained(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    assert main(["show", "trust", *TSA_YEAR[:4], "--period", "FY2022", "--explain"]) == 2
    done = capsys.readouterr()
    assert done.out == ""
    assert "choose one of these" in done.err and "automated_phone" in done.err
    assert main(["show", "trust", *TSA_YEAR, "--explain", "--format", "csv"]) == 2


def test_the_total_row_is_meant_where_no_part_is_named(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    total = asked(federal_home, monkeypatch, capsys, "trust_distribution", *TSA_YEAR)
    assert total["number"]["breakdown"] is None
    five = asked(
        federal_home, monkeypatch, capsys, "trust_distribution", *TSA_YEAR, "--breakdown", "5"
    )
    assert five["number"]["breakdown"] == "5" and five["cells"]["is_equal"]
    assert five["cells"]["sums"]["denominator"] == total["cells"]["sums"]["denominator"]


def test_a_warehouse_that_moved_on_is_said(federal_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(federal_home, tmp_path / "home")
    connection = duckdb.connect(home / FILE_NAME)
    connection.execute(
        "insert into data_load by name select * replace (99 as load_id, 'late.csv' as file_name, "
        "repeat('0', 64) as sha256) from data_load limit 1"
    )
    connection.execute("update survey_answers set n_favourable = 0 where component = 'TSA'")
    connection.close()
    edition = open_edition(home)
    (row,) = [
        row
        for _, row in edition.rows(
            metric="trust", level="component", component="TSA", channel="all", period="FY2022"
        ).iterrows()
    ]
    told = explain(edition, row)
    assert any("late.csv" in note for note in told["notes"])
    assert told["cells"]["is_equal"] is False
    assert told["cells"]["sums"]["numerator"] == 0


def test_the_lines_that_are_named_hold_the_number(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scope = ["--component", "TSA", "--level", "component", "--channel", "email"]
    told = asked(federal_home, monkeypatch, capsys, "trust", *scope, "--period", "2022Q4")
    rows = {entry["table"]: entry["rows"] for entry in told["rows"]}
    found = {}
    for table in ("survey_report", "survey_report_answer"):
        (row,) = rows[table]
        path, _, line = row["at"].rpartition(":")
        lines = (ROOT / path).read_text("utf-8").splitlines()
        found[table] = next(csv.DictReader([lines[0], lines[int(line) - 1]]))
    report, answer = found["survey_report"], found["survey_report_answer"]
    assert report["survey_id"] == answer["survey_id"]
    assert (report["component"], report["channel"], report["quarter"]) == ("TSA", "email", "2022Q4")
    assert int(answer["n_4"]) + int(answer["n_5"]) == told["number"]["numerator"]
    assert sum(int(answer[f"n_{code}"]) for code in range(1, 6)) == told["number"]["denominator"]


def test_each_column_leads_to_the_line_that_makes_it(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scope = ["--component", "TSA", "--level", "component", "--channel", "email"]
    told = asked(federal_home, monkeypatch, capsys, "trust", *scope, "--period", "2022Q4")
    steps = {step["column"]: step for step in told["columns"]}
    assert steps["numerator"]["where"].startswith("sql/metrics/measure.sql:")
    assert "favorable_of(" in steps["survey_answers.n_favourable"]["expression"]
    assert steps["survey_report_answer.n_5"]["expression"] is None
    for step in told["columns"]:
        path, _, line = step["where"].partition(":")
        text = (ROOT / path).read_text("utf-8")
        name = step["column"].rpartition(".")[2]
        assert re.search(rf"\b{name}\b", text.splitlines()[int(line) - 1] if line else text), step
    macro = told["interval"].rpartition(" ")[2]
    assert "wilson_low" in (ROOT / macro).read_text("utf-8")


def test_the_numbers_of_every_metric_can_be_followed(federal_home: Path) -> None:
    connection = duckdb.connect(federal_home / FILE_NAME, read_only=True)
    tables = {
        row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()
    }
    members = {fixture_path(metric).stem for metric in read_catalog().values()}
    for name, metric in read_catalog().items():
        if name not in members:
            continue
        steps = column_steps(connection, metric)
        assert {step["depth"] for step in steps[:1]} == {0}, name
        assert {step["column"].partition(".")[0] for step in steps if step["depth"]} <= tables, name
        ends = [step for step in steps if step["expression"] is None]
        counts_rows = {"driver_offered", "reporting_status", "trust_question_variants"}
        is_unpivoted = any("unpivoted" in str(step["expression"]) for step in steps)
        assert ends or is_unpivoted or name in counts_rows, name
    connection.close()


def test_rows_of_single_people_are_never_shown(demo: Edition) -> None:
    for metric in ("trust", "respondents", "wait_median", "comment_rate"):
        rows = demo.rows(metric=metric, level="component", period_kind="quarter", channel="all")
        told = explain(demo, rows[rows["status"] == "ok"].iloc[0])
        assert told["rows"] == [], metric


def test_of_a_restated_report_the_last_one_is_shown_and_nothing_of_others(
    federal_home: Path, tmp_path: Path
) -> None:
    """The rows shown add up to the number, of the whole Department too: no earlier version, no
    quarantined answers, nothing of the rest of the government."""
    home, figures = tmp_path / "home", tmp_path / "figures"
    home.mkdir()
    shutil.copy(federal_home / FILE_NAME, home)
    shutil.copytree(PUBLISHED, figures)
    path = figures / "survey_report_answer.csv"
    # TSA by e-mail in FY2022 Q4: 100 more agree strongly.
    text = path.read_text()
    as_filed = "551,2,increased-confidence,2384,1399,2093,2112,2342,3.06"
    path.write_text(text.replace(as_filed, as_filed.replace("2342,3.06", "2442,")))
    assert path.read_text() != (PUBLISHED / path.name).read_text()
    with open_warehouse(home) as connection:
        load_files(connection, "auto", [figures])
        publish(connection, home, catalog=metrics_of("trust"))
    edition = open_edition(home)
    for scope in ({"level": "component", "component": "TSA"}, {"level": "department"}):
        row = edition.rows(metric="trust", channel="all", period="2022Q4", **scope).iloc[0]
        told = explain(edition, row)
        (answers,) = [one for one in told["rows"] if one["table"] == "survey_report_answer"]
        same = [one for one in answers["rows"] if one["survey_id"] == 551]
        assert [one["n_5"] for one in same] == [2442]
        assert len(answers["rows"]) == answers["n_rows"]
        parts = [sum(one[f"n_{code}"] for code in range(1, 6)) for one in answers["rows"]]
        # Other wordings of the Department are another basis, another number.
        assert sum(parts) >= row["denominator"]
        if scope["level"] == "component":
            assert sum(parts) == row["denominator"]


def test_an_edition_older_than_the_file_of_a_metric_is_explained(
    federal_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(federal_home / FILE_NAME, home)
    gone = read_metric(own_file("trust", tmp_path).rename(tmp_path / "trusted.sql"))
    with open_warehouse(home) as connection:
        publish(connection, home, catalog={"trusted": gone}, fixtures=_fixture(tmp_path))
    gone.path.unlink()
    edition = open_edition(home)
    rows = edition.rows(metric="trusted", level="component", component="TSA", channel="email")
    told = explain(edition, rows[rows["period"] == "2022Q4"].iloc[0])
    assert told["cells"]["is_equal"] and told["columns"]
    assert any("has changed since" in note for note in told["notes"])


def _fixture(folder: Path) -> Path:
    shutil.copy(FIXTURES / "trust.yaml", folder / "trusted.yaml")
    return folder

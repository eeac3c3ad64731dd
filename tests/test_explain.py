"""`show --explain`: cells add up to what is published, and nothing hidden is told."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from metrics.base.settings import FILE_NAME, PUBLISHED
from metrics.cli.main import main
from metrics.desk.explain import explain
from metrics.edition.edition import DEMONSTRATION, Edition, open_edition

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

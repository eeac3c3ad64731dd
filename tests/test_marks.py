"""What is drawn into a series besides its values: that it is looked up for the right series,
and stands in the picture, in the words, in the table and in the file alike."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.numbers import value_text
from metrics.base.periods import last_quarter
from metrics.base.settings import FILE_NAME
from metrics.edition.edition import Edition, open_edition
from metrics.gate.publish import publish
from metrics.tell import charts
from metrics.tell.charts.trend import DASHES
from metrics.tell.marks import Event, Level, Marks, marks_for
from metrics.warehouse.store import open_warehouse
from tests.apps import open_page
from tests.conftest import metrics_of, without_places
from tests.test_edition import BEST_ALONE, fixtures_with, new_version

TSA = {"level": "component", "component": "TSA", "service": "all", "channel": "all"}
CHANGE = "Best answer alone."


@pytest.fixture(scope="module")
def home(federal_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An edition with targets, a benchmark from outside and events, in which trust is
    defined otherwise from FY2022 Q3 on and satisfaction anew for all periods."""
    home = tmp_path_factory.mktemp("marks")
    shutil.copy(federal_home / FILE_NAME, home / FILE_NAME)
    without_places(home)
    catalog = metrics_of("trust", "satisfaction", "trust_mean", "trust_distribution", "response")
    catalog["trust"] = new_version(
        catalog["trust"],
        home,
        f"{{from: 2022Q3, change: {CHANGE}}}",
        "n_favourable as",
        "case when quarter < '2022Q3' then n_favourable else n_5 end as",
    )
    catalog["satisfaction"] = new_version(
        catalog["satisfaction"], home, CHANGE, "n_favourable as", "n_5 as"
    )
    folder = home / "reference"
    folder.mkdir()
    (folder / "target.csv").write_text(
        "metric,level,component,service,valid_from,valid_to,value,source\n"
        "trust,component,TSA,all,2021Q3,2022Q2,0.61,Plan A\n"
        "trust,component,TSA,all,2022Q3,,0.99,Plan B\n"
        "trust,component,FEMA,all,2021Q1,,0.42,Plan C\n"
    )
    (folder / "external_benchmark.csv").write_text(
        "metric,level,component,service,channel,valid_from,valid_to,value,label,source\n"
        "trust,component,TSA,all,all,2022Q1,2022Q1,0.55,index of airports,Paper\n"
        "trust,component,TSA,all,email,2021Q1,,0.33,index of mail,Paper\n"
    )
    (folder / "annotation.csv").write_text(
        "happened_on,component,service,family,metric,text,source\n"
        "2022-02-14,TSA,tsa-contact-center,experience,trust,An outage.,Log\n"
        "2021-11-01,all,all,all,all,Borders opened.,News\n"
        "2022-02-14,TSA,all,experience,satisfaction,Only about satisfaction.,Log\n"
        "2022-02-14,FEMA,all,experience,all,Only about FEMA.,Log\n"
        "2022-02-14,TSA,all,burden,all,Only about forms.,Log\n"
    )
    fixtures_with(home, {"6": "0"})
    fixtures = fixtures_with(home, BEST_ALONE, "satisfaction")
    with open_warehouse(home) as connection:
        publish(connection, home, catalog=catalog, fixtures=fixtures)
    return home


@pytest.fixture
def edition(home: Path) -> Iterator[Edition]:
    yield open_edition(home)


@pytest.mark.parametrize(
    ("period", "quarter"),
    [
        *(("2021-10", "2022Q1"), ("2021-12", "2022Q1"), ("2022-01", "2022Q2")),
        *(("2022-06", "2022Q3"), ("2022-09", "2022Q4"), ("2022Q3", "2022Q3")),
        ("FY2022", "2022Q4"),
    ],
)
def test_the_quarter_of_a_period_is_that_of_the_gate(
    warehouse: duckdb.DuckDBPyConnection, period: str, quarter: str
) -> None:
    assert last_quarter(period) == quarter
    if "-" in period:
        query = f"select fiscal_quarter(date '{period}-01')"
        assert warehouse.execute(query).fetchall() == [(quarter,)]


def test_a_series_has_what_concerns_it(edition: Edition) -> None:
    marks = marks_for(edition, "trust", TSA)
    found = [(level.kind, level.value, level.first, level.last) for level in marks.levels]
    assert found == [
        ("target", 0.61, "2021Q3", "2022Q2"),
        ("target", 0.99, "2022Q3", None),
        ("benchmark", 0.55, "2022Q1", "2022Q1"),
    ]
    said = [(f"{event.happened_on}", event.text, event.definition) for event in marks.events]
    assert said == [
        ("2021-11-01", "Borders opened.", None),
        ("2022-02-14", "An outage.", None),
        (
            "2022-04-01",
            "Definition 2 applies from FY2022 Q3: Best answer alone. Figures before and after "
            "cannot be compared.",
            2,
        ),
    ]
    assert marks.note == ""
    email = marks_for(edition, "trust", {**TSA, "channel": "email"})
    assert [level.value for level in email.levels] == [0.61, 0.99, 0.33]


def test_a_service_has_no_target_of_its_component(edition: Edition) -> None:
    scope = {**TSA, "level": "service", "service": "tsa-contact-center"}
    marks = marks_for(edition, "trust", scope)
    assert marks.levels == ()
    assert [event.text for event in marks.events][:2] == ["Borders opened.", "An outage."]


def test_with_several_series_every_mark_says_whose_it_is(edition: Edition) -> None:
    marks = marks_for(edition, "trust", {**TSA, "component": ["FEMA", "TSA", "USCIS"]})
    names = {level.name for level in marks.levels if level.kind == "target"}
    assert names == {"target, TSA", "target, FEMA"}
    alone = marks_for(edition, "trust", {**TSA, "component": ["TSA", "USCIS"]})
    assert {level.name for level in alone.levels} == {"target, TSA", "index of airports, TSA"}
    assert "FEMA: Only about FEMA." in [event.text for event in marks.events]


def test_a_version_for_all_periods_is_told_with_its_day(edition: Edition) -> None:
    marks = marks_for(edition, "satisfaction", TSA)
    since = pd.Timestamp(edition.manifest["metrics"]["satisfaction"]["since"])
    assert marks.note == (
        f"Satisfaction: version 2 of the definition since {since:%b %-d, %Y}: Best answer alone. "
        "All periods were computed anew."
    )
    assert [event.definition for event in marks.events] == [None, None]
    assert marks_for(edition, "trust_mean", TSA).note == ""


def test_an_older_edition_without_these_tables_has_no_marks(edition: Edition) -> None:
    older = Edition(edition.home, edition.id, edition.manifest)
    older.__dict__["_connection"] = connection = duckdb.connect(":memory:")
    catalog = edition.table("metric").drop(columns="since")
    connection.register("metrics_left", catalog)
    connection.execute("create table metric as from metrics_left")
    marks = marks_for(older, ["trust", "respondents"], TSA)
    assert marks.levels == marks.events == ()


# Charts.

PERIODS = ["2021Q4", "2022Q1", "2022Q2", "2022Q3", "2022Q4"]


def series(edition: Edition, **changes: Any) -> pd.DataFrame:
    rows = edition.rows(metric="trust", period_kind="quarter", breakdown=None, **TSA)
    return rows.assign(series="All", **changes)


def layers(figure: charts.Figure, kind: str) -> list[dict[str, Any]]:
    return [layer for layer in figure.spec["layer"] if layer["mark"]["type"] == kind]


def data_of(figure: charts.Figure, layer: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(figure.spec["datasets"][layer["data"]["name"]])


def test_a_trend_draws_levels_and_events_where_they_hold(edition: Edition) -> None:
    marks = marks_for(edition, "trust", TSA)
    figure = charts.trend(series(edition), PERIODS, "share", "Trust", marks=marks)
    dashed = [layer for layer in layers(figure, "line") if "strokeDash" in layer["mark"]]
    drawn = {
        tuple(layer["mark"]["strokeDash"]): data_of(figure, layer).set_index("label")["value"]
        for layer in dashed
    }
    assert set(drawn) == {tuple(DASHES["target"]), tuple(DASHES["benchmark"])}
    target = drawn[tuple(DASHES["target"])].to_dict()
    quarters = ["FY2021 Q4", "FY2022 Q1", "FY2022 Q2", "FY2022 Q3", "FY2022 Q4"]
    assert target == dict(zip(quarters, [0.61, 0.61, 0.61, 0.99, 0.99], strict=True))
    assert drawn[tuple(DASHES["benchmark"])].to_dict() == {"FY2022 Q1": 0.55}
    labels = pd.concat([data_of(figure, layer) for layer in layers(figure, "text")])
    numbers = labels.dropna(subset="number").drop_duplicates("label")
    assert dict(zip(numbers["label"], numbers["number"], strict=True)) == {
        "FY2022 Q1": "①",
        "FY2022 Q2": "②",
        "FY2022 Q3": "③ definition 2",
    }
    assert {"target 61%", "target 99%", "benchmark 55%"} <= set(labels["text"].dropna())


def test_words_and_table_of_a_trend_tell_the_same(edition: Edition) -> None:
    marks = marks_for(edition, "trust", TSA)
    figure = charts.trend(series(edition), PERIODS, "share", "Trust", marks=marks)
    assert figure.lines == (
        "① Nov 1, 2021: Borders opened. Source: News.",
        "② Feb 14, 2022: An outage. Source: Log.",
        "③ Apr 1, 2022: Definition 2 applies from FY2022 Q3: Best answer alone. Figures before "
        f"and after cannot be compared. Source: {edition.metrics.loc['trust', 'file']}.",
        "Target (dashed line): 61% from FY2021 Q3 to FY2022 Q2. Source: Plan A.",
        "Target (dashed line): 99% from FY2022 Q3. Source: Plan B.",
        "Index of airports (dotted line): 55% from FY2022 Q1 to FY2022 Q1. Source: Paper.",
    )
    for line in figure.lines:
        assert line in figure.alt
    assert figure.columns["Target"]["FY2022 Q2"] == "61%"
    assert figure.columns["Target"]["FY2022 Q3"] == "99%"
    outside = figure.columns["Benchmark from outside"]
    assert (outside["FY2022 Q1"], outside["FY2022 Q2"]) == ("55% (index of airports)", "–")


def test_a_line_breaks_where_the_definition_changes(edition: Edition) -> None:
    figure = charts.trend(series(edition), PERIODS, "share", "Trust")
    (line,) = layers(figure, "line")
    source = line.get("data", figure.spec.get("data"))
    rows = pd.DataFrame(figure.spec["datasets"][source["name"]])
    segment = rows.groupby("label")["segment"].agg(set)
    assert segment["FY2022 Q2"].isdisjoint(segment["FY2022 Q3"])


def test_events_outside_the_chart_are_not_numbered() -> None:
    day = pd.Timestamp("2022-02-14").date()
    marks = Marks(
        (Level("target", "target", 0.5, "2020Q1", "2020Q4", "Plan"),),
        (Event(day, "An outage.", "Log"),),
    )
    assert marks.lines(["2022Q3", "2022Q4"], "share") == []
    assert [item.period for item in marks.placed(["2022-01", "2022-02"])] == ["2022-02"]
    assert [item.period for item in marks.placed(["FY2022"])] == ["FY2022"]
    assert not marks.levels[0].holds("FY2020") and marks.levels[0].holds("2019-10")


def test_bars_over_time_number_the_periods(edition: Edition) -> None:
    rows = edition.rows(metric="trust_distribution", period_kind="quarter", **TSA)
    rows = rows[rows["breakdown"].notna() & rows["value"].notna()]
    rows = rows[rows["basis"] == rows["basis"].iloc[0]]
    marks = marks_for(edition, "trust_distribution", TSA)
    figure = charts.distribution(rows, PERIODS, "Trust", marks)
    assert "FY2022 Q1 ①: " in figure.alt
    assert figure.lines == ("① Nov 1, 2021: Borders opened. Source: News.",)


def test_dots_carry_the_target_of_their_row(edition: Edition) -> None:
    rows = edition.rows(metric="trust", period="2022Q1", breakdown=None, **TSA)
    rows = rows.assign(label="TSA")
    assert rows["target"].tolist() == [0.61] and rows["external_benchmark"].tolist() == [0.55]
    figure = charts.dots(rows, "share", "Trust")
    call = {"met": "✓ met", "missed": "✗ missed"}[rows["target_call"].iloc[0]]
    assert set(figure.lines) == {
        f"Dashed tick: TSA, target 61% {call}.",
        "Dotted tick: TSA, index of airports 55%.",
    }
    assert f"target 61% {call}" in figure.alt
    dashes = [
        tuple(layer["mark"]["strokeDash"])
        for layer in layers(figure, "point")
        if "strokeDash" in layer["mark"]
    ]
    assert len(dashes) == len(set(dashes)) == 2


# Pages.


def opened(home: Path, monkeypatch: pytest.MonkeyPatch, script: str, **query: str) -> AppTest:
    monkeypatch.setenv("CX_HOME", str(home))
    app = open_page(script or "department.py", **query)
    assert not app.exception
    return app


def test_the_component_page_lists_the_marks_and_has_a_column(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(home, monkeypatch, "component.py", component="TSA", period="2022Q4")
    listed = "\n".join(text.value for text in app.markdown)
    assert "② Feb 14, 2022: An outage. Source: Log." in listed
    assert "Only about FEMA" not in listed and "Only about satisfaction" not in listed
    tables = [table.value for table in app.table if "Target" in table.value]
    by_quarter = next(table for table in tables if "Quarter" in table)
    own = by_quarter[by_quarter["Quarter"] == "FY2022 Q4"]
    assert own["Target"].str.startswith("99%").all() and len(own) >= 1


def test_the_department_page_says_which_target_was_missed(
    home: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = edition.rows(metric="trust", period="2022Q4", breakdown=None, **TSA).iloc[0]
    assert row["target_call"] == "missed"
    app = opened(home, monkeypatch, "", period="2022Q4")
    said = "\n".join(text.value for text in app.markdown)
    assert f"- ✗ missed: **Trust, TSA** is {value_text(row['value'], 'share')}, target 99%." in said


def test_the_metrics_page_tells_from_when_a_version_holds(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(home, monkeypatch, "metrics.py", metric="trust")
    assert "- 2 (from FY2022 Q3): Best answer alone." in [text.value for text in app.markdown]
    manifest = json.loads((next((home / "editions").glob("*/manifest.json"))).read_text())
    since = pd.Timestamp(manifest["metrics"]["trust"]["since"])
    table = app.table[0].value
    assert any(f"published since {since:%b %-d, %Y}" in str(value) for value in table["Value"])

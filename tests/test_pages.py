"""Every page, run without a browser: no exception, and the charts hold the published rows."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.numbers import signed_text, value_text
from metrics.base.periods import period_label
from metrics.base.settings import PUBLISHED, ROOT
from metrics.edition.edition import Edition, open_edition
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.tell.sentences import without_grain
from metrics.tell.vocabulary import MEASURES
from metrics.warehouse.store import open_warehouse
from tests.apps import open_page
from tests.conftest import metrics_of, without_counts
from ui import state
from ui.registry import EVERY_PAGE, PAGES


@pytest.fixture
def run(federal_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CX_HOME", str(federal_home))

    return open_page


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_runs(run: Any, entry: Any) -> None:
    app = run(entry.script, component="TSA")
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


def test_a_link_to_a_metric_that_is_retired_says_so(run: Any) -> None:
    app = run("metrics.py")
    app.query_params["metric"] = "strong_distrust"
    app.run()
    (warning,) = app.warning
    assert "metric “strong_distrust”, which does not exist. Shown: Trust." in warning.value
    app.query_params["metric"] = "ease"
    app.run()
    assert not app.warning


def test_a_change_is_split_and_its_parts_are_told(run: Any, federal: Edition) -> None:
    where = {"metric": "trust", "level": "component", "component": "TSA", "period": "2023Q1"}
    (split,) = federal.rows("change_split", compared_with="period", **where).to_dict("records")
    leaves = federal.rows("change_leaf", compared_with="period", **where)
    app = run("component.py", component="TSA", period="2023Q1")
    assert "Why did it change?" in [header.value for header in app.header]
    said = [text.value for text in app.markdown if text.value.startswith("**Trust ")]
    assert any(f"since {period_label(split['before_period'])}: " in text for text in said)
    (table,) = [one.value for one in app.table if "Mix" in one.value.columns]
    assert len(table) == len(leaves) + 1 > 2
    assert table["Within"].iloc[-1] == signed_text(split["within"], "share")
    assert table["Mix"].iloc[-1] == signed_text(split["mix"], "share")
    (line,) = [text.value for text in app.markdown if "Noted: Oct 1, 2022" in text.value]
    assert "renamed" in line
    names = ["effectiveness", "ease", "efficiency", "transparency", "employee"]
    drivers = federal.rows(**{**where, "metric": names}, channel="all")
    moved = drivers[drivers["change_call"].isin(["up", "down"])]
    for row in moved.itertuples():
        title = federal.metrics.loc[row.metric, "title"]
        assert f"{title} {'▲' if row.change_call == 'up' else '▼'}" in line
    if moved.empty and drivers["change_call"].eq("no clear change").any():
        assert "No driver that can be compared changed clearly at the same time." in line


def test_a_change_of_one_channel_does_not_split_but_what_went_with_it_is_told(run: Any) -> None:
    app = run("component.py", component="TSA", period="2023Q1", channel="email")
    assert "Why did it change?" in [header.value for header in app.header]
    assert any("We can't break this change down" in text.value for text in app.markdown)
    assert any("Noted: Oct 1, 2022" in text.value for text in app.markdown)
    first = run("component.py", component="TSA", period="2021Q1", channel="email")
    assert "Why did it change?" not in [header.value for header in first.header]


@pytest.fixture(scope="module")
def without_surveys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An edition of nothing but customer counts."""
    home = tmp_path_factory.mktemp("counts")
    with open_warehouse(home) as connection:
        load_files(connection, "counts", [PUBLISHED / "counts" / "customers.csv"])
        publish(connection, home)
    return home


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_runs_without_surveys(
    run: Any, without_surveys: Path, monkeypatch: pytest.MonkeyPatch, entry: Any
) -> None:
    monkeypatch.setenv("CX_HOME", str(without_surveys))
    app = run(entry.script, component="TSA")
    assert not app.exception
    assert len(app.title) == 1


def test_the_registry_names_every_script() -> None:
    assert {entry.path for entry in EVERY_PAGE} == set((ROOT / "pages").glob("*.py"))


def test_a_page_shows_nothing_outside_the_router(federal_home: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    for entry in PAGES:
        app = AppTest.from_file(str(entry.path), default_timeout=60).run()
        assert [error.value for error in app.error] == [
            "This page can only be opened from the dashboard."
        ]
        assert not app.title


@pytest.mark.parametrize("component", ["TSA", "FEMA", "USCIS"])
def test_the_component_page_draws_the_published_values(
    run: Any, federal: Edition, component: str
) -> None:
    app = run("component.py", component=component)
    period = federal.periods("quarter")[-1]
    rows = federal.rows(
        metric=list(MEASURES), level="component", component=component, channel="all", period=period
    )
    words = app.get("vega_lite_chart")[0].proto.alt
    for row in rows.itertuples():
        assert (
            f"{federal.metrics.loc[row.metric, 'title']} {value_text(row.value, 'share')}" in words
        )


def test_filters_come_from_the_address(run: Any) -> None:
    app = run("component.py", component="TSA", channel="email", period="2022Q3")
    chosen = {box.label: box.value for box in app.selectbox}
    assert chosen["Component"] == "TSA"
    assert chosen["Channel"] == "email"
    assert chosen["Period"] == "2022Q3"


def test_another_component_lets_the_service_go(run: Any) -> None:
    app = run("component.py", component="TSA", service="tsa-contact-center")
    next(box for box in app.selectbox if box.label == "Component").select("FEMA").run()
    assert not app.warning
    assert app.title[0].value == "Federal Emergency Management Agency"
    assert "service" not in app.query_params


def test_a_component_without_designated_services_says_so(run: Any) -> None:
    app = run("component.py", component="USSS")
    assert "no service designated" in app.info[0].value


def test_services_of_a_component_stand_side_by_side(
    federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures that ship have one service each, so one is made of TSA's e-mail help."""
    home = without_counts(shutil.copytree(federal_home, tmp_path / "home"))
    with open_warehouse(home) as connection:
        connection.execute(
            "insert into service values ('tsa-e-mail', 'TSA', 'Writing to TSA', 'E-mail help.', "
            "'2021Q1', null, false, 'Made up for this test')"
        )
        connection.execute(
            "update survey_report set service = 'tsa-e-mail' "
            "where component = 'TSA' and channel = 'email'"
        )
        publish(connection, home, catalog=metrics_of("experience", "response"))
    monkeypatch.setenv("CX_HOME", str(home))
    app = open_page("component.py", component="TSA")
    assert not app.exception
    edition = open_edition(home)
    rows = edition.rows(
        metric="trust", level="service", component="TSA", channel="all", period="2023Q1"
    )
    assert len(rows) == 2
    low, high = (value_text(value, "share") for value in sorted(rows["value"]))
    answers = [title.value for title in app.subheader]
    expected = f"from {low} (Writing to TSA) to {high} (Contacting the TSA contact center)"
    assert f"Trust by service: {expected}" in answers


def test_no_edition_is_explained(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("CX_HOME", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=60).run()
    assert app.title[0].value == "Nothing is published yet"
    assert not app.exception


def test_each_chart_and_figure_says_what_it_measures(run: Any, federal: Edition) -> None:
    about = federal.metrics
    for script, wanted in (("department.py", "trust"), ("component.py", "ease")):
        app = run(script, component="TSA", measure="ease")
        titles = {title.value: title.proto.help for title in app.subheader}
        assert titles and all(titles.values())
        assert any(
            without_grain(about.loc[wanted, "description"]) in said for said in titles.values()
        )
    cards = run("department.py").metric
    assert [card.proto.help.split("**")[1] for card in cards] == [
        f"{about.loc[name, 'title']}."
        for name in ("trust", "satisfaction", "response_rate", "reporting_rate")
    ]


def test_what_a_page_writes_into_looked_up_rows_stays_with_the_page(federal: Edition) -> None:
    for look_up in (
        lambda: state.rows(federal, metric="trust", period="2023Q1"),
        lambda: state.table(federal, "channel"),
    ):
        before = look_up()
        kept = before.copy()
        before.iloc[0, 0] = "changed"
        before["more"] = 1
        pd.testing.assert_frame_equal(look_up(), kept)

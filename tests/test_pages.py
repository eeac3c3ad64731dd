"""Every page, run without a browser: no exception, and the charts hold the published rows."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from metrics.edition import Edition
from metrics.settings import ROOT
from metrics.words import MEASURES, value_text
from ui.registry import PAGES


@pytest.fixture
def run(federal_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CX_HOME", str(federal_home))

    def start(script: str, **parameters: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=60)
        for name, value in parameters.items():
            app.query_params[name] = value
        app.run()
        if script != "department.py":
            app.switch_page(str(ROOT / "pages" / script)).run()
        return app

    return start


def _charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_runs(run: Any, entry: Any) -> None:
    app = run(entry.script, component="TSA")
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


def test_the_registry_names_every_script() -> None:
    assert {entry.path for entry in PAGES} == set((ROOT / "pages").glob("*.py"))


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


def test_a_component_without_designated_services_says_so(run: Any) -> None:
    app = run("component.py", component="USSS")
    assert "no service designated" in app.info[0].value


def test_no_edition_is_explained(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("CX_HOME", str(tmp_path))
    app = AppTest.from_file(str(ROOT / "ui" / "router.py"), default_timeout=60).run()
    assert app.title[0].value == "Nothing is published yet"
    assert not app.exception

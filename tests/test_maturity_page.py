"""The page Maturity, run without a browser: figures, words, and the form to the end."""

import csv
import io
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.settings import ROOT
from metrics.edition.edition import open_edition
from metrics.edition.manifest import current_id
from metrics.gate.publish import publish
from metrics.warehouse.store import open_warehouse
from tests.apps import open_page
from tests.conftest import metrics_of, without_counts
from tests.response_file import load, write_csv
from tests.test_maturity import DHS, FUNCTIONS, HEADER, answers
from ui import loading, registry
from ui.assessment import blank_file

PAGE = str(ROOT / "pages" / "maturity.py")
LOAD = str(ROOT / "pages" / "load.py")
Run = Callable[..., AppTest]


@pytest.fixture(scope="module")
def assessed_home(federal_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """TSA twice, the second time better; a unit of it; FEMA incomplete; CISA by another model."""
    home = shutil.copytree(federal_home, tmp_path_factory.mktemp("assessed") / "home")
    done = {row["practice"]: "done" for row in DHS}
    low = done | {row["practice"]: "not_done" for row in DHS if row["level"] == "2"}
    part = done | {"mea-1": "unanswered", "gov-1": "not_done", "gov-2": "not_applicable"}
    rows = [
        *answers(low, model="dhs-1", assessed_on="2022-05-01"),
        *answers(done | {"cul-7": "not_done"}, model="dhs-1", assessed_on="2022-11-02"),
        *answers(low, model="dhs-1", assessed_on="2022-11-02", unit="Contact center"),
        *answers(part, component="FEMA", model="dhs-1", assessed_on="2021-11-02"),
        *answers(
            {f"org-{n}": "done" for n in range(1, 11)},
            component="CISA",
            model="fed-2022",
            assessed_on="2022-11-02",
        ),
    ]
    with open_warehouse(home) as connection:
        load(connection, "maturity", write_csv(home / "a.csv", rows, HEADER))
        publish(connection, home, catalog=metrics_of("trust", "maturity"))
    return home


@pytest.fixture(autouse=True)
def _folders() -> Iterator[None]:
    yield
    loading.remove_folders()


def start(home: Path, monkeypatch: pytest.MonkeyPatch, **parameters: str) -> AppTest:
    monkeypatch.setenv("CX_HOME", str(home))
    app = open_page("maturity.py", **parameters)
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.info, app.caption, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_without_assessments_no_level_is_shown(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for parameters in ({}, {"component": "TSA"}, {"model": "fed-2022"}):
        app = start(federal_home, monkeypatch, **parameters)
        words = said(app)
        assert "No assessment is recorded" in words
        assert "23 participants" in words and "dhs.gov/cx" in words
        assert not app.get("vega_lite_chart")
        assert not app.toggle  # CX_LOADING is off
        assert "python -m metrics load maturity FILE" in words


def test_the_components_stand_side_by_side(
    assessed_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(assessed_home, monkeypatch)
    (chart,) = app.get("vega_lite_chart")
    assert "2 of 10 Components have an assessment; 1 reach at least Emerging" in chart.proto.alt
    assert "FEMA: Governance & Strategy Not yet Emerging;" in chart.proto.alt
    assert "Measurement Not known" in chart.proto.alt
    words = said(app)
    assert "No assessment by this model: CBP, CISA" in words
    assert "Older than a year: FEMA" in words
    other = start(assessed_home, monkeypatch, model="fed-2022")
    assert "1 of 10 Components" in other.get("vega_lite_chart")[0].proto.alt
    assert "CISA: Organization as a whole Customer-centric" in (
        other.get("vega_lite_chart")[0].proto.alt
    )


def test_the_profile_the_change_and_what_is_next(
    assessed_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(assessed_home, monkeypatch, component="TSA")
    alt = app.get("vega_lite_chart")[0].proto.alt
    assert "Culture & Organization (Established): Emerging all 2 of 2 done;" in alt
    assert "Exemplary 1 of 2 done" in alt
    words = said(app)
    assert f"97.4% are done ({len(DHS) - 1} of {len(DHS)})" in words
    change = next(t.value for t in app.table if "Change since the baseline" in t.value)
    assert list(change["Change since the baseline"]) == [
        "▲ 2 levels higher",
        "▲ 1 level higher",
        *["▲ 2 levels higher"] * 3,
    ]
    missing = next(row["text"] for row in DHS if row["practice"] == "cul-7")
    assert f"**Culture & Organization**, for Exemplary:\n- {missing}" in words
    unit = start(assessed_home, monkeypatch, component="TSA", unit="Contact center")
    assert "the baseline of later ones" in said(unit)
    assert "Figures of units are not added" in said(unit)


def test_unanswered_practices_leave_no_level_and_no_total(
    assessed_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(assessed_home, monkeypatch, component="FEMA")
    words = said(app)
    assert "No total, because practices are unanswered in Measurement" in words
    assert "Not known: Measurement" in words
    assert "(not answered yet)" in words and "over a year old" in words
    alt = app.get("vega_lite_chart")[0].proto.alt
    assert "Governance & Strategy (Not yet Emerging): Emerging 1 of 2 done" in alt
    assert "Measurement (Not known): Emerging 2 of 3 done, 1 unanswered" in alt
    assert "no assessment by this model" in said(
        start(assessed_home, monkeypatch, component="USSS")
    )


def press(app: AppTest, label: str) -> AppTest:
    """Press a button, and wait for the command that it may start."""
    (button,) = [button for button in app.button if button.label == label]
    return wait(button.click().run())


def wait(app: AppTest) -> AppTest:
    """Wait for the command that runs, if one does."""
    for _ in range(300):
        assert not app.exception
        if not any(button.label == "Stop" for button in app.button):
            return app
        time.sleep(0.2)
        app.run()
    pytest.fail("the command did not end within a minute")


@pytest.fixture
def writable(federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CX_HOME of its own, and a dashboard that may load into it."""
    monkeypatch.setenv("CX_LOADING", "on")
    monkeypatch.setattr(registry, "PAGES", registry.EVERY_PAGE)
    return without_counts(shutil.copytree(federal_home, tmp_path / "home"))


def open_form(app: AppTest) -> AppTest:
    (toggle,) = [item for item in app.toggle if item.label == "Fill in the form here"]
    toggle.set_value(True).run()
    assert not app.exception
    return app


def test_an_assessment_is_recorded_checked_loaded_and_published(
    writable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_form(start(writable, monkeypatch, component="TSA"))
    assert next(s for s in app.selectbox if s.label == "Component assessed").value == "TSA"
    press(app, "Check and load")
    assert "Answer at least one practice" in said(app).replace("\\", "")
    practices = [item for item in app.radio if item.label.endswith(("ing)", "ed)", "ary)"))]
    assert len(practices) == len(DHS)
    for item in practices:
        item.set_value("done")
    app.run()
    links = [item for item in app.text_input if item.label.startswith("Link to what shows it")]
    assert len(links) == len(DHS)
    links[0].set_value("javascript:alert(1)").run()
    press(app, "Check and load")
    assert "must begin with http" in said(app).replace("\\", "")
    links = [item for item in app.text_input if item.label.startswith("Link to what shows it")]
    links[0].set_value("https://example.gov/plan").run()
    before = current_id(writable)
    press(app, "Check and load")
    # The browser is on the page Load data now; this stand-in for one must be told.
    wait(app.switch_page(LOAD).run())
    assert app.header[0].value == "Step 2 of 4: Check"
    counts = dict(zip(app.table[0].value["Rows"], app.table[0].value["Number"], strict=True))
    assert (counts["Accepted"], counts["Rejected"]) == (str(len(DHS)), "0")
    press(app, "Continue to loading")
    app.checkbox[0].check().run()
    press(app, f"Load {len(DHS)} rows")
    press(app, "Publish")
    assert current_id(writable) != before
    profile = open_edition(writable).table("maturity_profile")
    assert sorted(profile["function"]) == sorted(FUNCTIONS)
    assert set(profile["level"]) == {3} and set(profile["component"]) == {"TSA"}
    app.switch_page(PAGE).run()
    assert not app.exception
    assert "Exemplary: Governance & Strategy" in said(app)
    with open_warehouse(writable) as connection:
        rows = connection.execute(
            "select practice, method from maturity_answer where evidence_url is not null"
        ).fetchall()
    assert rows == [("gov-1", "workshop")]


def test_a_draft_survives_another_page_and_can_be_cleared(
    writable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_form(start(writable, monkeypatch, component="FEMA"))
    first = next(item for item in app.radio if item.label.startswith(DHS[0]["text"]))
    first.set_value("not_applicable").run()
    unit = next(item for item in app.text_input if item.label.startswith("Unit"))
    unit.set_value("Field offices").run()
    app.switch_page(str(ROOT / "pages" / "data.py")).run()
    app.switch_page(PAGE).run()
    first = next(item for item in app.radio if item.label.startswith(DHS[0]["text"]))
    assert first.value == "not_applicable"
    assert next(i for i in app.text_input if i.label.startswith("Unit")).value == "Field offices"
    assert "**1 of 38 practices answered.**" in said(app)
    press(app, "Clear the draft")
    assert "**0 of 38 practices answered.**" in said(app)


def test_nothing_is_recorded_among_made_up_figures(
    writable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = start(writable, monkeypatch)
    assert app.toggle
    monkeypatch.setitem(app.session_state["view"][0].manifest, "is_demonstration", True)
    app.run()
    assert not app.toggle and "nothing is recorded among them" in said(app)


def test_the_blank_form_asks_every_practice_in_order() -> None:
    practices = pd.DataFrame(DHS)
    text = blank_file(practices, "dhs-1", "TSA").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["practice"] for row in rows] == [row["practice"] for row in DHS]
    assert {(row["component"], row["status"], row["assessed_on"]) for row in rows} == {
        ("TSA", "unanswered", "")
    }

"""The page Feedback: it says the published figures, and where there are none."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.numbers import value_text
from metrics.edition.edition import Edition
from metrics.gate.publish import publish
from metrics.warehouse.store import open_warehouse
from tests.apps import open_page
from tests.conftest import metrics_of


@pytest.fixture(scope="module")
def without_counts(federal_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The federal figures, published from a warehouse without counts."""
    home = shutil.copytree(federal_home, tmp_path_factory.mktemp("surveys") / "home")
    with open_warehouse(home) as connection:
        connection.execute("delete from activity_count")
        publish(connection, home, catalog=metrics_of("trust", "feedback"))
    return home


@pytest.fixture
def run(federal_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CX_HOME", str(federal_home))

    def start(**parameters: str) -> AppTest:
        app = open_page("feedback.py", **parameters)
        assert not app.exception
        assert not app.error
        return app

    return start


def said(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


def test_the_last_whole_quarter_comes_first(run: Any, federal: Edition) -> None:
    """July to September 2024: 16,280 + 17,632 + 17,335 complaints."""
    app = run()
    assert not app.warning
    text = said(app)
    assert "Only TSA (Transportation Security Administration) has counts" in text
    assert f"{16_280 + 17_632 + 17_335:,} complaints in FY2024 Q4" in text
    rates = federal.rows(
        metric="complaint_rate", level="component", component="TSA", channel="all", period="2024Q4"
    )
    rates = rates[rates["breakdown"].notna()].nlargest(12, "value")
    names = federal.table("category").set_index("category")["name"]
    words = app.get("vega_lite_chart")[0].proto.alt
    for row in rates.itertuples():
        assert names[row.breakdown] in words
        assert value_text(row.value, "ratio") in words
    first = federal.rows(
        metric="complaints",
        level="component",
        component="TSA",
        channel="all",
        period="2024Q4",
        breakdown=rates["breakdown"].iloc[0],
    )
    told = f"comes first: {int(first['value'].item()):,} of {16_280 + 17_632 + 17_335:,} complaints"
    assert any(told in title.value for title in app.subheader)


@pytest.mark.parametrize(("period", "n"), [("2020Q4", 8), ("2020Q3", 2), ("2024Q4", 0)])
def test_what_rises_is_what_the_gate_calls_up(
    run: Any, federal: Edition, period: str, n: int
) -> None:
    rates = federal.rows(
        metric="complaint_rate", level="component", component="TSA", channel="all", period=period
    )
    rates = rates[rates["breakdown"].notna()]
    is_up = rates["change_call"].eq("up") | rates["year_ago_change_call"].eq("up")
    assert is_up.sum() == n
    table = federal.table("category").set_index("category")
    names = table["name"].where(table["is_about_service"], table["name"] + " (no service)")
    app = run(by="quarter", quarter=period)
    lines = [text.value for text in app.markdown if text.value.startswith("- **")]
    found = {line.split("**")[1] for line in lines}
    assert found == {names[code] for code in rates.loc[is_up, "breakdown"]}
    assert ("No category rose clearly." in said(app)) == (n == 0)


def test_one_month_says_what_the_report_prints(run: Any) -> None:
    app = run(component="TSA", by="month", month="2024-10", about="screening")
    assert "18,687 complaints in October 2024" in said(app)
    assert any("Complaints about “Screening” of TSA" in title.value for title in app.subheader)


def test_a_month_without_customers_has_counts_and_no_rate(run: Any) -> None:
    app = run(by="month", month="2018-05")
    assert "10,243 complaints in May 2018" in said(app)
    assert "is not known, so there is no rate" in said(app)


def test_an_incomplete_quarter_says_so(run: Any) -> None:
    assert "Incomplete. Covers 1 of 3 months." in said(run(quarter="2025Q1"))


def test_a_missing_quarter_is_no_choice(run: Any) -> None:
    (box,) = [box for box in run(quarter="2019Q1").selectbox if box.label == "Quarter"]
    assert box.value == "2024Q4"
    labels = set(box.options)
    assert not {"FY2019 Q1 (Oct–Dec 2018)", "FY2020 Q1 (Oct–Dec 2019)"} & labels
    assert "FY2019 Q2 (Jan–Mar 2019)" in labels


def test_a_component_without_counts_says_where_there_are_some(run: Any) -> None:
    (info,) = run(component="USSS").info
    assert "no counts of complaints or of votes on pages for USSS" in info.value
    assert "They are there for TSA." in info.value


def test_a_data_set_without_counts_says_so(
    without_counts: Path, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(without_counts))
    for component in ("all", "TSA"):
        (info,) = run(component=component).info
        assert info.value.startswith("**No counts.** This data set has no counts")

"""Where metrics are shown: what is declared is what pages look up, and a metric that is new
has its place on every page without one being edited."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui.more
from metrics.base.numbers import amount_text, interval_text, value_text
from metrics.base.periods import period_label
from metrics.base.settings import DEMO
from metrics.cli.main import main
from metrics.define.catalog import read_catalog
from metrics.edition.edition import Edition, open_edition
from metrics.tell import placement
from metrics.tell.vocabulary import MEASURES
from tests.apps import open_page
from tests.new_metrics import NEW, Counts, New
from ui.access import routed
from ui.registry import EVERY_PAGE

SCRIPTS = {entry.title: entry.script for entry in EVERY_PAGE}
TOURS: dict[str, list[dict[str, str]]] = {
    "Department": [{}, {"data": "demo"}],
    "Component": [
        {"component": "TSA"},
        *({"data": "demo", "component": "USCIS", "measure": measure} for measure in MEASURES),
    ],
    "Feedback": [{}, {"data": "demo", "component": "TSA"}],
    "Burden": [{}, {"data": "demo"}],
    "Time and volume": [
        {"data": data, "component": component, "step": step}
        for data, component in (("main", "CBP"), ("demo", "USCIS"))
        for step in placement.STEPS
    ],
    "Maturity": [{}, {"data": "demo"}, {"data": "demo", "component": "TSA"}],
}
"""Addresses that together show everything a page can draw, by page."""


def opened(title: str, **parameters: str) -> AppTest:
    """A page of the dashboard, by its title, at an address."""
    app = open_page(SCRIPTS[title], 120, **parameters)
    assert not app.exception
    return app


@pytest.fixture
def looked_up(
    federal_home: Path, demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, set[str]]]:
    """Names of the metrics of which pages look rows up, by script, other than for "More
    measures". Both editions are shown."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "editions").symlink_to(federal_home / "editions")
    (home / "datasets").mkdir()
    (home / "datasets" / "demo").symlink_to(demo_home)
    monkeypatch.setenv("CX_HOME", str(home))
    monkeypatch.setattr(ui.more, "show_more", lambda page, scope: None)
    seen: dict[str, set[str]] = defaultdict(set)
    rows = Edition.rows

    def spy(edition: Edition, table: str = "published", **equals: Any) -> pd.DataFrame:
        found = rows(edition, table, **equals)
        page = routed.get()
        if page is not None:  # not for the filters around the page
            asked = equals.get("metric", found["metric"])
            seen[Path(page).name].update([asked] if isinstance(asked, str) else asked)
        return found

    monkeypatch.setattr(Edition, "rows", spy)
    st.cache_resource.clear()
    yield seen
    st.cache_resource.clear()


@pytest.mark.parametrize("title", placement.BY_HAND)
def test_a_page_looks_up_what_is_declared_and_nothing_else(
    looked_up: dict[str, set[str]], title: str
) -> None:
    for parameters in TOURS[title]:
        opened(title, **parameters)
    catalog = set(read_catalog())
    if title == "Department":  # it also names missed targets, of whatever metric has one
        with (DEMO / "reference" / "target.csv").open(newline="") as file:
            catalog -= {row["metric"] for row in csv.DictReader(file)} - {"trust"}
    assert looked_up[SCRIPTS[title]] & catalog == placement.by_hand(title) & catalog


def test_the_pages_that_are_named_exist() -> None:
    named = {*placement.BY_HAND, *placement.GENERIC, *placement.EVERY_METRIC}
    assert named <= set(SCRIPTS)
    order = list(SCRIPTS)
    for name in [*read_catalog(), "a_new_metric"]:
        pages = placement.pages_of(name)
        assert pages == sorted(set(pages), key=order.index), name


def test_every_metric_that_ships_has_a_page_beside_the_catalog() -> None:
    everywhere = set(placement.EVERY_METRIC)
    for metric in read_catalog().values():
        assert set(placement.pages_of(metric.name)) > everywhere, metric.name


def test_what_is_declared_as_folded_is_no_metric_that_a_page_draws() -> None:
    folded = placement._names(placement.FOLDED)
    assert not folded & placement.by_hand("Department")
    ships = set(read_catalog())
    for pattern in placement.FOLDED:
        assert placement._names((pattern,)) & ships, f"{pattern} names no metric"
    for page, patterns in placement.BY_HAND.items():
        for pattern in patterns:
            assert placement._names((pattern,)) & ships, f"{page}: {pattern} names no metric"


@pytest.fixture
def shown(new_metrics_home: Path, monkeypatch: pytest.MonkeyPatch) -> Edition:
    """The edition with the new metrics, which pages show."""
    monkeypatch.setenv("CX_HOME", str(new_metrics_home))
    return open_edition(new_metrics_home)


def answers(edition: Edition, **scope: str) -> dict[str, Counts]:
    """Answers on ease by basis, counted by another metric than the new ones."""
    rows = edition.rows(
        metric="ease_distribution", period=edition.periods("quarter")[-1], channel="all", **scope
    )
    rows = rows[rows["breakdown"].notna() & rows["numerator"].notna()]
    return {
        str(basis): {int(row.breakdown): float(row.numerator) for row in part.itertuples()}
        for basis, part in rows.groupby("basis")
    }


def in_tables(app: AppTest) -> list[dict[str, Any]]:
    """The lines of all tables of a page, those in closed sections left out."""
    return [line for table in app.table for line in table.value.to_dict("records")]


def lines_of(app: AppTest, new: New) -> list[dict[str, Any]]:
    """The lines that tell of a new metric, by the link to its definition."""
    link = f"](/metrics?metric={new.name})"
    return [
        line
        for line in in_tables(app)
        if str(line.get("Measure", "")).startswith(f"[{new.title}") and link in str(line["Measure"])
    ]


def charts(app: AppTest) -> list[Any]:
    """The charts of a page in order, as they are sent to the browser."""
    return [item.proto for item in app.get("vega_lite_chart")]


def axis_titles(spec: dict[str, Any], channel: str) -> set[str]:
    """Titles of an axis in a chart."""
    layers = [layer.get("encoding", {}).get(channel, {}) for layer in spec["layer"]]
    return {layer["axis"]["title"] for layer in layers if layer.get("axis")} - {None}


def test_a_new_metric_stands_on_the_department_page(shown: Edition) -> None:
    app = opened("Department")
    counts = answers(shown, level="department")
    assert len(counts) == 2
    for new in NEW:
        lines = lines_of(app, new)
        assert len(lines) == len(counts), new.name
        for line, of_basis in zip(lines, counts.values(), strict=True):
            told = amount_text(new.value(of_basis), new.kind, new.unit)
            assert line["Value"].split(". ")[0] == told, new.name
            for part, value in new.part_values.items():
                name = part.replace("_", " ").capitalize()
                assert f"{name} {value_text(value(of_basis), new.kind)}" in line["Value"]
            is_sure = new.kind in ("share", "mean")
            assert (line["95% interval"] != "–") == is_sure, new.name
            if new.better == "neither":
                assert "for the" not in line["Since the period before"]
    good = [line for new in NEW for line in lines_of(app, new) if new.better == "higher"]
    assert any("? cannot tell under " in line["Since the period before"] for line in good)
    assert all(
        ("for the better" in line["Since the period before"])
        == ("▲" in line["Since the period before"])
        for line in good
    )


@pytest.mark.parametrize("new", NEW, ids=lambda new: new.name)
def test_a_new_metric_is_drawn_by_component(shown: Edition, new: New) -> None:
    app = opened("Department", more=new.name)
    (counts,) = answers(shown, level="component", component="TSA").values()
    figure = charts(app)[-1]
    for part, value in {None: new.value, **new.part_values}.items():
        if part is not None:
            app.query_params["part"] = part
            figure = charts(app.run())[-1]
        assert f"TSA, easy to contact {value_text(value(counts), new.kind)}" in figure.alt
    spec = json.loads(figure.spec)
    assert axis_titles(spec, "x") == (set() if new.kind == "share" else {new.unit})
    before = charts(app)[-2].alt
    assert before.startswith(f"Dot plot. {new.title}: ") == bool(new.part_values)
    for part in new.part_values:
        assert f"{part.replace('_', ' ').capitalize()}, easy to contact " in before


def test_a_new_metric_stands_on_the_component_page(shown: Edition) -> None:
    (counts,) = answers(shown, level="component", component="TSA").values()
    app = opened("Component", component="TSA")
    for new in NEW:
        (line,) = lines_of(app, new)
        told = amount_text(new.value(counts), new.kind, new.unit)
        assert line["Value"].split(". ")[0] == told, new.name
        app.query_params["more"] = new.name
        app.run()
        assert not app.exception
        figure = charts(app)[-1]
        assert value_text(new.value(counts), new.kind) in figure.alt
        assert axis_titles(json.loads(figure.spec), "y") == (
            set() if new.kind == "share" else {new.unit}
        )
    app.query_params["channel"] = "email"
    app.run()
    (line,) = lines_of(app, NEW[0])
    row = shown.rows(
        metric=NEW[0].name,
        level="component",
        component="TSA",
        channel="email",
        period=shown.periods("quarter")[-1],
    ).iloc[0]
    assert line["Value"] == value_text(row["value"], "share")
    assert line["Counted"] == f"{row['n']:,}"


def test_a_new_metric_can_be_compared(shown: Edition) -> None:
    (counts,) = answers(shown, level="component", component="TSA").values()
    app = opened("Compare")
    for new in NEW:
        app.query_params["metric"] = new.name
        for part, value in {None: new.value, **new.part_values}.items():
            if part is None:
                app.query_params.pop("part", None)
            else:
                app.query_params["part"] = part
            app.run()
            assert not app.exception and not app.warning
            figure, over_time = charts(app)
            told = value_text(value(counts), new.kind)
            assert f"TSA, easy to contact {told}" in figure.alt, (new.name, part)
            assert axis_titles(json.loads(figure.spec), "x") == (
                set() if new.kind == "share" else {new.unit}
            )
            assert told in over_time.alt


def test_a_new_metric_is_found_and_says_where_it_is_used(shown: Edition) -> None:
    app = opened("Metrics", find="BRAND test ratio")
    assert app.selectbox(key="_choice_metric").options == [
        new.title for new in NEW if new.kind == "ratio"
    ]
    used = [line["Value"] for line in in_tables(app) if "Where used" in line.values()]
    assert used == ["Department, Component, Compare, Metrics and Data"]
    found = [line["Metric"] for line in in_tables(app) if "Metric" in line]
    assert [link.split("]")[0][1:] for link in found] == [
        new.title for new in NEW if new.kind == "ratio"
    ]
    app = opened("Metrics", find="zebra crossing")
    assert "No metric has “zebra crossing”" in app.warning[0].value
    assert len(app.selectbox(key="_choice_metric").options) == len(shown.metrics)


def test_a_new_metric_is_in_the_downloads_and_on_the_command_line(
    shown: Edition, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files: dict[str, Callable[[], bytes]] = {}

    def keep(label: str, data: Callable[[], bytes], **more: Any) -> None:
        files[label] = data

    monkeypatch.setattr(st, "download_button", keep)
    opened("Data")
    everything = pd.read_csv(
        io.BytesIO(files["Download all published rows (CSV)"]()), low_memory=False
    )
    for new in NEW:
        own = everything[everything["metric"] == new.name]
        assert len(own) == len(shown.rows(metric=new.name)) > 0
        assert main(["show", new.name, "--component", "TSA", "--format", "csv"]) == 0
        printed = pd.read_csv(io.StringIO(capsys.readouterr().out))
        assert set(printed["component"]) == {"TSA"}
        assert printed["value"].notna().any()


def test_where_nothing_is_published_nothing_is_shown(shown: Edition) -> None:
    app = opened("Component", component="USSS")
    assert "More measures" not in [header.value for header in app.header]


def test_what_is_folded_is_told_when_it_is_opened(shown: Edition) -> None:
    closed = opened("Department")
    assert any("What customers answered: " in item.label for item in closed.expander)
    assert not [line for line in in_tables(closed) if "Trust, mean" in str(line.get("Measure"))]
    app = opened("Department", more_experience="true")
    (line,) = [line for line in in_tables(app) if "[Trust, mean" in str(line.get("Measure"))]
    row = shown.rows(
        metric="trust_mean",
        level="department",
        channel="all",
        period=shown.periods("quarter")[-1],
    ).iloc[0]
    assert line["Value"] == amount_text(row["value"], "mean", "points from 1 to 5")
    assert line["95% interval"] == interval_text(row["low"], row["high"], "mean")


def test_figures_with_quarters_of_their_own_are_shown_in_the_latest(
    shown: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = shown.newest(["wait_median"], "quarter", level="department")["wait_median"]
    assert last < shown.periods("quarter")[-1]
    monkeypatch.setitem(placement.BY_HAND, "Time and volume", ())
    placement.by_hand.cache_clear()
    try:
        app = opened("Department")
    finally:
        placement.by_hand.cache_clear()
    (line,) = [x for x in in_tables(app) if "=wait_over_hour_share)" in str(x.get("Measure"))]
    assert line["Period"] == period_label(last)

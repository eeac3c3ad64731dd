"""The preview of a metric: its private edition, what it would change, and its page. Nothing
that is published or loaded changes."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.errors import CxError, UsageError
from metrics.base.numbers import value_text
from metrics.base.periods import period_label
from metrics.base.settings import FILE_NAME, ROOT
from metrics.deliver.files import csv_file, marked_name
from metrics.desk import preview
from metrics.desk.preview import compare, draw, preview_home, read_state
from metrics.edition.edition import DEMONSTRATION, KEY, PREVIEW, Edition, open_edition
from metrics.edition.lineage import sources_of
from metrics.gate.write import MAX_CELLS
from metrics.warehouse.store import open_fresh, open_warehouse
from tests.apps import open_page
from tests.preview_project import LAST_QUARTER, Project, make_project
from ui import access, registry

PAGE = str(ROOT / "pages" / "preview.py")
SHOWN = ["value", "low", "high", "numerator", "denominator", "n", "status", "change_call"]


@pytest.fixture(scope="module")
def made(federal_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(federal_home, tmp_path_factory.mktemp("preview") / "project")


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Iterator[Project]:
    """A project to change; nothing that is loaded or published in it may change."""
    folder = shutil.copytree(made.folder, tmp_path / "project")
    project = Project(folder, folder / "home")
    before = project.published()
    assert {"warehouse.duckdb", "editions/current"} < before.keys()
    yield project
    assert project.published() == before


@pytest.fixture(scope="module")
def drawn(made: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a preview of trust, to read only."""
    folder = shutil.copytree(made.folder, tmp_path_factory.mktemp("drawn") / "project")
    project = Project(folder, folder / "home")
    assert quick(project).problems == []
    return project


def quick(project: Project, name: str = "trust") -> preview.State:
    return draw(project.home, name, True, project.metrics, project.fixtures)


def whole(project: Project, name: str = "trust") -> preview.State:
    draw(project.home, name, False, project.metrics, project.fixtures)
    return compare(project.home, name, project.metrics)


def shown(project: Project) -> Edition:
    state = read_state(project.home)
    assert state is not None and state.edition is not None
    return open_edition(preview_home(project.home), state.edition)


def rows_of(edition: Edition, name: str = "trust") -> pd.DataFrame:
    return edition.rows(metric=name)[[*KEY, *SHOWN]]


def test_an_unchanged_metric_looks_as_published_and_changes_nothing(project: Project) -> None:
    state = whole(project)
    assert (state.phase, state.problems, state.failure) == (preview.DONE, [], "")
    published = open_edition(project.home)
    assert state.changes is not None
    assert (state.changes.against, state.changes.counts) == (published.id, [])
    assert state.is_whole and state.is_shown and not state.is_behind
    pd.testing.assert_frame_equal(rows_of(shown(project)), rows_of(published))


def test_a_changed_metric_is_drawn_and_its_differences_are_named(project: Project) -> None:
    project.leave_last_quarter_out("trust")
    state = whole(project)
    assert state.problems == []
    before, after = rows_of(open_edition(project.home)), rows_of(shown(project))
    reported = before["value"].notna()
    assert before.loc[reported, "period"].eq(LAST_QUARTER).any()
    assert not after.loc[after["value"].notna(), "period"].eq(LAST_QUARTER).any()

    # What differs, worked out row by row from the two editions.
    def numbers(frame: pd.DataFrame) -> dict[Any, Any]:
        filled = frame.astype(object).where(frame.notna(), None)
        return {
            tuple(row[list(KEY)]): tuple(row[["value", "status", "numerator", "denominator"]])
            for _, row in filled.iterrows()
        }

    old, new = numbers(before), numbers(after)
    differing = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    assert differing
    changes = state.changes
    assert changes is not None and changes.note == ""
    own = [row for row in changes.counts if row["metric"] == "trust"]
    assert {row["because"] for row in own} == {"definition"}
    assert sum(row["n"] for row in own) >= len(differing)
    told = {tuple(row[name] for name in KEY) for row in changes.own}
    assert told & differing and len(told) == min(
        sum(row["n"] for row in own), preview.MAX_DIFFERENCES
    )
    for row in changes.own:
        key = tuple(row[name] for name in KEY)
        assert row["value_before"] == pytest.approx(old.get(key, [None])[0])
        assert row["value_after"] == pytest.approx(new.get(key, [None])[0])


def test_other_metrics_that_change_are_told_apart(project: Project) -> None:
    project.leave_last_quarter_out("trust")
    project.leave_last_quarter_out("satisfaction")
    changes = whole(project).changes
    assert changes is not None
    assert {row["metric"] for row in changes.own} == {"trust"}
    assert {row["metric"] for row in changes.others} == {"satisfaction"}
    assert "satisfaction" in changes.note and "trust" not in changes.note


def test_other_loads_are_named_as_a_cause(project: Project) -> None:
    state = whole(project)
    assert state.changes is not None and state.changes.note == ""
    warehouse = project.home / FILE_NAME
    held = warehouse.read_bytes()
    with open_warehouse(project.home) as connection:
        connection.execute("update edition_made set loads = 'others'")
    again = compare(project.home, "trust", project.metrics).changes
    warehouse.write_bytes(held)
    assert again is not None and "Loads, reference tables or other SQL changed" in again.note


def test_a_broken_metric_keeps_the_version_before_and_says_so(project: Project) -> None:
    first = quick(project)
    path = project.metrics / "trust.sql"
    path.write_text(path.read_text("utf-8").replace("n_favourable", "n_favorable"), "utf-8")
    state = quick(project)
    assert (state.edition, state.shown_saved_at) == (first.edition, first.saved_at)
    assert not state.is_shown and state.changes is None
    line = path.read_text("utf-8").splitlines().index("    n_favorable as numerator,") + 1
    assert any(problem.startswith(f"{path}:{line}: ") for problem in state.problems)
    assert rows_of(shown(project))["value"].notna().any()


def test_a_problem_that_is_only_style_or_fixture_does_not_keep_it_from_being_drawn(
    project: Project,
) -> None:
    path = project.fixtures / "trust.yaml"
    path.write_text(path.read_text("utf-8").replace("numerator: 70", "numerator: 71"), "utf-8")
    state = quick(project)
    assert state.is_shown and len(state.problems) >= 1
    assert all("trust.yaml" in problem for problem in state.problems)


def test_an_unknown_metric_and_a_second_preview_are_refused(project: Project) -> None:
    with pytest.raises(
        UsageError,
        match="there is no metric 'trsut'; did you mean 'trust'\\? There are: respondents",
    ):
        quick(project, "trsut")
    with (
        preview.alone(project.home),
        pytest.raises(CxError, match="another preview of this data set is running"),
        preview.alone(project.home),
    ):
        pass
    with pytest.raises(CxError, match="there is no preview of trust"):
        compare(project.home, "trust", project.metrics)


def test_a_metric_without_a_cell_has_nothing_to_show(project: Project) -> None:
    path = project.metrics / "trust.sql"
    never = "= 'trust'\n    and quarter > '2099Q4'"
    path.write_text(path.read_text("utf-8").replace("= 'trust'", never), "utf-8")
    state = quick(project)
    assert state.edition is None
    assert any("nothing that is loaded gives a cell" in problem for problem in state.problems)


def test_the_file_saved_since_is_noticed(project: Project) -> None:
    assert not quick(project).is_behind
    word = preview.stamp(project.home)
    with (project.metrics / "trust.sql").open("a", encoding="utf-8") as file:
        file.write("\n")
    state = read_state(project.home)
    assert state is not None and state.is_behind
    assert preview.stamp(project.home) != word


def test_cells_cost_and_lineage_are_those_of_the_warehouse(drawn: Project) -> None:
    state = read_state(drawn.home)
    assert state is not None
    cells = shown(drawn).table("cell")
    with open_fresh(drawn.home) as connection:
        totals = connection.execute(
            "select count(*), count(*) filter (where quarter = ?) from survey_answers "
            "where measure = 'trust'",
            [LAST_QUARTER],
        ).fetchall()
        one = connection.execute(
            "select n_favourable, n_answers from survey_answers where measure = 'trust' and "
            "component = 'TSA' and channel = 'email' and quarter = ?",
            [LAST_QUARTER],
        ).fetchall()
    assert set(cells["n_cells"]) == {totals[0][0]}
    assert len(cells) == min(totals[0][0], MAX_CELLS)
    mine = cells[
        cells["component"].eq("TSA")
        & cells["channel"].eq("email")
        & cells["quarter"].eq(LAST_QUARTER)
    ]
    assert list(mine[["numerator", "denominator"]].itertuples(index=False, name=None)) == one
    assert state.seconds is not None and 0 < state.seconds < 60
    assert state.n_scanned is not None and state.n_scanned >= totals[0][0]
    sources = sources_of(shown(drawn).table("lineage"), "trust")
    assert sources.direct == ("survey_answers",)
    assert "survey_report" in sources.raw and "instrument" in sources.reference


def test_a_private_edition_says_so_and_no_published_one_has_cells(drawn: Project) -> None:
    published = open_edition(drawn.home)
    assert (published.is_private, published.notices) == (False, [])
    assert "cell" not in published.table_names
    private = shown(drawn)
    assert (private.is_private, private.notices) == (True, [PREVIEW])
    assert [file["name"] for file in private.manifest["files"]] == ["public.duckdb"]
    assert marked_name(private, "trust.csv") == "PREVIEW_trust.csv"
    text = csv_file(private, rows_of(private).head(2)).decode("utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()] == ["data_set", PREVIEW, PREVIEW]
    both = Edition(private.home, private.id, {**private.manifest, "is_demonstration": True})
    assert both.notices == [PREVIEW, DEMONSTRATION]
    assert marked_name(both, "x.csv") == "PREVIEW_DEMONSTRATION_x.csv"


def test_old_editions_are_removed(project: Project) -> None:
    for _ in range(3):
        state = quick(project)
    editions = preview_home(project.home) / "editions"
    assert len(list(editions.glob("2*"))) == 2
    assert str(state.edition) in {path.name for path in editions.glob("2*")}
    other = quick(project, "respondents")
    assert {path.name for path in editions.iterdir()} == {"current", str(other.edition)}


def command(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "metrics", "preview", *arguments, "--once", "--no-open"],
        cwd=project.folder,
        env={**os.environ, "CX_HOME": str(project.home)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_the_command_says_what_would_change_and_what_is_wrong(project: Project) -> None:
    port = str(free_port())
    project.leave_last_quarter_out("trust")
    project.write_catalog_page()
    done = command(project, "trust", "--port", port)
    assert done.returncode == 0, done.stdout + done.stderr
    state = read_state(project.home)
    assert state is not None and state.changes is not None
    n = sum(row["n"] for row in state.changes.counts if row["metric"] == "trust")
    assert f"No dashboard answers on port {port}; start one with `make run`" in done.stdout
    assert f"publishing would change {n} rows of trust and " in done.stdout
    path = project.metrics / "trust.sql"
    path.write_text(path.read_text("utf-8").replace("kind: share", "kind: shard"), "utf-8")
    broken = command(project, "trust", "--port", port)
    assert broken.returncode == 1
    assert re.search(r"^sql/metrics/trust.sql:\d+: key 'kind' is wrong", broken.stdout)
    assert "1 problem; the preview still shows the version of" in broken.stdout
    left = read_state(project.home)
    assert left is not None and left.edition == state.edition
    assert command(project, "trsut").returncode == 2


def test_a_comparison_that_is_ended_leaves_nothing_behind(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(project.home, "trust", False, project.metrics, project.fixtures)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    comparison = preview.Comparison(project.home, "trust")
    comparison.start()
    editions = preview_home(project.home) / "editions"
    for _ in range(12_000):
        if list(editions.glob(".building*")):
            break
        time.sleep(0.01)
    else:
        pytest.fail("the comparison did not start")
    comparison.stop()
    assert list(scratch.iterdir()) == []
    state = read_state(project.home)
    assert state is not None and (state.phase, state.changes) == (preview.ALONE, None)
    assert not list(editions.glob(".building*"))


def free_port() -> int:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return int(server.server_address[1])


@pytest.mark.parametrize(
    ("code", "body", "is_one"),
    [
        (200, b'{"status": "ok", "edition": "x", "version": "1"}', True),
        (503, b'{"status": "no edition", "edition": null, "version": "1"}', True),
        (200, b"<html>something else</html>", False),
        (404, b"", False),
    ],
)
def test_only_a_dashboard_counts_as_one(code: int, body: bytes, is_one: bool) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code if self.path == "/api/health" else 500)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        assert preview.dashboard_answers(server.server_address[1]) is is_one
        thread.join()
    assert not preview.dashboard_answers(free_port())


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that opens the page over a project."""
    monkeypatch.setenv("CX_PREVIEW", "on")
    monkeypatch.setattr(registry, "PAGES", registry.EVERY_PAGE)

    def run(project: Project, **parameters: str) -> AppTest:
        monkeypatch.setenv("CX_HOME", str(project.home))
        app = open_page("preview.py", **parameters)
        assert not app.exception
        return app

    return run


def test_the_page_without_a_preview_says_how_to_make_one(page: Any, made: Project) -> None:
    app = page(made)
    assert app.title[0].value == "Preview"
    assert app.code[0].value == "python -m metrics preview METRIC"


@pytest.mark.parametrize("kind", ["quarter", "fiscal_year"])
@pytest.mark.parametrize("place", ["department", "TSA", "TSA/tsa-contact-center"])
@pytest.mark.parametrize("channel", ["all", "email"])
def test_the_page_draws_the_rows_at_each_level(
    page: Any, drawn: Project, place: str, channel: str, kind: str
) -> None:
    app = page(drawn, **{"place": place, "in": channel, "by": kind})
    assert not app.warning
    component, _, service = place.partition("/")
    rows = shown(drawn).rows(
        metric="trust",
        level="service" if service else "department" if place == "department" else "component",
        component="all" if place == "department" else component,
        service=service or "all",
        channel=channel,
        period_kind=kind,
        breakdown=None,
    )
    rows = rows[rows["value"].notna()]
    assert len(rows) > 0
    words = app.get("vega_lite_chart")[0].proto.alt
    assert words.startswith(f"{PREVIEW}. Line chart.")
    for row in rows.itertuples():
        assert f"{period_label(row.period)} {value_text(row.value, 'share')}" in words


@pytest.mark.parametrize("name", ["trust_distribution", "respondents", "satisfaction"])
def test_the_page_draws_every_kind(page: Any, project: Project, name: str) -> None:
    quick(project, name)
    app = page(project)
    title = shown(project).metrics.loc[name, "title"]
    assert app.title[0].value == f"Preview: {title}"
    assert len(app.get("vega_lite_chart")) >= 1
    assert any("this metric was computed alone" in info.value for info in app.info)


def test_the_page_says_what_would_change(page: Any, project: Project) -> None:
    project.leave_last_quarter_out("trust")
    state = whole(project)
    assert state.changes is not None
    n = sum(row["n"] for row in state.changes.counts if row["metric"] == "trust")
    app = page(project)
    assert not app.info and not app.warning
    assert any(f"**{n} rows** of this metric" in text.value for text in app.markdown)


def test_the_page_says_that_the_comparison_is_being_computed(page: Any, project: Project) -> None:
    draw(project.home, "trust", False, project.metrics, project.fixtures)
    app = page(project)
    assert any("being computed with all metrics" in info.value for info in app.info)


def test_the_page_never_shows_an_old_version_without_saying_so(page: Any, project: Project) -> None:
    first = quick(project)
    path = project.metrics / "trust.sql"
    path.write_text(path.read_text("utf-8").replace("n_favourable", "n_favorable"), "utf-8")
    at = first.saved_at[11:19]
    app = page(project)
    assert app.warning[0].value.startswith("**The file was saved since.**")
    assert f"Shown below is the version saved at {at}" in app.warning[0].value
    state = quick(project)
    app = page(project)
    assert app.error[0].value.startswith("**The file has problems and cannot be run.**")
    assert f"Shown below is the version saved at {at}" in app.error[0].value
    assert app.code[0].value == "\n".join(state.problems)
    assert not app.success


def test_the_page_is_there_only_where_previews_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for value in ("", "off", "1"):
        monkeypatch.setenv("CX_PREVIEW", value)
        assert not access.may_open("preview.py") and access.may_open("data.py")
    monkeypatch.delenv("CX_PREVIEW")
    script = f"""
import streamlit as st
from ui import access
access.routed.set({PAGE!r})
access.guard({PAGE!r})
st.title("Preview")
"""
    app = AppTest.from_string(script).run()
    assert app.error[0].value == "This page can only be opened from the dashboard."
    assert not app.title
    monkeypatch.setenv("CX_PREVIEW", "on")
    assert AppTest.from_string(script).run().title[0].value == "Preview"


def test_a_state_of_another_version_counts_as_none(project: Project) -> None:
    state = quick(project)
    path = preview_home(project.home) / "state.json"
    assert read_state(project.home) == state
    for text in ("", "{}", "[1]", path.read_text("utf-8").replace('"phase"', '"stage"')):
        path.write_text(text, encoding="utf-8")
        assert read_state(project.home) is None
        assert preview.stamp(project.home) == ""
    assert replace(state, file_key="x").is_behind

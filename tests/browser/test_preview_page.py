"""The page of a preview in a real browser, beside the command that watches the file."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from metrics.base.numbers import value_text
from metrics.edition.edition import PREVIEW, open_edition
from tests.browser.conftest import Opener, overflow, serving, settle, violations
from tests.preview_project import LAST_QUARTER, Project, make_project

pytestmark = pytest.mark.browser

SLOW = 90_000


@pytest.fixture(scope="module")
def project(federal_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(federal_home, tmp_path_factory.mktemp("preview") / "project")


@contextmanager
def watching(project: Project, port: str) -> Iterator[None]:
    """Run the command until the block ends."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "metrics", "preview", "trust", "--no-open"),
            *("--port", port),
        ],
        cwd=project.folder,
        env={**os.environ, "CX_HOME": str(project.home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("http://localhost"):
                break
        yield
    finally:
        process.send_signal(2)  # as Ctrl+C
        process.wait(timeout=30)
        process.stdout.close()


def trend(page: Page) -> str:
    """The text alternative of the chart over time."""
    chart = page.locator(".st-key-figure_trend [role='graphics-document']")
    told = str(chart.get_attribute("aria-label"))
    assert told.startswith(f"{PREVIEW}. Line chart.")
    return told


def last_value(project: Project) -> str:
    """The last figure of the Department, as published."""
    rows = open_edition(project.home).rows(
        metric="trust", level="department", channel="all", period=LAST_QUARTER
    )
    return value_text(rows.loc[rows["value"].notna(), "value"].iloc[0], "share")


def test_the_page_follows_the_file(
    visit: Opener, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_PREVIEW", "on")
    with serving(project.home) as base, watching(project, base.rpartition(":")[2]):
        page = visit("/preview", base=base)
        expect(page.get_by_role("heading", level=1)).to_have_text("Preview: Trust")
        expect(page.get_by_text("The file has no problem.")).to_be_visible()
        expect(page.get_by_text("Nothing: every published figure stays")).to_be_visible(
            timeout=SLOW
        )
        settle(page)
        assert violations(page) == []
        assert overflow(page) <= 1
        assert f"FY2023 Q1 {last_value(project)}" in trend(page)

        project.leave_last_quarter_out("trust")
        expect(page.get_by_text("of this metric and")).to_be_visible(timeout=SLOW)
        page.get_by_text("Of this metric:").click()
        expect(page.get_by_role("cell", name="Trust").first).to_be_visible()
        settle(page)
        assert violations(page) == []
        assert "FY2022 Q4" in trend(page)
        assert f"FY2023 Q1 {last_value(project)}" not in trend(page)

        path = project.metrics / "trust.sql"
        path.write_text(path.read_text("utf-8").replace("n_favourable", "n_favorable"), "utf-8")
        expect(page.get_by_text("The file has problems and cannot be run.")).to_be_visible(
            timeout=SLOW
        )
        expect(page.get_by_text("Shown below is the version saved at")).to_be_visible()
        expect(page.get_by_text("trust.sql:").first).to_be_visible()
        settle(page)
        assert violations(page) == []

        narrow = visit("/preview?place=TSA", width=390, base=base)
        expect(narrow.get_by_role("heading", level=1)).to_have_text("Preview: Trust")
        assert violations(narrow) == []
        assert overflow(narrow) <= 1


def test_a_server_without_the_setting_has_no_such_page(
    visit: Opener, federal_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CX_PREVIEW", raising=False)
    with serving(federal_home) as base:
        page = visit("/preview", base=base)
        assert page.get_by_role("link", name="Preview").count() == 0
        assert page.get_by_role("heading", name="Preview").count() == 0

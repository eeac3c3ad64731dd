"""The pages in a real browser on the demonstration, where every section has figures."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import check_look, check_view, serving, settle

pytestmark = pytest.mark.browser

PATHS = {
    "Department": "/?data=demo",
    "Component": "/component?data=demo&component=USCIS",
    "Compare": "/compare?data=demo",
    "Feedback": "/feedback?data=demo&component=TSA",
    "Comments that were searched": "/feedback?data=demo&component=TSA&search=wait",
    "Burden": "/burden?data=demo",
    "Time and volume": "/time?data=demo&component=USCIS",
    "Maturity": "/maturity?data=demo",
    "Maturity of a Component": "/maturity?data=demo&component=TSA",
    "Metrics": "/metrics?data=demo",
    "Data": "/data?data=demo",
}


OTHER_VIEWS = {PATHS["Comments that were searched"], PATHS["Maturity of a Component"]}


@pytest.fixture(scope="module")
def demo_address(demo_home: Path) -> Iterator[str]:
    """Address of a server that shows the demonstration, to a team that may read comments."""
    with (
        mock.patch.dict(os.environ, {"CX_TEAM": "all"}),
        serving(demo_home.parent.parent) as address,
    ):
        yield address


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_page_opens_fits_and_has_nothing_to_fix(tab: Page, demo_address: str, path: str) -> None:
    page = tab
    page.set_default_timeout(30_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(demo_address + path)
    settle(page)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.get_by_text("DEMONSTRATION DATA").count() > 1
    if path in OTHER_VIEWS:
        check_view(page)
    else:
        check_look(page)
    assert problems == []

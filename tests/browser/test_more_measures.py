"""A metric that an analyst added as one file, in a real browser: seen, opened, fitting."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from metrics.base.numbers import value_text
from metrics.edition.edition import open_edition
from tests.browser.conftest import Opener, overflow, serving, settle, violations
from tests.new_metrics import NEW

pytestmark = pytest.mark.browser

PARTS = next(new for new in NEW if new.name == "new_total_parts")


@pytest.fixture(scope="module")
def home(new_metrics_home: Path) -> Path:
    return new_metrics_home


@pytest.fixture(scope="module")
def new_address(home: Path) -> Iterator[str]:
    """Address of a server that shows the new metrics."""
    with serving(home) as found:
        yield found


def is_sound(page: Page) -> bool:
    """Say whether a page fits, shows no exception and leaves axe nothing to fix."""
    assert page.locator("[data-testid=stException]").count() == 0
    assert overflow(page) <= 1
    assert violations(page) == []
    return True


def test_a_new_metric_is_seen_opened_and_shared(
    visit: Opener, new_address: str, home: Path
) -> None:
    page = visit("/", base=new_address)
    expect(page.get_by_role("heading", name="More measures")).to_be_visible()
    link = page.get_by_role("link", name=PARTS.title).first
    expect(link).to_be_visible()
    closed = page.get_by_text("What customers answered: 28 more measures")
    expect(closed).to_be_visible()
    assert page.get_by_text("Trust, mean score").count() == 0
    assert is_sound(page)

    closed.click()
    expect(page.get_by_role("link", name="Trust, mean score").first).to_be_visible()
    page.wait_for_url("**more_experience=true**")
    settle(page)
    assert is_sound(page)

    closer = page.get_by_role("combobox", name="Look closer at")
    closer.focus()
    closer.press("ArrowDown")
    page.get_by_role("option", name=PARTS.title, exact=True).click()
    page.wait_for_url(f"**more={PARTS.name}**")
    settle(page)
    rows = open_edition(home).rows(
        metric=PARTS.name, level="component", component="TSA", channel="all", period="2023Q1"
    )
    drawn = page.locator(".st-key-figure_more .stVegaLiteChart svg text").all_text_contents()
    total = rows.loc[rows["breakdown"].isna(), "value"].iloc[0]
    assert value_text(total, PARTS.kind) in drawn and PARTS.unit in drawn
    page.locator(".st-key-figure_more summary").click()
    table = page.locator(".st-key-figure_more table")
    expect(table).to_contain_text(value_text(total, PARTS.kind))
    assert is_sound(page)

    other = visit("", width=390, base=page.url)
    expect(other.locator(".st-key-figure_more_parts .stVegaLiteChart svg")).to_be_visible()
    expect(other.get_by_role("link", name="Trust, mean score").first).to_be_visible()
    assert is_sound(other)


@pytest.mark.parametrize(
    "path",
    [
        f"/component?component=TSA&more={PARTS.name}&part=good",
        f"/compare?metric={PARTS.name}&part=bad",
        "/metrics?find=new%20total",
        "/metrics?find=zebra%20crossing",
    ],
    ids=["Component", "Compare", "Metrics", "Metrics, nothing found"],
)
def test_its_other_pages_fit_and_leave_nothing_to_fix(
    visit: Opener, new_address: str, path: str
) -> None:
    page = visit(path, base=new_address)
    if "zebra" not in path:
        expect(page.get_by_text(PARTS.title).first).to_be_visible()
    assert is_sound(page)
    page.set_viewport_size({"width": 390, "height": 900})
    settle(page)
    assert is_sound(page)

"""What a reader without mouse, without sight or with large text can do."""

import itertools
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from metrics.base.numbers import value_text
from metrics.edition.edition import Edition
from metrics.tell.sentences import without_grain
from tests.browser.conftest import Opener, overflow, settle

pytestmark = pytest.mark.browser


def tab_to(page: Page, selector: str, limit: int = 150) -> None:
    """Press Tab until an element that matches the selector has the focus; it must be seen."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate(
                "() => [document.activeElement, document.activeElement.closest('details')]"
                ".filter(Boolean).map((node) => getComputedStyle(node))"
                ".map((style) => style.outlineStyle + style.boxShadow).join()"
            )
            assert re.search("solid|auto|rgb", outline), "the focus is seen"
            return
    pytest.fail(f"the keyboard never reached {selector}")


def test_the_keyboard_alone_leads_from_the_department_to_the_file(
    visit: Opener, federal: Edition
) -> None:
    first = visit("/")
    tab_to(first, "a[href*='component=TSA'][href*='measure=trust']")
    with first.context.expect_page() as opened:  # links in texts and tables open a new tab
        first.keyboard.press("Enter")
    page = opened.value
    page.wait_for_url("**/component?**component=TSA**")
    settle(page)
    tab_to(page, ".st-key-figure_trend .stTooltipIcon button")
    definition = without_grain(federal.metrics.loc["trust", "description"])
    page.get_by_role("tooltip").get_by_text(definition).wait_for()
    tab_to(page, ".st-key-figure_trend summary")
    page.keyboard.press("Enter")
    table = page.locator(".st-key-figure_trend table")
    table.wait_for(state="visible")
    settle(page)
    row = federal.rows(
        metric="trust", level="component", component="TSA", channel="email", period="2022Q4"
    ).iloc[0]
    assert value_text(row["value"], "share") in table.inner_text()
    tab_to(page, ".st-key-figure_trend button[kind], .st-key-figure_trend .stDownloadButton button")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "Channel" in text.splitlines()[0] or "Series" in text.splitlines()[0]
    assert value_text(row["value"], "share") in text


def test_the_first_link_skips_the_navigation(visit: Opener) -> None:
    page = visit("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("path", ["/component?component=TSA", "/", "/compare?component=TSA"])
def test_each_chart_says_the_numbers_of_its_table(visit: Opener, path: str) -> None:
    page = visit(path)
    figures = page.locator("[class*='st-key-figure_']").all()
    assert figures
    n_values = 0
    for figure in figures:
        figure.locator("summary").first.click()
    settle(page)
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    names = {node["name"]["value"] for node in nodes if node.get("name")}
    for figure in figures:
        label = figure.locator("[role='graphics-document']").first.get_attribute("aria-label")
        assert label in names, "the text alternative is what a screen reader is given"
        table = figure.locator("table")
        heads = table.locator("thead th").all_inner_texts()
        at = next((i for i, head in enumerate(heads) if head in ("Value", "Share")), None)
        if at is None:
            continue
        for line in table.locator("tbody tr").all():
            value = line.locator("td, th").nth(at).inner_text().strip()
            if value != "–":
                n_values += 1
                assert value in label, (value, label)
    assert n_values > 0


def test_every_table_has_headers_and_every_page_a_language_and_a_title(visit: Opener) -> None:
    page = visit("/component?component=TSA")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert "Component" in page.title()
    for table in page.locator(".stTable table").all():
        assert table.locator("thead th").count() > 0
    levels = page.evaluate(
        "() => [...document.querySelectorAll('[data-testid=stMain] :is(h1,h2,h3,h4)')]"
        ".map((node) => Number(node.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_at_400_percent_nothing_sticks_out(visit: Opener) -> None:
    """1280 px at 400 % are 320 CSS pixels."""
    for path in ("/", "/component?component=TSA"):
        assert overflow(visit(path, width=320)) <= 1

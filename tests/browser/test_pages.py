"""The dashboard in a real browser, as its readers see it."""

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from metrics.base.numbers import value_text
from metrics.edition.edition import Edition
from metrics.tell.vocabulary import MEASURES
from tests.browser.conftest import Opener, check_view, serving, settle

pytestmark = pytest.mark.browser

PATHS = {
    "Department": "/",
    "Component": "/component?component=TSA",
    "Component, none chosen": "/component",
    "Component, not designated": "/component?component=CISA",
    "Component, nothing reported": "/component?component=CBP",
    "Component, broken series": "/component?component=FEMA&measure=satisfaction",
    "Compare": "/compare",
    "Compare counts by channel": "/compare?metric=respondents&by=channel",
    "Feedback": "/feedback",
    "Feedback by month": "/feedback?by=month&month=2024-10",
    "Burden": "/burden",
    "Burden, a scenario": "/burden?form=1615-0023",
    "Time and volume": "/time?component=CBP",
    "Maturity": "/maturity",
    "Metrics": "/metrics",
    "Data": "/data",
}


def _main(page: Page) -> str:
    return page.inner_text("[data-testid=stMain]")


def _said(page: Page) -> list[str]:
    """Everything the page says: texts, and the words of its charts."""
    main = page.locator("[data-testid=stMain]")
    texts: list[str] = main.evaluate(
        """node => [...node.querySelectorAll('[data-testid=stMarkdownContainer], h1, h2, h3')]
            .filter((text) => !text.closest('details')).map((text) => text.textContent)"""
    )
    charts = main.locator(".stVegaLiteChart [aria-label]").all()
    return texts + [str(chart.get_attribute("aria-label")) for chart in charts]


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_page_opens_fits_and_asks_no_other_host(tab: Page, address: str, path: str) -> None:
    page = tab
    hosts: set[str] = set()
    problems: list[str] = []
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text)
            if message.type == "error" and "404" not in message.text
            else None
        ),
    )
    page.goto(address + path)
    settle(page)
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stAlertContentError]").count() == 0
    assert page.locator("h1").count() == 1
    assert problems == []
    assert hosts == {address.split("/")[2]}
    # In dark and narrow each page is looked at on the demonstration, where it has most to show.
    check_view(page)


@pytest.mark.parametrize("component", ["TSA", "FEMA", "USCIS"])
def test_choosing_a_component_shows_its_real_figures(
    visit: Opener, federal: Edition, component: str
) -> None:
    page = visit("/component")
    page.get_by_role("combobox", name="Component").click()
    page.get_by_role("option", name=component, exact=True).click()
    period = federal.periods("quarter")[-1]
    rows = federal.rows(
        metric=list(MEASURES),
        level="component",
        component=component,
        channel="all",
        period=period,
    )
    assert len(rows) == len(MEASURES)
    expect(page).to_have_url(f"{page.url.split('?')[0]}?component={component}")
    settle(page)
    chart = page.locator(".st-key-figure_measures .stVegaLiteChart svg")
    expect(chart).to_be_visible()
    drawn = set(chart.locator("text").all_text_contents())
    for value in rows["value"]:
        assert value_text(value, "share") in drawn


def test_the_address_reproduces_the_view(visit: Opener) -> None:
    page = visit("/component?component=TSA")
    page.get_by_role("combobox", name="Channel").click()
    page.get_by_role("option", name="E-mail", exact=True).click()
    page.wait_for_url("**channel=email**")
    settle(page)
    page.get_by_role("combobox", name="Period").click()
    page.get_by_role("option", name="FY2022 Q3", exact=False).click()
    page.wait_for_url("**period=2022Q3**")
    settle(page)
    measure = page.get_by_role("combobox", name="Measure")
    measure.focus()
    measure.press("ArrowDown")
    page.get_by_role("option", name="Ease", exact=True).click()
    page.wait_for_url("**measure=ease**")
    settle(page)
    expect(page.get_by_role("heading", name="Ease of TSA", exact=False)).to_be_visible()
    address = page.url
    seen = _said(page)
    other = visit("", base=address)
    expect(other.get_by_role("heading", name="Ease of TSA", exact=False)).to_be_visible()
    assert _said(other) == seen
    assert any("FY2022 Q3, e-mail" in text for text in seen)


def test_filters_are_kept_from_page_to_page(visit: Opener) -> None:
    page = visit("/component?component=TSA&channel=email&period=2022Q3")
    page.get_by_role("link", name="Compare").click()
    page.wait_for_url("**/compare?**channel=email**")
    settle(page)
    assert "component=TSA" in page.url and "period=2022Q3" in page.url
    assert "in FY2022 Q3" in _main(page)


def test_a_wrong_value_in_a_link_is_said(visit: Opener) -> None:
    page = visit("/component?component=NASA&channel=pigeon")
    text = _main(page)
    assert "The link asks for component “NASA”, which does not exist." in text
    assert "The link asks for channel “pigeon”, which does not exist." in text


def test_a_link_below_the_grid_opens_the_component_with_the_filters(visit: Opener) -> None:
    page = visit("/?period=2022Q3&channel=email")
    page.get_by_role("link", name="Open TSA").click()
    page.wait_for_url(re.compile("/component.*component=TSA"))
    assert "period=2022Q3" in page.url and "channel=email" in page.url
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Transportation Security Administration"
    )


def test_not_designated_and_not_reported_are_said_in_words(visit: Opener) -> None:
    assert "no service designated" in _main(visit("/component?component=CISA"))
    text = _main(visit("/component?component=CBP"))
    assert "not reported" in text and "No report was filed." in text


def test_a_fall_that_the_mix_made_says_so(visit: Opener) -> None:
    page = visit("/component?component=TSA&period=2022Q4")
    assert (
        "The figure fell 6.7 points; at a fixed mix of services, channels and quarters it fell 0.7 "
        "points."
    ) in _main(page)


def test_the_keyboard_reaches_and_scrolls_a_wide_table(visit: Opener) -> None:
    page = visit("/data", width=390)
    page.evaluate("""() => {
        window.cxScroller = [...document.querySelectorAll('.stTable *')]
            .find((node) => node.scrollWidth > node.clientWidth + 20
                && getComputedStyle(node).overflowX !== 'visible');
    }""")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("window.cxScroller.contains(document.activeElement)"):
            break
    else:
        pytest.fail("the keyboard never reached the table")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => window.cxScroller.scrollLeft > 0")


def test_charts_speak_and_their_tables_are_real(visit: Opener, federal: Edition) -> None:
    page = visit("/component?component=TSA")
    words = page.locator(".st-key-figure_trend [role='graphics-document']").first.get_attribute(
        "aria-label"
    )
    row = federal.rows(
        metric="trust", level="component", component="TSA", channel="email", period="2022Q4"
    ).iloc[0]
    assert words is not None and value_text(row["value"], "share") in words
    page.locator(".st-key-figure_trend summary").click()
    table = page.locator(".st-key-figure_trend table")
    expect(table).to_be_visible()
    assert value_text(row["value"], "share") in table.inner_text()


def test_the_table_of_a_chart_holds_the_government_too(visit: Opener, federal: Edition) -> None:
    row = federal.rows(
        metric="trust", level="component", component="USCIS", channel="all", period="2023Q1"
    ).iloc[0]
    page = visit("/component?component=USCIS")
    page.locator(".st-key-figure_measures summary").click()
    table = page.locator(".st-key-figure_measures table")
    expect(table).to_be_visible()
    expect(table).to_contain_text("Rest of the government")
    expect(table).to_contain_text(value_text(row["benchmark"], "share"))


def test_a_fresh_server_never_runs_a_page_past_the_router(
    browser: Browser, federal_home: Path
) -> None:
    with serving(federal_home) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/component?component=TSA")
        settle(page)
        assert page.get_by_role("combobox", name="Component").count() == 1
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Transportation Security Administration"
        )
        context.close()


def test_without_an_edition_the_page_says_what_to_do(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        expect(page.get_by_role("heading", name="Nothing is published yet")).to_be_visible(
            timeout=30_000
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}/api/health")
        assert refused.value.code == 503
        context.close()


def test_health_and_security_headers(address: str, federal: Edition) -> None:
    with urllib.request.urlopen(f"{address}/api/health") as answer:
        assert json.load(answer)["edition"] == federal.id
    with urllib.request.urlopen(address) as answer:
        policy = answer.headers["content-security-policy"]
        assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"

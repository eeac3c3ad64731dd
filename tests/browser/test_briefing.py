"""A briefing in a real browser: read, and fetched from the dashboard."""

from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from metrics.deliver import briefing
from metrics.deliver.document import as_html
from metrics.edition.edition import Edition, open_edition
from tests.browser.conftest import Opener, violations

pytestmark = pytest.mark.browser


def test_the_html_is_accessible_and_fits(browser: Browser, demo_home: Path, tmp_path: Path) -> None:
    opened = open_edition(demo_home)
    about = briefing.subject(opened, "TSA", opened.periods("quarter")[-1])
    path = tmp_path / "briefing.html"
    path.write_text(as_html(briefing.make_briefing(about, with_comments=True)), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto(path.as_uri())
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert violations(page) == []
    assert problems == []
    levels = page.locator("h1, h2, h3").evaluate_all("nodes => nodes.map((node) => node.tagName)")
    assert levels.count("H1") == 1 and levels[0] == "H1"
    charts = page.locator("[role=img]")
    assert charts.count() == 2
    for name in charts.evaluate_all("nodes => nodes.map((node) => node.ariaLabel)"):
        assert name.startswith("DEMONSTRATION DATA. ")
    assert page.locator("blockquote").count() == briefing.N_COMMENTS
    context.close()


def test_the_page_writes_a_briefing_when_asked_and_prints_without_controls(
    visit: Opener, federal: Edition, tmp_path: Path
) -> None:
    page = visit("/component?component=TSA&period=2022Q3")
    with page.expect_download(timeout=30_000) as waiting:
        page.get_by_role("button", name="Briefing of FY2022 Q3 as PDF").click()
    assert waiting.value.suggested_filename == f"briefing_TSA_2022Q3_{federal.id}.pdf"
    waiting.value.save_as(tmp_path / "briefing.pdf")
    reader = PdfReader(tmp_path / "briefing.pdf")
    assert "Customer experience of TSA, FY2022 Q3" in str(reader.metadata and reader.metadata.title)
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(found.extract_text() for found in printed.pages)
    assert "All measures in FY2022 Q3" in text and "Who was asked, who answered" in text
    for control in ("Filters", "Briefing of", "Numbers behind this chart", "Download"):
        assert control not in text

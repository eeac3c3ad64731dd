"""Files from a page, downloaded in a real browser with the keyboard alone."""

import io
from pathlib import Path

import openpyxl
import pypdf
import pytest

from tests.browser.conftest import Opener, overflow, settle, violations

pytestmark = pytest.mark.browser


def test_a_picture_and_a_spreadsheet_are_downloaded_by_keyboard(visit: Opener) -> None:
    page = visit("/component?component=TSA", 390)
    page.locator("summary", has_text="Numbers behind this chart").first.press("Enter")
    button = page.get_by_role("button", name="Download as PDF")
    button.focus()
    settle(page)
    assert violations(page) == []
    assert overflow(page) <= 1
    answers = page.locator("[class*=st-key-figure_] h3").all_inner_texts()
    with page.expect_download() as picture:
        button.press("Enter")
    reader = pypdf.PdfReader(Path(picture.value.path()))
    assert reader.metadata is not None and reader.metadata.title == answers[0]
    with page.expect_download() as spreadsheet:
        page.get_by_role("button", name="Download this page as a spreadsheet").press("Enter")
    book = openpyxl.load_workbook(io.BytesIO(Path(spreadsheet.value.path()).read_bytes()))
    titles = [sheet["A1"].value for sheet in book.worksheets[2:]]
    assert [title for title in titles if title in answers] == answers
    assert "Who was asked, who answered" in titles

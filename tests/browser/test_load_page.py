"""From files to a new edition in a real browser, on a server that may load and on one that
may not."""

import csv
import io
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from metrics.edition.manifest import current_id
from tests.browser.conftest import Opener, overflow, serving, settle, violations
from tests.conftest import without_counts
from tests.test_load_page import COMMENT, responses

pytestmark = pytest.mark.browser

SLOW = 60_000


@pytest.fixture
def home(federal_home: Path, tmp_path: Path) -> Path:
    """A CX_HOME of its own to load into."""
    return without_counts(shutil.copytree(federal_home, tmp_path / "home"))


@pytest.fixture
def loading(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a server that may load."""
    monkeypatch.setenv("CX_LOADING", "on")
    with serving(home) as found:
        yield found


def step(page: Page, name: str, button: str) -> None:
    """Wait for a step, and for a button of it that shows when no command runs."""
    expect(page.get_by_role("heading", level=2, name=name)).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name=button, exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    settle(page)


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).first.click()
    settle(page)


def nothing_to_fix(page: Page) -> None:
    """Axe finds nothing, and nothing sticks out to the side. The area for dropping files,
    which is Streamlit's own, holds a button that the keyboard reaches; axe asks for none."""
    found = violations(page)
    assert [item for item in found if "stFileUploaderDropzone" not in item] == []
    assert all(item.startswith("presentation-role-conflict") for item in found)
    assert overflow(page) <= 1


def rows(page: Page, number: int) -> list[list[str]]:
    """The texts of a table's body."""
    table = page.locator(".stTable table").nth(number)
    expect(table).to_be_visible()
    found: list[list[str]] = table.evaluate(
        "node => [...node.querySelectorAll('tbody tr')]"
        ".map((row) => [...row.querySelectorAll('td, th')].map((cell) => cell.innerText.trim()))"
    )
    return found


@pytest.mark.parametrize("width", [390])
def test_from_a_file_to_a_new_edition(visit: Opener, home: Path, loading: str, width: int) -> None:
    before = current_id(home)
    page = visit("/load", width=width, base=loading)
    addresses, problems = [page.url], []
    page.on("framenavigated", lambda frame: addresses.append(frame.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    step(page, "Step 1 of 4: Choose files", "Check the files")
    nothing_to_fix(page)

    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload", exact=True).press("Enter")
    chooser.value.set_files(
        [{"name": "answers.csv", "mimeType": "text/csv", "buffer": responses()}]
    )
    expect(page.get_by_text("answers.csv")).to_be_visible()
    choose(page, "Format", "Touchpoints: CX responses")
    choose(page, "Survey", "FEMA customer experience survey (Applying for disaster assistance)")
    choose(page, "Quarter", re.compile("Q4"))
    nothing_to_fix(page)

    page.get_by_role("button", name="Check the files").press("Enter")
    step(page, "Step 2 of 4: Check", "Continue to loading")
    expect(page.get_by_role("status").first).to_contain_text(
        "2 rows can be loaded. Duplicate: 1. Rejected: 1."
    )
    assert [row[:2] for row in rows(page, 0)] == [
        ["In the file", "4"],
        ["Accepted", "2"],
        ["Duplicate", "1"],
        ["Rejected", "1"],
        ["Restated", "0"],
    ]
    ((column, reason, n_rows, line),) = rows(page, 1)
    assert (column, n_rows, line) == ("question_1", "1", "5") and "example.org" in reason
    assert page.locator(".stTable a").count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the rejected rows").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    (rejected,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (rejected["file"], rejected["line_number"]) == ("answers.csv", "5")
    assert not any(value.startswith(("=", "+", "-", "@")) for value in rejected.values())
    nothing_to_fix(page)

    page.get_by_role("button", name="Continue to loading").press("Enter")
    step(page, "Step 3 of 4: Load", "Back to the check")
    load = page.get_by_role("button", name="Load 2 rows")
    expect(load).to_be_disabled()
    page.get_by_role("checkbox", name="Yes, keep 2 rows").press("Space")
    expect(load).to_be_enabled()
    nothing_to_fix(page)
    load.press("Enter")
    step(page, "Step 4 of 4: Publish", "Publish")
    assert current_id(home) == before
    expect(page.get_by_text("Loaded: 2 rows kept.")).to_be_visible()
    nothing_to_fix(page)
    page.get_by_role("button", name="Publish", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    nothing_to_fix(page)
    expect(page.get_by_text("Published. The pages now show edition")).to_be_visible(timeout=SLOW)
    after = current_id(home)
    assert after is not None and after != before
    settle(page)
    expect(page.get_by_text("Data through")).to_contain_text(f"Edition {after}.")
    nothing_to_fix(page)

    page.get_by_role("link", name="Open the Department page").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Department of Homeland Security")
    settle(page)
    expect(page.get_by_text("Data through")).to_contain_text(f"Edition {after}.")
    fresh = visit("/data", base=loading)
    # Of single responses the public page names the survey, not the file.
    expect(fresh.get_by_text("Single responses of 1 survey are loaded")).to_be_visible()
    expect(fresh.get_by_text("answers.csv")).to_have_count(0)
    assert problems == []
    assert all("?" not in address and COMMENT not in address for address in addresses)


def test_a_fresh_server_that_may_not_load_has_no_such_page(
    browser: Browser, federal_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CX_LOADING", raising=False)
    with serving(federal_home) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/load")
        settle(page)
        assert page.locator("input[type=file]").count() == 0
        assert page.get_by_role("heading", name="Load data").count() == 0
        assert page.get_by_role("link", name="Load data").count() == 0
        context.close()
        upload = urllib.request.Request(
            f"{address}/_stcore/upload_file/any/any", data=b"1", method="PUT"
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(upload)
        assert refused.value.code == 403
        assert refused.value.read() == b"This dashboard takes no files."
        assert refused.value.headers["x-content-type-options"] == "nosniff"

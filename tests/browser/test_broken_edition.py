"""A broken edition or page in a real browser: one plain message, never a blank page."""

import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, expect

from metrics.edition.manifest import PUBLIC, current_id
from tests.browser.conftest import serving, settle, violations

BROKEN_APP = """
import streamlit as st
from ui.trouble import show_fault
app = st.App({script!r}, on_script_error=show_fault)
"""
BROKEN_SCRIPT = """
import streamlit as st
st.title("Above")
st.button("Fail in a callback", on_click=lambda: 1 / 0)
if st.button("Fail in a page"):
    raise ValueError("secret of the program")
"""


def reason(address: str) -> tuple[int, dict[str, str | None]]:
    """Return code and body of the health route."""
    try:
        with urllib.request.urlopen(f"{address}/api/health") as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_an_edition_that_breaks_under_a_server_is_said(
    browser: Browser, federal_home: Path, tmp_path: Path
) -> None:
    shutil.copytree(federal_home / "editions", tmp_path / "editions")
    folder = tmp_path / "editions" / str(current_id(tmp_path))
    with serving(tmp_path) as address:
        page = browser.new_context().new_page()
        page.goto(f"{address}/component?component=TSA")
        settle(page)
        whole = (folder / PUBLIC).read_bytes()
        (folder / PUBLIC).write_bytes(whole[: len(whole) // 2])
        page.reload()
        heading = page.get_by_test_id("stMain").get_by_role("heading", level=1)
        expect(heading).to_have_text("The figures cannot be shown", timeout=30_000)
        told = page.get_by_test_id("stMain").get_by_role("alert")
        expect(told).to_contain_text("public.duckdb is cut:")
        expect(told).to_contain_text("python -m metrics publish")
        expect(page.get_by_test_id("stMain")).not_to_contain_text("Traceback")
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_role("link", name="Compare")).to_be_visible()
        assert violations(page) == []
        code, body = reason(address)
        assert code == 503 and "is cut" in str(body["reason"]) and str(tmp_path) not in str(body)
        (folder / PUBLIC).write_bytes(whole)
        page.reload()
        settle(page)
        assert reason(address)[0] == 200
        folder.rename(tmp_path / "elsewhere")
        page.reload()
        expect(heading).to_have_text("The figures cannot be shown", timeout=30_000)
        expect(told).to_contain_text("which is no edition here")


def test_a_page_that_breaks_off_says_so(browser: Browser, tmp_path: Path) -> None:
    script, app = tmp_path / "script.py", tmp_path / "app.py"
    script.write_text(BROKEN_SCRIPT)
    app.write_text(BROKEN_APP.format(script=str(script)))
    with serving(tmp_path, app) as address:
        page = browser.new_context().new_page()
        page.goto(address)
        for button in ("Fail in a page", "Fail in a callback"):
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role("alert")).to_contain_text("This page broke off.")
            expect(page.get_by_test_id("stException")).to_have_count(0)
            assert "secret of the program" not in page.content()
            page.reload()
            expect(page.get_by_role("button", name=button)).to_be_visible(timeout=30_000)

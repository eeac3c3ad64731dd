"""A real server on a free port and a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from metrics.tell.palette import DARK

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


def chromium() -> str | None:
    """Path of Chromium; None where there is none."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; where there is none the test is skipped, or fails where CI asks for it."""
    path = chromium()
    if path is None:
        message = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CX_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Iterator[BrowserContext]:
    """One browser window, in whose tabs tests open pages: what a page loads is kept."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def tab(tabs: BrowserContext) -> Iterator[Page]:
    """A tab of its own, 1280 px wide, in which nothing was opened yet."""
    page = tabs.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    yield page
    page.close()


@contextmanager
def serving(home: Path, script: Path = ROOT / "app.py") -> Iterator[str]:
    """Run the dashboard, or another script, on a free port until the block ends."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "CX_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).read()
                break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("the server did not start within a minute")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def address(federal_home: Path) -> Iterator[str]:
    """Address of a server that shows the federal edition."""
    with serving(federal_home) as found:
        yield found


Opener = Callable[..., Page]


@pytest.fixture
def visit(tabs: BrowserContext, address: str) -> Iterator[Opener]:
    """Return a function that opens a path of the dashboard in a tab of its own and waits
    until the page has been drawn."""

    def go(path: str, width: int = 1280, base: str | None = None) -> Page:
        page = tabs.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.set_default_timeout(15_000)
        page.goto((base or address) + path)
        settle(page)
        return page

    yield go
    for page in tabs.pages:
        page.close()


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    main = page.locator("[data-testid=stMain]")
    return int(main.evaluate("node => node.scrollWidth - node.clientWidth"))


def violations(page: Page, rule: str | None = None) -> list[str]:
    """Return what axe finds to fix on the page, by all rules or one."""
    # What passes is not asked for: to describe each element of it takes most of axe's time.
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rule:
        options["runOnly"] = {"type": "rule", "values": [rule]}
    found = Axe().run(page, options=options).response["violations"]
    # Chromium and Firefox let the keyboard into a table that scrolls sideways, as a test
    # of the pages proves; axe does not know that.
    return [
        f"{item['id']} ({item['impact']}): {[node['html'][:160] for node in item['nodes'][:3]]}"
        for item in found
        if item["id"] != "scrollable-region-focusable"
    ]


def colors_of_charts(page: Page) -> set[str]:
    """Return the colors that the charts of a page are drawn in."""
    found = page.evaluate(
        """() => [...document.querySelectorAll('.stVegaLiteChart svg *')]
            .flatMap((node) => [node.getAttribute('fill'), node.getAttribute('stroke')])
            .filter((color) => color && /^#|^rgb/.test(color))"""
    )
    return set(found)


def check_look(page: Page) -> None:
    """Check a page, opened at 1280 px in light colors, at both widths and in both color
    schemes: it fits, axe finds nothing, and every color of a chart has a dark counterpart.
    In dark only colors differ, and those do not depend on the width, so only they are checked
    again, once."""
    assert overflow(page) <= 1
    assert violations(page) == []
    assert colors_of_charts(page) <= DARK.keys()
    page.emulate_media(color_scheme="dark")
    settle(page)
    assert violations(page, "color-contrast") == [], "dark"
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 390, "height": 900})
    settle(page)
    assert overflow(page) <= 1
    assert violations(page) == [], "narrow"


def check_view(page: Page) -> None:
    """Check another view of a page that `check_look` sees: axe finds nothing at 1280 px, and
    it fits at 390."""
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 900})
    settle(page)
    assert overflow(page) <= 1


def settle(page: Page) -> None:
    """Wait until no script runs, every chart is drawn, nothing fades or slides, and the page
    has stopped growing."""
    page.wait_for_selector("h1", timeout=30_000)
    page.wait_for_selector("text=Data through", timeout=30_000)
    page.wait_for_function(
        """() => {
            const drawn = [...document.querySelectorAll('.stVegaLiteChart')]
                .every((chart) => chart.querySelector('svg, canvas'));
            const app = document.querySelector('[data-testid=stApp]');
            const main = document.querySelector('[data-testid=stMain]');
            const ready = drawn && app.dataset.testScriptState === 'notRunning'
                && !document.querySelector('[data-stale=true]')
                && !document.getAnimations().some((one) => one.playState === 'running');
            const size = [document.querySelectorAll('*').length, main.scrollWidth,
                main.scrollHeight, main.clientWidth].join();
            window.cxSame = ready && window.cxSize === size ? (window.cxSame || 0) + 1 : 0;
            window.cxSize = size;
            return window.cxSame >= 4;
        }""",
        polling=50,
    )

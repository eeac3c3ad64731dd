"""`make tour`: the pictures of docs/tour.md, of every page, on the figures that ship and on
the demonstration, in light and dark, on a desk and on a phone."""

import io
import os
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from metrics.base.settings import ROOT
from metrics.build import build
from metrics.desk.preview import compare, draw
from tests.browser.conftest import ARGUMENTS, chromium, serving, settle
from ui.registry import EVERY_PAGE

FOLDER = ROOT / "docs" / "tour"
CHOICES = {
    "component": ("component=TSA", "component=USCIS"),
    "feedback": ("component=TSA", "component=USCIS"),
    "time": ("component=CBP", "component=USCIS"),
}
"""What a page shows of the figures that ship, and of the demonstration."""
WITHOUT_DEMONSTRATION = ("load", "preview")
HEIGHT, WIDTHS, GAP = 1250, (1280, 390), 24
COLORS = 96


def picture(browser: Browser, address: str, scheme: str) -> Image.Image:
    """Return a page on a desk and, to the right of it, on a phone."""
    shots = []
    for width in WIDTHS:
        page = browser.new_page(
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page.goto(address)
        settle(page)
        shots.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
        page.close()
    both = Image.new("RGB", (sum(WIDTHS) + GAP, HEIGHT), "#808080")
    both.paste(shots[0], (0, 0))
    both.paste(shots[1], (WIDTHS[0] + GAP, 0))
    # Few colors make a small file, and pages have few.
    return both.quantize(COLORS, dither=Image.Dither.NONE)


def main() -> None:
    """Build both data sets in a folder of their own, and take all pictures."""
    path = chromium()
    if path is None:
        sys.exit("Chromium is not installed (Debian: apt-get install chromium)")
    os.environ |= {"CX_LOADING": "on", "CX_PREVIEW": "on", "CX_TEAM": "all"}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        build(home)
        build(home / "datasets" / "demo", "demo")
        draw(home, "trust")
        compare(home, "trust")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        FOLDER.mkdir(exist_ok=True)
        for old in FOLDER.glob("*.png"):
            old.unlink()
        with serving(home) as address:
            for entry in EVERY_PAGE:
                name = entry.script.removesuffix(".py")
                federal, demo = CHOICES.get(entry.address, ("", ""))
                views = {"federal": federal}
                if name not in WITHOUT_DEMONSTRATION:
                    views["demonstration"] = f"data=demo&{demo}".rstrip("&")
                for dataset, query in views.items():
                    for scheme in ("light", "dark"):
                        file = FOLDER / f"{name}-{dataset}-{scheme}.png"
                        taken = picture(browser, f"{address}/{entry.address}?{query}", scheme)
                        taken.save(file, optimize=True)
                        print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e3:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()

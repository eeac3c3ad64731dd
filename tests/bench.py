"""`make bench`: what things cost, as ratios to a floor measured in the same run.

Every line names the work, its seconds, the floor and the ratio. Ratios can be compared
between machines; seconds cannot.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from unittest import mock

import duckdb
import pandas as pd
from playwright.sync_api import Page, sync_playwright

from metrics.base.settings import PUBLISHED, ROOT
from metrics.build import build
from metrics.edition.edition import open_edition
from metrics.gate import disclosure
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.intake.sources import LoadOptions
from metrics.intake.sources.survey import FLAGS
from metrics.intake.sources.touchpoints_cx import COLUMNS
from metrics.tell.vocabulary import MEASURES
from metrics.warehouse.store import open_warehouse
from tests.browser.conftest import ARGUMENTS, chromium, serving, settle

REPEATS = 5


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the fastest of several runs, in seconds."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def line(name: str, cost: float, floor_name: str, floor: float) -> None:
    """Print one measurement."""
    print(f"{name:<42} {cost:8.4f} s   {floor_name:<34} {floor:8.4f} s   ratio {cost / floor:6.2f}")


def bare_read() -> None:
    """The floor of loading: DuckDB reads the same two files into typed tables."""
    connection = duckdb.connect()
    for path in sorted(PUBLISHED.glob("*.csv")):
        connection.execute(f"create table {path.stem} as from read_csv('{path}')")
    connection.close()


def write_responses(folder: Path, n_rows: int) -> tuple[Path, Path]:
    """Write synthetic responses of the 17-column format as CSV and as Parquet."""
    flags = ", ".join(
        f"(is_positive = {flag.startswith('positive')} and hash(i, {at}) % 3 = 0)::int as {flag}"
        for at, flag in enumerate(FLAGS)
    )
    table, parquet = folder / "responses.csv", folder / "responses.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"""
            copy (
                with people as (
                    select range as i, hash(range, 99) % 10 < 7 as is_positive from range({n_rows})
                )
                select 'R-' || i as external_id, is_positive::int as question_1, {flags},
                    case when i % 10 = 0 then 'It took a while, but officer ' || i % 977
                        || ' helped me' else '' end as question_4
                from people
            ) to '{table}' (header)
        """)
        connection.execute(f"copy (from read_csv('{table}')) to '{parquet}'")
    return table, parquet


def bench_responses(folder: Path, n_rows: int) -> None:
    """Measure loading single responses against a bare typed read of the same file into
    a database file."""
    table, parquet = write_responses(folder, n_rows)
    mapping = folder / "mapping.yaml"
    lines = "".join(f"  {flag}: {flag}\n" for flag in FLAGS)
    mapping.write_text(
        f"response_id: external_id\ncomment: question_4\nanswers:\n  question_1: 1\n{lines}"
    )
    options = LoadOptions(survey="uscis-contact-center-phone", quarter="2024Q4", mapping=mapping)
    texts = ("external_id", "question_4")
    types = ", ".join(
        f"'{name}': '{'varchar' if name in texts else 'tinyint'}'" for name in COLUMNS
    )
    select = ", ".join(f"{name}::tinyint" if name not in texts else name for name in COLUMNS)
    reads = {
        "touchpoints-cx": (table, f"from read_csv('{table}', columns = {{{types}}})"),
        "csv": (parquet, f"select {select} from read_parquet('{parquet}')"),
    }
    for format_name, (path, read) in reads.items():

        def load(format_name: str = format_name, path: Path = path) -> None:
            with tempfile.TemporaryDirectory() as scratch, open_warehouse(Path(scratch)) as opened:
                (result,) = load_files(opened, format_name, [path], options=options)
                assert result.n_accepted == n_rows

        def bare(read: str = read) -> None:
            with (
                tempfile.TemporaryDirectory() as scratch,
                duckdb.connect(f"{scratch}/bare.duckdb") as connection,
            ):
                connection.execute(f"create table response as {read}")

        kind = path.suffix[1:].replace("csv", "CSV").replace("parquet", "Parquet")
        line(
            f"load {n_rows:,} responses ({kind})",
            seconds(load, 2),
            "bare typed read into a table",
            seconds(bare, 2),
        )


def main() -> None:
    """Measure loading, publishing and looking up on the figures that ship, and loading
    synthetic responses; the number of those may be given as argument."""
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        bench_responses(Path(folder), n_rows)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)

        def load_once() -> None:
            with tempfile.TemporaryDirectory() as scratch, open_warehouse(Path(scratch)) as opened:
                load_files(opened, "published-figures", [PUBLISHED])

        line(
            "load the shipped figures",
            seconds(load_once, 3),
            "bare read of the files",
            seconds(bare_read),
        )

        build(home)
        with open_warehouse(home) as connection:
            publishing = seconds(lambda: publish(connection, home), 3)

        edition = open_edition(home)
        copy = home / "bare.duckdb"
        published = home / "editions" / edition.id / "public.duckdb"

        def bare_write() -> None:
            copy.unlink(missing_ok=True)
            with duckdb.connect(str(copy)) as target:
                target.execute(f"attach '{published}' as edition (read_only)")
                target.execute("create table published as from edition.published")

        writing = seconds(bare_write, 3)
        line("publish an edition", publishing, "bare copy of its main table", writing)

        question = {"metric": list(MEASURES), "level": "component", "channel": "all"}
        cursor = duckdb.connect(str(copy), read_only=True)
        sql = (
            "select * from published where list_contains(?, metric) "
            "and level = 'component' and channel = 'all'"
        )
        line(
            "look up a page's rows",
            seconds(lambda: edition.rows(**question)),
            "the same query on a bare cursor",
            seconds(lambda: cursor.execute(sql, [list(MEASURES)]).df()),
        )
        cursor.close()
        bench_check(home, "trust")
        bench_clicks(home)

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "datasets" / "demo"
        bench_audit(home)
        bench_check(home, "trust", "demonstration, one metric")
        bench_check(home, None, "demonstration, all metrics")


def bench_audit(home: Path) -> None:
    """Build the demonstration, whose responses are private, and tell how much of publishing
    goes into deciding what it hides."""
    spent: list[float] = []
    hide = disclosure.hidden_rows

    def timed(grid: pd.DataFrame, kept: Iterable[int] = ()) -> set[int]:
        start = time.perf_counter()
        rows = hide(grid, kept)
        spent.append(time.perf_counter() - start)
        return rows

    with mock.patch.object(disclosure, "hidden_rows", timed):
        building = seconds(lambda: build(home, "demo"), 1)
    line("build the demonstration", building, "its disclosure control", sum(spent))


def bench_check(home: Path, name: str | None, what: str = "one metric") -> None:
    """Measure `check` as a user runs it, in a process of its own, against starting Python
    with DuckDB and asking it for a number."""
    command = [sys.executable, "-m", "metrics", "check", *([name] if name else [])]
    environment = {**os.environ, "CX_HOME": str(home)}

    def run() -> None:
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    def bare() -> None:
        one = "import duckdb; duckdb.sql('select 1').fetchall()"
        subprocess.run([sys.executable, "-c", one], check=True)

    line(f"check ({what})", seconds(run, 3), "start Python with DuckDB", seconds(bare, 3))


EMPTY_PAGE = """
import streamlit as st
st.write(st.selectbox("Period", ["FY2022 Q3", "FY2022 Q4"]))
"""
TO_LAST_CHANGE = """() => {
    window.cxLast = 0;
    const main = document.querySelector('[data-testid=stMain]');
    new MutationObserver(() => { window.cxLast = performance.now(); }).observe(main, {
        attributes: true, characterData: true, childList: true, subtree: true});
    document.addEventListener('click', () => { window.cxClick = performance.now(); }, true);
}"""
"""Notes when was clicked last, and when the page changed last, in milliseconds."""


def repaint(page: Page, wait: Callable[[Page], None]) -> float:
    """Choose one of two periods by turns; return the usual time from click to the last
    change of the page, in seconds."""
    page.evaluate(TO_LAST_CHANGE)
    took = []
    for turn in range(2 * REPEATS):
        page.get_by_role("combobox", name="Period").click()
        page.get_by_role("option", name=f"FY2022 Q{3 + turn % 2}", exact=False).click()
        wait(page)
        took.append(page.evaluate("window.cxLast - window.cxClick") / 1000)
    # Both periods were drawn before: the first turns fill what is kept.
    return statistics.median(took[2:])


def bench_clicks(home: Path) -> None:
    """Measure choosing another period in Chromium, from the click to the last change of the
    page, against a Streamlit page that shows the choice and nothing else."""
    path = chromium()
    if path is None:
        print("from click to repainted page: Chromium is not installed")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = Path(folder) / "empty.py"
        script.write_text(EMPTY_PAGE)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        with serving(home, script) as address:
            page = browser.new_page()
            page.goto(address)
            page.get_by_role("combobox", name="Period").wait_for()
            floor = repaint(page, lambda page: page.wait_for_timeout(1000))
        with serving(home) as address:
            for name, way in (("Department", "/"), ("Component", "/component?component=TSA")):
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.goto(address + way)
                settle(page)
                cost = repaint(page, settle)
                line(f"from click to repainted page, {name}", cost, "empty Streamlit page", floor)
        browser.close()


if __name__ == "__main__":
    main()

"""`make bench`: what things cost, as ratios to a floor measured in the same run.

Every line names the work, its seconds, the floor and the ratio. Ratios can be compared
between machines; seconds cannot.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from metrics.build import build
from metrics.edition import open_edition
from metrics.load import load_files
from metrics.publish import publish
from metrics.settings import PUBLISHED
from metrics.warehouse import open_warehouse
from metrics.words import MEASURES

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


def main() -> None:
    """Measure loading, publishing and looking up on the figures that ship."""
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


if __name__ == "__main__":
    main()

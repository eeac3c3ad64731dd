"""Times of the demonstration: whole distributions, every quarter, the story they tell."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from metrics.base.settings import DEMO, SQL
from metrics.base.sqlfiles import read_sql_folder
from metrics.warehouse.store import create_table, prepare

TIMES = ("time_slot", "drawn_time_band")
AGGREGATES = ("held_times", "time_telling", "current_times")


def draw(threads: int) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with the demonstration's times and nothing else of it."""
    connection = duckdb.connect(":memory:", config={"threads": threads})
    prepare(connection, DEMO / "reference")
    connection.execute("attach ':memory:' as demo")
    connection.execute("set search_path = 'demo,' || current_database()")
    for path in sorted((DEMO / "macros").glob("*.sql")):
        connection.execute(path.read_text(encoding="utf-8"))
    for path in sorted((DEMO / "plan").glob("*.csv")):
        connection.execute(
            f"create table demo.{path.stem} as from read_csv('{path}', header = true)"
        )
    for file in read_sql_folder(DEMO):
        if file.name in TIMES:
            create_table(connection, file, "demo")
    connection.execute(
        "insert into time_band by name "
        "select 1 as load_id, row_number() over () as line_number, * "
        "from drawn_time_band"
    )
    made = [file for file in read_sql_folder(SQL / "aggregates") if file.name in AGGREGATES]
    assert len(made) == len(AGGREGATES)
    for file in made:
        create_table(connection, file)
    return connection


@pytest.fixture(scope="module")
def drawn() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = draw(threads=2)
    yield connection
    connection.close()


def test_the_same_times_on_any_number_of_threads(drawn: duckdb.DuckDBPyConnection) -> None:
    rows = "from drawn_time_band order by all"
    assert draw(threads=1).execute(rows).fetchall() == drawn.execute(rows).fetchall()


def test_every_distribution_is_whole_and_every_standard_fits(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    for check in ("time_bands_are_whole", "standard_is_a_band_edge"):
        sql = Path(SQL / "checks" / f"{check}.sql").read_text(encoding="utf-8")
        assert drawn.execute(sql).fetchall() == []
    found = drawn.execute("""
        select min(n) >= 0, count(distinct quarter), min(quarter), max(quarter),
            count(distinct component), count(distinct step), count(distinct hour)
        from current_times
    """).fetchall()
    assert found == [(True, 12, "2024Q1", "2026Q4", 9, 3, 17)]
    codes = drawn.execute("""
        select count(*) from drawn_time_band
        left join service using (service, component)
        left join channel using (channel)
        where service.service is null
            or drawn_time_band.channel is not null and channel.channel is null
    """).fetchall()
    assert codes == [(0,)]


def share_within(drawn: duckdb.DuckDBPyConnection, service: str, quarter: str) -> float:
    ((share,),) = drawn.execute(
        "select sum(n) filter (where band_to <= time_limit) / sum(n) from current_times "
        "where service = ? and quarter = ?",
        [service, quarter],
    ).fetchall()
    return float(share)


def test_storms_slow_assistance_and_a_shorter_form_speeds_naturalization(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    storm, before = (
        share_within(drawn, "fema-disaster-assistance", quarter) for quarter in ("2025Q1", "2024Q1")
    )
    assert storm < before - 0.2
    after, until = (
        share_within(drawn, "uscis-naturalization", quarter) for quarter in ("2026Q2", "2025Q2")
    )
    assert after > until + 0.1

"""A part of what was told before does not replace it, and a total beside its parts does not
count twice."""

from pathlib import Path

import duckdb
import pytest

from metrics.base.settings import SQL
from metrics.base.sqlfiles import read_sql_folder
from metrics.warehouse.store import create_table
from tests.response_file import load, rejections
from ui import loading

COUNTS = "component,activity,month,category,place,n"
QUARTERS = "component,activity,quarter,category,place,n"
BANDS = "component,step,unit,period_kind,start,place,band_from,band_to,n"
AGGREGATES = {file.name: file for file in read_sql_folder(SQL / "aggregates")}

WHOLE = "TSA,customer,2023-01,,,60000"
AIRPORTS = ["TSA,customer,2023-01,,JFK,2400", "TSA,customer,2023-01,,LGA,1200"]
CATEGORIES = ["TSA,complaint,2023-01,Staff,,70", "TSA,complaint,2023-01,Bags,,30"]


@pytest.fixture
def told(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> "Told":
    return Told(warehouse, tmp_path)


class Told:
    """A warehouse that is told files of a few rows, one after the other."""

    def __init__(self, warehouse: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.warehouse, self.folder, self.number = warehouse, folder, 0

    def load(self, header: str, *rows: str, replaces: bool = False, n_rejected: int = 0) -> str:
        """Load a file; return what the load said."""
        self.number += 1
        path = self.folder / f"{self.number}.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        (result,) = load(self.warehouse, "auto", path, is_replacing=replaces)
        assert result.n_rejected == n_rejected
        return "\n".join(result.notes)

    def sum_of(self, flag: str, table: str = "current_activity") -> int:
        for name in ("activity_telling", "held_times", "time_telling", table):
            create_table(self.warehouse, AGGREGATES[name])
        row = self.warehouse.execute(f"select coalesce(sum(n), 0) from {table} where {flag}")
        return int((row.fetchone() or (0,))[0])


def test_three_airports_do_not_replace_a_nation(told: Told) -> None:
    told.load(COUNTS, WHOLE)
    said = told.load(COUNTS, *AIRPORTS)
    assert "TSA customer: what is told of 2023-01 by place (3,600) is less than half" in said
    assert "load 1 told (60,000); kept as parts" in said and "--replace" in said
    assert (told.sum_of("is_total"), told.sum_of("is_by_place")) == (60_000, 3_600)


def test_replace_says_that_the_parts_are_all(told: Told) -> None:
    told.load(COUNTS, WHOLE)
    told.load(COUNTS, *AIRPORTS)
    assert told.load(COUNTS, *AIRPORTS, replaces=True) == ""
    assert told.sum_of("is_total") == 3_600
    # Said once, it changes nothing to say it again.
    n_rows = told.warehouse.execute("select count(*) from activity_count").fetchone()
    told.load(COUNTS, *AIRPORTS, replaces=True)
    assert told.warehouse.execute("select count(*) from activity_count").fetchone() == n_rows


def test_a_whole_after_its_parts_counts(told: Told) -> None:
    told.load(COUNTS, *AIRPORTS)
    assert told.sum_of("is_total") == 3_600
    assert told.load(COUNTS, WHOLE) == ""
    assert told.sum_of("is_total") == 60_000


def test_a_whole_told_anew_replaces_with_a_warning(told: Told) -> None:
    told.load(COUNTS, WHOLE)
    said = told.load(COUNTS, "TSA,customer,2023-01,,,20000")
    assert said.startswith("warning: TSA customer: 1 rows that were loaded before now add up to")
    assert told.sum_of("is_total") == 20_000
    # Parts are compared with the whole as it stands now.
    assert told.load(COUNTS, "TSA,customer,2023-01,,JFK,12000") == ""
    assert told.sum_of("is_total") == 12_000


def test_parts_of_more_than_half_replace(told: Told) -> None:
    told.load(COUNTS, WHOLE)
    assert told.load(COUNTS, "TSA,customer,2023-01,,JFK,30000") == ""
    assert told.sum_of("is_total") == 30_000


def test_one_airport_by_category_replaces_no_categories_of_all(told: Told) -> None:
    told.load(COUNTS, *CATEGORIES)
    told.load(COUNTS, "TSA,complaint,2023-01,Staff,JFK,9")
    assert told.sum_of("is_total") == 100
    assert told.sum_of("is_by_category") == 100
    assert told.sum_of("is_by_place") == 9


def test_months_in_parts_do_not_replace_a_quarter(told: Told) -> None:
    months = [f"TSA,customer,2023-0{month},,JFK,10" for month in (1, 2, 3)]
    for files in (["quarter", "months"], ["months", "quarter"]):
        told.warehouse.execute("delete from activity_count")
        said = ""
        for kind in files:
            rows = months if kind == "months" else ["TSA,customer,2023Q2,,,900"]
            said += told.load(COUNTS if kind == "months" else QUARTERS, *rows)
        assert ("kept as parts" in said) == (files[1] == "months")
        assert told.sum_of("is_total") == 900
    told.load(COUNTS, *[row.replace("JFK,10", "LGA,290") for row in months])
    assert told.sum_of("is_total") == 900


def test_times_of_a_few_do_not_replace_those_of_all(told: Told) -> None:
    def bands(start: str, place: str, n: int, kind: str = "month") -> list[str]:
        first = f"CBP,wait,minutes,{kind},{start},{place}"
        return [f"{first},0,15,{n}", f"{first},15,,0"]

    told.load(BANDS, *bands("2023-01", "", 1000))
    assert "kept as parts" in told.load(BANDS, *bands("2023-01", "JFK", 40))
    assert told.sum_of("true", "current_times") == 1000
    told.load(BANDS, *bands("2023-01", "ORD", 700))
    assert told.sum_of("true", "current_times") == 740
    # One day of a month is a part of it too.
    told.load(BANDS, *bands("2023-02", "JFK", 1000))
    assert "kept as parts" in told.load(BANDS, *bands("2023-02-01", "JFK", 40, "day"))
    assert told.sum_of("month = '2023-02-01'", "current_times") == 1000
    # And one month of a quarter.
    told.load(BANDS, *bands("2023Q3", "JFK", 900, "quarter"))
    assert "kept as parts" in told.load(BANDS, *bands("2023-04", "JFK", 300))
    assert told.sum_of("quarter = '2023Q3'", "current_times") == 900
    told.load(BANDS, *bands("2023-04", "JFK", 300), replaces=True)
    assert told.sum_of("quarter = '2023Q3'", "current_times") == 300


@pytest.mark.parametrize(
    "row",
    [
        "CBP,complaint,2024-05,Total,,50",
        "CBP,complaint,2024-05,Grand total,,49",
        "CBP,complaint,2024-05,,All_airports,50",
        "CBP,complaint,2024-05,Region of everything,,50",
    ],
)
def test_a_total_beside_its_parts_is_refused(told: Told, row: str) -> None:
    parts = ["CBP,complaint,2024-05,Lines,,30", "CBP,complaint,2024-05,Boats,,20"]
    told.load(COUNTS, *parts, row, n_rejected=1)
    reasons = rejections(told.warehouse)
    assert {(line, column) for line, column, _ in reasons} <= {(4, "category"), (4, "place")}
    assert all("leave the row out" in reason for _, _, reason in reasons)
    assert told.sum_of("is_total") == 50


def test_a_count_that_is_a_sum_by_chance_is_kept(told: Told) -> None:
    rows = [f"CBP,complaint,2024-0{month},,{place},{n}" for month, place, n in (
        (1, "A", 10), (1, "B", 20), (1, "C", 30), (2, "A", 10), (2, "B", 20), (2, "C", 31),
    )]  # fmt: skip
    told.load(COUNTS, *rows)
    assert told.sum_of("is_by_place") == 121


@pytest.mark.parametrize("place", ["All terminals", "JFK together"])
def test_times_of_a_total_place_are_refused(told: Told, place: str) -> None:
    rows = [
        f"CBP,wait,minutes,month,2024-05,{where},{bounds},{n}"
        for where, n in (("JFK 1", 100), ("JFK 2", 10), (place, 110))
        for bounds in ("0,15", "15,")
    ]
    told.load(BANDS, *rows, n_rejected=2)
    assert told.sum_of("true", "current_times") == 220


def test_the_page_passes_on_what_the_command_says() -> None:
    choice = loading.Choice("counts", is_replacing=True)
    assert choice.arguments([Path("/p/a.csv")])[-1] == "--replace"
    assert "--replace" not in loading.Choice("counts").arguments([Path("/p/a.csv")])
    counts = dict.fromkeys(("n_rows", "n_accepted", "n_duplicate", "n_rejected"), 1)
    said = loading.FileReport.model_validate({"file": "a", "format": "b", "notes": ["c"], **counts})
    assert said.notes == ["c"]

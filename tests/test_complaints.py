"""TSA's complaints: the figures that ship, against the reports they were made from and
against arithmetic with nothing but Python's csv module."""

import csv
import shutil
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import pandas as pd
import pytest

from metrics.base.periods import last_quarter
from metrics.base.settings import PUBLISHED, REFERENCE, ROOT
from metrics.edition.edition import Edition, open_edition
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.warehouse.store import open_warehouse
from tests.conftest import metrics_of

SHARED = ROOT.parent / "shared" / "data"
COMPLAINTS = SHARED / "complaints" / "tsa_complaints_airport_month_category.csv"
PASSENGERS = SHARED / "throughput" / "tsa_daily_2019_2026.csv"
OWN = ("complaints", "complaints_by_place", "complaint_rate")
PRINTED = {"2018-01": 9117, "2020-04": 781, "2023-10": 16150, "2024-10": 18687}
"""Totals of months as the reports print them."""


def table(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        pytest.skip(f"needs ../{path.relative_to(ROOT.parent)}, see docs")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def reports() -> list[dict[str, str]]:
    """The complaint reports, row by row."""
    return table(COMPLAINTS)


@pytest.fixture(scope="module")
def passengers() -> dict[str, int]:
    """Passengers of each month of which every day is there."""
    days: dict[str, dict[str, int]] = defaultdict(dict)
    for row in table(PASSENGERS):
        days[row["date"][:7]][row["date"]] = int(row["passengers"])
    return {
        month: sum(own.values())
        for month, own in days.items()
        if len(own) == monthrange(int(month[:4]), int(month[5:]))[1]
    }


def published(edition: Edition, metric: str, **more: object) -> dict[tuple[str, ...], float]:
    """Values of TSA by period and breakdown (without one the period alone)."""
    rows = edition.rows(metric=metric, level="component", component="TSA", channel="all", **more)
    return {
        (row.period, *([row.breakdown] if isinstance(row.breakdown, str) else [])): row.value
        for row in rows.itertuples()
    }


def test_totals_of_months_are_those_of_the_reports(
    federal: Edition, reports: list[dict[str, str]]
) -> None:
    totals: Counter[str] = Counter()
    for row in reports:
        totals[row["month"]] += int(row["complaints"])
    assert {month: totals[month] for month in PRINTED} == PRINTED
    found = published(federal, "complaints", period_kind="month", breakdown=None)
    assert found == {(month,): total for month, total in totals.items()}
    # Places are told by quarter and year alone, which add up to the same.
    assert published(federal, "complaints_by_place", period_kind="month") == {}
    of_quarters: Counter[str] = Counter()
    for month, total in totals.items():
        of_quarters[last_quarter(month)] += total
    found = published(federal, "complaints_by_place", period_kind="quarter", breakdown=None)
    assert found == {(quarter,): total for quarter, total in of_quarters.items()}


def test_totals_that_ship_are_those_printed(federal: Edition) -> None:
    found = published(federal, "complaints", period=list(PRINTED), breakdown=None)
    assert found == {(month,): total for month, total in PRINTED.items()}


def test_totals_of_airports_and_years_are_those_of_the_reports(
    federal: Edition, reports: list[dict[str, str]]
) -> None:
    totals: Counter[tuple[str, str]] = Counter()
    for row in reports:
        totals[f"FY{row['fiscal_year']}", row["airport"] or "not_stated"] += int(row["complaints"])
    found = published(federal, "complaints_by_place", period_kind="fiscal_year")
    assert {key: value for key, value in found.items() if len(key) == 2} == totals
    assert len(totals) > 2000


def test_labels_of_one_category_count_once(federal: Edition, reports: list[dict[str, str]]) -> None:
    """Both spellings of one label together, and each category as its labels say."""
    aliases = {
        row["alias"]: row["category"]
        for row in table(REFERENCE / "category_alias.csv")
        if row["activity"] == "complaint"
    }
    labels = {row["category"] for row in reports}
    assert len(labels) == 49
    assert len({aliases[label.lower()] for label in labels}) == 48
    totals: Counter[tuple[str, str]] = Counter()
    for row in reports:
        totals[row["month"], aliases[row["category"].lower()]] += int(row["complaints"])
    found = published(federal, "complaints", period_kind="month")
    assert {key: value for key, value in found.items() if len(key) == 2} == totals
    spellings = Counter(
        row["category"]
        for row in reports
        if row["category"].startswith("Additional") and row["month"] == "2024-09"
    )
    assert len(spellings) == 2
    assert found["2024-09", "more_information_needed"] == 15 + 3


def test_months_without_a_report_are_gaps_and_not_zero(federal: Edition) -> None:
    found = published(federal, "complaints", period_kind="month", breakdown=None)
    missing = {f"{year}-{month}" for year in (2018, 2019) for month in (10, 11, 12)}
    assert not missing & {period for (period,) in found}
    assert not {"2019Q1", "2020Q1"} & {
        period
        for (period,) in published(federal, "complaints", period_kind="quarter", breakdown=None)
    }
    rates = federal.rows(metric="complaint_rate", level="component", component="TSA")
    assert not missing & set(rates["period"])
    (year,) = federal.rows(
        metric="complaints", level="component", component="TSA", period="FY2019", breakdown=None
    ).itertuples()
    assert (year.status, year.reason) == ("partial", "Covers 9 of 12 months.")


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("2024-10", ["2024-10"]),
        ("2019-01", ["2019-01"]),
        ("2024Q4", ["2024-07", "2024-08", "2024-09"]),
        ("FY2020", [f"2020-{month:02}" for month in range(1, 10)]),
    ],
)
def test_rates_are_complaints_over_all_passengers(
    federal: Edition,
    reports: list[dict[str, str]],
    passengers: dict[str, int],
    period: str,
    months: list[str],
) -> None:
    """Rate and 95 % score interval of the total, of one large and of one rare category."""
    labels = {
        None: None,
        "screening": "Screening",
        "duplicate_email": "Duplicate E-mail",
    }
    for category, label in labels.items():
        # A category begins with its first complaint.
        first = min(
            row["month"]
            for row in reports
            if label in (None, row["category"]) and int(row["complaints"])
        )
        begun = [month for month in months if month >= max(first, min(passengers))]
        exposure = sum(passengers[month] for month in begun) / 100_000
        events = sum(
            int(row["complaints"])
            for row in reports
            if row["month"] in months and label in (None, row["category"])
        )
        rows = federal.rows(
            metric="complaint_rate",
            level="component",
            component="TSA",
            channel="all",
            period=period,
            breakdown=category,
        )
        assert len(rows) == bool(begun)
        if not begun:
            assert events == 0 and category == "duplicate_email"
            continue
        (row,) = rows.itertuples()
        assert row.numerator == events
        assert row.denominator == pytest.approx(exposure, rel=1e-9)
        assert row.value == pytest.approx(events / exposure, rel=1e-9)
        z = 1.959963984540054
        half = z * sqrt(events + z * z / 4)
        low = max(0, events + z * z / 2 - half) / exposure
        assert row.low == pytest.approx(low, rel=1e-9, abs=1e-9)
        assert row.high == pytest.approx((events + z * z / 2 + half) / exposure, rel=1e-9, abs=1e-9)


def test_no_rate_where_the_passengers_are_not_known(
    federal: Edition, passengers: dict[str, int]
) -> None:
    rates = published(federal, "complaint_rate", period_kind="month", breakdown=None)
    counts = published(federal, "complaints", period_kind="month", breakdown=None)
    assert set(rates) == {key for key in counts if key[0] in passengers}
    assert len(counts) - len(rates) == 9  # January to September 2018


def test_the_passengers_that_ship_are_whole_months_of_the_series(
    passengers: dict[str, int],
) -> None:
    shipped = table(PUBLISHED / "counts" / "customers.csv")
    assert {row["month"]: int(row["n"]) for row in shipped} == passengers


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, federal_home: Path) -> Iterator[Edition]:
    """An edition of the source files, on top of the figures that ship."""
    if not (COMPLAINTS.exists() and PASSENGERS.exists()):
        pytest.skip("needs the complaint reports and the passengers, see docs")
    home = shutil.copytree(federal_home, tmp_path_factory.mktemp("full") / "home")
    with open_warehouse(home) as connection:
        results = load_files(connection, "auto", [COMPLAINTS, PASSENGERS])
        assert [result.format for result in results] == ["tsa-complaints", "tsa-throughput"]
        assert [result.n_accepted for result in results] == [63_979, 2_789]
        assert [result.n_rejected for result in results] == [0, 0]
        publish(connection, home, catalog=metrics_of(*OWN))
    yield open_edition(home)


@pytest.mark.parametrize("metric", OWN)
def test_the_reports_and_the_figures_that_ship_publish_the_same(
    federal: Edition, full: Edition, metric: str
) -> None:
    """The full file, loaded on top: category by place, counted once."""
    shipped, loaded = (edition.rows(metric=metric) for edition in (federal, full))
    assert len(shipped) > 1000
    pd.testing.assert_frame_equal(shipped, loaded, check_exact=True)

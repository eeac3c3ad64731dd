"""The counts of the demonstration: every activity, legal figures, the stories they tell."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from metrics.base.settings import FILE_NAME
from metrics.intake.sources.base import ROWS

KEY = ", ".join(ROWS["count"][1])


@pytest.fixture(scope="module")
def counts(demo_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(demo_home / FILE_NAME, read_only=True)
    yield connection
    connection.close()


def first(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    return connection.execute(query).fetchall()[0]


def test_every_activity_and_component_is_there(counts: duckdb.DuckDBPyConnection) -> None:
    activities = {row[0] for row in counts.execute("select activity from activity").fetchall()}
    found = dict(
        counts.execute(
            "select activity, count(distinct component) from activity_count group by 1"
        ).fetchall()
    )
    assert found == dict.fromkeys(activities, 10)
    assert first(
        counts,
        "select min(fiscal_quarter(starts_on)), max(fiscal_quarter(starts_on)), "
        "count(distinct fiscal_quarter(starts_on)) from activity_count",
    ) == ("2024Q1", "2026Q4", 12)


def test_rows_are_legal(counts: duckdb.DuckDBPyConnection) -> None:
    assert first(counts, "select count(*) from activity_count where n < 0") == (0,)
    assert (
        counts.execute(
            f"select {KEY} from activity_count group by all having count(*) > 1"
        ).fetchall()
        == []
    )
    assert (
        counts.execute("""
        select distinct service from activity_count as held
        where service is not null and not exists (
            select 1 from service
            where service.service = held.service and service.component = held.component
        )
    """).fetchall()
        == []
    )
    labels = "select lower(name) from category where category.activity = held.activity"
    assert (
        counts.execute(f"""
        select distinct category from activity_count as held
        where category is not null and lower(category) not in ({labels})
    """).fetchall()
        == []
    )


@pytest.mark.parametrize(
    ("parts", "whole", "is_sum"),
    [
        (("contact_answered", "contact_abandoned"), "contact_offered", True),
        (("contact_outcome_known",), "contact_answered", False),
        (("contact_resolved_first",), "contact_outcome_known", False),
        (("form_completion",), "form_start", False),
        (("page_reason",), "page_not_helpful", False),
        (("acquisition_with_cx",), "acquisition", False),
        (("cx_budget_line",), "cx_budget_answer", False),
    ],
)
def test_parts_are_no_more_than_the_whole(
    counts: duckdb.DuckDBPyConnection, parts: tuple[str, ...], whole: str, is_sum: bool
) -> None:
    rows = counts.execute(f"""
        select
            sum(n) filter (where activity in {(*parts, "")}),
            sum(n) filter (where activity = '{whole}')
        from activity_count
        where activity in {(*parts, whole)}
        group by component, service, channel, place, starts_on
    """).fetchall()
    assert len(rows) >= 120
    assert all(part == of if is_sum else part <= of for part, of in rows)


def test_the_counts_tell_the_stories_of_the_plan(counts: duckdb.DuckDBPyConnection) -> None:
    def of(service: str, category: str, first_month: str, last_month: str) -> float:
        (value,) = first(
            counts,
            f"""
            select sum(n) filter (where category = '{category}') * 1e5
                / sum(n) filter (where activity = 'customer')
            from activity_count
            where service = '{service}' and activity in ('complaint', 'customer')
                and starts_on between '{first_month}' and '{last_month}'
            """,
        )
        return float(str(value))

    storms = ("fema-disaster-assistance", "Cannot reach anybody")
    assert of(*storms, "2024-10-01", "2024-12-01") > 2.5 * of(*storms, "2023-10-01", "2023-12-01")
    outage = ("cbp-trusted-traveler", "Website or app does not work")
    assert of(*outage, "2026-02-01", "2026-09-01") > 1.8 * of(*outage, "2025-02-01", "2025-09-01")
    lines = ("tsa-checkpoint", "Waiting time")
    assert (
        1.3 < of(*lines, "2026-07-01", "2026-09-01") / of(*lines, "2025-07-01", "2025-09-01") < 1.7
    )

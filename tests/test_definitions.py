"""Definitions that change: versions, the quarter from which one holds, and what the gate,
the manifest and the comparison of editions make of it."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from metrics.define.catalog import HASH_SCHEME, definition_problems, read_metric
from tests.made_up import made_up_metric, publish_metrics
from tests.test_catalog import HEADER, problems, write

PLACES = ("TSA", "tsa-contact-center"), ("FEMA", "fema-disaster-assistance")
FROM = "2024Q2"
TEXT = "Calls count from the second ring."


def dated(*changes: str | dict[str, str], **keys: Any) -> dict[str, Any]:
    """A header whose versions changed what these say."""
    versions = dict(enumerate(changes, start=1))
    return {**HEADER, "version": len(changes), "changelog": versions, **keys}


# Headers.


def test_a_change_may_name_the_quarter_from_which_it_holds(tmp_path: Path) -> None:
    metric = read_metric(write(tmp_path, dated("First.", {"from": FROM, "change": TEXT})))
    assert metric.changelog[1].since_quarter is None
    assert metric.changelog[2].since_quarter == FROM
    assert [(era.since_quarter, era.version, era.meaning) for era in metric.eras] == [
        (None, 1, 1),
        (FROM, 2, 2),
    ]
    assert metric.eras[1].change == TEXT


@pytest.mark.parametrize(
    ("changes", "comparable", "eras"),
    [
        (["One.", "Two."], [], [(None, 2)]),
        (["One.", {"from": FROM, "change": "Two."}], [1], [(None, 2), (FROM, 2)]),
        (["One.", "Two.", {"from": FROM, "change": "Three."}], [1], [(None, 3), (FROM, 3)]),
        (
            ["One.", {"from": "2023Q1", "change": "Two."}, {"from": FROM, "change": "Three."}],
            [2],
            [(None, 1), ("2023Q1", 3), (FROM, 3)],
        ),
        # A later version that is computed anew does not make two definitions one.
        (["One.", {"from": FROM, "change": "Two."}, "Three."], [], [(None, 1), (FROM, 2)]),
        (["One.", {"from": FROM, "change": "Two."}, "Three."], [1, 2], [(None, 3), (FROM, 3)]),
    ],
)
def test_which_quarters_mean_the_same(
    tmp_path: Path, changes: list[Any], comparable: list[int], eras: list[tuple[str | None, int]]
) -> None:
    metric = read_metric(write(tmp_path, dated(*changes, comparable_with=comparable)))
    assert [(era.since_quarter, era.meaning) for era in metric.eras] == eras


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (dated("One.", {"from": "2024-04-01", "change": TEXT}), "should match pattern"),
        (dated("One.", {"from": FROM}), "Field required"),
        (dated("One.", {"from": FROM, "change": TEXT, "to": FROM}), "Extra inputs"),
        (dated({"from": FROM, "change": TEXT}), "version 1 is the first"),
        (
            dated("One.", {"from": FROM, "change": TEXT}, {"from": "2023Q4", "change": TEXT}),
            "version 3 holds from 2023Q4, not after version 2, which holds from 2024Q2",
        ),
        (dated("One.", TEXT, comparable_with=[3]), "version 3 is no earlier version"),
        (dated("One.", TEXT, comparable_with=[2]), "version 2 is no earlier version"),
        (dated("One.", TEXT, comparable_with=1), "valid tuple"),
    ],
)
def test_a_wrong_change_names_line_and_rule(
    tmp_path: Path, header: dict[str, Any], reason: str
) -> None:
    path = write(tmp_path, header)
    key = "comparable_with" if "comparable_with" in header else "changelog"
    line = 1 + path.read_text().splitlines().index(
        next(line for line in path.read_text().splitlines() if line.startswith(key))
    )
    (problem,) = problems(path)
    assert problem.startswith(f"{path}:{line}: key {key!r} is wrong (")
    assert reason in problem


def test_a_changelog_ahead_of_the_version_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, dated("One.", TEXT, version=1))
    (problem,) = problems(path)
    assert "the changelog speaks of version 2, the key version says 1" in problem


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        ({"question": "Was your call answered?"}, True),
        ({"better": "lower"}, True),
        ({"family": "feedback"}, True),
        ({"minimum_n": 20}, True),
        ({"compare_groups": True, "breakdown": "hour"}, True),
        ({"title": "Answered calls"}, False),
        ({"source": "Another log"}, False),
        ({"owner": "Somebody else"}, False),
        ({"basis": "One basis: calls."}, False),
        ({"version": 2, "changelog": {1: "One.", 2: "Two."}}, False),
    ],
)
def test_the_hash_follows_what_the_gate_computes_with(
    tmp_path: Path, change: dict[str, Any], is_another: bool
) -> None:
    first = read_metric(write(tmp_path)).definition_hash
    other = read_metric(write(tmp_path, {**HEADER, **change})).definition_hash
    assert (other != first) == is_another


def test_a_silent_change_of_a_definition_is_named(tmp_path: Path) -> None:
    metric = read_metric(write(tmp_path, dated("One.", TEXT)))
    where = f"{metric.path}:{1 + list(HEADER).index('version') + 1}"
    same = {"version": 2, "definition_hash": metric.definition_hash, "scheme": HASH_SCHEME}
    assert definition_problems(metric, same, "E") == []
    assert definition_problems(metric, same | {"version": 1, "definition_hash": "x"}, "E") == []
    assert definition_problems(metric, same | {"definition_hash": "x"}, "E") == [
        f"{where}: the definition changed since edition E (version 2); raise version to 3 and add "
        "a changelog line"
    ]
    assert definition_problems(metric, {"version": 2, "definition_hash": "x"}, "E") == []
    (down,) = definition_problems(metric, same | {"version": 3}, "E")
    assert down.startswith(f"{where}: version is 2, but edition E has version 3; raise version abo")


# The gate.


def published(
    connection: duckdb.DuckDBPyConnection, folder: Path, quarters: list[str], **keys: Any
) -> dict[str, pd.DataFrame]:
    """Publish one metric: each place has 300 good answers of 500 until FROM and 450 of
    500 from then on, because another question counts."""
    rows = ", ".join(
        f"('{component}', '{service}', '{quarter}')"
        for component, service in PLACES
        for quarter in quarters
    )
    select = f"""
        select component, service, 'email' as channel, quarter, null::date as month,
            'a11/agree5/w' as basis,
            case when quarter < '{FROM}' then 300 else 450 end as numerator,
            500 as denominator
        from (values {rows}) as t (component, service, quarter)
    """
    path = folder / "made_up.sql"
    path.write_text(select)
    changelog = {1: "First version.", 2: {"from": FROM, "change": TEXT}}
    keys = {"version": 2, "changelog": changelog, **keys}
    metric = made_up_metric("made_up", sql=select, path=path, **keys)
    return publish_metrics(connection, {"made_up": metric})


def at(rows: pd.DataFrame, period: str, level: str = "component") -> "pd.Series[Any]":
    found = rows[(rows["period"] == period) & (rows["level"] == level) & (rows["channel"] == "all")]
    assert len(found), period
    return found.iloc[0]


QUARTERS = ["2023Q1", "2023Q2", "2023Q3", "2023Q4", "2024Q1", "2024Q2", "2024Q3", "2024Q4"]
QUARTERS += ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]


def test_numbers_of_two_definitions_are_not_compared(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = published(warehouse, tmp_path, QUARTERS)["published"]
    reason = f"Definition: version 2 applies from {FROM}: {TEXT}"
    for level in ("department", "component", "service"):
        first = at(rows, FROM, level)
        assert first["value"] == 0.9
        assert (first["change_call"], first["change_reason"]) == ("not comparable", reason)
        assert pd.isna(first["change"]) and pd.isna(first["change_low"])
        assert at(rows, "2024Q1", level)["change_call"] == "cannot tell"
        assert at(rows, "2024Q3", level)["change_call"] == "cannot tell"
        # A year before lies on the other side until four quarters have passed.
        calls = [at(rows, quarter, level)["year_ago_change_call"] for quarter in QUARTERS[4:]]
        assert calls == ["cannot tell", *["not comparable"] * 4, *["cannot tell"] * 3]
        assert at(rows, "2025Q1", level)["year_ago_change_reason"] == reason


def test_a_year_that_mixes_definitions_has_no_number(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    tables = published(warehouse, tmp_path, QUARTERS)
    rows = tables["published"]
    mixed = rows[rows["period"] == "FY2024"]
    assert set(mixed["level"]) == {"department", "component", "service"}
    assert set(mixed["status"]) == {"not_reported"}
    assert mixed[["value", "numerator", "n", "low", "previous_value"]].isna().all(axis=None)
    for reason in mixed["reason"]:
        assert reason.startswith(f"Definition: version 2 applies from {FROM}, within the year")
    assert (at(rows, "FY2023")["value"], at(rows, "FY2025")["value"]) == (0.6, 0.9)
    year = at(rows, "FY2025")
    assert year["change_call"] == "not comparable"
    assert year["change_reason"] == f"Definition: version 2 applies from {FROM}: {TEXT}"
    assert pd.isna(year["previous_value"])
    assert "FY2024" not in set(tables["benchmark"]["period"])


def test_a_year_that_lies_on_one_side_has_its_number(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = published(warehouse, tmp_path, ["2023Q4", "2024Q2", "2024Q3"])["published"]
    year = at(rows, "FY2024")
    assert (year["status"], year["value"]) == ("partial", 0.9)
    assert year["change_reason"].startswith("Definition: version 2 applies from")


def test_comparable_versions_are_compared_and_added_up(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = published(warehouse, tmp_path, QUARTERS, comparable_with=[1])["published"]
    assert at(rows, FROM)["change_call"] == "up"
    assert at(rows, FROM)["change"] == pytest.approx(0.3)
    year = at(rows, "FY2024")
    assert (year["status"], year["numerator"], year["denominator"]) == ("ok", 1650, 2000)


def test_a_version_without_a_quarter_breaks_nothing(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = published(warehouse, tmp_path, QUARTERS, changelog={1: "One.", 2: TEXT})["published"]
    assert at(rows, FROM)["change_call"] == "up"
    assert at(rows, "FY2024")["status"] == "ok"


def test_a_stock_has_the_definition_of_its_last_quarter(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = published(warehouse, tmp_path, QUARTERS, over_time="last")["published"]
    assert (at(rows, "FY2024")["status"], at(rows, "FY2024")["value"]) == ("ok", 0.9)
    assert at(rows, "FY2024")["change_call"] == "not comparable"
    assert at(rows, "FY2025")["change_call"] == "cannot tell"

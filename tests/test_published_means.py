"""Every mean that the reporting system printed, against the means computed here."""

import csv
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from metrics.edition.edition import Edition, open_edition
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.warehouse.store import build_aggregates, open_warehouse

PERCENTAGES = {137, 279, 347, 388, 410, 461, 469, 484, 549}
SCORES = {121, 122, 372, 373, 421, 422, 495, 496}
HUNDREDTH = Decimal("0.01")


@pytest.fixture(scope="module")
def loaded_home(hisp_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hisp")
    with open_warehouse(home) as connection:
        load_files(connection, "a11-quarterly", [hisp_file])
        publish(connection, home)
    return home


@pytest.fixture(scope="module")
def loaded(loaded_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(loaded_home) as connection:
        build_aggregates(connection)
        yield connection


@pytest.fixture(scope="module")
def printed(hisp_file: Path) -> dict[tuple[int, int], dict[str, Any]]:
    """Question cells read with nothing of the project: counts and the printed mean."""
    cells = {}
    with hisp_file.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for question in range(1, 12):
                name = f"attributes_q{question}"
                counts = [int(row[f"{name}_{code}"]) for code in range(1, 6)]
                if sum(counts):
                    cells[int(row["id"]), question] = {
                        "counts": counts,
                        "mean": Decimal(row[f"{name}_point_scale"]),
                        "is_dhs": row["attributes_organization_abbreviation"] in ("DHS", "USCIS"),
                    }
    return cells


def _quarantined(loaded: duckdb.DuckDBPyConnection) -> set[tuple[int, int]]:
    rows = loaded.execute("""
        select distinct answer.survey_id, answer.question
        from current_answer as answer
        inner join survey_finding as finding
            on answer.survey_id = finding.survey_id
            and answer.question = coalesce(finding.question, answer.question)
        where finding.effect = 'quarantined' and finding.applies_to in ('answers', 'all')
    """).fetchall()
    return {(int(survey), int(question)) for survey, question in rows}


def test_every_printed_mean_that_is_not_quarantined_is_computed_alike(
    loaded: duckdb.DuckDBPyConnection, printed: dict[tuple[int, int], dict[str, Any]]
) -> None:
    rows = loaded.execute("""
        select survey_id, question, rounded_mean(
            n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4 + 5 * n_5, n_1 + n_2 + n_3 + n_4 + n_5
        )
        from current_answer
    """).fetchall()
    computed = {(int(s), int(q)): Decimal(repr(mean)) for s, q, mean in rows}
    assert computed.keys() == printed.keys()
    assert len(printed) == 2962
    assert sum(cell["is_dhs"] for cell in printed.values()) == 274
    left_out = _quarantined(loaded)
    compared = printed.keys() - left_out
    differ = {
        key: (computed[key], printed[key]["mean"])
        for key in compared
        if computed[key] != printed[key]["mean"]
    }
    surveys = sorted({survey for survey, _ in left_out})
    print(f"{len(compared)} of {len(printed)} printed means compared; quarantined: {surveys}")
    assert differ == {}
    assert len(compared) > 2700
    assert set(surveys) >= PERCENTAGES | SCORES


def test_exact_ties_tell_half_up_from_half_even(
    printed: dict[tuple[int, int], dict[str, Any]], loaded: duckdb.DuckDBPyConnection
) -> None:
    ties = 0
    for cell in printed.values():
        total = sum(code * count for code, count in enumerate(cell["counts"], start=1))
        n = sum(cell["counts"])
        if (2 * 100 * total) % (2 * n) == n:
            exact = Decimal(total) / Decimal(n)
            ties += exact.quantize(HUNDREDTH, ROUND_HALF_EVEN) != cell["mean"]
            assert cell["mean"] == exact.quantize(HUNDREDTH, ROUND_HALF_UP)
            row = loaded.execute("select rounded_mean(?, ?)", [total, n]).fetchall()[0]
            assert Decimal(repr(row[0])) == cell["mean"]
    assert ties == 13


def test_published_means_of_single_surveys_are_the_printed_ones(
    loaded_home: Path, loaded: duckdb.DuckDBPyConnection, printed: dict[tuple[int, int], Any]
) -> None:
    edition: Edition = open_edition(loaded_home)
    rows = loaded.execute("""
        select any_value(answer.survey_id), any_value(answer.question), answer.measure,
            answer.component, answer.service, answer.channel, answer.quarter, answer.basis
        from current_answer as answer
        where answer.component <> 'FED' and answer.measure is not null
        group by all
        having count(*) = 1
    """).fetchall()
    left_out, checked = _quarantined(loaded), 0
    for survey, question, measure, component, service, channel, quarter, basis in rows:
        published = edition.rows(
            metric=f"{measure}_mean",
            level="service",
            component=component,
            service=service,
            channel=channel,
            period=quarter,
            basis=basis,
        )
        if (survey, question) in left_out:
            assert published.empty
            continue
        assert len(published) == 1
        assert Decimal(repr(float(published["value"].iloc[0]))) == printed[survey, question]["mean"]
        checked += 1
    assert checked > 200


def test_the_shipped_figures_publish_the_same_numbers(loaded_home: Path, federal: Edition) -> None:
    whole = open_edition(loaded_home)
    surveys = federal.metrics.index[federal.metrics["is_survey"]].tolist()
    for table in ("published", "benchmark"):
        one, other = (edition.rows(table, metric=surveys) for edition in (whole, federal))
        pd.testing.assert_frame_equal(one, other)
        assert len(one) > 1000

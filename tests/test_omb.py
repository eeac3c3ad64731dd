"""The quarterly files for OMB, and responses against counts of the same answers."""

import csv
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import floor, log10
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.base.errors import CxError, UsageError
from metrics.deliver.omb import OmbFiles, write_omb
from metrics.edition.edition import open_edition
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.intake.sources import LoadOptions
from metrics.intake.sources.survey import FLAGS
from metrics.intake.sources.touchpoints_cx import COLUMNS
from metrics.warehouse.store import build_aggregates, open_warehouse
from tests.reporting_file import report, write

QUARTER = "2024Q4"
SURVEY = "uscis-contact-center-phone"


def response_file(path: Path, trusts: list[int], drivers: dict[int, str] | None = None) -> Path:
    """A 17-column file: one response per trust code, none ticked but the drivers named."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number, trust in enumerate(trusts):
            row = dict.fromkeys(FLAGS, "0")
            ticked = (drivers or {}).get(number)
            if ticked:
                row[ticked] = "1"
            comment = 'Fast, "friendly"\nand clear' if number % 7 == 0 else ""
            writer.writerow(
                {"external_id": f"R{number}", "question_1": trust, **row, "question_4": comment}
            )
    return path


def load(
    connection: duckdb.DuckDBPyConnection, path: Path, survey: str = SURVEY
) -> tuple[int, int, int]:
    (result,) = load_files(
        connection,
        "touchpoints-cx",
        [path],
        as_of=date(2024, 10, 20),
        options=LoadOptions(survey=survey, quarter=QUARTER),
    )
    return result.n_accepted, result.n_duplicate, result.n_rejected


def load_volumes(connection: duckdb.DuckDBPyConnection, folder: Path, **values: object) -> None:
    row = {"survey": SURVEY, "quarter": QUARTER, "customers": 5000, "offered": 900} | values
    path = folder / "volumes.csv"
    path.write_text(f"{','.join(row)}\n{','.join(str(v) for v in row.values())}\n")
    load_files(connection, "survey-volumes", [path], as_of=date(2024, 10, 20))


FIGURE = ["metric", "level", "component", "service", "channel", "period", "basis"]
FIGURE += ["breakdown", "value", "numerator", "denominator", "n", "low", "high", "status"]


def half_up(number: float, digits: int) -> float:
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(number)).quantize(step, ROUND_HALF_UP))


def rounded(row: tuple[Any, ...], kind: str) -> tuple[Any, ...]:
    """A row of `published` as docs/statistics.md says that figures of people are told."""
    told = dict(zip(FIGURE, row, strict=True))
    n = told["n"]

    def digits(number: float) -> int:
        if kind in ("share", "mean"):
            return {"share": 2, "mean": 1}[kind] + int(n >= 1000)
        if kind == "total":
            return -1
        return (2 if n < 1000 else 3) - 1 - floor(log10(abs(number))) if number else 0

    for name in ("value", "low", "high"):
        if told[name] is not None:
            told[name] = half_up(told[name], digits(told[name]))
    for name in ("denominator", "n"):
        if told[name] is not None:
            told[name] = half_up(told[name], -1)
    return tuple((told | {"numerator": None}).values())


def published(home: Path) -> list[tuple[Any, ...]]:
    frame = open_edition(home).rows()
    shown = frame[frame["period_kind"].isin(["quarter", "fiscal_year"])]
    ordered = shown[FIGURE].astype(object).where(shown[FIGURE].notna(), None)
    rows = ordered.itertuples(index=False, name=None)
    return sorted(rows, key=lambda row: str(row[:8]))


def test_what_omb_gets_loads_again_to_the_same_numbers(tmp_path: Path) -> None:
    trusts = [1] * 60 + [0] * 40
    ticks = {0: "positive_ease", 1: "positive_ease", 61: "negative_efficiency"}
    source = response_file(tmp_path / "in.csv", trusts, ticks)
    with open_warehouse(tmp_path / "a") as first:
        assert load(first, source) == (100, 0, 0)
        load_volumes(first, tmp_path)
        written = write_omb(first, QUARTER, "USCIS", tmp_path / "omb")
        publish(first, tmp_path / "a")
        (responses,) = (file for file in written.files if file.name.startswith(SURVEY))
        assert load(first, responses) == (0, 100, 0)
    with open_warehouse(tmp_path / "b") as second:
        assert load(second, responses) == (100, 0, 0)
        load_volumes(second, tmp_path)
        publish(second, tmp_path / "b")
        comments = second.execute("select count(*), min(comment) from survey_comment").fetchall()
    assert comments == [(15, 'Fast, "friendly"\nand clear')]
    rows = published(tmp_path / "a")
    assert [row for row in rows if row[0] == "driver_positive_share" and row[8] is not None]
    differing = {"duplicate_rows", "invalid_rows"}
    assert [row for row in rows if row[0] not in differing] == [
        row for row in published(tmp_path / "b") if row[0] not in differing
    ]


def written(tmp_path: Path, **volumes: object) -> OmbFiles:
    source = response_file(tmp_path / "in.csv", [1] * 30 + [0] * 20)
    with open_warehouse(tmp_path / "home") as connection:
        load(connection, source)
        if volumes:
            load_volumes(connection, tmp_path, **volumes)
        return write_omb(connection, QUARTER, "USCIS", tmp_path / "omb")


@pytest.mark.parametrize(
    ("volumes", "fault"),
    [
        ({}, "the number of customers is missing"),
        ({"customers": 900, "offered": 40}, "more people answered than were offered"),
        ({"customers": 100, "offered": 200}, "more customers were offered the survey than used"),
    ],
)
def test_the_checklist_names_what_blocks_green(
    tmp_path: Path, volumes: dict[str, object], fault: str
) -> None:
    files = written(tmp_path, **volumes)
    (check,) = files.checks
    assert any(fault in text for text in check.blocking)
    assert fault in (files.folder / "checklist.md").read_text()


def test_details_say_what_the_form_asks_for(tmp_path: Path) -> None:
    files = written(tmp_path, customers=5000, offered=900)
    with (files.folder / "details.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["survey_type"] == "thumbs_up_down"
    assert row["volume_of_customers_provided_survey_opportunity"] == "900"
    assert row["volume_of_respondents"] == "50"
    assert not any("customers" in text for text in files.checks[0].blocking)


def test_a_yes_or_no_trust_question_cannot_be_sent(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "home") as connection:
        path = response_file(tmp_path / "tsa.csv", [1, 0, 1])
        load(connection, path, "tsa-contact-center-phone")
        files = write_omb(connection, QUARTER, "TSA", tmp_path / "omb")
    assert not [file for file in files.files if file.name.startswith("tsa")]
    assert any("yes or no" in text for text in files.checks[0].blocking)


def test_wrong_use_is_told(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as connection:
        with pytest.raises(UsageError, match="fiscal quarter"):
            write_omb(connection, "2024-4")
        with pytest.raises(UsageError, match="unknown Component"):
            write_omb(connection, QUARTER, "XYZ")
        with pytest.raises(CxError, match="nothing to write"):
            write_omb(connection, QUARTER, "ICE")


def test_only_those_who_saw_the_list_of_drivers_are_counted(tmp_path: Path) -> None:
    """Four answers, two of them favorable; the other branch holds zeros as the exporter
    writes them. A denominator of everything not blank would be 4, of all flags 6."""
    path = response_file(
        tmp_path / "four.csv", [1, 1, 0, 0], {0: "positive_ease", 2: "negative_ease"}
    )
    with open_warehouse(tmp_path / "home") as connection:
        load(connection, path)
        build_aggregates(connection)
        found = connection.execute(
            "select n_positive, n_positive_shown, n_negative, n_negative_shown "
            "from driver_answers where driver = 'ease'"
        ).fetchall()
    assert found == [(1, 2, 1, 2)]


def test_responses_and_counts_of_the_same_answers_publish_the_same(tmp_path: Path) -> None:
    """The reporting file's counts against one row per answer, on the seven statements."""
    filed = write(
        tmp_path / "counts.csv", [report(1, channel="email", volume_of_respondents="1160")]
    )
    with open_warehouse(tmp_path / "counts") as connection:
        load_files(connection, "a11-quarterly", [filed], as_of=date(2021, 5, 20))
        publish(connection, tmp_path / "counts")
        (volumes,) = connection.execute(
            "select customers, offered, respondents from survey_report"
        ).fetchall()
        counts = connection.execute(
            "select question, n_1, n_2, n_3, n_4, n_5 from survey_report_answer order by 1"
        ).fetchall()
    customers, offered, respondents = volumes
    columns = {
        question: [code for code, n in enumerate(numbers, 1) for _ in range(n)]
        for question, *numbers in counts
    }
    with (tmp_path / "single.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(f"q{question}" for question in columns)])
        for number in range(respondents):
            codes = [codes[number] if number < len(codes) else "" for codes in columns.values()]
            writer.writerow([number, *codes])
    mapping = tmp_path / "mapping.yaml"
    lines = "".join(f"  q{question}: {question}\n" for question in columns)
    mapping.write_text(f"response_id: id\nanswers:\n{lines}")
    own = tmp_path / "single" / "reference"
    own.mkdir(parents=True)
    (own / "response_survey.csv").write_text(
        "survey,service,channel,instrument,transaction_point,service_stage,title\n"
        "tsa-email,tsa-contact-center,email,tsa-contact-center,post_interaction,,TSA survey\n"
    )
    with open_warehouse(tmp_path / "single") as connection:
        options = LoadOptions(survey="tsa-email", quarter="2021Q2", mapping=mapping)
        (result,) = load_files(
            connection, "csv", [tmp_path / "single.csv"], date(2021, 5, 20), options=options
        )
        assert result.n_accepted == respondents
        load_volumes(
            connection,
            tmp_path,
            survey="tsa-email",
            quarter="2021Q2",
            customers=customers,
            offered=offered,
        )
        publish(connection, tmp_path / "single")
    measured = ("trust", "satisfaction", "ease", "effectiveness", "efficiency", "transparency",
                "employee", "respond", "response", "survey", "feedback", "customer")  # fmt: skip
    others = ("trust_by_driver", "trust_weighted", "trust_question_variants")

    def comparable(home: Path) -> list[tuple[Any, ...]]:
        return [
            row
            for row in published(home)
            if str(row[0]).startswith(measured)
            and not str(row[0]).startswith(others)
            and row[2] in ("TSA", "all")
            and row[8] is not None
        ]

    found, exact = comparable(tmp_path / "single"), comparable(tmp_path / "counts")
    assert len({row[0] for row in found}) > 40
    # Public figures are exact; of single responses the same figures are told rounded.
    metrics = open_edition(tmp_path / "single").metrics
    assert [row[:8] for row in found] == [row[:8] for row in exact]
    for told, row in zip(found, exact, strict=True):
        kind, is_of_people = metrics.loc[str(row[0]), ["kind", "is_of_people"]]
        wanted = rounded(row, str(kind)) if is_of_people else row
        assert told == wanted
    # The team's own file holds the exact ones.
    own = open_edition(tmp_path / "single").team("TSA").table("own_figure")
    own = own[own["period_kind"].isin(["quarter", "fiscal_year"])]
    columns = own[FIGURE[:-1]].astype(object).where(own[FIGURE[:-1]].notna(), None)
    figures = set(columns.itertuples(index=False, name=None))
    missing = [row for row in exact if row[2] == "TSA" and row[:-1] not in figures]
    assert not missing

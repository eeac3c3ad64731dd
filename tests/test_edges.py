"""What is accepted can be published: numbers and dates at the edges of what a file may hold
are rejected with their line, or set aside by a quality rule; they never stop a publish."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from metrics.base.errors import CxError, plain_failure
from metrics.base.settings import FILE_NAME, PUBLISHED, ROOT
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.intake.sources import SOURCES, LoadOptions
from metrics.warehouse.store import build_aggregates, open_warehouse
from tests.conftest import metrics_of

SURVEY = "cbp-contact-center-email"
RESPONSES = "id,when,trust,w"
VOLUMES = "survey,quarter,customers,offered,submitted_on"
COUNTS = "component,activity,month,n"
BANDS = "component,step,unit,period_kind,start,place,band_from,band_to,n"
REQUESTS = (
    "icr_reference,title,value_basis,responses,hours,cost_usd,snapshot_on,concluded_on,"
    "received_on,expires_on,is_partial_inventory,omb_control_number"
)
MAPPING = "response_id: id\nsubmitted_at: when\nanswers: {trust: 1}\nweight: w\n"


def bands(kind: str, start: str, n: int) -> list[str]:
    first = f"CBP,wait,minutes,{kind},{start},Place of {start}"
    return [f"{first},0,15,{n}", f"{first},15,,{n}"]


def request(number: int, amount: str, snapshot: str, concluded: str, expires: str) -> list[str]:
    return [
        f"202401-1651-00{number},Form,approved,{amount},{amount},{amount},{snapshot},{concluded},"
        f"2024-01-01,{expires},true,1651-000{number}"
    ]


ACCEPTED: list[tuple[str, list[str]]] = [
    (RESPONSES, [f"a{number},2024-11-15,{number % 2},1" for number in range(60)]),
    (RESPONSES, ["b1,2024-11-15,1,1000000", "b2,2024-11-15,1,0.000001", "b3,1999-10-01,1,1"]),
    # Fewer customers than answers, and more offers than customers: quality rules.
    (VOLUMES, [f"{SURVEY},2025Q1,10,5,2025-01-15", f"{SURVEY},2024Q3,10,500,"]),
    (VOLUMES, [f"{SURVEY},2024Q4,999999999999,999999999999,", f"{SURVEY},2000Q1,0,0,"]),
    (COUNTS, ["CBP,customer,2024-01,999999999999", "CBP,customer,2000-01,0"]),
    (COUNTS, ["CBP,complaint,2024-01,5", "CBP,complaint,2000-01,5"]),
    (BANDS, [*bands("month", "2024-01", 999999999999), *bands("hour", "2024-01-01 23:00", 5)]),
    (BANDS, bands("month", "2024-02", 0)),
    (REQUESTS, request(1, "999999999999", "2024-01-31", "2024-01-01", "2099-01-31")),
    (REQUESTS, request(2, "0", "2024-01-31", "1980-01-01", "1980-01-01")),
]

REJECTED: list[tuple[str, list[str], str]] = [
    *((RESPONSES, [f"c1,2024-11-15,1,{weight}"], "must be a number from 0.000001 to 1,000,000")
      for weight in ("1e308", "1000001", "nan", "inf", "-inf", "-0", "1e-300", "")),
    *((RESPONSES, [f"c2,{day},1,1"], "it must be a date or time")
      for day in ("0001-01-01", "9999-12-31", "infinity", "294247-01-10")),
    (RESPONSES, ["c3,2098-01-01,1,1"], "still to come"),
    (VOLUMES, [f"{SURVEY},2099Q4,10,5,"], "must be a quarter that has begun"),
    (VOLUMES, [f"{SURVEY},2024Q4,9999999999999,5,"], "must be a whole number of customers"),
    *((VOLUMES, [f"{SURVEY},2024Q4,10,5,{day}"], "must lie between 2000 and today")
      for day in ("0001-01-01", "9999-12-31", "infinity")),
    (COUNTS, ["CBP,customer,2024-01,9999999999999"], "at most 12 digits"),
    (COUNTS, ["CBP,customer,2024-01,-0"], "must be a whole number, 0 or more"),
    (COUNTS, ["CBP,customer,2099-01,1"], "has not begun yet"),
    *((BANDS, bands(kind, start, 5), "must lie between 2000 and today") for kind, start in (
        ("day", "0001-01-01"), ("month", "9999-12"), ("quarter", "2099Q4"))),
    (REQUESTS, request(3, "9999999999999", "2024-01-31", "2024-01-01", "2027-01-31"),
     "at most 12 digits"),
    *((REQUESTS, request(4, "9", *days), "must be a date from 1980 on") for days in (
        ("0001-01-31", "2024-01-01", "2027-01-31"), ("2024-01-31", "0001-01-01", "2027-01-31"),
        ("2024-01-31", "9999-12-31", "2027-01-31"), ("2024-01-31", "2024-01-01", "9999-12-31"))),
]  # fmt: skip


def test_whatever_is_accepted_can_be_published(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    given = LoadOptions(survey=SURVEY, mapping=tmp_path / "mapping.yaml")
    path = tmp_path / "file.csv"
    with open_warehouse(tmp_path) as connection:
        for header, rows, said in [*((*one, "") for one in ACCEPTED), *REJECTED]:
            path.write_text("\n".join([header, *rows]) + "\n")
            kind, options = ("csv", given) if header == RESPONSES else ("auto", LoadOptions())
            (result,) = load_files(connection, kind, [path], options=options)
            assert result.n_rejected == (len(rows) if said else 0), (rows, result.reasons)
            assert all(said in reason.reason for reason in result.reasons), result.reasons
            assert not said or result.reasons[0].first_line == 2
        catalog = metrics_of(
            *("feedback_coverage", "survey_reach", "response_rate", "trust_weighted", "wait_90th"),
            *("wait_median", "customers_served", "complaint_rate", "burden_hours"),
            *("hours_per_response", "customer_volume", "waits_counted"),
        )
        publish(connection, tmp_path, catalog=catalog)
        rules = connection.execute(
            "select quarter, rule from survey_finding where effect = 'quarantined' order by all"
        ).fetchall()
    assert ("2025Q1", "customers_below_respondents") in rules
    assert ("2024Q3", "offered_exceeds_customers") in rules


def test_customers_that_two_surveys_share_are_compared_together(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as connection:
        connection.execute("""
            insert into survey_report
            select 1, 2, survey_id, 'DHS', 'FEMA', 'fema-assessment', 'email', '2024Q1', null, 100,
                90, 60, null, null, null, 'x'
            from unnest([1, 2]) as given (survey_id)
        """)
        build_aggregates(connection)
        covered = connection.execute(
            "select respondents, respondents_covered, customers_covered from survey_volumes"
        ).fetchall()
    assert covered == [(120, None, None)]


def test_a_quarter_to_come_is_refused_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text("response_id: id\nanswers: {trust: 1}\n")
    path = tmp_path / "file.csv"
    path.write_text("id,trust\na,1\n")
    options = LoadOptions(SURVEY, "2099Q4", tmp_path / "mapping.yaml")
    with (
        open_warehouse(tmp_path) as connection,
        pytest.raises(CxError, match="2099Q4 has not begun yet"),
    ):
        load_files(connection, "csv", [path], options=options)


def test_a_full_disk_is_named_and_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    path = tmp_path / "file.csv"
    path.write_text("\n".join([RESPONSES, *ACCEPTED[0][1]]) + "\n")
    with open_warehouse(tmp_path):
        pass
    done = subprocess.run(
        [sys.executable, "-m", "metrics", "load", "csv", str(path), f"--survey={SURVEY}",
         f"--mapping={tmp_path / 'mapping.yaml'}"],
        cwd=ROOT, env={**os.environ, "CX_HOME": str(tmp_path)}, capture_output=True, text=True,
        check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error: the disk is full; free some space")
    assert "rollback" not in done.stderr and "Traceback" not in done.stderr
    with duckdb.connect(str(tmp_path / FILE_NAME)) as connection:
        held = connection.execute("select count(*) from survey_response").fetchone()
    assert held == (0,)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "/x"), "the disk is full"),
        (PermissionError(13, "Permission denied", "/x"), "the folder may not be written"),
        (OSError(30, "Read-only file system", "/x"), "the folder may not be written"),
        (FileNotFoundError(2, "No such file or directory", "/x"), "a file or folder is gone"),
        (duckdb.IOException("Could not set lock on file"), "another process has the warehouse"),
    ],
)
def test_what_the_system_refuses_is_told_with_a_remedy(error: Exception, said: str) -> None:
    told = plain_failure(error)
    assert told.startswith(said) and "run the command again" in told


def test_an_error_while_clearing_away_does_not_hide_the_full_disk() -> None:
    shown = duckdb.TransactionException("cannot rollback - no transaction is active")
    shown.__context__ = OSError(28, "No space left on device")
    assert plain_failure(shown).startswith("the disk is full")


def test_the_hash_of_published_figures_covers_both_tables(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for name in ("survey_report.csv", "survey_report_answer.csv", "source.yaml"):
        shutil.copy(PUBLISHED / name, tmp_path)
    source = SOURCES["published-figures"]
    before = source.stage(warehouse, str(tmp_path), LoadOptions())
    answers = tmp_path / "survey_report_answer.csv"
    *kept, last = answers.read_text().splitlines(keepends=True)
    answers.write_text("".join([*kept, last.rsplit(",", 1)[0] + ",1.00\n"]))
    after = source.stage(warehouse, str(tmp_path), LoadOptions())
    assert before.file_name == "survey_report.csv, survey_report_answer.csv"
    assert before.sha256 != after.sha256

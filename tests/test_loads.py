"""The record of loads: taking a load of any kind back, doing it again, erasing one person."""

import csv
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from metrics.base.errors import CxError
from metrics.base.settings import FILE_NAME, PUBLISHED, REFERENCE
from metrics.cli.main import main
from metrics.define.trial import PROOFS
from metrics.edition.edition import open_edition
from metrics.edition.manifest import current_id
from metrics.gate.publish import publish
from metrics.intake import undo as undoing
from metrics.intake.erasure import erase_response
from metrics.intake.sources import LoadOptions
from metrics.intake.sources.base import ROWS, TABLES_FILLED
from metrics.intake.undo import list_loads, redo_load, undo_load
from metrics.warehouse.store import build_aggregates, open_warehouse
from tests import reporting_file as reporting
from tests.conftest import metrics_of
from tests.response_file import LIKERT, current, cx, load, rejections, write_csv, write_cx
from tests.test_release import put

with (REFERENCE / "maturity_practice.csv").open(encoding="utf-8", newline="") as practice_file:
    PRACTICES = list(csv.DictReader(practice_file))

QUARTER = "2024Q4"
KINDS = ("report", "volume", "count", "time", "maturity", "burden", "response")


def two_files(kind: str, folder: Path) -> tuple[str, list[Path], dict[str, Any]]:
    """A format, two files of which the second restates some rows of the first and has one
    more, and the options they need."""
    if kind == "report":
        rows = [reporting.report(1), reporting.report(2, collection_quarter="1")]
        later = [reporting.report(1, q1_5="999"), reporting.report(3, collection_quarter="3")]
        reports = [(folder / "a.csv", rows), (folder / "b.csv", later)]
        return "a11-quarterly", [reporting.write(*file) for file in reports], {}
    if kind == "response":
        first = [cx(f"r{n}", "4", 'It was "late".' if n % 2 else "") for n in range(20)]
        second = [cx(f"r{n}", "2", "Nobody answered.") for n in range(10, 25)]
        files = [write_cx(folder / "a.csv", *first), write_cx(folder / "b.csv", *second)]
        return "touchpoints-cx", files, {"survey": LIKERT, "quarter": QUARTER}
    if kind == "volume":
        keys = {"survey": LIKERT, "customers": "5000"}
        tables = [
            [keys | {"quarter": quarter, "offered": offered} for quarter, offered in rows]
            for rows in ([("2024Q3", "70"), (QUARTER, "80")], [(QUARTER, "90"), ("2025Q1", "100")])
        ]
        return (
            "survey-volumes",
            [write_csv(folder / f"{n}.csv", t) for n, t in enumerate(tables)],
            {},
        )
    if kind == "maturity":
        said = {"component": "TSA", "model": "dhs-1", "assessed_on": "2024-10-01"}
        said |= {"method": "self", "evidence_url": "https://example.org/a?b='c'"}
        practices = [row["practice"] for row in PRACTICES if row["model"] == "dhs-1"]
        tables = [
            [said | {"practice": name, "status": status} for name in names]
            for names, status in ((practices[:6], "done"), (practices[4:8], "not_done"))
        ]
        return "maturity", [write_csv(folder / f"{n}.csv", t) for n, t in enumerate(tables)], {}
    name, format_name, column = {
        "count": ("counts/complaints_by_category.csv", "counts", "n"),
        "time": ("time-bands/cbp_waits.csv", "time-bands", "n"),
        "burden": ("burden-requests/burden_request.csv", "burden-requests", "title"),
    }[kind]
    frame = pd.read_csv(PUBLISHED / name, dtype="str", keep_default_na=False)
    # Rows of one period belong together: its bands are one telling.
    groups = (
        frame.groupby(["place", "start"], sort=False).ngroup() if kind == "time" else frame.index
    )
    first, second = frame[groups < 4].copy(), frame[(groups >= 2) & (groups < 7)].copy()
    second[column] = "17"
    files = [folder / "a.csv", folder / "b.csv"]
    for path, rows_of in zip(files, (first, second), strict=True):
        rows_of.to_csv(path, index=False)
    return format_name, files, {"as_of": date(2024, 10, 1)}


def facts(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Every raw row of every table that loads fill, but the record of loads."""
    names = sorted({table for tables in TABLES_FILLED.values() for table in tables})
    return {
        name: connection.execute(f"select * from {name} order by all").fetchall() for name in names
    }


def what_counts(connection: duckdb.DuckDBPyConnection, kind: str) -> list[tuple[Any, ...]]:
    """The rows of a kind that count, whichever load brought them."""
    if kind == "response":
        return current(connection, "* exclude (load_id)")
    if kind == "report":
        table, key = "survey_report", ["survey_id"]
    else:
        table, key = ROWS[kind][0], list(ROWS[kind][1])
    return connection.execute(
        f"select * exclude (load_id) from {table} qualify row_number() over ("
        f"partition by {', '.join(key)} order by load_id desc) = 1 order by all"
    ).fetchall()


@pytest.mark.parametrize("kind", KINDS)
def test_a_load_of_any_kind_is_taken_back_and_again(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str
) -> None:
    format_name, files, options = two_files(kind, tmp_path)
    (first,) = load(warehouse, format_name, files[0], **options)
    one = what_counts(warehouse, kind)
    (second,) = load(warehouse, format_name, files[1], **options)
    both = what_counts(warehouse, kind)
    assert first.n_accepted and second.n_restated and len(both) > len(one) and both != one

    assert undo_load(warehouse, 2).load_id == 3
    assert what_counts(warehouse, kind) == one
    with pytest.raises(
        CxError, match=r"load 2 \(.*\) was taken back already, by 3; `loads undo 3`"
    ):
        undo_load(warehouse, 2)
    assert what_counts(warehouse, kind) == one

    # The undo of the undo, and of that.
    undo_load(warehouse, 3)
    assert what_counts(warehouse, kind) == both
    undo_load(warehouse, 4)
    assert what_counts(warehouse, kind) == one
    # The same file again.
    (again,) = load(warehouse, format_name, files[1], **options)
    assert (again.n_accepted, again.n_restated) == (second.n_accepted, second.n_restated)
    assert what_counts(warehouse, kind) == both
    states = {row["load"]: (row["format"], row["state"]) for row in list_loads(warehouse)}
    assert states == {
        1: (format_name, ""),
        2: (format_name, "taken back by 3"),
        3: ("undo", ""),
        4: ("undo", "taken back by 5"),
        5: ("undo", ""),
        6: (format_name, ""),
    }
    build_aggregates(warehouse)


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_correction_outlives_the_load_it_corrected(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str
) -> None:
    format_name, files, options = two_files(kind, tmp_path)
    load(warehouse, format_name, files[1], **options)
    later = what_counts(warehouse, kind)
    for table in ("data_load", *{name for names in TABLES_FILLED.values() for name in names}):
        warehouse.execute(f"delete from {table}")
    for file in files:
        load(warehouse, format_name, file, **options)
    undo_load(warehouse, 1)
    assert what_counts(warehouse, kind) == later


def test_an_undo_is_whole_or_not_at_all(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    format_name, files, _ = two_files("report", tmp_path)
    load(warehouse, format_name, files[0])
    before = facts(warehouse)

    def killed(*_: object) -> int:
        warehouse.execute("delete from survey_report")
        raise KeyboardInterrupt

    monkeypatch.setattr(undoing, "_take_out", killed)
    with pytest.raises(KeyboardInterrupt):
        undo_load(warehouse, 1)
    assert facts(warehouse) == before
    assert [row["state"] for row in list_loads(warehouse)] == [""]
    assert warehouse.execute("select count(*) from load_undo").fetchall() == [(0,)]


def test_what_cannot_be_taken_back_is_said(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(CxError, match="there is no load 7; see `python -m metrics loads list`"):
        undo_load(warehouse, 7)
    warehouse.execute(
        "insert into data_load by name select 1 as load_id, 'published-figures' as format, "
        "'report' as fills, 'survey_report.csv' as file_name, 'x' as sha256, "
        "date '2023-05-21' as as_of, now()::timestamp as loaded_at, 1 as n_rows, "
        "1 as n_accepted, 0 as n_duplicate, 0 as n_rejected"
    )
    with pytest.raises(CxError, match="come with the project, and `build` would load them again"):
        undo_load(warehouse, 1)


def test_loads_taken_back_leave_every_figure(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    format_name, files, options = two_files("response", tmp_path)
    load(warehouse, format_name, files[0], **options)
    build_aggregates(warehouse)
    names = ("response_count", "load_count", "reporting_board", "comment_text", "survey_volumes")

    def figures() -> dict[str, list[tuple[Any, ...]]]:
        build_aggregates(warehouse)
        return {
            name: warehouse.execute(f"select * from {name} order by all").fetchall()
            for name in names
        }

    before = figures()
    load(warehouse, format_name, files[1], **options)
    assert figures() != before
    undo_load(warehouse, 2)
    assert figures() == before


def test_a_file_is_loaded_again_as_its_survey_is_declared_now(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    format_name, files, options = two_files("response", tmp_path)
    load(warehouse, format_name, files[0], **options)
    # Something that only a new reading of the file sets right.
    warehouse.execute("update survey_response set trust = 1")
    with pytest.raises(CxError, match=r"b\.csv: is not the file of load 1 \(a\.csv\)"):
        redo_load(warehouse, 1, str(files[1]), LoadOptions(quarter=QUARTER))
    assert {trust for (trust,) in current(warehouse, "trust")} == {1}
    undone, result = redo_load(warehouse, 1, str(files[0]), LoadOptions(quarter=QUARTER))
    assert (undone.load_id, undone.n_gone, result.n_accepted) == (2, 20, 20)
    assert {trust for (trust,) in current(warehouse, "trust")} == {4}
    assert [row["state"] for row in list_loads(warehouse)] == ["taken back by 2", "", ""]


SECRET = "gq71-unmistakable-identifier"
WORDS = "The zephyrine gatekeeper at booth forty lost my xylophone."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A published home in which one person answered, was corrected, and was refused once."""
    home, folder = tmp_path / "home", tmp_path
    answers = {f"r{n}": ("4", f"It was late, {n} times.") for n in range(30)}
    with open_warehouse(home) as connection:
        put(connection, folder, QUARTER, answers | {SECRET: ("3", "First words.")})
        put(connection, folder, QUARTER, {SECRET: ("4", WORDS)})
        put(connection, folder, QUARTER, {SECRET: ("9", WORDS), "r1": ("8", "")})
        assert len(rejections(connection)) == 2
        publish(connection, home, catalog=metrics_of("trust", "comment_rate"))
    return home


def test_one_person_is_erased_from_the_file_itself_and_from_the_next_edition(
    home: Path, tmp_path: Path
) -> None:
    before = open_edition(home)
    assert SECRET.encode() in (home / FILE_NAME).read_bytes()
    erased = erase_response(home, LIKERT, SECRET)
    assert (erased.n_responses, erased.n_comments, erased.n_rejected) == (2, 2, 1)
    team = home / "editions" / before.id / "component-FEMA.duckdb"
    assert erased.team_files == [team]
    assert any("cannot be recalled" in line for line in erased.lines())
    held = (home / FILE_NAME).read_bytes()
    for trace in (SECRET, WORDS, "zephyrine", "First words"):
        assert trace.encode() not in held
    assert {path.name for path in home.iterdir()} == {"editions", PROOFS, FILE_NAME}

    with open_warehouse(home) as connection:
        assert len(current(connection, "response_id")) == 30
        assert len(rejections(connection)) == 1
        ((kept,),) = connection.execute(
            "select erased_response::varchar from erased_response"
        ).fetchall()
        assert SECRET not in kept
        publish(connection, home, catalog=metrics_of("trust", "comment_rate"))
    after = open_edition(home)
    texts = after.team("FEMA").table("comment")["comment"]
    assert len(texts) == 30 and not texts.str.contains("zephyrine").any()
    for path in (home / "editions" / str(current_id(home))).iterdir():
        assert b"zephyrine" not in path.read_bytes(), path.name


def test_who_was_erased_is_refused_when_loaded_again(home: Path, tmp_path: Path) -> None:
    erase_response(home, LIKERT, SECRET)
    again = erase_response(home, LIKERT, SECRET)
    assert again.was_erased and not again.n_responses
    files = {
        "csv": {SECRET: ("5", WORDS), "s1": ("5", "A new one.")},
    }
    with open_warehouse(home) as connection:
        put(connection, tmp_path, QUARTER, files["csv"])
        write_cx(tmp_path / "cx.csv", cx("s2", "4", "Fine."), cx(SECRET, "4", WORDS))
        (result,) = load(
            connection, "touchpoints-cx", tmp_path / "cx.csv", survey=LIKERT, quarter=QUARTER
        )
        assert (result.n_accepted, result.n_rejected) == (1, 1)
        (reason,) = result.reasons
        assert reason.first_line == 3 and reason.reason.startswith("The response was erased")
        ids = {name for (name,) in current(connection, "response_id")}
        assert {"s1", "s2"} <= ids and SECRET not in ids
        raw = "select raw_text from rejected_row where reason like 'The response was erased%'"
        assert connection.execute(raw).fetchall() == [("{}",), ("{}",)]
    assert WORDS.encode() not in (home / FILE_NAME).read_bytes()
    with pytest.raises(CxError, match=r"has no response 'nobody', neither held nor refused"):
        erase_response(home, LIKERT, "nobody")
    with pytest.raises(CxError, match="there is no survey 'no-such'"):
        erase_response(home, "no-such", SECRET)


def test_a_killed_erasure_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (home / FILE_NAME).read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("metrics.intake.erasure.os.fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        erase_response(home, LIKERT, SECRET)
    assert {path.name for path in home.iterdir()} == {"editions", PROOFS, FILE_NAME}
    assert SECRET.encode() in before
    with open_warehouse(home) as connection:
        assert len(current(connection, "response_id")) == 31


def test_the_commands(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Path(shutil.copytree(home, tmp_path / "copy"))
    monkeypatch.setenv("CX_HOME", str(home))
    assert main(["loads", "list"]) == 0
    assert "rows.csv" in capsys.readouterr().out
    assert main(["loads", "undo", "2"]) == 0
    assert (
        "Load 2 is taken back, as record 4: 1 row no longer as before, 1 row counting again."
        in (capsys.readouterr().out)
    )
    assert main(["loads"]) == 0
    told = capsys.readouterr().out
    assert "taken back by 4" in told
    assert f"1 response to {LIKERT} in {QUARTER} waits; they enter when 11 wait." in told
    assert main(["loads", "undo", "2"]) == 1
    assert "was taken back already, by 4" in capsys.readouterr().err
    assert main(["loads", "erase", "--survey", LIKERT, "--response", SECRET]) == 0
    told = capsys.readouterr().out
    # Both versions, and the copy that counted again.
    assert "3 rows of answers and 3 of comments (all versions), 1 refused rows" in told
    assert "component-FEMA.duckdb" in told

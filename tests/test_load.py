"""Loading: every row ends in one place, a bad file changes nothing, a bad value is named.

Runs on a small file made here; what concerns the real reporting file runs on it too.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.base.errors import CxError, UsageError
from metrics.base.settings import FILE_NAME, PUBLISHED
from metrics.cli.main import main
from metrics.intake.load import LoadResult, load_files
from metrics.warehouse.store import build_aggregates, open_warehouse, prepare
from tests.reporting_file import HEADER, Report, report, text_of, write

RAW = ("survey_report", "survey_report_answer", "rejected_row", "data_load")
A = "attributes_"


def load(
    warehouse: duckdb.DuckDBPyConnection, *paths: Path, dry_run: bool = False
) -> list[LoadResult]:
    results = load_files(warehouse, "a11-quarterly", list(paths), dry_run=dry_run)
    for result in results:
        assert result.n_accepted + result.n_duplicate + result.n_rejected == result.n_rows
    return results


def contents(warehouse: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Every raw row of the warehouse."""
    return {
        table: warehouse.execute(f"select * from {table} order by all").fetchall() for table in RAW
    }


def figures(warehouse: duckdb.DuckDBPyConnection) -> list[list[tuple[Any, ...]]]:
    """What the reports and answers say, whatever file and line they came from."""
    return [
        warehouse.execute(
            "select * exclude (load_id, line_number) from survey_report order by all"
        ).fetchall(),
        warehouse.execute(
            "select * exclude (load_id) from survey_report_answer order by all"
        ).fetchall(),
    ]


def rejections(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return warehouse.execute(
        "select line_number, column_name, reason from rejected_row order by all"
    ).fetchall()


@pytest.fixture(scope="module")
def prepared() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:")
    prepare(connection)
    yield connection
    connection.close()


@pytest.fixture
def warehouse(prepared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """An empty warehouse, made once and emptied for each test."""
    for table in RAW:
        prepared.execute(f"delete from {table}")
    return prepared


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """Three good reports; they start on lines 2, 6 and 10 because of quoted breaks."""
    return write(tmp_path / "three.csv", [report(1), report(2, channel="phone"), report(3)])


def test_the_small_file_has_the_columns_of_the_real_one(hisp_file: Path) -> None:
    assert hisp_file.read_text(encoding="utf-8").split("\n", 1)[0] == ",".join(HEADER)
    assert len(HEADER) == 104


def test_every_row_is_accepted_once(warehouse: duckdb.DuckDBPyConnection, three: Path) -> None:
    (first,) = load(warehouse, three)
    assert (first.n_rows, first.n_accepted, first.as_of) == (3, 3, date(2021, 8, 4))
    assert warehouse.execute(
        "select survey_id, component, service, channel, quarter, instrument, customers, offered, "
        "respondents, omb_control_number, entered_on, source_notes from survey_report "
        "where survey_id = 2"
    ).fetchall() == [
        (
            *(2, "TSA", "tsa-contact-center", "phone", "2021Q2", "tsa-contact-center"),
            *(12000, 8000, 1200, "1652-0058", date(2021, 5, 13), None),
        )
    ]
    assert warehouse.execute(
        "select question, wording, n_1, n_2, n_3, n_4, n_5 from survey_report_answer "
        "where survey_id = 2 and question = 7"
    ).fetchall() == [(7, "professional-courteous", 70, 20, 30, 40, 1000)]


def test_loading_twice_changes_nothing(warehouse: duckdb.DuckDBPyConnection, three: Path) -> None:
    load(warehouse, three)
    before = contents(warehouse)
    (second,) = load(warehouse, three)
    assert (second.n_accepted, second.n_duplicate) == (0, 3)
    assert contents(warehouse) == before


def test_the_same_file_twice_in_one_command(
    warehouse: duckdb.DuckDBPyConnection, three: Path
) -> None:
    results = load(warehouse, three, three)
    assert [(result.n_accepted, result.n_duplicate) for result in results] == [(3, 0), (0, 3)]
    assert len(contents(warehouse)["data_load"]) == 1


def test_a_restated_report_replaces_the_earlier_one(
    warehouse: duckdb.DuckDBPyConnection, three: Path, tmp_path: Path
) -> None:
    load(warehouse, three)
    rows = [report(1), report(2, channel="phone", q2_5="900"), report(4)]
    (result,) = load(warehouse, write(tmp_path / "later.csv", rows))
    assert (result.n_accepted, result.n_duplicate, result.n_restated) == (2, 1, 1)
    build_aggregates(warehouse)
    assert warehouse.execute(
        "select survey_id, n_5 from current_answer where question = 2 order by survey_id"
    ).fetchall() == [(1, 1000), (2, 900), (3, 1000), (4, 1000)]
    assert warehouse.execute(
        "select n_5 from survey_report_answer where survey_id = 2 and question = 2 order by n_5"
    ).fetchall() == [(900,), (1000,)], "the first version is kept"
    (again,) = load(warehouse, tmp_path / "later.csv")
    assert (again.n_accepted, again.n_duplicate) == (0, 3), "the held version is the latest"


def test_a_dry_run_counts_but_keeps_nothing(
    warehouse: duckdb.DuckDBPyConnection, three: Path
) -> None:
    before = contents(warehouse)
    (result,) = load(warehouse, three, dry_run=True)
    assert result.n_accepted == 3
    assert contents(warehouse) == before


VARIANTS: dict[str, Callable[[list[Report]], bytes]] = {
    "byte-order mark": lambda rows: b"\xef\xbb\xbf" + text_of(rows).encode(),
    "windows line ends": lambda rows: text_of(rows, line_end="\r\n").encode(),
    "both": lambda rows: b"\xef\xbb\xbf" + text_of(rows, line_end="\r\n").encode(),
    "other column order": lambda rows: text_of(rows, sorted(HEADER, reverse=True)).encode(),
    "quoted header": lambda rows: text_of(rows).encode().replace(b"id,type,", b'"id","type",', 1),
    "blank lines": lambda rows: text_of(rows).encode().replace(b"\n2,omb", b"\n\n\n2,omb") + b"\n",
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_spreadsheet_habits_load_equally(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, variant: str
) -> None:
    rows = [report(1), report(2), report(3, q1_1="many")]
    path = tmp_path / "variant.csv"
    path.write_bytes(VARIANTS[variant](rows))
    (result,) = load(warehouse, path)
    assert (result.n_accepted, result.n_rejected) == (2, 1)
    found, refused = figures(warehouse), rejections(warehouse)
    for table in RAW:
        warehouse.execute(f"delete from {table}")
    load(warehouse, write(tmp_path / "plain.csv", rows))
    assert found == figures(warehouse)
    line = path.read_bytes().split(b"many")[0].count(b"\n") + 1
    start = line if variant == "other column order" else line - 3  # the row has 3 quoted breaks
    if variant == "other column order":
        start = [r for r in _starts(path) if r <= line][-1]
    assert [line for line, _, _ in refused] == [start]


def _starts(path: Path) -> list[int]:
    """Lines on which the rows of a file start, by Python's own CSV reader."""
    reader = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
    starts, next_start = [], 1
    for row in reader:
        if row:
            starts.append(next_start)
        next_start = reader.line_num + 1
    return starts[1:]


@pytest.mark.parametrize("after", ["id,type", "1,omb", "2,omb", "3,omb"])
def test_mixed_line_ends_load_equally_or_are_refused_with_a_remedy(
    warehouse: duckdb.DuckDBPyConnection, three: Path, tmp_path: Path, after: str
) -> None:
    start, rest = three.read_bytes().decode().split(after)
    (tmp_path / "mixed.csv").write_bytes((start + after + rest.replace("\n", "\r\n")).encode())
    load(warehouse, three)
    plain = figures(warehouse)
    try:
        (result,) = load(warehouse, tmp_path / "mixed.csv")
    except CxError as error:
        assert str(error).startswith(
            f"{tmp_path / 'mixed.csv'}: the line ends of the file are mixed; save"
        )
    else:
        assert result.n_duplicate == 3
    assert figures(warehouse) == plain


def test_a_file_name_with_pattern_signs_is_read_as_it_is(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write(tmp_path / "report1.csv", [report(1), report(2)])
    for name in ("report[1].csv", "rep*.csv", "it's?.csv"):
        (result,) = load(warehouse, write(tmp_path / name, [report(7)]), dry_run=True)
        assert result.n_rows == 1, name


# Files that are unusable as a whole: one line, exit code 1, and nothing changes.


@pytest.fixture(scope="module")
def home_with_a_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    with open_warehouse(home) as connection:
        load(connection, write(home / "held.csv", [report(100)]))
    return home


@pytest.fixture
def home(home_with_a_report: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CX_HOME that already holds one report; no test here may change it."""
    monkeypatch.setenv("CX_HOME", str(home_with_a_report))
    return home_with_a_report


def held(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = duckdb.connect(str(home / FILE_NAME), read_only=True)
    try:
        return contents(connection)
    finally:
        connection.close()


GOOD = text_of([report(1), report(2), report(3)])
CUT_IN_QUOTES = GOOD[: GOOD.rindex("or later")]
CUT_IN_ROW = GOOD[: GOOD.rindex("1652-0058")]

UNUSABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", ": the file is empty; fetch it again"),
    "header only": (
        text_of([]).encode(),
        ":2: there is no row below the header; fetch the file again",
    ),
    "cut in the middle of a row": (
        CUT_IN_ROW.encode(),
        ":13: the last line does not end with a line break, so the file may be cut; fetch it again",
    ),
    "cut at a line break within quotes": (
        CUT_IN_QUOTES.encode(),
        ":10: a quoted value of this row never ends, or holds a quote that is not doubled; ",
    ),
    "cut within quotes, then ended": (
        CUT_IN_ROW.encode() + b"\n",
        ":10: 18 values where the header has 104 columns; the file may be cut, fetch it again",
    ),
    "cut within a character": (
        GOOD.encode() + "ö".encode()[:1],
        ":14: the file ends inside a character, so it was cut; fetch it again",
    ),
    "a value too many": (
        GOOD.replace("\n2,omb", "\n2,,omb").encode(),
        ":6: 105 values where the header has 104 columns; the file may be cut, fetch it again",
    ),
    "a quote too many": (
        GOOD.replace('"After an answer', '""After an answer', 1).encode(),
        ":2: ",
    ),
    "a missing column": (
        text_of([report(1)], [name for name in HEADER if name != A + "channel"]).encode(),
        f":1: column '{A}channel' is missing; use the header of the format",
    ),
    "a renamed column": (
        GOOD.replace(A + "channel", A + "channels", 1).encode(),
        f":1: column '{A}channel' is missing (renamed to '{A}channels'?); use the header of the",
    ),
    "a repeated column": (
        GOOD.replace("service_provider_desc\n", "service_desc\n", 1).encode(),
        ":1: column 'service_provider_desc' is missing; column 'service_desc' is there more than",
    ),
    "semicolons": (
        GOOD.replace(",", ";").encode(),
        ":1: column 'id' is missing",
    ),
    "Latin-1": (
        GOOD.replace("or later", "après").encode("latin-1"),
        ":5: the file is not UTF-8 text; save it as 'CSV UTF-8' and load it again",
    ),
    "UTF-16": (
        GOOD.encode("utf-16"),
        ":1: the file is not UTF-8 text; save it as 'CSV UTF-8' and load it again",
    ),
    "UTF-16 without a mark": (
        GOOD.encode("utf-16-le"),
        ":1: the file is not UTF-8 text; save it as 'CSV UTF-8' and load it again",
    ),
    "no date": (
        text_of([report(1, updated_at="")]).encode(),
        f": no row has a date in {A}updated_at; name the date of the file with --as-of",
    ),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_unusable_file_gives_one_line_and_changes_nothing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    content, message = UNUSABLE[kind]
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    before = held(home)
    assert main(["load", "a11-quarterly", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {path}{message}")
    assert err.count("\n") == 1
    assert "; " in err, "a remedy follows"
    assert held(home) == before


def test_a_file_that_no_format_recognizes(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "notes.csv").write_text("when,what\n2021-01-01,rain\n")
    with pytest.raises(CxError, match="no format recognizes this file; name one of a11-quarterly"):
        load_files(warehouse, "auto", [tmp_path / "notes.csv"])
    with pytest.raises(UsageError, match="unknown format 'xlsx'; choose one of a11-quarterly"):
        load_files(warehouse, "xlsx", [tmp_path / "notes.csv"])
    with pytest.raises(CxError, match="there is no such file; check the name"):
        load_files(warehouse, "auto", [tmp_path / "none.csv"])
    with pytest.raises(CxError, match=r"cannot be read \(Is a directory\)"):
        load_files(warehouse, "a11-quarterly", [tmp_path])


def test_the_date_that_the_user_names_stands_in_for_the_one_a_file_lacks(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "file.csv", [report(1, updated_at="")])
    (result,) = load_files(warehouse, "a11-quarterly", [path], as_of=date(2023, 5, 21))
    assert (result.n_accepted, result.as_of) == (1, date(2023, 5, 21))


def test_if_the_second_file_fails_nothing_of_the_first_is_kept(
    home: Path, three: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = held(home)
    (tmp_path / "cut.csv").write_text(CUT_IN_QUOTES)
    assert main(["load", "a11-quarterly", str(three), str(tmp_path / "cut.csv")]) == 1
    assert "cut.csv:10: " in capsys.readouterr().err
    assert held(home) == before


# Values that refuse a row: line, column, reason and the raw text.


BAD_VALUES = [
    ("id", "x7", "must be a whole number"),
    ("id", "", "must be a whole number"),
    ("collection_year", "21", "must be a fiscal year such as 2021"),
    ("collection_year", "FY2021", "must be a fiscal year such as 2021"),
    ("collection_quarter", "5", "must be a fiscal quarter from 1 to 4"),
    ("collection_quarter", "", "must be a fiscal quarter from 1 to 4"),
    ("service_provider_id", "TSA", "must be a whole number"),
    ("organization_abbreviation", " ", "must be the short name of the organization"),
    ("created_at", "yesterday", "must be a date and time such as"),
    ("volume_of_customers", "about 5", "must be a whole number of people, 0 or more, or blank"),
    ("volume_of_customers", "-1.0", "must be a whole number of people, 0 or more, or blank"),
    ("volume_of_respondents", "1.5", "must be a whole number of people, 0 or more, or blank"),
    ("volume_of_respondents", "nan", "must be a whole number of people, 0 or more, or blank"),
    ("q1_1", "many", "must be a whole number of answers, 0 or more, or blank"),
    ("q3_5", "-4", "must be a whole number of answers, 0 or more, or blank"),
    ("q3_5", "12.5", "must be a whole number of answers, 0 or more, or blank"),
    ("q11_2", "9999999999999", "must be a whole number of answers, 0 or more, or blank"),
    ("q2_point_scale", "6", "must be a mean from 1 to 5, or blank"),
    ("q2_point_scale", "nan", "must be a mean from 1 to 5, or blank"),
]


def test_a_bad_value_names_line_column_and_rule(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = []
    for survey_id, (column, value, _) in enumerate(BAD_VALUES, start=1):
        row = report(survey_id)
        row[column if column == "id" else A + column] = value
        rows.append(row)
    (result,) = load(warehouse, write(tmp_path / "file.csv", [*rows, report(99)]))
    assert (result.n_accepted, result.n_rejected) == (1, len(BAD_VALUES))
    found = warehouse.execute(
        "select line_number, column_name, reason, raw_text from rejected_row order by line_number"
    ).fetchall()
    assert len(found) == len(BAD_VALUES)
    for index, (column, value, rule) in enumerate(BAD_VALUES):
        line, found_column, reason, raw = found[index]
        assert line == 2 + 4 * index  # a row is four lines long, its quoted line breaks counted
        assert found_column == (column if column == "id" else A + column)
        shown = f"The value '{value}' " if value else "The value is blank; it "
        assert reason.startswith(shown + rule)
        assert {key: json.loads(raw)[key] or "" for key in HEADER} == rows[index]


def test_several_bad_values_of_a_row_are_all_named(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    bad = report(1, q1_1="x", q7_5="y", collection_quarter="6", volume_of_customers="z")
    (result,) = load(warehouse, write(tmp_path / "file.csv", [bad, report(2)]))
    assert (result.n_accepted, result.n_rejected, len(result.reasons)) == (1, 1, 4)
    assert [(line, column) for line, column, _ in rejections(warehouse)] == [
        (2, A + "collection_quarter"),
        (2, A + "q1_1"),
        (2, A + "q7_5"),
        (2, A + "volume_of_customers"),
    ]


@pytest.mark.parametrize("again", ["1", " 1", "01"])
def test_the_same_report_twice_in_a_file_is_refused_twice(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, again: str
) -> None:
    path = write(tmp_path / "file.csv", [report(1), report(2), report(again, q1_1="5")])
    (result,) = load(warehouse, path)
    assert (result.n_accepted, result.n_rejected) == (1, 2)
    assert rejections(warehouse) == [
        (2, "id", "Report 1 appears more than once in the file; keep one row."),
        (10, "id", f"Report {again} appears more than once in the file; keep one row."),
    ]
    assert warehouse.execute("select survey_id from survey_report").fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        (
            {"service_provided": "TSA\tPreCheck  enrollment "},
            "service_provided",
            "There is no entry for provider 27, survey 'TSA PreCheck enrollment', in "
            "data/reference/survey.csv; add one.",
        ),
        (
            {"q2_text": "I trust TSA"},
            "q2_text",
            "Question 2 reads 'I trust TSA', which instrument tsa-contact-center does not have; "
            "add the wording to data/reference/instrument_question.csv.",
        ),
        (
            {"service_provider_id": "99"},
            "service_provider_id",
            "There is no entry for provider 99 of the Department in data/reference/provider.csv; "
            "add one.",
        ),
        (
            {"service_provider_id": "99", "organization_abbreviation": "USCIS"},
            "service_provider_id",
            "There is no entry for provider 99 of the Department in data/reference/provider.csv; "
            "add one.",
        ),
    ],
)
def test_what_the_reference_tables_do_not_know_is_refused_with_the_missing_entry(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    changes: dict[str, str],
    column: str,
    reason: str,
) -> None:
    path = write(tmp_path / "file.csv", [report(1), report(2, **changes)])
    (result,) = load(warehouse, path)
    assert (result.n_accepted, result.n_rejected) == (1, 1)
    assert rejections(warehouse) == [(6, A + column, reason)]


def test_a_question_that_nobody_answered_may_read_as_it_likes(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    unasked = {f"q2_{code}": "0" for code in range(1, 6)} | {"q2_text": "No Data"}
    (result,) = load(warehouse, write(tmp_path / "file.csv", [report(1, **unasked)]))
    assert result.n_accepted == 1
    questions = warehouse.execute("select question from survey_report_answer order by 1").fetchall()
    assert questions == [(1,), (3,), (4,), (5,), (6,), (7,)]


def test_other_agencies_need_no_reference_entry(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    other = report(
        1,
        organization_abbreviation="VA",
        service_provider_id="40",
        service_provided="Anything",
        service_id="2",
        q1_text="Whatever we like",
    )
    (result,) = load(warehouse, write(tmp_path / "file.csv", [other]))
    assert result.n_accepted == 1
    assert warehouse.execute(
        "select component, service, instrument from survey_report"
    ).fetchall() == [("FED", "va-2", "a11-government")]
    assert warehouse.execute(
        "select wording from survey_report_answer where question = 1"
    ).fetchall() == [(None,)]


def test_rows_refused_are_loaded_once_fixed(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    load(warehouse, write(path, [report(1), report(2, q1_1="x")]))
    load(warehouse, path)
    assert len(rejections(warehouse)) == 1, "the same refusal is stored once"
    (result,) = load(warehouse, write(path, [report(1), report(2)]))
    assert (result.n_accepted, result.n_duplicate, result.n_restated) == (1, 1, 0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"channel": " E-mail "}, ("email", "1652-0058", None)),
        ({"channel": "Interactive Voice Response"}, ("automated_phone", "1652-0058", None)),
        ({"channel": ""}, ("unmapped", "1652-0058", "channel_unmapped")),
        ({"channel": "carrier pigeon"}, ("unmapped", "1652-0058", "channel_unmapped")),
        ({"omb_control_number": "1652-0058\t"}, ("email", "1652-0058", "key_trimmed")),
        (
            {"omb_control_number": "OMB Control Number"},
            ("email", None, "control_number_placeholder"),
        ),
        ({"omb_control_number": ""}, ("email", None, "control_number_placeholder")),
        (
            {"service_provided": " TSA Contact  Center (TCC) - Email"},
            ("email", "1652-0058", "key_trimmed"),
        ),
        ({"service_name": "Getting help from TSA"}, ("email", "1652-0058", "service_renamed")),
        (
            {"organization_abbreviation": "TSA"},
            ("email", "1652-0058", "filed_outside_department"),
        ),
    ],
)
def test_what_is_fixed_at_the_door_is_noted(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    changes: dict[str, str],
    expected: tuple[str | None, ...],
) -> None:
    load(warehouse, write(tmp_path / "file.csv", [report(1, **changes)]))
    assert warehouse.execute(
        "select channel, omb_control_number, source_notes from survey_report"
    ).fetchall() == [expected]


# The real reporting file.


@pytest.fixture(scope="module")
def hisp(hisp_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with the real file and its findings; tests only read it."""
    connection = duckdb.connect(":memory:")
    prepare(connection)
    load(connection, hisp_file)
    build_aggregates(connection)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def hisp_rows(hisp_file: Path) -> dict[int, Report]:
    """The real file by report, read by Python's own CSV reader."""
    with hisp_file.open(encoding="utf-8", newline="") as file:
        return {int(row["id"]): row for row in csv.DictReader(file)}


def test_the_real_file_is_accepted_whole_and_once(
    warehouse: duckdb.DuckDBPyConnection, hisp_file: Path
) -> None:
    (first,) = load(warehouse, hisp_file)
    assert (first.n_rows, first.n_accepted, first.n_rejected) == (481, 481, 0)
    before = contents(warehouse)
    (second,) = load(warehouse, hisp_file)
    assert (second.n_accepted, second.n_duplicate) == (0, 481)
    assert contents(warehouse) == before


def test_the_real_file_and_the_figures_that_ship_are_the_same(
    hisp: duckdb.DuckDBPyConnection, warehouse: duckdb.DuckDBPyConnection
) -> None:
    (result,) = load_files(warehouse, "auto", [PUBLISHED])
    assert (result.n_rows, result.n_accepted) == (481, 481)
    assert figures(warehouse) == figures(hisp)


def test_line_numbers_of_the_real_file_are_those_of_an_editor(
    hisp: duckdb.DuckDBPyConnection, hisp_file: Path
) -> None:
    lines = hisp_file.read_text(encoding="utf-8").split("\n")
    found = hisp.execute("select survey_id, line_number from survey_report").fetchall()
    assert [row for row in found if not lines[row[1] - 1].startswith(f"{row[0]},omb_cx_")] == []
    assert max(line for _, line in found) > 1000 > len(found)


def test_a_bad_value_in_the_real_file_names_its_line(
    warehouse: duckdb.DuckDBPyConnection, hisp_file: Path, tmp_path: Path
) -> None:
    text = hisp_file.read_text(encoding="utf-8")
    assert text.count(",1160,") >= 1
    start = text.index("\n619,omb_cx_") + 1
    line = text[:start].count("\n") + 1
    bad = text[:start] + "6x9" + text[start + 3 :]
    (tmp_path / "bad.csv").write_text(bad, encoding="utf-8", newline="")
    (result,) = load(warehouse, tmp_path / "bad.csv")
    assert (result.n_accepted, result.n_rejected) == (480, 1)
    assert rejections(warehouse) == [(line, "id", "The value '6x9' must be a whole number.")]


def test_cutting_the_real_file_anywhere_is_noticed_or_loses_only_whole_rows(
    warehouse: duckdb.DuckDBPyConnection, hisp_file: Path, tmp_path: Path
) -> None:
    text = hisp_file.read_text(encoding="utf-8")
    starts = [index + 1 for index in range(len(text)) if text.startswith("omb_cx_", index + 1)]
    whole_rows = {text.rindex("\n", 0, index) + 1 for index in starts}
    breaks = [index + 1 for index, sign in enumerate(text) if sign == "\n"]
    within_quotes = [index for index in breaks[1:] if index not in whole_rows][:-1]
    assert len(within_quotes) > 800
    path = tmp_path / "cut.csv"
    for cut in [*within_quotes[:: len(within_quotes) // 12], len(text) // 2]:
        path.write_text(text[:cut], encoding="utf-8", newline="")
        with pytest.raises(CxError, match=rf"{path}:\d+: .*fetch it again"):
            load(warehouse, path)
    assert contents(warehouse)["survey_report"] == []


DHS_FINDINGS = {
    "percentages_as_counts": {388, 461, 484, 549},
    "offered_missing": {31, 216},
    "offered_equals_respondents": {133},
    "empty_record": {190, 192, 302},
    "filed_outside_department": {31, 133, 216, 290, 383, 444, 516, 583, 651},
    "key_trimmed": {72, 76, 219, 266},
    "control_number_placeholder": {190, 192, 302},
    "channel_unmapped": {190, 192, 302, 484},
    "answers_slightly_exceed_respondents": {31, 66, 71, 72, 266},
    "customers_shared": {66, 71, 72, 86, 87, 219, 220, 221, 266},
    "service_renamed": {619, 620},
}
"""Every rule that a report of the Department breaks, and the reports that do."""

ELSEWHERE = {
    "percentages_as_counts": {137, 279, 347, 410, 469, 546, 596},
    "scores_as_counts": {121, 122, 372, 373, 421, 422, 495, 496},
    "offered_exceeds_customers": {678, 681},
    "same_figures_twice": {449, 526, 562, 607},
    "no_answers": {239, 240},
    "empty_record": {169, 374, 379},
}


def _found(hisp: duckdb.DuckDBPyConnection, where: str) -> dict[str, set[int]]:
    return {
        rule: set(ids)
        for rule, ids in hisp.execute(
            f"select rule, list(distinct survey_id) from survey_finding where {where} group by rule"
        ).fetchall()
    }


def test_every_trap_in_the_reports_of_the_department_is_found_and_nothing_else(
    hisp: duckdb.DuckDBPyConnection,
) -> None:
    assert _found(hisp, "component <> 'FED'") == DHS_FINDINGS


@pytest.mark.parametrize("rule", ELSEWHERE)
def test_traps_in_the_reports_of_other_agencies(hisp: duckdb.DuckDBPyConnection, rule: str) -> None:
    assert _found(hisp, "component = 'FED'")[rule] == ELSEWHERE[rule]


def _number(row: Report, column: str) -> float:
    return float(row[A + column] or 0)


def _answers(row: Report) -> dict[int, int]:
    sums = {q: sum(int(row[f"{A}q{q}_{c}"] or 0) for c in range(1, 6)) for q in range(1, 12)}
    return {question: n for question, n in sums.items() if n}


def _by_arithmetic(rule: str, row: Report) -> bool:
    """The rule again, in plain Python on the row as filed."""
    customers = _number(row, "volume_of_customers")
    offered = _number(row, "volume_of_customers_provided_survey_opportunity")
    respondents = _number(row, "volume_of_respondents")
    answers = _answers(row)
    number = row[A + "omb_control_number"]
    excess = [n - respondents for n in answers.values() if n > respondents]
    large = [e for e in excess if e > 2 and e > 0.05 * respondents]
    return {
        "empty_record": not answers and customers == offered == respondents == 0,
        "no_answers": not answers and respondents > 0,
        "offered_missing": respondents > 0 and offered == 0,
        "offered_below_respondents": 0 < offered < respondents,
        "offered_equals_respondents": respondents >= 30 and offered == respondents,
        "offered_exceeds_customers": 0 < customers < offered,
        "customers_missing": respondents > 0 and customers == 0,
        "answers_exceed_respondents": len(large) > 0,
        "answers_slightly_exceed_respondents": len(excess) > len(large),
        "control_number_placeholder": not (
            len(number.strip()) == 9 and number.strip().replace("-", "").isdigit()
        ),
    }[rule]


@pytest.mark.parametrize(
    "rule",
    [
        "empty_record",
        "no_answers",
        "offered_missing",
        "offered_below_respondents",
        "offered_equals_respondents",
        "offered_exceeds_customers",
        "customers_missing",
        "answers_exceed_respondents",
        "answers_slightly_exceed_respondents",
        "control_number_placeholder",
    ],
)
def test_findings_agree_with_plain_arithmetic_on_the_file(
    hisp: duckdb.DuckDBPyConnection, hisp_rows: dict[int, Report], rule: str
) -> None:
    by_hand = {survey_id for survey_id, row in hisp_rows.items() if _by_arithmetic(rule, row)}
    assert _found(hisp, "true").get(rule, set()) == by_hand


def test_reports_filed_outside_the_department_count_for_their_component(
    hisp: duckdb.DuckDBPyConnection, hisp_rows: dict[int, Report]
) -> None:
    by_hand = {
        survey_id
        for survey_id, row in hisp_rows.items()
        if row[A + "organization_abbreviation"].strip() == "USCIS"
    }
    found = hisp.execute(
        "select survey_id from current_report where component = 'USCIS'"
    ).fetchall()
    assert {survey_id for (survey_id,) in found} == by_hand
    assert len(by_hand) == 9


def test_quarantined_answers_are_in_no_aggregate(hisp: duckdb.DuckDBPyConnection) -> None:
    fema = "service = 'fema-disaster-assistance'"
    reports = hisp.execute(
        f"select distinct quarter from current_report where {fema} order by 1"
    ).fetchall()
    answers = hisp.execute(
        f"select distinct quarter from survey_answers where {fema} order by 1"
    ).fetchall()
    quarantined = hisp.execute(
        "select distinct quarter from current_report where survey_id in (388, 461, 484, 549)"
    ).fetchall()
    assert set(reports) - set(answers) == set(quarantined) != set()


def test_customers_of_several_surveys_are_counted_once(
    hisp: duckdb.DuckDBPyConnection, hisp_rows: dict[int, Report]
) -> None:
    volumes = {_number(hisp_rows[survey_id], "volume_of_customers") for survey_id in (66, 71, 72)}
    (counted,) = hisp.execute(
        "select max(customers) from survey_volumes "
        "where service = 'fema-disaster-assistance' and quarter = '2021Q2'"
    ).fetchone() or (0,)
    assert counted == max(volumes) < sum(volumes)


# The project's own tables.


def test_published_figures_that_do_not_belong_together_are_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    reports = (PUBLISHED / "survey_report.csv").read_text().splitlines(keepends=True)
    answers = (PUBLISHED / "survey_report_answer.csv").read_text().splitlines(keepends=True)
    source = (PUBLISHED / "source.yaml").read_text()

    def refusal(r: list[str], a: list[str], s: str = source) -> str:
        (tmp_path / "survey_report.csv").write_text("".join(r))
        (tmp_path / "survey_report_answer.csv").write_text("".join(a))
        (tmp_path / "source.yaml").write_text(s)
        with pytest.raises(CxError) as caught:
            load_files(warehouse, "auto", [tmp_path])
        assert contents(warehouse)["data_load"] == []
        return str(caught.value).removeprefix(str(tmp_path) + "/")

    assert refusal(reports + reports[-1:], answers).startswith("survey_report.csv: report ")
    assert "has a question twice" in refusal(reports, answers + answers[-1:])
    assert "is not in survey_report.csv" in refusal(reports[:-1], answers)
    assert refusal(reports, [*answers, "1,2"]).startswith(
        f"survey_report_answer.csv:{len(answers) + 1}: the last line does not end"
    )
    assert refusal(reports, [*answers, "1,2\n"]).startswith(
        f"survey_report_answer.csv:{len(answers) + 1}: 2 values where the header has 9 columns"
    )
    assert "has no key as_of; add" in refusal(reports, answers, "title: x\n")
    assert "write a date" in refusal(reports, answers, "as_of: spring\n")
    assert "1x" in refusal([reports[0], reports[1].replace("1,VA", "1x,VA")], answers[:1])

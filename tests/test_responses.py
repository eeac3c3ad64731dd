"""Single responses: every row ends in one place, and no answer is ever read as another.

The Touchpoints upload stands for all formats here; what is special to the others is in
test_exports.py, test_mapping.py and test_database.py.
"""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.base.errors import CxError
from metrics.base.settings import FILE_NAME, ROOT
from metrics.cli.main import main
from metrics.intake.load import load_files
from metrics.intake.sources import LoadOptions
from metrics.intake.sources.texts import FOLDED, fold
from metrics.warehouse.store import open_warehouse, prepare
from tests.response_file import (
    CX_HEADER,
    FLAGS,
    KEYPAD,
    LIKERT,
    THUMBS,
    Contents,
    Row,
    contents,
    csv_text,
    current,
    cx,
    emptied,
    load,
    own_reference,
    records,
    rejections,
    write_csv,
    write_cx,
)

QUARTER = "2024Q4"


@pytest.fixture(scope="module")
def prepared() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:")
    prepare(connection)
    yield connection
    connection.close()


@pytest.fixture
def warehouse(prepared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """An empty warehouse, made once and emptied for each test."""
    return emptied(prepared)


# Any file, judged again in plain Python.

CODES = ["", "null", "NULL", "0", "1", "2", "4", "5", " 1 ", "1.0", "4.00", "1.4", "6", "-1", "yes"]
PIECES = [
    "a",
    "b z",
    " ",
    ",",
    "'",
    '"',
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    "é’😀",
    ",1,0,",
    "null",
    "\n9,5,1",
]
WORDS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)


@st.composite
def cx_rows(draw: st.DrawFn) -> Row:
    """A row that is mostly in order."""
    row = cx(
        draw(st.sampled_from(["1", "2", "3", "4", " 2", "é,4", "", " ", "null", "NULL"])),
        draw(st.sampled_from("12345")),
        draw(WORDS),
        **dict(zip(FLAGS, draw(st.text("01", min_size=14, max_size=14)), strict=True)),
    )
    columns = st.sampled_from(["question_1", *FLAGS])
    return row | draw(st.dictionaries(columns, st.sampled_from(CODES), max_size=2))


@st.composite
def cx_files(draw: st.DrawFn) -> bytes:
    """A file of the 17 columns as spreadsheets and people make them."""
    rows = draw(st.lists(cx_rows(), max_size=8))
    header = draw(st.permutations(CX_HEADER))
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    text = csv_text(header, rows, line_end, quote_all=draw(st.booleans()))
    if draw(st.booleans()):
        text = text.replace(f"{line_end}", line_end * 2, 1) + line_end * draw(st.integers(0, 2))
    if draw(st.booleans()):
        text = text.removesuffix(line_end)
    return draw(st.sampled_from(["", "\ufeff"])).encode() + text.encode()


def plain(text: str) -> str:
    """A code as it is meant: blanks around it, case and a decimal point do not count."""
    folded = text.strip(" \t\r\n").lower()
    number = re.fullmatch(r"(-?[0-9]+)\.0+", folded)
    return number[1] if number else folded


def is_legal(row: Row) -> bool:
    return plain(row["question_1"]) in tuple("12345") and all(
        plain(row[flag]) in ("", "null", "0", "1") for flag in FLAGS
    )


def meant(row: Row) -> tuple[int | str | None, ...]:
    """What the warehouse must hold of a legal row: trust, drivers, comment."""
    flags = [None if plain(row[flag]) in ("", "null") else int(plain(row[flag])) for flag in FLAGS]
    comment = row["question_4"].strip(" \t\r\n")
    return int(plain(row["question_1"])), *flags, None if comment in ("", "null") else comment


@given(content=cx_files())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_file_is_read_as_plain_python_reads_it(
    prepared: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    warehouse = emptied(prepared)
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    rows = records(content.decode())
    answers = {plain(row["question_1"]) for _, row in rows}
    if not rows or (answers & {"0", "1"} and not answers & {"2", "3", "4", "5"}):
        with pytest.raises(CxError, match=r"no row below the header|asks on a scale from 1 to 5"):
            load(warehouse, "touchpoints-cx", path, survey=LIKERT, quarter=QUARTER)
        assert not any(contents(warehouse).values())
        return
    (result,) = load(warehouse, "touchpoints-cx", path, survey=LIKERT, quarter=QUARTER)
    legal = [(line, row) for line, row in rows if is_legal(row)]
    named = {plain(row["external_id"]): row for _, row in legal}
    blank = [row for _, row in legal if plain(row["external_id"]) in ("", "null")]
    expected = [meant(row) for key, row in named.items() if key not in ("", "null")]
    expected += [meant(row) for row in blank]
    assert result.n_rows == len(rows)
    assert result.n_rejected == len(rows) - len(legal)
    assert result.n_accepted == len(expected)
    found = current(warehouse, f"trust, {', '.join(FLAGS)}, comment")
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    refused = {line for line, _, _ in rejections(warehouse)}
    assert refused == {line for line, row in rows if not is_legal(row)}
    before = contents(warehouse)
    (again,) = load(warehouse, "touchpoints-cx", path, survey=LIKERT, quarter=QUARTER)
    assert (again.n_accepted, again.n_duplicate) == (0, len(legal))
    assert contents(warehouse) == before


def test_a_file_cut_anywhere_is_refused_or_loses_no_row(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [cx(str(n), "4", f'said "{n}",\nand left’s\n') for n in range(1, 5)]
    text = csv_text(CX_HEADER, rows).encode()
    path = tmp_path / "cut.csv"
    n_read = 0
    for cut in range(text.index(b"\n") + 2, len(text), 5):
        path.write_bytes(text[:cut])
        emptied(warehouse)
        begun = [row for row in rows if csv_text(CX_HEADER, [row]).encode().split(b"\n", 1)[1]]
        started = sum(text.index(f"\n{row['external_id']},".encode()) + 1 < cut for row in begun)
        try:
            (result,) = load(warehouse, "touchpoints-cx", path, survey=LIKERT, quarter=QUARTER)
        except CxError as error:
            assert re.match(rf"{path}:\d+: .*fetch it again$", str(error)), cut
        else:
            n_read += 1
            assert result.n_rows == started, cut
            whole = current(warehouse, "response_id, comment")[:-1]
            assert whole == [(str(n), f'said "{n}",\nand left’s') for n in range(1, started)]
    assert n_read < 12, "only a cut at the end of a row cannot be told from the end of the file"


# Files that are unusable as a whole: one line, exit code 1, and nothing changes.

GOOD = csv_text(CX_HEADER, [cx("1"), cx("2", "2", "après,\n'midi'"), cx("3")])
UNUSABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", ": the file is empty; fetch it again"),
    "header only": (
        csv_text(CX_HEADER, []).encode(),
        ":2: there is no row below the header; fetch the file again",
    ),
    "header only, cut": (
        csv_text(CX_HEADER, []).strip().encode(),
        ":2: there is no row below the header; fetch the file again",
    ),
    "cut in quotes": (
        GOOD[: GOOD.index("'midi")].encode(),
        ":3: a quoted value of this row never ends, or holds a quote that is not doubled; ",
    ),
    "cut in a row": (
        GOOD[: GOOD.index("\n3,4") + 8].encode(),
        ":5: 4 values where the header has 17 columns; the file may be cut, fetch it again",
    ),
    "a value too many": (
        GOOD.replace("\n2,", "\n2,,").encode(),
        ":3: 18 values where the header has 17 columns; the file may be cut, fetch it again",
    ),
    "a quote too many": (GOOD.replace('"après', '""après').encode(), ":3: "),
    "Latin-1": (
        GOOD.encode("latin-1"),
        ":3: the file is not UTF-8 text; save it as 'CSV UTF-8' and load it again",
    ),
    "UTF-16": (
        GOOD.encode("utf-16"),
        ":1: the file is not UTF-8 text; save it as 'CSV UTF-8' and load it again",
    ),
    "UTF-16 without a mark": (
        GOOD.encode("utf-16-be"),
        ":1: the file is not UTF-8 text; save it as 'CSV UTF-8' and load it again",
    ),
    "line ends of an old Mac": (
        GOOD.replace("\n", "\r").encode(),
        ":1: a line of this row ends with a carriage return alone; save the file again as",
    ),
    "semicolons": (GOOD.replace(",", ";").encode(), ":1: column 'external_id' is missing; "),
    "a missing column": (
        csv_text([*CX_HEADER[:4], *CX_HEADER[5:]], [cx("1")]).encode(),
        ":1: column 'positive_efficiency' is missing; use the header of the format",
    ),
    "a renamed column": (
        GOOD.replace("question_4", "question4", 1).encode(),
        ":1: column 'question_4' is missing (renamed to 'question4'?); use the header of the",
    ),
    "an extra column": (
        csv_text([*CX_HEADER, "e_mail"], [cx("1")]).encode(),
        ":1: column 'e_mail' is not expected; use the header of the format",
    ),
    "a repeated column": (
        csv_text([*CX_HEADER, "question_1"], [cx("1")]).encode(),
        ":1: column 'question_1' is there more than once; use the header of the format",
    ),
}


@pytest.fixture(scope="module")
def home_with_a_response(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    with open_warehouse(home) as connection:
        path = write_cx(home / "held.csv", cx("held", "5", "fine"))
        load(connection, "touchpoints-cx", path, survey=LIKERT, quarter="2024Q1")
    return home


@pytest.fixture
def home(home_with_a_response: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CX_HOME that already holds one response; no test here may change it."""
    monkeypatch.setenv("CX_HOME", str(home_with_a_response))
    return home_with_a_response


def held(home: Path) -> Contents:
    with duckdb.connect(str(home / FILE_NAME), read_only=True) as connection:
        return contents(connection)


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_unusable_file_gives_one_line_and_changes_nothing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    content, message = UNUSABLE[kind]
    path, report = tmp_path / "file.csv", tmp_path / "report.json"
    path.write_bytes(content)
    before = held(home)
    command = ["load", "touchpoints-cx", str(path), "--survey", LIKERT, "--quarter", QUARTER]
    assert main([*command, "--report", str(report)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {path}{message}")
    assert err.count("\n") == 1 and "; " in err, "one line, with a remedy"
    assert held(home) == before
    written = json.loads(report.read_text())
    assert written == {"is_dry_run": False, "error": err[7:-1], "files": []}


def test_if_the_second_file_fails_nothing_of_the_first_is_kept(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = held(home)
    good = write_cx(tmp_path / "good.csv", cx("1"), cx("2"))
    (tmp_path / "cut.csv").write_bytes(UNUSABLE["cut in quotes"][0])
    files = [str(good), str(tmp_path / "cut.csv")]
    assert main(["load", "auto", *files, "--survey", LIKERT, "--quarter", QUARTER]) == 1
    assert "cut.csv:3: " in capsys.readouterr().err
    assert held(home) == before


# What GSA ships.


@pytest.fixture(scope="module")
def samples() -> Path:
    """Samples of the Touchpoints upload, kept beside the checkout."""
    folder = ROOT.parent / "shared" / "data" / "touchpoints"
    if not folder.exists():
        pytest.skip("needs the samples in ../shared/data/touchpoints")
    return folder


def test_every_placeholder_row_of_the_sample_is_refused_with_line_and_reason(
    warehouse: duckdb.DuckDBPyConnection, samples: Path
) -> None:
    path = samples / "sample_cx_responses_upload.csv"
    (result,) = load(warehouse, "auto", path, survey=THUMBS, quarter=QUARTER)
    rows = records(path.read_text(encoding="utf-8"))
    assert (result.n_rows, result.n_rejected) == (len(rows), 1000)
    assert result.n_reasons == 15 * 1000
    lines = [line for line, row in rows for _ in ["question_1", *FLAGS]]
    assert [line for line, _, _ in rejections(warehouse)] == lines
    assert rejections(warehouse)[14] == (
        *(2, "question_1"),
        "The value 'Data 1-1' is no answer to trust; it must be 0 or 1.",
    )
    raw = warehouse.execute("select raw_text from rejected_row where line_number = 2").fetchone()
    assert json.loads(raw[0]) == {k: v for k, v in rows[0][1].items() if k != "question_4"}


def test_the_sample_with_a_byte_order_mark_is_accepted(
    warehouse: duckdb.DuckDBPyConnection, samples: Path
) -> None:
    path = samples / "sample_cx_responses_upload_with_bom.csv"
    (result,) = load(warehouse, "auto", path, survey=THUMBS, quarter=QUARTER)
    assert (result.n_rows, result.n_accepted) == (4, 4)
    by_hand = [
        (row["external_id"], int(row["question_1"]), row["question_4"] or None)
        for _, row in records(path.read_text(encoding="utf-8"))
    ]
    assert current(warehouse, "response_id, trust, comment") == by_hand
    stored = warehouse.execute(
        "select distinct channel, quarter, submitted_at from survey_response"
    )
    assert stored.fetchall() == [("phone", QUARTER, None)]


# The same response again.


def answers(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return current(warehouse, "response_id, trust, positive_ease, comment")


@pytest.mark.parametrize(
    "change",
    [
        {"question_1": "2"},
        {"positive_ease": "1"},
        {"positive_ease": "null"},
        {"question_4": "worse"},
        {"question_4": ""},
    ],
)
def test_a_restated_response_replaces_the_earlier_one(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, change: Row
) -> None:
    first = write_cx(tmp_path / "first.csv", cx("1", "5", "good"), cx("2", "4", "old"))
    second = write_cx(tmp_path / "second.csv", cx("1", "5", "good"), cx("2", "4", "old") | change)
    options = {"survey": LIKERT, "quarter": QUARTER}
    load(warehouse, "touchpoints-cx", first, **options)
    before = answers(warehouse)
    (result,) = load(warehouse, "touchpoints-cx", second, **options)
    assert (result.n_accepted, result.n_duplicate, result.n_restated) == (1, 1, 1)
    assert answers(warehouse)[0] == before[0] and answers(warehouse)[1] != before[1]
    assert len(answers(warehouse)) == 2
    versions = (
        "select load_id, superseded_by from survey_response where response_id = '2' order by 1"
    )
    assert warehouse.execute(versions).fetchall() == [(1, 2), (2, None)]
    held = contents(warehouse)
    (again,) = load(warehouse, "touchpoints-cx", second, **options)
    assert (again.n_accepted, again.n_duplicate, again.n_restated) == (0, 2, 0)
    assert contents(warehouse) == held
    (back,) = load(warehouse, "touchpoints-cx", first, **options)
    assert (back.n_accepted, back.n_restated) == (1, 1), "the later load counts"
    assert answers(warehouse) == before
    assert warehouse.execute(versions).fetchall() == [(1, 2), (2, 3), (3, None)]


def test_files_of_one_command_restate_each_other_in_order(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = write_cx(tmp_path / "1.csv", cx("1", "5"), cx("2", "2"))
    second = write_cx(tmp_path / "2.csv", cx("2", "2"), cx("1", "1"), cx("3", "3"))
    results = load(warehouse, "auto", first, second, survey=LIKERT, quarter=QUARTER)
    counts = [(r.n_accepted, r.n_duplicate, r.n_restated) for r in results]
    assert counts == [(2, 0, 0), (2, 1, 1)]
    assert current(warehouse, "response_id, trust") == [("1", 1), ("2", 2), ("3", 3)]


def test_a_response_is_known_by_survey_quarter_and_identifier(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_cx(tmp_path / "file.csv", cx("1", "1"), cx("2", "0"))
    for survey, quarter in (
        (THUMBS, "2024Q4"),
        (THUMBS, "2025Q1"),
        ("cbp-contact-center-email", "2025Q1"),
    ):
        (result,) = load(warehouse, "auto", path, survey=survey, quarter=quarter)
        assert (result.n_accepted, result.n_duplicate) == (2, 0)


def test_a_repeated_identifier_counts_once_as_its_last_good_row_says(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        cx("1", "5", "first"),
        cx("2", "3"),
        cx("1", "2", "last"),
        cx(" 2", "9"),
        cx("\t1", "x"),
    ]
    (result,) = load(
        warehouse, "auto", write_cx(tmp_path / "f.csv", *rows), survey=LIKERT, quarter=QUARTER
    )
    assert (result.n_accepted, result.n_duplicate, result.n_rejected) == (2, 1, 2)
    assert current(warehouse, "response_id, trust, comment") == [("1", 2, "last"), ("2", 3, None)]


def test_a_reload_on_another_day_changes_nothing_unless_a_date_is_named(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_cx(tmp_path / "file.csv", cx("1"), cx("2", "x"))
    given = LoadOptions(LIKERT, QUARTER)
    (first,) = load_files(warehouse, "auto", [path], as_of=date(2024, 10, 7), options=given)
    assert first.as_of == date(2024, 10, 7)
    before = contents(warehouse)
    load_files(warehouse, "auto", [path], options=given)
    load_files(warehouse, "auto", [path], as_of=date(2024, 10, 6), options=given)
    assert contents(warehouse) == before
    load_files(warehouse, "auto", [path], as_of=date(2024, 10, 8), options=given)
    assert len(contents(warehouse)["data_load"]) == 2


# The export of what was uploaded.

EXPORT = ["cx_collection_detail_id", "cx_collection_detail_upload_id", "job_id"]


def exported(row: Row, job: str, upload: str = "7", detail: str = "3") -> Row:
    return row | dict(zip(EXPORT, (detail, upload, job), strict=True))


@pytest.mark.parametrize("ids", [["1", "2", "3"], ["", "null", ""], ["1", "", "3"]])
def test_an_upload_that_was_processed_twice_counts_once(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, ids: list[str]
) -> None:
    rows = [cx(one, trust, f"comment {trust}") for one, trust in zip(ids, "245", strict=True)]
    twice = [exported(row, job) for job in ("b", "a") for row in rows]
    other = [exported(cx("9", "3"), "c", upload="8"), exported(cx("", "3"), "c", upload="8")]
    path = write_csv(tmp_path / "export[1].csv", [*twice, *other])
    (result,) = load(warehouse, "auto", path, survey=LIKERT, quarter=QUARTER)
    assert (result.n_rows, result.n_accepted, result.n_duplicate) == (8, 5, 3)
    assert sorted(t for (t,) in current(warehouse, "trust")) == [2, 3, 3, 4, 5]
    later = [*twice, *other, exported(cx("", "1"), "d", upload="9")]
    (again,) = load(
        warehouse, "auto", write_csv(tmp_path / "later.csv", later), survey=LIKERT, quarter=QUARTER
    )
    assert (again.n_accepted, again.n_duplicate) == (1, 8), "a longer export adds what is new"


def test_an_export_of_two_collection_details_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [exported(cx("1"), "a"), exported(cx("2"), "a", detail="4")]
    with pytest.raises(CxError, match=r"holds the responses of 2 collection details.*export"):
        load(warehouse, "auto", write_csv(tmp_path / "e.csv", rows), survey=LIKERT, quarter=QUARTER)
    cut = csv_text([*CX_HEADER, *EXPORT], rows)[:-3]
    (tmp_path / "cut.csv").write_text(cut)
    with pytest.raises(CxError, match=r"cut\.csv:3: 19 values where the header has 20"):
        load(warehouse, "touchpoints-cx", tmp_path / "cut.csv", survey=LIKERT, quarter=QUARTER)
    lacking = write_csv(
        tmp_path / "l.csv", [row | {"job_id": ""} for row in rows], [*CX_HEADER, *EXPORT[:2]]
    )
    with pytest.raises(CxError, match=r"l\.csv:1: column 'job_id' is missing"):
        load(warehouse, "touchpoints-cx", lacking, survey=LIKERT, quarter=QUARTER)
    assert not any(contents(warehouse).values())


# What a code means depends on the survey, so a file of another scale is refused whole.


@pytest.mark.parametrize(
    ("survey", "trust", "message"),
    [
        (THUMBS, ["1", "0", "4"], ":4: question_1: 1 answers are 2, 3, 4 or 5, but survey "),
        (THUMBS, ["1", "1.0", "5.0"], ":4: question_1: 1 answers are 2, 3, 4 or 5, but survey "),
        (THUMBS, ["2", "", "x"], ":2: question_1: 1 answers are 2, 3, 4 or 5, but survey "),
        (KEYPAD, ["1", "2", "1"], ":3: question_1: 1 answers are 2, 3, 4 or 5, but survey "),
        (LIKERT, ["1", "0", "1"], ":2: question_1: every answer is 0 or 1, but survey "),
        (LIKERT, ["1.0", "0.0", " 1 "], ":2: question_1: every answer is 0 or 1, but survey "),
        (LIKERT, ["1", "1", "1"], ":2: question_1: every answer is 0 or 1, but survey "),
        (LIKERT, ["", "0", "null"], ":3: question_1: every answer is 0 or 1, but survey "),
    ],
)
def test_a_file_of_another_scale_is_refused_whole(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    survey: str,
    trust: list[str],
    message: str,
) -> None:
    path = write_cx(tmp_path / "file.csv", *(cx(str(n), t) for n, t in enumerate(trust)))
    with pytest.raises(CxError) as caught:
        load(warehouse, "touchpoints-cx", path, survey=survey, quarter=QUARTER)
    assert str(caught.value).startswith(f"{path}{message}")
    assert str(caught.value).endswith("; nothing was loaded")
    assert not any(contents(warehouse).values())


def test_what_the_user_must_say_is_asked_for(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_cx(tmp_path / "file.csv", cx("1", "1"))
    for options, message in [
        ({}, "which survey do the responses answer? .* Name it with --survey, one of cbp-"),
        ({"survey": "nps"}, "there is no survey 'nps' in data/reference/response_survey.csv; add"),
        ({"survey": THUMBS}, "the responses carry no date; name their fiscal quarter with --qua"),
        ({"survey": THUMBS, "quarter": "2024q4"}, "'2024q4' is no fiscal quarter; write it like"),
        ({"survey": THUMBS, "quarter": "2024Q5"}, "'2024Q5' is no fiscal quarter; write it like"),
    ]:
        with pytest.raises(CxError, match=message.replace("?", r"\?")):
            load(warehouse, "touchpoints-cx", path, **options)


QUESTION = {
    "instrument": "own",
    "question": "1",
    "measure": "trust",
    "wording": "w",
    "text": "t",
    "scale": "thumbs",
    "direction": "ascending",
    "value_map": "0=0;1=1",
    "asked_of": "everyone",
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            None,
            "instrument 'own' of survey 'own-survey' has no entry in data/reference/instrument_",
        ),
        (
            {"measure": "trsut"},
            "question 1 of 'own': the measure is 'trsut'; it must be one of tru",
        ),
        ({"scale": "thumb"}, "question 1 of 'own': the scale is 'thumb'; it must be one of thumbs"),
        ({"asked_of": "all"}, "question 1 of 'own': asked_of is 'all'; it must be everyone, posit"),
        ({"value_map": "0=0;1=5"}, "value map '0=0;1=5' cannot be read; .*standard codes of thumb"),
        ({"value_map": "yes;no"}, "value map 'yes;no' cannot be read; write raw=standard such as"),
    ],
)
def test_a_survey_whose_reference_entries_are_wrong_is_refused_naming_them(
    tmp_path: Path, change: Row | None, message: str
) -> None:
    instrument = {"instrument": "own", "title": "Own", "family": "own", "family_name": "Own"}
    instrument |= {"survey_type": "thumbs_up_down", "question_version": "2024", "source": "test"}
    survey = {"survey": "own-survey", "service": "tsa-contact-center", "channel": "email"}
    survey |= {"instrument": "own", "transaction_point": "relational", "title": "Own"}
    reference = own_reference(
        tmp_path / "reference",
        instrument=[instrument],
        response_survey=[survey],
        instrument_question=[] if change is None else [QUESTION | change],
    )
    path = write_cx(tmp_path / "file.csv", cx("1", "1"))
    with duckdb.connect(":memory:") as warehouse:
        prepare(warehouse, reference)
        with pytest.raises(CxError, match=message):
            load(warehouse, "touchpoints-cx", path, survey="own-survey", quarter=QUARTER)


# Single codes.


@given(
    st.text(alphabet=" \t\r\n-.0123AbÉß", max_size=8)
    | st.sampled_from(["5.0", " -3.00 ", "5.", ".0", "1.50"])
)
def test_python_and_sql_compare_texts_alike(text: str) -> None:
    with duckdb.connect() as connection:
        select = f"select {FOLDED.format('t')} from (select ? as t)"
        assert connection.execute(select, [text]).fetchall() == [(fold(text),)]


def test_a_number_from_a_spreadsheet_is_the_whole_number() -> None:
    assert [fold(text) for text in ("5.0", " -3.00 ", "1.50", "Yes")] == ["5", "-3", "1.50", "yes"]


@pytest.mark.parametrize(
    ("column", "text", "read"),
    [
        ("positive_ease", "", None),
        ("positive_ease", "null", None),
        ("positive_ease", "NULL", None),
        ("positive_ease", " Null ", None),
        ("positive_ease", "0", 0),
        ("positive_ease", " 1 ", 1),
        ("positive_ease", "1.0", 1),
        ("positive_ease", "0.00", 0),
        ("trust", "\t5", 5),
        ("trust", "3.0", 3),
    ],
)
def test_what_is_read(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, column: str, text: str, read: int | None
) -> None:
    row = cx("1") | {"question_1" if column == "trust" else column: text}
    path = write_cx(tmp_path / "file.csv", row)
    load(warehouse, "touchpoints-cx", path, survey=LIKERT, quarter=QUARTER)
    assert current(warehouse, column) == [(read,)]


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("question_1", "6", "is no answer to trust; it must be 1, 2, 3, 4 or 5."),
        ("question_1", "1.4", "is no answer to trust; it must be 1, 2, 3, 4 or 5."),
        ("question_1", "45", "is no answer to trust; it must be 1, 2, 3, 4 or 5."),
        ("question_1", "-1", "is no answer to trust; it must be 1, 2, 3, 4 or 5."),
        ("question_1", "null", "; the answer to trust is required."),
        ("positive_ease", "2", "is no answer to positive ease; it must be 0 or 1, or blank."),
        ("positive_ease", "yes", "is no answer to positive ease; it must be 0 or 1, or blank."),
        ("positive_ease", "true", "is no answer to positive ease; it must be 0 or 1, or blank."),
        ("negative_other", "0.5", "is no answer to negative other; it must be 0 or 1, or blank."),
        ("negative_other", "01", "is no answer to negative other; it must be 0 or 1, or blank."),
        ("negative_other", "١", "is no answer to negative other; it must be 0 or 1, or blank."),
    ],
)
def test_what_is_refused_and_never_coerced(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, column: str, text: str, rule: str
) -> None:
    path = write_cx(tmp_path / "file.csv", cx("1"), cx("2", comment="not kept") | {column: text})
    (result,) = load(warehouse, "touchpoints-cx", path, survey=LIKERT, quarter=QUARTER)
    assert (result.n_accepted, result.n_rejected) == (1, 1)
    ((line, found, reason),) = rejections(warehouse)
    assert (line, found) == (3, column)
    assert reason.endswith(rule)
    assert text == "null" or reason.startswith(f"The value '{text}' ")
    ((raw,),) = warehouse.execute("select raw_text from rejected_row").fetchall()
    assert json.loads(raw)[column] == text and "not kept" not in raw


# Large values.


def test_a_comment_of_10_mb_is_one_value_even_if_it_reads_like_rows(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    fake = csv_text(CX_HEADER, [cx(f"fake-{n}", "5", "x") for n in range(30_000)])
    assert len(fake) > 1_200_000
    rows = [
        cx("1", "2", "short"),
        cx("2", "1", 'say "hi"\n' + fake),
        cx("3", "2", "x" * 10_000_000),
    ]
    path = write_cx(tmp_path / "file.csv", *rows, *rows[1:2], cx("4", "2"))
    (result,) = load(warehouse, "touchpoints-cx", path, survey=LIKERT, quarter=QUARTER)
    assert (result.n_rows, result.n_accepted, result.n_duplicate) == (5, 4, 1)
    found = current(warehouse, "response_id, trust, length(comment)")
    assert found == [("1", 2, 5), ("2", 1, len(fake) + 8), ("3", 2, 10_000_000), ("4", 2, None)]


def test_a_value_above_the_limit_is_refused_in_one_line(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_cx(tmp_path / "file.csv", cx("1"), cx("2", comment="x" * 17_000_000), cx("3"))
    with pytest.raises(CxError, match=rf"^{path}.*; .*$") as caught:
        load(warehouse, "touchpoints-cx", path, survey=LIKERT, quarter=QUARTER)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert not any(contents(warehouse).values())


# What the command leaves behind.


def test_report_rejects_and_exit_codes(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_cx(
        tmp_path / "file.csv", cx("1"), cx("2", "9", "a\nb"), cx("3", "8", positive_ease="x")
    )
    clean = write_cx(tmp_path / "clean.csv", cx("4"))
    report, rejects = tmp_path / "report.json", tmp_path / "rejects.csv"
    say = ["--survey", LIKERT, "--quarter", QUARTER, "--dry-run", "--as-of", "2024-10-20"]
    files = ["--report", str(report), "--rejects", str(rejects)]
    before = held(home)
    assert main(["load", "auto", str(path), str(clean), *say, *files]) == 1
    assert held(home) == before, "a dry run keeps nothing"
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: 3 rows of survey {LIKERT}, format touchpoints-cx, as of 2024-10-20: "
        "accepted 1, duplicate 0, rejected 2",
        f"  {path}:3: question_1: The value '9' is no answer to trust; it must be 1, 2, 3, 4 or 5.",
        f"  {path}:5: positive_ease: The value 'x' is no answer to positive ease; it must be 0 or "
        "1, or blank.",
        f"  {path}:5: question_1: The value '8' is no answer to trust; it must be 1, 2, 3, 4 or 5.",
        f"{clean}: 1 rows of survey {LIKERT}, format touchpoints-cx, as of 2024-10-20: "
        "accepted 1, duplicate 0, rejected 0",
        "Dry run: nothing was kept.",
    ]
    written = json.loads(report.read_text())
    assert (written["is_dry_run"], written["error"]) == (True, None)
    first, second = written["files"]
    assert first["reasons"][1] == {
        "column": "positive_ease",
        "reason": "The value 'x' is no answer to positive ease; it must be 0 or 1, or blank.",
        "n_rows": 1,
        "first_line": 5,
    }
    assert (first["n_rows"], first["n_accepted"], first["n_rejected"], first["n_reasons"]) == (
        3,
        1,
        2,
        3,
    )
    assert (second["file"], second["as_of"], second["n_rejected"]) == (str(clean), "2024-10-20", 0)
    refused = [row for _, row in records(rejects.read_text())]
    assert [(row["file"], row["line_number"], row["column_name"]) for row in refused] == [
        (str(path), "3", "question_1"),
        (str(path), "5", "positive_ease"),
        (str(path), "5", "question_1"),
    ]
    assert json.loads(refused[0]["raw_text"])["question_1"] == "9"
    assert main(["load", "auto", str(clean), *say, *files]) == 0
    assert records(rejects.read_text()) == [], "of this load, there are none"
    assert main(["load", "moon", str(clean), *say, *files]) == 2
    assert json.loads(report.read_text())["error"].startswith("unknown format 'moon'")


def test_reasons_of_one_kind_are_counted_together(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [cx("good"), *(cx(str(n), "7") for n in range(40)), cx("late", "8")]
    (result,) = load(
        warehouse, "auto", write_cx(tmp_path / "f.csv", *rows), survey=LIKERT, quarter=QUARTER
    )
    assert [(r.column, r.n_rows, r.first_line) for r in result.reasons] == [
        ("question_1", 40, 3),
        ("question_1", 1, 43),
    ]
    assert result.n_reasons == len(rejections(warehouse)) == 41


def test_rejects_that_cannot_be_written_stop_the_load(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = held(home)
    path = write_cx(tmp_path / "file.csv", cx("1"))
    say = ["--survey", LIKERT, "--quarter", QUARTER, "--rejects", str(tmp_path / "no" / "r.csv")]
    assert main(["load", "auto", str(path), *say]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert held(home) == before

"""Exports of Touchpoints forms and of Qualtrics: what counts, when it was, and what is
never kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.base.errors import CxError
from metrics.base.settings import FILE_NAME, ROOT
from metrics.cli.main import main
from metrics.warehouse.store import prepare
from tests.response_file import (
    DRIVERS,
    LIKERT,
    THUMBS,
    Row,
    contents,
    csv_text,
    current,
    emptied,
    load,
    own_reference,
    records,
    rejections,
    write_csv,
    write_mapping,
)

TRUST = "Based on my experience with the Contact Center, I trust USCIS to deliver on its mission."
WENT_WELL, WENT_BADLY, COMMENT = "What went well?", "What didn't go so well?", "Additional Comments"
AFTER = [
    *("Location Code", "User Agent", "Status", "Archived", "Flagged", "Spam", "Deleted"),
    *("Deleted at", "Page", "Query string", "Hostname", "Referrer", "Created at"),
    *("IP Address", "Tags"),
]
FORM = ["ID", "UUID", TRUST, WENT_WELL, WENT_BADLY, COMMENT, *AFTER]
"""The columns of a form export, in the order of Touchpoints."""

PRIVATE = {
    "User Agent": "TelltaleBrowser/7.3",
    "Query string": "?case=A-telltale-1",
    "Referrer": "https://telltale.example/from",
    "IP Address": "203.0.113.77",
    "Hostname": "telltale-host.example",
    "Location Code": "telltale-place",
    "Page": "/telltale/page",
    "Tags": "telltale-tag",
}


def response(uuid: str, trust: str = "1", **more: str) -> Row:
    """A row of a form export; `more` names columns in lower case with underscores."""
    names = {name.lower().replace(" ", "_").strip("?"): name for name in FORM}
    row = {"ID": "17", "UUID": uuid, TRUST: trust, "Created at": "2024-09-03 15:00:00 UTC"}
    flags = dict.fromkeys(("Archived", "Flagged", "Spam", "Deleted"), "false")
    return row | PRIVATE | flags | {names[key]: value for key, value in more.items()}


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


def test_flagged_deleted_and_spam_are_left_out_and_archived_counts(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        response("a"),
        response("b", flagged="true"),
        response("c", archived="true"),
        response("d", deleted="TRUE", deleted_at="2024-09-05 10:00:00 UTC"),
        response("e", spam="t"),
        response("f", flagged=" True ", spam="1.0"),
        response("g", "0", additional_comments="Slow,\nvery"),
    ]
    path = write_csv(tmp_path / "form.csv", rows, FORM)
    (result,) = load(warehouse, "auto", path, survey=THUMBS)
    assert (result.format, result.n_accepted, result.n_rejected) == ("touchpoints-form", 3, 4)
    assert current(warehouse, "response_id, trust, comment") == [
        ("a", 1, None),
        ("c", 1, None),
        ("g", 0, "Slow,\nvery"),
    ]
    left_out = "Left out: the response is marked {} in Touchpoints."
    assert rejections(warehouse) == [
        (3, "Flagged", left_out.format("flagged")),
        (5, "Deleted", left_out.format("deleted")),
        (6, "Spam", left_out.format("spam")),
        (7, "Flagged", left_out.format("flagged")),
        (7, "Spam", left_out.format("spam")),
    ]


@pytest.mark.parametrize("name", ["Flagged", "Deleted", "UUID", "Created at"])
def test_an_export_that_does_not_say_what_counts_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    header = [column for column in FORM if column != name]
    path = write_csv(tmp_path / "form.csv", [response("a")], header)
    with pytest.raises(
        CxError, match=rf"form\.csv:1: column '{name}' is missing; there are: 'ID', "
    ):
        load(warehouse, "touchpoints-form", path, survey=THUMBS)


def test_a_response_that_turns_out_to_be_spam_counts_no_longer(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    first = write_csv(tmp_path / "first.csv", [response("a"), response("b", "0")], FORM)
    rows = [response("a"), response("b", "0", spam="true"), response("c", flagged="true")]
    later = write_csv(tmp_path / "later.csv", rows, FORM)
    load(warehouse, "auto", first, survey=THUMBS)
    (result,) = load(warehouse, "auto", later, survey=THUMBS)
    assert (result.n_duplicate, result.n_rejected, result.n_withdrawn) == (1, 2, 1)
    assert current(warehouse, "response_id") == [("a",)]
    superseded = "select superseded_by from survey_response where response_id = 'b'"
    assert warehouse.execute(superseded).fetchall() == [(2,)]
    before = contents(warehouse)
    (again,) = load(warehouse, "auto", later, survey=THUMBS)
    assert again.n_withdrawn == 0 and contents(warehouse) == before
    (back,) = load(warehouse, "auto", first, survey=THUMBS)
    assert (back.n_accepted, back.n_duplicate) == (1, 1), "a flag that is taken back"
    assert current(warehouse, "response_id, trust") == [("a", 1), ("b", 0)]
    twice = [response("b", "0", spam="true"), response("b", "0")]
    load(warehouse, "auto", write_csv(tmp_path / "twice.csv", twice, FORM), survey=THUMBS)
    assert len(current(warehouse, "response_id")) == 2, "a good row of the file stands"


@pytest.mark.parametrize(
    ("created", "local", "quarter"),
    [
        ("2024-10-01 03:00:00 UTC", "2024-09-30 23:00:00", "2024Q4"),
        ("2024-10-01 03:59:59 UTC", "2024-09-30 23:59:59", "2024Q4"),
        ("2024-10-01 04:00:00 UTC", "2024-10-01 00:00:00", "2025Q1"),
        ("2025-01-01 04:59:59 UTC", "2024-12-31 23:59:59", "2025Q1"),
        ("2025-01-01 05:00:00 UTC", "2025-01-01 00:00:00", "2025Q2"),
        ("2024-10-01 03:00:00", "2024-09-30 23:00:00", "2024Q4"),
        ("2024-10-01T03:00:00.000Z", "2024-09-30 23:00:00", "2024Q4"),
        ("2024-09-30 23:30:00 -0400", "2024-09-30 23:30:00", "2024Q4"),
        ("2024-09-30 21:30:00 -0700", "2024-10-01 00:30:00", "2025Q1"),
        ("2024-10-01 03:00:00+00:00", "2024-09-30 23:00:00", "2024Q4"),
        ("2024-10-01", "2024-10-01 00:00:00", "2025Q1"),
    ],
)
def test_a_response_has_its_day_in_washington(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, created: str, local: str, quarter: str
) -> None:
    path = write_csv(tmp_path / "form.csv", [response("a", created_at=created)], FORM)
    load(warehouse, "auto", path, survey=THUMBS)
    assert current(warehouse, "submitted_at::varchar, quarter") == [(local, quarter)]


@pytest.mark.parametrize(
    "created",
    ["", "yesterday", "10/01/2024", "infinity", "1970-01-01 00:00:00", "0024-10-01", "24-10-01"],
)
def test_a_response_without_a_day_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, created: str
) -> None:
    rows = [response("a"), response("b", created_at=created)]
    (result,) = load(warehouse, "auto", write_csv(tmp_path / "f.csv", rows, FORM), survey=THUMBS)
    assert (result.n_accepted, result.n_rejected) == (1, 1)
    shown = f"'{created}'" if created else "blank"
    reason = f"The value is {shown}; it must be a date or time such as 2024-10-01 15:30:00."
    assert rejections(warehouse) == [(3, "Created at", reason)]


def test_a_response_that_is_still_to_come_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [response("a"), response("b", created_at="2098-12-31 12:00:00 UTC")]
    load(warehouse, "auto", write_csv(tmp_path / "form.csv", rows, FORM), survey=THUMBS)
    ((line, _, reason),) = rejections(warehouse)
    assert line == 3
    assert reason.endswith("; that is still to come, so the date or its format is wrong.")


def test_responses_of_other_quarters_than_the_named_one_are_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    times = ["2024-06-30 12:00:00", "2024-07-01 04:00:00", "2024-10-01 03:59:59"]
    times += ["2024-10-01 04:00:00"]
    rows = [response(str(n), created_at=f"{time} UTC") for n, time in enumerate(times)]
    path = write_csv(tmp_path / "form.csv", rows, FORM)
    load(warehouse, "auto", path, survey=THUMBS, quarter="2024Q4")
    assert current(warehouse, "response_id, quarter") == [("1", "2024Q4"), ("2", "2024Q4")]
    assert rejections(warehouse) == [
        (2, "Created at", "The response of 2024-06-30 belongs to 2024Q3, not to 2024Q4."),
        (5, "Created at", "The response of 2024-10-01 belongs to 2025Q1, not to 2024Q4."),
    ]


def test_what_went_well_is_split_into_drivers(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        response("a", "1", what_went_well="effectiveness,ease"),
        response("b", "0", **{"what_didn't_go_so_well": "Employee, other"}),
        response("c", "1", what_went_well="My need was addressed,Something else"),
        response("d", "1"),
        response("e", "1", what_went_well="ease,speed"),
        response("f", "", what_went_well="ease"),
        response("g", "1", what_went_well="null"),
    ]
    load(warehouse, "auto", write_csv(tmp_path / "form.csv", rows, FORM), survey=THUMBS)
    drivers = ", ".join(f"positive_{driver}, negative_{driver}" for driver in DRIVERS)
    ticked = {
        row[0]: {name for name, value in zip(drivers.split(", "), row[1:], strict=True) if value}
        for row in current(warehouse, f"response_id, {drivers}")
    }
    assert ticked == {
        "a": {"positive_effectiveness", "positive_ease"},
        "b": {"negative_employee", "negative_other"},
        "c": {"positive_effectiveness", "positive_other"},
        "d": set(),
        "g": set(),
    }
    assert [(line, column) for line, column, _ in rejections(warehouse)] == [
        (6, WENT_WELL),
        (7, TRUST),
    ]


def test_a_likert_form_read_as_thumbs_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "form.csv", [response("a", "1"), response("b", "5")], FORM)
    with pytest.raises(CxError, match=r"form\.csv:3: Based on .* 1 answers are 2, 3, 4 or 5, but"):
        load(warehouse, "auto", path, survey=THUMBS)
    (result,) = load(warehouse, "auto", path, survey=LIKERT)
    assert result.n_accepted == 2


def test_a_form_that_asks_otherwise_needs_a_mapping(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    header = ["I trust it" if name == TRUST else name for name in FORM]
    rows = [{**response("a"), "I trust it": "1"}, {**response("b"), "I trust it": "0"}]
    path = write_csv(tmp_path / "form.csv", rows, header)
    with pytest.raises(
        CxError, match="no column asks a question of instrument a11-v2-thumbs; name"
    ):
        load(warehouse, "auto", path, survey=THUMBS)
    mapping = write_mapping(tmp_path / "m.yaml", f'survey: {THUMBS}\nanswers:\n  "I trust it": 1\n')
    load(warehouse, "auto", path, mapping=mapping)
    assert current(warehouse, "response_id, trust") == [("a", 1), ("b", 0)]


def test_a_question_in_two_columns_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    other = TRUST.replace("USCIS", "DHS")
    path = write_csv(tmp_path / "form.csv", [response("a") | {other: "0"}], [*FORM, other])
    with pytest.raises(
        CxError, match=r"form\.csv:1: columns 'Based on .* both ask about trust; na"
    ):
        load(warehouse, "auto", path, survey=THUMBS)
    same = write_csv(tmp_path / "same.csv", [response("a")], [*FORM, TRUST])
    with pytest.raises(CxError, match=r"same\.csv:1: column 'Based on .*' is there more than once"):
        load(warehouse, "auto", same, survey=THUMBS)


TEXTS = st.lists(st.sampled_from(["a", ",", '"', "\n", "\r\n", "é", " ", "null"]), max_size=4)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_row_of_any_form_ends_in_one_place(
    prepared: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    warehouse = emptied(prepared)
    row = st.builds(
        response,
        st.sampled_from(["a", "b", "c", "", " a"]),
        st.sampled_from(["0", "1", "1", "1.0", "", "x"]),
        flagged=st.sampled_from(["true", "false", "", "FALSE"]),
        spam=st.sampled_from(["true", "false", "false"]),
        additional_comments=TEXTS.map("".join),
        what_went_well=st.sampled_from(["", "ease", "ease, other", "ease,?"]),
        created_at=st.sampled_from(["2024-09-03 15:00:00 UTC", "2024-12-03 15:00:00 UTC", "soon"]),
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=8))
    header = data.draw(st.permutations(FORM))
    text = csv_text(header, rows, data.draw(st.sampled_from(["\n", "\r\n"])))
    path = tmp_path_factory.getbasetemp() / "form.csv"
    path.write_bytes(text.encode())
    (result,) = load(warehouse, "auto", path, survey=THUMBS)
    bad = [
        line
        for line, row in records(text)
        if row["Flagged"] == "true"
        or row["Spam"] == "true"
        or row[TRUST] in ("", "x")
        or row[WENT_WELL].endswith("?")
        or row["Created at"] == "soon"
    ]
    assert result.n_rows == len(rows)
    assert sorted({line for line, _, _ in rejections(warehouse)}) == bad
    before = contents(warehouse)
    load(warehouse, "auto", path, survey=THUMBS)
    assert contents(warehouse) == before


# Qualtrics.

QUALTRICS = [
    *("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Finished", "RecordedDate"),
    *("ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail"),
    *("ExternalReference", "LocationLatitude", "LocationLongitude", "Q1", "Q2"),
]
PERSONAL = {
    "IPAddress": "203.0.113.78",
    "RecipientLastName": "Telltale-Last",
    "RecipientFirstName": "Telltale-First",
    "RecipientEmail": "telltale@example.org",
    "ExternalReference": "telltale-case-5",
    "LocationLatitude": "38.89771",
    "LocationLongitude": "-77.03655",
}
HEADERS = [
    {name: name for name in QUALTRICS}
    | {"Q1": f"Please say:\n\n{TRUST}", "Q2": "Anything else,\nin your own words?"},
    {name: f'{{"ImportId":"{name}"}}' for name in QUALTRICS},
]
"""The second and third header rows; the question texts have line breaks."""


def answer(response_id: str, trust: str = "4", status: str = "0", comment: str = "") -> Row:
    row = {"ResponseId": response_id, "Status": status, "Q1": trust, "Q2": comment}
    return (
        row | PERSONAL | {"RecordedDate": "2024-09-03 15:00:00", "EndDate": "2024-09-03 14:00:00"}
    )


def qualtrics_mapping(folder: Path, *lines: str) -> Path:
    text = "\n".join([f"survey: {LIKERT}", "answers: {Q1: 1}", "comment: Q2", *lines])
    return write_mapping(folder / "mapping.yaml", text + "\n")


def test_previews_tests_and_spam_are_left_out_and_lines_are_those_of_an_editor(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        answer("R_1", comment="fine"),
        answer("R_2", status="1"),
        answer("R_3", status="Survey Preview", comment="two\nlines"),
        answer("R_4", status="2"),
        answer("R_5", status="8.0"),
        answer("R_6", status="IP Address"),
        answer("R_7", trust="7"),
        answer("R_8", status="spam"),
    ]
    path = write_csv(tmp_path / "q.csv", [*HEADERS, *rows], QUALTRICS)
    (result,) = load(warehouse, "auto", path, mapping=qualtrics_mapping(tmp_path))
    assert (result.format, result.n_rows, result.n_accepted) == ("qualtrics", 8, 2)
    assert current(warehouse, "response_id, trust, quarter, comment") == [
        ("R_1", 4, "2024Q4", "fine"),
        ("R_6", 4, "2024Q4", None),
    ]
    lines = path.read_text().split("\n")
    found = [(lines[line - 1], reason) for line, _, reason in rejections(warehouse)]
    for (text, _), number in zip(found, (2, 3, 4, 5, 7, 8), strict=True):
        assert f",R_{number}," in text
    assert [reason.split(" in Q")[0] for _, reason in found] == [
        "Left out: the response is a preview",
        "Left out: the response is a preview",
        "Left out: the response is a test",
        "Left out: the response is spam",
        "The value '7' is no answer to trust; it must be 1, 2, 3, 4 or 5, or blank.",
        "Left out: the response is spam",
    ]


def test_questions_are_known_by_their_text(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    texts = HEADERS[0] | {"Q1": TRUST.replace(" I trust", "\n I trust")}
    path = write_csv(tmp_path / "q.csv", [texts, HEADERS[1], answer("R_1", "5")], QUALTRICS)
    load(warehouse, "qualtrics", path, survey=LIKERT)
    assert current(warehouse, "response_id, trust") == [("R_1", 5)]


def test_a_time_of_qualtrics_is_of_the_zone_that_the_mapping_names(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    row = answer("R_1") | {"RecordedDate": "2024-09-30 22:30:00"}
    path = write_csv(tmp_path / "q.csv", [*HEADERS, row], QUALTRICS)
    for line, local in (
        ("", "2024-09-30 22:30:00"),
        ("submitted_at: {column: RecordedDate, timezone: America/Denver}", "2024-10-01 00:30:00"),
    ):
        load(warehouse, "auto", path, mapping=qualtrics_mapping(tmp_path, line))
        assert (local,) in current(warehouse, "submitted_at::varchar")


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_every_row_of_any_qualtrics_export_ends_in_one_place(
    prepared: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    warehouse = emptied(prepared)
    row = st.builds(
        answer,
        st.sampled_from(["R_1", "R_2", "R_3", ""]),
        st.sampled_from(["2", "5", "4.0", "x", ""]),
        st.sampled_from(["0", "IP Address", "spam", "2"]),
        TEXTS.map("".join),
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    headers = [HEADERS[0] | {"Q2": data.draw(TEXTS.map("".join))}, HEADERS[1]]
    line_end = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = csv_text(data.draw(st.permutations(QUALTRICS)), [*headers, *rows], line_end)
    path = tmp_path_factory.getbasetemp() / "qualtrics.csv"
    path.write_bytes(text.encode())
    (result,) = load(
        warehouse, "auto", path, mapping=qualtrics_mapping(tmp_path_factory.getbasetemp())
    )
    bad = [
        line
        for line, row in records(text)[2:]
        if row["Status"] in ("spam", "2") or row["Q1"] in ("x", "")
    ]
    assert result.n_rows == len(rows)
    assert sorted({line for line, _, _ in rejections(warehouse)}) == bad


@pytest.mark.parametrize("n_headers", [0, 1])
def test_an_export_without_its_header_rows_is_refused_not_shortened(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, n_headers: int
) -> None:
    rows = [*HEADERS[:n_headers], answer("R_1"), answer("R_2"), answer("R_3")]
    path = write_csv(tmp_path / "q.csv", rows, QUALTRICS)
    with pytest.raises(
        CxError, match=r"q\.csv:1: the header rows of a Qualtrics export are missing"
    ):
        load(warehouse, "auto", path, mapping=qualtrics_mapping(tmp_path))


def test_an_export_without_responses_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "q.csv", HEADERS, QUALTRICS)
    with pytest.raises(CxError, match=r"q\.csv:7: there is no row below the header"):
        load(warehouse, "auto", path, mapping=qualtrics_mapping(tmp_path))


@pytest.fixture(scope="module")
def samples() -> Path:
    """Samples of Qualtrics exports, kept beside the checkout."""
    folder = ROOT.parent / "shared" / "data" / "qualtrics"
    if not folder.exists():
        pytest.skip("needs the samples in ../shared/data/qualtrics")
    return folder


@pytest.mark.parametrize("name", ["qualtrics_3header_sample", "qualtrics_legacy_2header_sample"])
@pytest.mark.parametrize("is_mapped", [True, False])
def test_real_exports_load_with_an_instrument_of_ones_own(
    samples: Path, tmp_path: Path, name: str, is_mapped: bool
) -> None:
    instrument = {"instrument": "own", "title": "Own", "family": "own", "family_name": "Own"}
    instrument |= {"survey_type": "likert_scale", "question_version": "2017", "source": "test"}
    question = {"instrument": "own", "question": "1", "measure": "ease", "wording": "own"}
    question |= {"text": "This is a multiple choice question.", "scale": "rating5"}
    question |= {"direction": "descending", "value_map": "1=5;2=4", "asked_of": "everyone"}
    survey = {"survey": "own", "service": "tsa-contact-center", "channel": "website"}
    survey |= {"instrument": "own", "transaction_point": "relational", "title": "Own"}
    reference = own_reference(
        tmp_path / "reference",
        instrument=[instrument],
        instrument_question=[question],
        response_survey=[survey],
    )
    lines = "comment: Q2\nanswers:\n  Q1: 1\n" if is_mapped else "comment: Q2\n"
    mapping = write_mapping(tmp_path / "m.yaml", lines)
    with duckdb.connect(":memory:") as warehouse:
        prepare(warehouse, reference)
        path = samples / f"{name}.csv"
        (result,) = load(warehouse, "auto", path, survey="own", mapping=mapping)
        assert (result.format, result.n_rows, result.n_accepted) == ("qualtrics", 1, 1)
        columns = "response_id, ease, quarter, submitted_at::varchar, comment"
        assert current(warehouse, columns) == [
            ("R_2YPOQ602ER1jkf1", 4, "2017Q4", "2017-07-18 08:28:48", "Hello World!")
        ]


# What is never kept.


def everything_in(home: Path) -> str:
    """Every value of every table of the warehouse, as text."""
    found = []
    with duckdb.connect(str(home / FILE_NAME), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        for (table,) in tables:
            found += connection.execute(f"from {table}").fetchall()
    return json.dumps(found, default=str)


@pytest.mark.parametrize("format_name", ["touchpoints-form", "qualtrics"])
def test_what_tells_who_answered_is_nowhere_in_the_warehouse_or_the_reports(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    format_name: str,
) -> None:
    kept = "A comment that is kept as it is, QWXZ-kept"
    if format_name == "qualtrics":
        private = PERSONAL
        header = QUALTRICS
        rows = [*HEADERS, answer("R_1", comment=kept), answer("R_2", "x", comment="QWXZ-lost")]
        rows += [answer("R_3", status="8", comment="QWXZ-lost"), answer("", "")]
        options = ["--mapping", str(qualtrics_mapping(tmp_path))]
    else:
        private = PRIVATE
        header = FORM
        rows = [response("a", additional_comments=kept), response("", "x", flagged="true")]
        rows += [response("c", "9", created_at="soon", additional_comments="QWXZ-lost")]
        options = ["--survey", THUMBS]
    path = write_csv(tmp_path / "export.csv", rows, header)
    home, report, rejects = tmp_path / "home", tmp_path / "report.json", tmp_path / "rejects.csv"
    monkeypatch.setenv("CX_HOME", str(home))
    files = ["--report", str(report), "--rejects", str(rejects)]
    assert main(["load", "auto", str(path), *options, *files]) == 1
    assert len(records(rejects.read_text())) >= 2
    told = [capsys.readouterr().out, report.read_text(), rejects.read_text(), everything_in(home)]
    stored = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert kept in told[3] and kept.encode() in stored, "what is kept can be found this way"
    for secret in [*private.values(), "elltale", "QWXZ-lost"]:
        assert not any(secret in text for text in told), secret
        assert secret.encode() not in stored, secret

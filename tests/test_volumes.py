"""Volumes beside the responses: what counts, what is restated, and what is refused."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.base.errors import CxError
from metrics.warehouse.store import prepare
from tests.response_file import (
    LIKERT,
    THUMBS,
    Row,
    contents,
    csv_text,
    emptied,
    load,
    own_reference,
    records,
    rejections,
    write_csv,
)

HEADER = ["survey", "quarter", "channel", "customers", "offered", "submitted_on", "state", "rating"]
ANY_CHANNEL = "any-channel"
LINE_ENDS = st.sampled_from(["\n", "\r\n"])


def volume(survey: str = THUMBS, quarter: str = "2024Q4", **more: str) -> Row:
    assert set(more) <= set(HEADER)
    return {"survey": survey, "quarter": quarter, "customers": "5000", "offered": "800"} | more


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse that also knows a survey whose responses name their channel."""
    survey = {"survey": ANY_CHANNEL, "service": "tsa-contact-center", "title": "Any channel"}
    survey |= {"instrument": "a11-v2-likert", "transaction_point": "relational"}
    folder = own_reference(tmp_path_factory.mktemp("reference"), response_survey=[survey])
    connection = duckdb.connect(":memory:")
    prepare(connection, folder)
    yield connection
    connection.close()


@pytest.fixture
def warehouse(prepared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """An empty warehouse, made once and emptied for each test."""
    return emptied(prepared)


COLUMNS = "survey, channel, quarter, customers, offered, submitted_on, state, rating"


def volumes(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """The volumes that count."""
    return warehouse.execute(f"""
        select {COLUMNS} from survey_volume
        qualify row_number() over (partition by survey, channel, quarter order by load_id desc) = 1
        order by survey, channel, quarter
    """).fetchall()


def test_volumes_are_accepted(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    rows = [
        volume(submitted_on="2024-10-28", state=" Published", rating="true"),
        volume(LIKERT, customers="12000.0", offered="null", channel=""),
        volume(ANY_CHANNEL, offered="", customers="0"),
        volume(ANY_CHANNEL, channel="Website"),
    ]
    path = write_csv(tmp_path / "volumes.csv", rows, HEADER)
    (result,) = load(warehouse, "auto", path)
    assert (result.format, result.survey, result.n_accepted) == ("survey-volumes", None, 4)
    assert volumes(warehouse) == [
        (ANY_CHANNEL, "unmapped", "2024Q4", 0, None, None, None, None),
        (ANY_CHANNEL, "website", "2024Q4", 5000, 800, None, None, None),
        (LIKERT, "email", "2024Q4", 12000, None, None, None, None),
        (THUMBS, "phone", "2024Q4", 5000, 800, date(2024, 10, 28), "published", "TRUE"),
    ]
    before = contents(warehouse)
    (again,) = load(warehouse, "auto", path)
    assert (again.n_accepted, again.n_duplicate) == (0, 4)
    assert contents(warehouse) == before


def test_four_columns_in_any_order_are_enough(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    header = ["offered", "quarter", "customers", "survey"]
    load(warehouse, "auto", write_csv(tmp_path / "volumes.csv", [volume()], header))
    assert volumes(warehouse) == [(THUMBS, "phone", "2024Q4", 5000, 800, None, None, None)]


@pytest.mark.parametrize(
    "change",
    [
        {"customers": "5001"},
        {"offered": ""},
        {"submitted_on": "2024-11-01"},
        {"state": "not_reported"},
        {"rating": "PARTIAL"},
    ],
)
def test_a_restated_volume_counts_from_then_on(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, change: Row
) -> None:
    first, other = volume(), volume(LIKERT)
    load(warehouse, "auto", write_csv(tmp_path / "first.csv", [first, other], HEADER))
    second = write_csv(tmp_path / "second.csv", [other, first | change], HEADER)
    (result,) = load(warehouse, "auto", second)
    assert (result.n_accepted, result.n_duplicate, result.n_restated) == (1, 1, 1)
    before = contents(warehouse)
    assert len(before["survey_volume"]) == 3 and len(volumes(warehouse)) == 2
    (again,) = load(warehouse, "auto", second)
    assert (again.n_accepted, again.n_duplicate) == (0, 2)
    assert contents(warehouse) == before
    (back,) = load(warehouse, "auto", tmp_path / "first.csv")
    assert (back.n_accepted, back.n_restated) == (1, 1)


WHOLE = "must be a whole number of customers, 0 or more, or blank."
BAD_VALUES = [
    ("survey", "nps", "must be a survey of data/reference/response_survey.csv."),
    ("survey", "", "must be a survey of data/reference/response_survey.csv."),
    ("quarter", "2024-4", "must be a fiscal quarter such as 2024Q4."),
    ("quarter", "2024Q5", "must be a fiscal quarter such as 2024Q4."),
    ("quarter", "", "must be a fiscal quarter such as 2024Q4."),
    ("channel", "pigeon", "must be a channel of data/reference/channel.csv, or blank."),
    ("customers", "about 5000", WHOLE),
    ("customers", "-1", WHOLE),
    ("customers", "10.5", WHOLE),
    ("customers", "1,200", WHOLE),
    ("offered", "9999999999999", WHOLE),
    ("submitted_on", "10/28/2024", "must be a date such as 2024-10-28, or blank."),
    ("state", "done", "must be draft, submitted, published, not_reported, change_requested, "),
    ("rating", "GREEN", "must be TRUE, PARTIAL, FALSE, or blank."),
]


def test_a_bad_value_names_line_column_and_rule(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    quarters = [f"20{n}Q1" for n in range(10, 10 + len(BAD_VALUES))]
    bad = [
        volume(quarter=quarter) | {column: value}
        for quarter, (column, value, _) in zip(quarters, BAD_VALUES, strict=True)
    ]
    path = write_csv(tmp_path / "volumes.csv", [*bad, volume()], HEADER)
    (result,) = load(warehouse, "auto", path)
    assert (result.n_accepted, result.n_rejected) == (1, len(BAD_VALUES))
    found = warehouse.execute(
        "select line_number, column_name, reason, raw_text from rejected_row order by line_number"
    ).fetchall()
    for index, (column, value, rule) in enumerate(BAD_VALUES):
        line, found_column, reason, raw = found[index]
        assert (line, found_column) == (index + 2, column)
        shown = f"The value '{value}' " if value else "The value is blank; it "
        assert reason.startswith(shown + rule)
        kept = {key: text for key, text in json.loads(raw).items() if text}
        assert kept == {key: text for key, text in bad[index].items() if text}


@pytest.mark.parametrize("channel", ["", "phone", "Phone "])
def test_the_same_survey_channel_and_quarter_twice_is_refused_twice(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, channel: str
) -> None:
    rows = [volume(channel="phone"), volume(LIKERT), volume(channel=channel, customers="1")]
    (result,) = load(warehouse, "auto", write_csv(tmp_path / "volumes.csv", rows, HEADER))
    assert (result.n_accepted, result.n_rejected) == (1, 2)
    reason = "Survey, channel and quarter appear more than once in the file; keep one row."
    assert rejections(warehouse) == [(2, "survey", reason), (4, "survey", reason)]


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_every_row_of_any_file_ends_in_one_place(
    prepared: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    warehouse = emptied(prepared)
    row = st.builds(
        volume,
        st.sampled_from([THUMBS, LIKERT, "nps"]),
        st.sampled_from(["2024Q3", "2024Q4", "2025Q1", "2024\n"]),
        customers=st.sampled_from(["", "10", "10.0", "ten", "1,0", "\n"]),
        channel=st.sampled_from(["", "phone", "fax", '"']),
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    text = csv_text(data.draw(st.permutations(HEADER)), rows, data.draw(LINE_ENDS))
    path = tmp_path_factory.getbasetemp() / "volumes.csv"
    path.write_bytes(text.encode())
    (result,) = load(warehouse, "auto", path)

    def place(row: Row) -> tuple[str, str, str]:
        own = {THUMBS: "phone", LIKERT: "email"}.get(row["survey"], "unmapped")
        return row["survey"], row["quarter"].strip(), row["channel"] or own

    places = Counter(place(row) for row in rows)
    bad = [
        line
        for line, row in records(text)
        if places[place(row)] > 1
        or row["survey"] == "nps"
        or row["quarter"] == "2024\n"
        or row["channel"] == '"'
        or row["customers"] in ("ten", "1,0")
    ]
    assert result.n_rows == len(rows)
    assert sorted({line for line, _, _ in rejections(warehouse)}) == bad


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (HEADER[1:], ":1: column 'survey' is missing; there are: "),
        ([*HEADER, "note"], ":1: column 'note' is not expected; the columns are survey, quarter, "),
        ([*HEADER[:2], "chanel", *HEADER[3:]], ":1: column 'chanel' is not expected; the columns"),
        ([*HEADER, "rating"], ":1: column 'rating' is there more than once"),
    ],
)
def test_a_file_with_other_columns_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, header: list[str], message: str
) -> None:
    path = write_csv(tmp_path / "volumes.csv", [volume()], header)
    with pytest.raises(CxError) as caught:
        load(warehouse, "survey-volumes", path)
    assert str(caught.value).startswith(f"{path}{message}")


def test_a_file_that_is_cut_empty_or_no_text_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "volumes.csv", [volume(), volume(LIKERT)])
    whole = path.read_bytes()
    for content, message in [
        (whole[:-6] + b"\n", r":3: 3 values where the header has 4 columns"),
        (whole[: whole.index(b"\n") + 1], r":2: there is no row below the header"),
        (whole.replace(b"fema", b"f\xe9ma"), r":3: the file is not UTF-8 text"),
    ]:
        path.write_bytes(content)
        with pytest.raises(CxError, match=message):
            load(warehouse, "survey-volumes", path)
    assert not any(contents(warehouse).values())

"""Counts of what happened: what is accepted, restated and refused, and what counts once."""

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
from metrics.warehouse.store import build_aggregates, prepare
from tests.response_file import Row, csv_text, load, records, rejections, write_csv

HEADER = ["component", "service", "channel", "place", "month", "activity", "category", "n"]
TSA = [
    *("source_report", "airport", "fiscal_year", "fiscal_quarter"),
    *("month", "category", "complaints"),
]
KEY = "component, service, channel, place, period_kind, starts_on, activity, category"


def count(n: str = "5", **more: str) -> Row:
    assert set(more) <= set(HEADER)
    row = {"component": "TSA", "month": "2024-10", "activity": "complaint", "n": n}
    return row | {"category": "Locks"} | more


def complaint(complaints: str = "7", **more: str) -> Row:
    assert set(more) <= set(TSA)
    row = {"source_report": "2024-10", "airport": "ATL", "fiscal_year": "2024"}
    row |= {"fiscal_quarter": "2", "month": "2024-03", "category": "Airline"}
    return row | {"complaints": complaints} | more


def held(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """The counts as they stand."""
    return warehouse.execute(f"""
        select {KEY}, n, report from activity_count
        qualify row_number() over (partition by {KEY} order by load_id desc) = 1
        order by all
    """).fetchall()


def figures(warehouse: duckdb.DuckDBPyConnection, flag: str, columns: str) -> dict[object, int]:
    """Sums of the counts that a figure takes, by a column."""
    build_aggregates(warehouse)
    return dict(
        warehouse.execute(
            f"select {columns}, sum(n)::bigint from current_activity where {flag} group by 1"
        ).fetchall()
    )


def test_counts_of_any_team_are_accepted(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        count(),
        count("0", category=" locks", channel="E-mail", service="tsa-contact-center"),
        count("1200.0", place=" ATL ", category="null", activity="customer"),
    ]
    path = write_csv(tmp_path / "counts.csv", rows, HEADER)
    (result,) = load(warehouse, "auto", path)
    assert (result.format, result.n_accepted, result.n_rejected) == ("counts", 3, 0)
    month = ("month", date(2024, 10, 1))
    assert held(warehouse) == [
        ("TSA", "tsa-contact-center", "email", None, *month, "complaint", " locks", 0, None),
        ("TSA", None, None, "ATL", *month, "customer", None, 1200, None),
        ("TSA", None, None, None, *month, "complaint", "Locks", 5, None),
    ]
    (again,) = load(warehouse, "auto", path)
    assert (again.n_accepted, again.n_duplicate) == (0, 3)


@pytest.mark.parametrize(
    ("column", "value", "kind", "starts_on"),
    [
        ("month", "2024-10", "month", date(2024, 10, 1)),
        ("day", "2024-10-31", "day", date(2024, 10, 31)),
        ("quarter", "2025Q1", "quarter", date(2024, 10, 1)),
    ],
)
def test_a_file_is_of_days_months_or_quarters(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    column: str,
    value: str,
    kind: str,
    starts_on: date,
) -> None:
    row = {"component": "TSA", "activity": "customer", "n": "3", column: value}
    load(warehouse, "counts", write_csv(tmp_path / "counts.csv", [row]))
    assert held(warehouse) == [
        ("TSA", None, None, None, kind, starts_on, "customer", None, 3, None)
    ]


BAD = [
    ("component", "DHL", "must be in data/reference/component.csv"),
    ("component", "", "must be in data/reference/component.csv"),
    ("service", "fema-disaster-assistance", "must be a service of the Component"),
    ("channel", "pigeon", "must be in data/reference/channel.csv or channel_alias.csv"),
    ("month", "2024-13", "must be a month such as 2024-10"),
    ("month", "Oct 2024", "must be a month such as 2024-10"),
    ("month", "", "must be a month such as 2024-10"),
    ("activity", "complaints", "must be in data/reference/activity.csv"),
    ("n", "-1", "must be a whole number, 0 or more"),
    ("n", "1.5", "must be a whole number, 0 or more"),
    ("n", "1,000", "must be a whole number, 0 or more"),
    ("n", "", "must be a whole number, 0 or more"),
    ("n", "٣", "must be a whole number, 0 or more"),
]


def test_a_row_that_cannot_be_used_names_column_and_remedy(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        count(place=str(index)) | {column: value} for index, (column, value, _) in enumerate(BAD)
    ]
    (result,) = load(warehouse, "counts", write_csv(tmp_path / "counts.csv", rows, HEADER))
    assert (result.n_accepted, result.n_rejected) == (0, len(BAD))
    found = warehouse.execute(
        "select line_number, column_name, reason, raw_text from rejected_row order by 1"
    ).fetchall()
    assert len(found) == len(BAD)
    for index, (column, value, rule) in enumerate(BAD):
        line, found_column, reason, raw = found[index]
        assert (line, found_column) == (index + 2, column)
        shown = f"The value '{value}' " if value else "The value is blank; it "
        assert reason.startswith(shown + rule)
        assert json.loads(raw)["place"] == str(index)


def test_a_period_that_has_not_begun_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "counts.csv", [count(month="2099-01"), count()], HEADER)
    load(warehouse, "counts", path)
    assert rejections(warehouse) == [
        (2, "month", "The period has not begun yet; the date is wrong.")
    ]


def test_the_same_count_twice_in_a_file_is_refused_twice(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [count(), count(category="LOCKS"), count("6"), count(place="")]
    (result,) = load(warehouse, "counts", write_csv(tmp_path / "counts.csv", rows, HEADER))
    assert (result.n_accepted, result.n_rejected) == (1, 3)
    assert {line for line, _, _ in rejections(warehouse)} == {2, 4, 5}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (HEADER[1:], ":1: column 'component' is missing; there are: "),
        ([*HEADER, "note"], ":1: column 'note' is not expected; the columns are component, "),
        ([name for name in HEADER if name != "month"], ":1: the columns name 0 kinds of period"),
        ([*HEADER, "day"], ":1: the columns name 2 kinds of period; have one of month, day, "),
        ([*HEADER, "n"], ":1: column 'n' is there more than once"),
    ],
)
def test_a_file_with_other_columns_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, header: list[str], message: str
) -> None:
    path = write_csv(tmp_path / "counts.csv", [count()], header)
    with pytest.raises(CxError) as caught:
        load(warehouse, "counts", path)
    assert str(caught.value).startswith(f"{path}{message}")


@pytest.mark.parametrize("format_name", ["counts", "tsa-complaints", "tsa-throughput"])
def test_a_file_that_is_cut_empty_or_no_text_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, format_name: str
) -> None:
    row = {
        "counts": count(),
        "tsa-complaints": complaint(),
        "tsa-throughput": {"date": "2024-10-31", "passengers": "2345678"},
    }[format_name]
    path = write_csv(tmp_path / "file.csv", [row, row])
    whole = path.read_bytes()
    for content, message in [
        (whole[:-3], ":3: the last line does not end with a line break"),
        (whole[: whole.index(b"\n") + 1], ":2: there is no row below the header"),
        (b"", ": the file is empty"),
        (whole.decode().encode("utf-16"), ":1: the file is not UTF-8 text"),
        (whole + "Zürich\n".encode("latin-1"), ":4: the file is not UTF-8 text"),
        (whole.replace(b"\n", b",x\n", 2), ":1: column 'x' is not expected"),
    ]:
        path.write_bytes(content)
        with pytest.raises(CxError) as caught:
            load(warehouse, format_name, path)
        assert str(caught.value).startswith(f"{path}{message}")
    tables = ("activity_count", "rejected_row", "data_load")
    assert not any(warehouse.execute(f"from {table}").fetchall() for table in tables)


def test_byte_order_mark_line_ends_and_blank_lines_make_no_difference(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "counts.csv"
    rows = [count(), count("x", place="ATL"), count(place="BOS")]
    text = csv_text(HEADER, rows, "\r\n").replace("\r\n", "\r\n\r\n", 1)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    (result,) = load(warehouse, "auto", path)
    assert (result.format, result.n_accepted, result.n_rejected) == ("counts", 2, 1)
    assert [line for line, _, _ in rejections(warehouse)] == [4]


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse that a test empties itself."""
    connection = duckdb.connect(":memory:")
    prepare(connection)
    yield connection
    connection.close()


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_row_of_any_file_ends_in_one_place(
    shared: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    for table in ("activity_count", "rejected_row", "data_load"):
        shared.execute(f"delete from {table}")
    row = st.builds(
        count,
        st.sampled_from(["", "0", "7", "7.0", "seven", "-7", "\n"]),
        component=st.sampled_from(["TSA", "tsa", "CBP"]),
        month=st.sampled_from(["2024-09", "2024-10", "2024-1", '"']),
        category=st.sampled_from(["", "Locks", "locks", 'a "b", c\nd']),
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    text = csv_text(data.draw(st.permutations(HEADER)), rows, data.draw(st.sampled_from("\n")))
    path = tmp_path_factory.getbasetemp() / "counts.csv"
    path.write_bytes(text.encode())
    (result,) = load(shared, "counts", path)

    def what(row: Row) -> tuple[str, str, str]:
        return row["component"], row["month"], row["category"]

    times = Counter(what(row) for row in rows)
    bad = [
        line
        for line, row in records(text)
        if row["component"] == "tsa"
        or row["month"] in ("2024-1", '"')
        or row["n"] in ("", "seven", "-7", "\n")
        or times[what(row)] > 1
    ]
    assert result.n_rows == len(rows)
    assert sorted({line for line, _, _ in rejections(shared)}) == bad


def test_tsa_complaints_keep_label_report_and_blank_airport(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "tsa.csv", [complaint(), complaint("9", airport="")])
    (result,) = load(warehouse, "auto", path)
    assert (result.format, result.n_accepted) == ("tsa-complaints", 2)
    march = ("month", date(2024, 3, 1), "complaint", "Airline")
    assert held(warehouse) == [
        ("TSA", None, None, "ATL", *march, 7, "2024-10"),
        ("TSA", None, None, "not_stated", *march, 9, "2024-10"),
    ]


@pytest.mark.parametrize(
    ("change", "column", "rule"),
    [
        ({"fiscal_year": "2023"}, "fiscal_year", "must be the fiscal year of the month"),
        ({"fiscal_quarter": "1"}, "fiscal_quarter", "must be the fiscal quarter of the month"),
        ({"month": "2023-10", "fiscal_quarter": "1"}, None, ""),
        ({"month": "03/2024"}, "month", "must be a month such as 2024-10"),
        ({"airport": "Atlanta"}, "airport", "must be an airport code such as ATL"),
        ({"category": " "}, "category", "must name the category"),
        ({"source_report": ""}, "source_report", "must name the report"),
        ({"complaints": "7.5"}, "complaints", "must be a whole number, 0 or more"),
    ],
)
def test_tsa_complaints_are_checked(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    change: dict[str, str],
    column: str | None,
    rule: str,
) -> None:
    path = write_csv(tmp_path / "tsa.csv", [complaint() | change])
    load(warehouse, "tsa-complaints", path)
    found = rejections(warehouse)
    assert [name for _, name, _ in found] == ([column] if column else [])
    assert all(rule in reason for _, _, reason in found)


def test_passengers_count_as_customers_of_whole_months(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """April has all its 30 days, May all but one: its sum is no month."""
    days = [f"2024-04-{day:02}" for day in range(1, 31)]
    days += [f"2024-05-{day:02}" for day in range(1, 31)]
    rows = [{"date": day, "passengers": "1000"} for day in days]
    (result,) = load(warehouse, "auto", write_csv(tmp_path / "days.csv", rows))
    assert (result.format, result.n_accepted) == ("tsa-throughput", 60)
    assert figures(warehouse, "is_total", "month") == {date(2024, 4, 1): 30_000}
    assert figures(warehouse, "not is_complete", "month") == {date(2024, 5, 1): 30_000}


def test_days_that_do_not_exist_are_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [{"date": day, "passengers": "1"} for day in ("2024-02-30", "1/1/2024", "2024-02-29")]
    (result,) = load(warehouse, "tsa-throughput", write_csv(tmp_path / "days.csv", rows))
    assert (result.n_accepted, result.n_rejected) == (1, 2)


def test_what_a_source_tells_more_than_once_counts_once(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """10 complaints in October, told by category, by place, and by both together."""
    by_category = [count("6"), count("4", category="Screening")]
    by_place = [count("7", category="", place="ATL"), count("3", category="", place="not_stated")]
    both = [
        count("5", place="ATL"),
        count("1", place="not_stated"),
        count("2", category="Screening", place="ATL"),
        count("2", category="Screening", place="not_stated"),
    ]
    for number, rows in enumerate((by_category, by_place, both)):
        path = write_csv(tmp_path / f"{number}.csv", rows, HEADER)
        load(warehouse, "counts", path)
        assert figures(warehouse, "is_total", "activity") == {"complaint": 10}
        assert figures(warehouse, "is_by_category", "category") == {"locks": 6, "screening": 4}
    assert figures(warehouse, "is_by_place", "place") == {"ATL": 7, "not_stated": 3}


def test_the_telling_that_was_loaded_last_counts(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """By place 5 and 3, then by category 4 and 6 of the same month: 10, no longer 8."""
    place = [count("5", category="", place="ATL"), count("3", category="", place="BOS")]
    load(warehouse, "counts", write_csv(tmp_path / "a.csv", place, HEADER))
    category = [count("4"), count("6", category="Screening")]
    load(warehouse, "counts", write_csv(tmp_path / "b.csv", category, HEADER))
    assert figures(warehouse, "is_total", "activity") == {"complaint": 10}
    assert figures(warehouse, "is_by_place", "activity") == {"complaint": 8}


def test_a_restated_count_replaces_the_earlier_one_and_is_told(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [count("6"), count("4", category="Screening")]
    load(warehouse, "counts", write_csv(tmp_path / "a.csv", rows, HEADER))
    rows[0]["n"] = "8"
    path = write_csv(tmp_path / "b.csv", rows, HEADER)
    (result,) = load(warehouse, "counts", path, as_of=date(2024, 12, 1))
    assert (result.n_accepted, result.n_restated, result.n_duplicate) == (1, 1, 1)
    assert figures(warehouse, "is_by_category", "category") == {"locks": 8, "screening": 4}
    assert warehouse.execute("from restated_activity").fetchall() == [
        ("TSA", "complaint", "month", date(2024, 10, 1), 1, 6, 8, date(2024, 12, 1))
    ]


def test_a_quarter_counts_until_its_months_are_there(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    quarter = {"component": "TSA", "activity": "customer", "n": "100", "quarter": "2024Q4"}
    load(warehouse, "counts", write_csv(tmp_path / "quarter.csv", [quarter]))
    months = [
        count("30", month=month, activity="customer", category="")
        for month in ("2024-07", "2024-08", "2024-09")
    ]
    load(warehouse, "counts", write_csv(tmp_path / "two.csv", months[:2], HEADER))
    assert figures(warehouse, "is_total", "quarter") == {"2024Q4": 100}
    load(warehouse, "counts", write_csv(tmp_path / "three.csv", months, HEADER))
    assert figures(warehouse, "is_total", "quarter") == {"2024Q4": 90}


def test_labels_that_mean_one_category_count_together_and_unknown_ones_are_told(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    labels = [
        "Additional Information Required/Insufficient Inf",
        " additional information required/insufficient information ",
        "more_information_needed",
        "More information needed",
        "Bag pipes",
    ]
    rows = [count("1", category=label) for label in labels]
    load(warehouse, "counts", write_csv(tmp_path / "counts.csv", rows, HEADER))
    assert figures(warehouse, "is_by_category", "category") == {
        "more_information_needed": 4,
        "unmapped": 1,
    }
    assert warehouse.execute("select label, n_rows from unmapped_label").fetchall() == [
        ("Bag pipes", 1)
    ]

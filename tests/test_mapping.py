"""Any CSV or Parquet file with a mapping: what a mapping may say, and what its errors name."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.base.errors import CxError, UsageError
from metrics.warehouse.store import prepare
from tests import sfo
from tests.response_file import (
    KEYPAD,
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


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse that also knows a survey whose responses name their channel."""
    survey = {"survey": "any-channel", "service": "tsa-contact-center", "title": "Any channel"}
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


MAPPING = """
survey: {survey}
quarter: 2024Q4
response_id: id
answers:
  Q1: 1
"""


def mapped(folder: Path, more: str = "", survey: str = LIKERT) -> Path:
    """A mapping of column Q1 to the question on trust; `more` are further lines."""
    return write_mapping(folder / "mapping.yaml", MAPPING.format(survey=survey) + more)


def rows_of(column: str, *values: str) -> list[Row]:
    """Rows that differ in one column."""
    return [{"id": str(n), "Q1": "4", column: value} for n, value in enumerate(values, start=1)]


def refusal(warehouse: duckdb.DuckDBPyConnection, folder: Path, mapping: Path, row: Row) -> str:
    """Load one row through a mapping that cannot be used, and return the error."""
    path = write_csv(folder / "file.csv", [row])
    with pytest.raises(CxError) as caught:
        load(warehouse, "csv", path, mapping=mapping)
    assert not any(contents(warehouse).values())
    return str(caught.value).removeprefix(f"{folder}/")


# Errors of the mapping file: file, line, key, and what to do.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "mapping.yaml:1: the mapping is empty; see docs/data.md for its keys"),
        ("- a\n", "mapping.yaml:1: the mapping is empty; see docs/data.md for its keys"),
        ("survey: x\n  y: z\n", "mapping.yaml:2: mapping values are not allowed here; write it"),
        (
            "survey: x\nid: y\n",
            "mapping.yaml:2: unknown key 'id'; the keys are survey, response_id, ",
        ),
        ("survey: x\nsurvey: y\n", "mapping.yaml:2: key 'survey' is there twice; write it as"),
        (
            "survey: x\n\nanswers:\n  Q0: 1\n  Q1: {question: 1, valuse: {}}\n",
            "mapping.yaml:5: unknown key 'valuse'; the keys are question, values",
        ),
        (
            "answers:\n  Q0: 1\n  Q1:\n    values: {a: 1}\n",
            "mapping.yaml:3: key 'answers.Q1' is wrong (Field required); see docs/data.md",
        ),
        (
            "answers:\n  Q0: 1\n  Q1: [1, 2]\n",
            "mapping.yaml:3: key 'answers.Q1' is wrong (Input should be a valid string); see",
        ),
        (
            "answers:\n  Q1:\n    question: 1\n    values: {'Yes': 1, 'yes ': 0}\n",
            "mapping.yaml:4: key 'answers.Q1.values' is wrong ('yes' has two values); see",
        ),
        (
            "survey: x\nsubmitted_at:\n  column: when\n  timezone: Mars/North\n",
            "mapping.yaml:4: key 'submitted_at.timezone' is wrong (there is no time zone "
            "'Mars/North'; write it like UTC)",
        ),
        (
            "submitted_at: {column: when, zone: UTC}\n",
            "mapping.yaml:1: unknown key 'zone'; the keys are column, format, timezone",
        ),
        (
            "segments:\n  language: {column: lang, value: {}}\n",
            "mapping.yaml:2: unknown key 'value'; the keys are column, values",
        ),
        (
            "exclude: {Status: spam}\n",
            "mapping.yaml:1: key 'exclude.Status' is wrong (Input should",
        ),
        ("survey: \xe9\xff", "mapping.yaml:1: the file is no YAML in UTF-8; write it as"),
    ],
)
def test_a_mapping_that_cannot_be_read_names_line_and_key(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_bytes(text.encode("latin-1"))
    found = refusal(warehouse, tmp_path, path, {"id": "1", "Q1": "4"})
    assert found.startswith(message) and "\n" not in found


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "  Q2: 7\n",
            "mapping.yaml:6: answers.Q2: instrument a11-v2-likert has no question '7'; it asks "
            "1 (trust), and drivers are named like positive_ease",
        ),
        (
            "  Q2: positive_speed\n",
            "mapping.yaml:6: answers.Q2: instrument a11-v2-likert has no question 'positive_speed'",
        ),
        (
            "  Q2: 1\n",
            "mapping.yaml:6: answers.Q2: column 'Q1' answers the same question; keep one of",
        ),
        (
            "  Q2: {question: positive_ease, values: {ticked: 2}}\n",
            "mapping.yaml:6: answers.Q2: 'ticked' is mapped to '2', which is no code of question "
            "positive_ease; its codes are 0, 1, or - for no answer",
        ),
        (
            "channel: {column: how, values: {web: websit}}\n",
            "mapping.yaml:6: channel.values: there is no channel 'websit' in data/reference/",
        ),
        (
            "segments:\n  tongue: lang\n",
            "mapping.yaml:7: segments.tongue: there is no segment 'tongue' in data/reference/",
        ),
        (
            "segments:\n  language: {column: lang, values: {de: german}}\n",
            "mapping.yaml:7: segments.language: there is no group 'german' in data/reference/"
            "segment_value.csv; add the line language,german,NAME,NUMBER",
        ),
        (
            'submitted_at:\n  column: when\n  format: "%Q"\n',
            "mapping.yaml:8: submitted_at.format: '%Q' is no format of a time; write it like %m/",
        ),
        (
            "comment: said\n",
            "file.csv:1: column 'said' is missing; there are: 'id', 'Q1'",
        ),
    ],
)
def test_a_mapping_of_what_does_not_exist_names_line_and_key(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, more: str, message: str
) -> None:
    found = refusal(warehouse, tmp_path, mapped(tmp_path, more), {"id": "1", "Q1": "4"})
    assert found.startswith(message) and "\n" not in found


def test_what_a_mapping_must_say(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    row = {"id": "1", "Q1": "4"}
    path = write_csv(tmp_path / "file.csv", [row])
    with pytest.raises(UsageError, match=r"csv needs a mapping file; name it with --mapping"):
        load(warehouse, "csv", path, survey=LIKERT)
    none = write_mapping(tmp_path / "none.yaml", f"survey: {LIKERT}\nresponse_id: id\n")
    found = refusal(warehouse, tmp_path, none, row)
    assert found == "none.yaml:1: no column is mapped to a question; add lines under `answers`"
    found = refusal(warehouse, tmp_path, mapped(tmp_path, survey="any-channel"), row)
    assert found.startswith("file.csv: survey any-channel has no channel of its own; name the col")
    bad = write_mapping(tmp_path / "bad.yaml", MAPPING.format(survey=LIKERT).replace("Q4", "q4"))
    assert refusal(warehouse, tmp_path, bad, row).startswith("'2024q4' is no fiscal quarter; write")
    twice = write_csv(tmp_path / "twice.csv", [row])
    twice.write_text("id,Q1,Q1\n1,4,5\n")
    with pytest.raises(CxError, match=r"twice\.csv:1: column 'Q1' is there more than once"):
        load(warehouse, "csv", twice, mapping=mapped(tmp_path))


# Values.


def test_texts_stand_for_codes_and_yaml_makes_nothing_else_of_them(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    values = "{yes: 1, no: 0, On: 1, 2024-10-01: 0, 3.0: 1, null: 0, n/a: '-', ÄH: '-'}"
    mapping = mapped(tmp_path, f"  Q2: {{question: positive_ease, values: {values}}}\n")
    texts = ["yes", " NO ", "on", "2024-10-01", "3", "3.0", "null", "N/A", "äh", "", "true", "1"]
    path = write_csv(tmp_path / "file.csv", rows_of("Q2", *texts))
    load(warehouse, "csv", path, mapping=mapping)
    found = {int(key): value for key, value in current(warehouse, "response_id, positive_ease")}
    assert [found[n] for n in range(1, 11)] == [1, 0, 1, 0, 1, 1, 0, None, None, None]
    assert [line for line, _, _ in rejections(warehouse)] == [12, 13], "no other texts are read"


def test_a_reversed_question_is_turned_by_its_instrument(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    answers = "  Q2: 2\n  Q3: {question: 3, values: {fully: 1, 'not at all': 2}}\n"
    mapping = mapped(tmp_path, answers, survey=KEYPAD)
    rows = [
        {"id": "1", "Q1": "1", "Q2": "1", "Q3": "Fully"},
        {"id": "2", "Q1": "5", "Q2": "2", "Q3": "not at all"},
        {"id": "3", "Q1": "4", "Q2": "0", "Q3": "1"},
    ]
    (result,) = load(warehouse, "csv", write_csv(tmp_path / "f.csv", rows), mapping=mapping)
    assert current(warehouse, "satisfaction, trust, effectiveness") == [(5, 1, 1), (1, 0, 0)]
    assert [r.reason for r in result.reasons] == [
        "The value '0' is no answer to trust; it must be 1 or 2, or blank.",
        "The value '1' is no answer to effectiveness; it must be fully or not at all, or blank.",
    ]


def test_a_likert_file_of_numbers_is_not_taken_for_the_keypad(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    mapping = mapped(tmp_path, "  Q2: 2\n", survey=KEYPAD)
    found = refusal(warehouse, tmp_path, mapping, {"id": "1", "Q1": "1", "Q2": "4"})
    assert found.startswith(
        "file.csv:2: Q2: 1 answers are 3, 4 or 5, but survey tsa-contact-center"
    )


def test_a_row_without_any_answer_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    mapping = mapped(tmp_path, "  Q2: positive_ease\ncomment: said\n")
    rows = [
        {"id": "1", "Q1": "", "Q2": "", "said": "a"},
        {"id": "2", "Q1": "", "Q2": "0", "said": ""},
    ]
    load(warehouse, "csv", write_csv(tmp_path / "file.csv", rows), mapping=mapping)
    assert current(warehouse, "response_id, trust, positive_ease") == [("2", None, 0)]
    assert rejections(warehouse) == [(2, "Q1", "The row has no answer to any question.")]


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("0.8694341151", 0.8694341151),
        ("2", 2.0),
        ("1e-3", 0.001),
        ("0", None),
        ("-1", None),
        ("heavy", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("1,5", None),
    ],
)
def test_a_weight_is_a_number_above_0(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, weight: float | None
) -> None:
    path = write_csv(tmp_path / "file.csv", rows_of("W", "1", text))
    load(warehouse, "csv", path, mapping=mapped(tmp_path, "weight: W\n"))
    if weight is not None:
        assert current(warehouse, "weight") == [(1.0,), (weight,)]
    else:
        shown = f"'{text}'" if text else "blank"
        reason = f"The weight is {shown}; it must be a number from 0.000001 to 1,000,000."
        assert rejections(warehouse) == [(3, "W", reason)]


def test_channels_are_known_by_name_alias_or_mapping(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path / "f.csv", rows_of("how", "email", " E-mail", "IVR", "", "fax", "owl")
    )
    load(warehouse, "csv", path, mapping=mapped(tmp_path, "channel: how\n", survey="any-channel"))
    names = ["email", "email", "automated_phone", "unmapped", "fax"]
    assert current(warehouse, "channel") == [(name,) for name in names]
    ((line, column, reason),) = rejections(warehouse)
    assert (line, column) == (7, "how")
    assert reason.startswith(
        "The value 'owl' is no known channel; add it to data/reference/channel"
    )
    emptied(warehouse)
    own = "channel: {column: how, values: {owl: postal_mail, Email: email, '': '-'}}\n"
    load(warehouse, "csv", path, mapping=mapped(tmp_path, own, survey="any-channel"))
    found = current(warehouse, "response_id, channel")
    assert found == [("1", "email"), ("4", "unmapped"), ("6", "postal_mail")]


def test_segments_are_declared_groups(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    more = """segments:
  language: {column: lang, values: {EN: english, es: spanish, xx: "-"}}
  first_time: first
"""
    rows = [
        {"id": "1", "Q1": "4", "lang": "en", "first": "Yes"},
        {"id": "2", "Q1": "4", "lang": "ES", "first": ""},
        {"id": "3", "Q1": "4", "lang": "xx", "first": "null"},
        {"id": "4", "Q1": "4", "lang": "de", "first": "no"},
        {"id": "5", "Q1": "4", "lang": "", "first": "maybe"},
    ]
    path = write_csv(tmp_path / "file.csv", rows)
    load(warehouse, "csv", path, mapping=mapped(tmp_path, more))
    assert current(warehouse, "segments") == [
        ({"language": "english", "first_time": "yes"},),
        ({"language": "spanish"},),
        (None,),
    ]
    add = (
        "The value {!r} is no group of {}; add the line {},GROUP,NAME,NUMBER to "
        "data/reference/segment_value.csv, or the value to the mapping."
    )
    assert rejections(warehouse) == [
        (5, "lang", add.format("de", "language", "language")),
        (6, "first", add.format("maybe", "first_time", "first_time")),
    ]
    before = current(warehouse, "segments")
    turned = more.replace("  first_time: first\n", "").replace(
        "s:\n", "s:\n  first_time: first\n", 1
    )
    (again,) = load(warehouse, "csv", path, mapping=mapped(tmp_path, turned))
    assert (again.n_duplicate, again.n_restated) == (3, 0), "their order means nothing"
    assert current(warehouse, "segments") == before


@pytest.mark.parametrize(
    ("moment", "text", "local"),
    [
        ("when", "2024-07-01 00:00:00", "2024-07-01 00:00:00"),
        ("{column: when, timezone: UTC}", "2024-10-01 03:00:00", "2024-09-30 23:00:00"),
        ("{column: when, timezone: UTC}", "2024-09-30", "2024-09-30 00:00:00"),
        ("{column: when, timezone: Pacific/Guam}", "2024-07-01 14:00:00", "2024-07-01 00:00:00"),
        ('{column: when, format: "%m/%d/%Y"}', "9/5/2024", "2024-09-05 00:00:00"),
        ('{column: when, format: "%d/%m/%Y"}', "5/9/2024", "2024-09-05 00:00:00"),
        ('{column: when, format: "%d/%m/%Y", timezone: UTC}', "30/9/2024", "2024-09-30 00:00:00"),
        (
            '{column: when, format: "%m/%d/%y %I:%M %p", timezone: America/Los_Angeles}',
            "09/30/24 08:30 PM",
            "2024-09-30 23:30:00",
        ),
        ('{column: when, format: "%Y%m%d%H%M%S%z"}', "20240930230000-0200", "2024-09-30 21:00:00"),
    ],
)
def test_a_time_is_read_as_the_mapping_says(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, moment: str, text: str, local: str
) -> None:
    path = write_csv(tmp_path / "file.csv", rows_of("when", text, "31/31/2024"))
    load(warehouse, "csv", path, mapping=mapped(tmp_path, f"submitted_at: {moment}\n"))
    assert current(warehouse, "submitted_at::varchar, quarter") == [(local, "2024Q4")]
    ((line, column, _),) = rejections(warehouse)
    assert (line, column) == (3, "when")


def test_excluded_values_are_left_out_blank_ones_too(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path / "f.csv", rows_of("done", "yes", "No", "", "0.0", " partly ", "true")
    )
    mapping = mapped(tmp_path, 'exclude: {done: [no, "", 0, Partly]}\n')
    load(warehouse, "csv", path, mapping=mapping)
    assert current(warehouse, "response_id") == [("1",), ("6",)]
    reason = "Left out: the mapping excludes this value of done."
    assert rejections(warehouse) == [(line, "done", reason) for line in (3, 4, 5, 6)]


def test_rows_without_an_identifier_are_known_by_their_place_in_the_file(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    mapping = write_mapping(
        tmp_path / "m.yaml", f"survey: {THUMBS}\nquarter: 2024Q4\nanswers: {{Q1: 1}}\n"
    )
    path = write_csv(tmp_path / "file.csv", [{"Q1": "1"}, {"Q1": "1"}, {"Q1": "0"}])
    (result,) = load(warehouse, "csv", path, mapping=mapping)
    (again,) = load(warehouse, "csv", path, mapping=mapping)
    assert (result.n_accepted, again.n_accepted, again.n_duplicate) == (3, 0, 3)


def test_column_names_may_have_blanks_quotes_commas_and_line_breaks(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    odd = 'I "trust", them\nfully '
    path = tmp_path / "file.csv"
    path.write_text('﻿id , x,"I ""trust"", them\nfully "\n1,a,5\n\n2,b,9\n3,c,1')
    text = 'answers: {"I \\"trust\\", them\\nfully": 1}\n'
    mapping = write_mapping(
        tmp_path / "m.yaml", f"survey: {LIKERT}\nquarter: 2024Q4\nresponse_id: id\n{text}"
    )
    (result,) = load(warehouse, "csv", path, mapping=mapping)
    assert result.n_rows == 3
    assert current(warehouse, "response_id, trust") == [("1", 5), ("3", 1)]
    assert [(line, column) for line, column, _ in rejections(warehouse)] == [(5, odd.strip())]


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_row_of_any_file_ends_in_one_place(
    prepared: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:
    warehouse, folder = emptied(prepared), tmp_path_factory.getbasetemp()
    words = st.lists(st.sampled_from(["a", ",", '"', "\n", "\r\n", "é", "\n7,4,"]), max_size=4)
    row = st.fixed_dictionaries(
        {
            "id": st.sampled_from(["1", "2", "3", "4", "", '"', "a,\nb"]),
            "Q1": st.sampled_from(["2", "3", "5", "5", "5.0", "9", ""]),
            "said": words.map("".join),
            "e_mail": words.map("".join),
        }
    )
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    header = data.draw(st.permutations(list(rows[0])))
    text = csv_text(header, rows, data.draw(st.sampled_from(["\n", "\r\n"])))
    text = text.rstrip("\r\n") if data.draw(st.booleans()) else text
    path = folder / "mapped.csv"
    path.write_bytes(text.encode())
    (result,) = load(warehouse, "auto", path, mapping=mapped(folder, "comment: said\n"))
    good = [(line, row) for line, row in records(text) if row["Q1"] not in ("9", "")]
    assert result.n_rows == len(rows)
    assert result.n_rejected == len(rows) - len(good)
    last = {row["id"] or f"row {line}": row for line, row in good}
    found = current(warehouse, "trust, comment")
    expected = [(int(row["Q1"][0]), row["said"].strip() or None) for row in last.values()]
    assert sorted(found, key=repr) == sorted(expected, key=repr)


# Parquet.


def write_parquet(path: Path, **columns: list[Any]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_a_parquet_file_loads_by_its_types(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_parquet(
        tmp_path / "part[1]*.parquet",
        id=[1, 2, 3, 4, 5],
        Q1=[5.0, 4.0, None, 9.0, 1.4],
        ticked=[True, False, True, None, True],
        when=pa.array([datetime(2024, 10, 1, 3, tzinfo=UTC)] * 5, pa.timestamp("us", tz="UTC")),
        W=[Decimal("0.5"), Decimal("1.25"), Decimal("2"), Decimal("1"), Decimal("1")],
        said=["a,\nb", "", None, "x", "y"],
        e_mail=["telltale@example.org"] * 5,
    )
    write_parquet(tmp_path / "part1.parquet", id=[9], Q1=[1.0])
    more = """  ticked: {question: positive_ease, values: {true: 1, false: 0}}
submitted_at: when
weight: W
comment: said
"""
    (result,) = load(warehouse, "auto", path, mapping=mapped(tmp_path, more))
    assert (result.format, result.n_rows, result.n_accepted) == ("csv", 5, 3)
    columns = "response_id, trust, positive_ease, weight, comment, submitted_at"
    moment = datetime(2024, 9, 30, 23)
    assert current(warehouse, columns) == [
        ("1", 5, 1, 0.5, "a,\nb", moment),
        ("2", 4, 0, 1.25, None, moment),
        ("3", None, 1, 2.0, None, moment),
    ]
    assert [line for line, _, _ in rejections(warehouse)] == [4, 5], "rows, the first being 1"
    before = contents(warehouse)
    load(warehouse, "auto", path, mapping=mapped(tmp_path, more))
    assert contents(warehouse) == before
    assert "telltale" not in str(before)


def test_a_parquet_file_without_a_fault_is_the_same_as_its_csv(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    days = [date(2024, 9, 30), date(2024, 7, 1)]
    more = "submitted_at: {column: when, timezone: UTC}\n"
    path = write_parquet(tmp_path / "f.parquet", id=["a", "b"], Q1=[5, 4], when=days)
    load(warehouse, "csv", path, mapping=mapped(tmp_path, more))
    found = current(warehouse, "* exclude (load_id)")
    rows = [
        {"id": "a", "Q1": "5", "when": "2024-09-30"},
        {"id": "b", "Q1": "4", "when": "2024-07-01"},
    ]
    (result,) = load(
        warehouse, "csv", write_csv(tmp_path / "f.csv", rows), mapping=mapped(tmp_path, more)
    )
    assert result.n_duplicate == 2
    assert current(warehouse, "* exclude (load_id)") == found


def test_a_parquet_file_that_is_cut_or_empty_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_parquet(tmp_path / "f.parquet", id=["a"] * 900, Q1=[5] * 900)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CxError, match=r"f\.parquet: cannot be read as Parquet .*; fetch it again"):
        load(warehouse, "auto", path, mapping=mapped(tmp_path))
    none = write_parquet(tmp_path / "n.parquet", id=pa.array([], "string"), Q1=pa.array([], "int8"))
    with pytest.raises(CxError, match=r"n\.parquet: there is no row below the header"):
        load(warehouse, "auto", none, mapping=mapped(tmp_path))
    lacking = write_parquet(tmp_path / "l.parquet", id=["a"], Q2=[5])
    with pytest.raises(CxError, match=r"l\.parquet: column 'Q1' is missing; there are: 'id', 'Q2'"):
        load(warehouse, "auto", lacking, mapping=mapped(tmp_path))
    assert not any(contents(warehouse).values())


# Five years of a real survey, with weights and codes that are no answers.


@pytest.fixture(scope="module")
def airport(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with all five years; tests only read it."""
    folder = tmp_path_factory.mktemp("sfo")
    connection = duckdb.connect(":memory:")
    prepare(connection, sfo.sfo_reference(folder / "reference"))
    for year in sfo.YEARS:
        sfo.load_sfo(connection, folder, year)
    yield connection
    connection.close()


@pytest.mark.parametrize("year", sfo.YEARS)
def test_every_response_of_the_airport_is_loaded_as_pandas_reads_it(
    airport: duckdb.DuckDBPyConnection, year: int
) -> None:
    frame = sfo.sfo_frame(year)
    assert len(frame) == len(records(sfo.sfo_file(year).read_text(encoding="utf-8")))
    answered = frame[frame[["ease", "satisfaction"]].notna().any(axis=1)]
    stored = airport.execute(
        "select response_id, ease, satisfaction, weight from survey_response where quarter = ?",
        [sfo.sfo_quarter(year)],
    ).df()
    pd.testing.assert_frame_equal(
        stored.set_index("response_id").sort_index().astype(float),
        answered.set_index("response_id").sort_index().astype(float),
    )
    loads = airport.execute(
        "select n_rows, n_accepted, n_rejected from data_load where file_name like ?", [f"{year}%"]
    ).fetchall()
    assert loads == [(len(frame), len(answered), len(frame) - len(answered))]


@pytest.mark.parametrize("year", [2017, 2018])
def test_ease_at_the_airport_by_independent_arithmetic(
    airport: duckdb.DuckDBPyConnection, year: int
) -> None:
    frame = sfo.sfo_frame(year).dropna(subset="ease")
    weights, favorable = frame["weight"], frame["ease"] >= 4
    by_hand = {
        "n": len(frame),
        "mean": frame["ease"].mean(),
        "share": favorable.mean(),
        "weighted_mean": (frame["ease"] * weights).sum() / weights.sum(),
        "weighted_share": weights[favorable].sum() / weights.sum(),
    }
    (found,) = (
        airport.execute(
            """
        select
            count(ease) as n,
            avg(ease) as mean,
            avg((ease >= 4)::int) as share,
            sum(ease * weight) / sum(weight) filter (where ease is not null) as weighted_mean,
            sum(weight) filter (where ease >= 4) / sum(weight) filter (where ease is not null)
                as weighted_share
        from survey_response
        where quarter = ? and superseded_by is null
        """,
            [sfo.sfo_quarter(year)],
        )
        .df()
        .to_dict("records")
    )
    assert found == pytest.approx(by_hand, abs=1e-12)
    assert by_hand["n"] == {2017: 2407, 2018: 2364}[year]
    assert abs(by_hand["weighted_share"] - by_hand["share"]) > 0.001, "weights matter"


def test_a_year_of_the_airport_loaded_again_changes_nothing(
    airport: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = contents(airport)
    result = sfo.load_sfo(airport, tmp_path, 2016)
    assert result.n_accepted == 0
    assert contents(airport) == before

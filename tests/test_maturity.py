"""CX maturity: what a file may say, and which levels follow from it."""

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.base.errors import CxError
from metrics.base.settings import DEMO, REFERENCE, SQL
from metrics.base.sqlfiles import read_sql_folder
from metrics.define.catalog import read_catalog
from metrics.gate.publish import publish
from metrics.gate.write import PUBLIC_TABLES
from metrics.intake.answer_file import STATUSES, answer_file
from metrics.intake.sources.base import ROWS
from metrics.intake.sources.maturity import EVIDENCE
from metrics.warehouse.store import build_aggregates, create_table, open_warehouse, prepare
from tests.conftest import metrics_of
from tests.response_file import csv_text, load, own_reference, rejections, write_csv

Row = dict[str, str]

HEADER = [
    *("component", "unit", "model", "assessed_on", "method", "participants"),
    *("practice", "status", "evidence_url"),
]


def reference(name: str) -> list[Row]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PRACTICES = reference("maturity_practice")
DHS = [row for row in PRACTICES if row["model"] == "dhs-1"]
FUNCTIONS = [row["function"] for row in reference("maturity_function") if row["model"] == "dhs-1"]
OWN = "own-1"
"""A model of the tests: function a with levels 1 to 3, function b with levels 1 and 3."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse that also knows the model of the tests, and one without practices."""
    said = {"is_default": "false", "source": "This test", "note": "Made up."}
    asked = [("a1", "a", 1), ("a2", "a", 1), ("a3", "a", 2), ("a4", "a", 3), ("a5", "a", 3)]
    asked += [("b1", "b", 1), ("b2", "b", 3)]
    folder = own_reference(
        tmp_path_factory.mktemp("reference"),
        maturity_model=[
            {"model": OWN, "name": "Own", "version": "1", **said},
            {"model": "bare", "name": "Bare", "version": "1", **said},
        ],
        maturity_level=[
            {"model": OWN, "level": str(n), "name": f"Level {n}", "description": "A level."}
            for n in (1, 2, 3)
        ],
        maturity_function=[
            {
                "model": OWN,
                "function": f,
                "name": f,
                "description": "A function.",
                "sort_order": "1",
            }
            for f in ("a", "b")
        ],
        maturity_practice=[
            {"model": OWN, "practice": p, "function": f, "level": str(n), "text": f"Do {p}."}
            | {"sort_order": p[1]}
            for p, f, n in asked
        ],
    )
    connection = duckdb.connect(":memory:")
    prepare(connection, folder)
    yield connection
    connection.close()


@pytest.fixture
def warehouse(prepared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """An empty warehouse, made once and emptied for each test."""
    for table in ("maturity_answer", "rejected_row", "data_load"):
        prepared.execute(f"delete from {table}")
    return prepared


def answer(practice: str = "a1", status: str = "done", **more: str) -> Row:
    assert set(more) <= set(HEADER)
    row = {"component": "TSA", "model": OWN, "assessed_on": "2024-05-14", "method": "workshop"}
    return row | {"practice": practice, "status": status} | more


def answers(statuses: dict[str, str], **more: str) -> list[Row]:
    return [answer(practice, status, **more) for practice, status in statuses.items()]


def assessed(connection: duckdb.DuckDBPyConnection) -> None:
    """Build the tables of assessments anew; the others play no part here."""
    for file in read_sql_folder(SQL / "aggregates"):
        if file.name.startswith("maturity_"):
            create_table(connection, file)


def profile(connection: duckdb.DuckDBPyConnection, columns: str, where: str = "true") -> list[Any]:
    assessed(connection)
    return connection.execute(
        f"select {columns} from maturity_profile where {where} "
        "order by component, unit nulls first, model, assessed_on, function"
    ).fetchall()


ALL_A = {f"a{n}": "done" for n in range(1, 6)}
ALL_B = {"b1": "done", "b2": "done"}

# The reference tables.


def test_the_model_of_the_department_has_five_functions_three_levels_and_6_to_9_practices() -> None:
    names = [row["name"] for row in reference("maturity_function") if row["model"] == "dhs-1"]
    assert names == [
        "Governance & Strategy",
        "Culture & Organization",
        "Customer Understanding",
        "Service & Design Improvement",
        "Measurement",
    ]
    levels = [row["name"] for row in reference("maturity_level") if row["model"] == "dhs-1"]
    assert levels == ["Emerging", "Established", "Exemplary"]
    for function in FUNCTIONS:
        own = [row for row in DHS if row["function"] == function]
        assert 6 <= len(own) <= 9 and {row["level"] for row in own} == {"1", "2", "3"}
        assert [int(row["level"]) for row in own] == sorted(int(row["level"]) for row in own)
    other = [row["name"] for row in reference("maturity_level") if row["model"] == "fed-2022"]
    assert other == ["Reactive", "Tactical", "Strategic", "Foundational", "Customer-centric"]


def test_every_model_says_that_its_practices_are_not_official() -> None:
    models = reference("maturity_model")
    assert [row["model"] for row in models if row["is_default"] == "true"] == ["dhs-1"]
    assert all("are not official" in row["note"] for row in models)


# The file.


def test_answers_are_accepted_once_and_restated(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        answer("a1", " Done ", participants="12.0", evidence_url="HTTPS://example.gov/a?b=1#c"),
        answer("A2", "Not done", participants="12"),
        answer("a3", "", participants="12"),
        answer("a1", "not-applicable", unit="Contact center", method="SELF", component="tsa"),
    ]
    path = write_csv(tmp_path / "a.csv", rows, HEADER)
    (result,) = load(warehouse, "auto", path)
    assert (result.format, result.n_accepted, result.n_rejected) == ("maturity", 4, 0)
    held = warehouse.execute(
        "select unit, practice, status, participants, method, evidence_url from maturity_answer "
        "order by line_number"
    ).fetchall()
    assert held == [
        (None, "a1", "done", 12, "workshop", "HTTPS://example.gov/a?b=1#c"),
        (None, "a2", "not_done", 12, "workshop", None),
        (None, "a3", "unanswered", 12, "workshop", None),
        ("Contact center", "a1", "not_applicable", None, "self", None),
    ]
    (again,) = load(warehouse, "auto", path)
    assert (again.n_accepted, again.n_duplicate) == (0, 4)
    rows[1]["status"] = "done"
    (restated,) = load(warehouse, "maturity", write_csv(tmp_path / "b.csv", rows, HEADER))
    assert (restated.n_accepted, restated.n_duplicate, restated.n_restated) == (1, 3, 1)
    assessed(warehouse)
    assert warehouse.execute(
        "select status from maturity_status where practice = 'a2' and unit is null"
    ).fetchall() == [("done",)]


def test_six_columns_are_enough_and_those_for_people_are_not_read(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    row = answer() | {"text": "Anything, even =1+1", "function": "zzz", "level": "99"}
    (result,) = load(warehouse, "maturity", write_csv(tmp_path / "a.csv", [row]))
    assert result.n_accepted == 1


NAME = "Robin Doe"
BAD = [
    ("component", "FED"),
    ("component", ""),
    ("component", "XYZ"),
    ("model", "dhs-9"),
    ("model", "bare"),
    ("model", ""),
    ("practice", "gov-1"),  # of another model
    ("practice", ""),
    ("assessed_on", "2999-01-01"),
    ("assessed_on", "05/14/2024"),
    ("assessed_on", "2024-02-30"),
    ("assessed_on", "1999-12-31"),
    ("assessed_on", ""),
    ("method", f"{NAME}'s workshop"),
    ("method", ""),
    ("status", "mostly"),
    ("unit", f"{NAME} <b>"),
    ("unit", "[a](http://b.example)"),
    ("unit", "x" * 81),
    ("participants", f"{NAME}, A. N. Other"),
    ("participants", "0"),
    ("participants", "-3"),
    ("participants", "7.5"),
    ("evidence_url", "javascript:alert(1)"),
    ("evidence_url", "ftp://example.gov/a"),
    ("evidence_url", f"https://{NAME.split()[0]}:secret@example.gov/"),
    ("evidence_url", "https://example.gov/a b"),
    ("evidence_url", "https://"),
    ("evidence_url", f"see {NAME}"),
]


def test_a_bad_value_names_line_and_column_and_no_person(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    days = [f"2024-01-{n:02}" for n in range(1, len(BAD) + 1)]
    bad = [
        answer(**({"assessed_on": day} | {column: value}))  # type: ignore[arg-type]
        for day, (column, value) in zip(days, BAD, strict=True)
    ]
    path = write_csv(tmp_path / "a.csv", [*bad, answer()], HEADER)
    rejects = tmp_path / "rejects.csv"
    (result,) = load(warehouse, "maturity", path, rejects=rejects)
    assert (result.n_accepted, result.n_rejected) == (1, len(BAD))
    found = rejections(warehouse)
    assert {(line, column) for line, column, _ in found} == {
        (number, column) for number, (column, _) in enumerate(BAD, start=2)
    }
    raw = "".join(
        row[0] for row in warehouse.execute("select raw_text from rejected_row").fetchall()
    )
    for text in (*(reason for _, _, reason in found), raw, rejects.read_text("utf-8")):
        assert NAME not in text and "Robin" not in text and "secret" not in text
    kept = json.loads(warehouse.execute("select raw_text from rejected_row").fetchall()[0][0])
    assert set(kept) == {"component", "model", "assessed_on", "practice", "status"}


def test_a_practice_has_one_status_and_an_assessment_one_method_and_size(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        answer("a1"),
        answer("A1 ", "not_done"),
        answer("a2", assessed_on="2025-01-01"),
        answer("a3", assessed_on="2025-01-01", method="self"),
        answer("a2", assessed_on="2026-01-01", participants="5"),
        answer("a3", assessed_on="2026-01-01", participants="6"),
        answer("a4"),
    ]
    (result,) = load(warehouse, "maturity", write_csv(tmp_path / "a.csv", rows, HEADER))
    assert (result.n_accepted, result.n_rejected) == (1, 6)
    assert [(line, column) for line, column, _ in rejections(warehouse)] == [
        *((2, "practice"), (3, "practice"), (4, "method"), (5, "method")),
        *((6, "participants"), (7, "participants")),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["unit", *HEADER[3:]], ":1: column 'component', 'model' is missing; there are: "),
        ([*HEADER, "name"], ":1: column 'name' is not expected; the columns are component, "),
        ([*HEADER[:7], "state", "evidence_url"], ":1: column 'status' is missing"),
        ([*HEADER, "unit"], ":1: column 'unit' is there more than once"),
    ],
)
def test_a_file_with_other_columns_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, header: list[str], message: str
) -> None:
    path = write_csv(tmp_path / "a.csv", [answer()], header)
    with pytest.raises(CxError) as caught:
        load(warehouse, "maturity", path)
    assert str(caught.value).startswith(f"{path}{message}")


def test_a_file_that_is_cut_empty_or_no_text_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [answer("a1"), answer("a2", unit="Zoë")], HEADER)
    whole = path.read_bytes()
    for content, message in [
        (whole[: whole.rindex(b",done")], r":3: 7 values where the header has 9 columns"),
        (whole[: whole.index(b"\n") + 1], r":2: there is no row below the header"),
        (b"", r"the file is empty"),
        (whole.decode().encode("latin-1"), r":3: the file is not UTF-8 text"),
        (whole.decode().encode("utf-16"), r":1: the file is not UTF-8 text"),
        (whole.replace(b"Zo", b'"Zo'), r":3: a quoted value of this row never ends"),
    ]:
        path.write_bytes(content)
        with pytest.raises(CxError, match=message):
            load(warehouse, "maturity", path)
    assert warehouse.execute("select count(*) from maturity_answer").fetchall() == [(0,)]
    assert warehouse.execute("select count(*) from data_load").fetchall() == [(0,)]


def test_a_byte_order_mark_and_line_ends_of_windows_make_no_difference(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_text(HEADER, answers(ALL_A), "\r\n").encode("utf-8-sig"))
    (result,) = load(warehouse, "auto", path)
    assert result.n_accepted == 5


def test_the_blank_form_fits_the_source(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    practices = warehouse.execute("select * from maturity_practice where model = 'dhs-1'").df()
    path = tmp_path / "blank.csv"
    path.write_bytes(answer_file(practices, {"model": "dhs-1"}, {}, {}))
    (blank,) = load(warehouse, "auto", path)
    assert (blank.format, blank.n_rejected, blank.n_accepted) == ("maturity", len(DHS), 0)
    about = {"model": "dhs-1", "component": "TSA", "assessed_on": "2024-05-14", "method": "self"}
    filled = {"gov-1": "done", "mea-2": "not_applicable"}
    path.write_bytes(answer_file(practices, about, filled, {"gov-1": "https://example.gov/x"}))
    (full,) = load(warehouse, "auto", path)
    assert (full.n_rejected, full.n_accepted) == (0, len(DHS))
    held = warehouse.execute(
        "select practice, status, evidence_url from maturity_answer where status <> 'unanswered' "
        "order by 1"
    ).fetchall()
    assert held == [
        ("gov-1", "done", "https://example.gov/x"),
        ("mea-2", "not_applicable", None),
    ]


# The levels.


def level_of(answered: Sequence[tuple[int, str]]) -> int | None:
    """The level of a function, worked out step by step from (level, status) pairs."""
    if any(status == "unanswered" for _, status in answered):
        return None
    applicable = [(level, status) for level, status in answered if status != "not_applicable"]
    if not applicable:
        return None
    reached = 0
    for level in sorted({level for level, _ in applicable}):
        if all(status == "done" for at, status in applicable if at == level):
            reached = level
        else:
            break
    return reached


STATUS = st.sampled_from([*STATUSES, "done", "done", "done"])


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({}, optional={row["practice"]: STATUS for row in DHS}),
        min_size=1,
        max_size=4,
    )
)
def test_levels_scores_and_totals_agree_with_an_independent_computation(
    prepared: duckdb.DuckDBPyConnection,
    tmp_path_factory: pytest.TempPathFactory,
    given_answers: list[dict[str, str]],
) -> None:
    """Each dictionary is an assessment of TSA in a quarter of its own."""
    for table in ("maturity_answer", "rejected_row", "data_load"):
        prepared.execute(f"delete from {table}")
    quarters = [("2024-01-15", "2024Q2"), ("2024-04-15", "2024Q3"), ("2025-01-15", "2025Q2")]
    quarters += [("2026-01-15", "2026Q2")]
    rows = [
        answer(practice, status, model="dhs-1", assessed_on=day)
        for (day, _), statuses in zip(quarters, given_answers, strict=False)
        for practice, status in statuses.items()
    ]
    if rows:
        path = write_csv(tmp_path_factory.mktemp("h") / "a.csv", rows, HEADER)
        (result,) = load(prepared, "maturity", path)
        assert result.n_rejected == 0
    levels: list[Any] = []
    cells: list[Any] = []
    baseline: dict[str, int | None] = {}
    for (day, quarter), statuses in zip(quarters, given_answers, strict=False):
        if not set(statuses.values()) - {"unanswered"}:
            continue
        is_whole, total = True, [0, 0]
        for function in sorted(FUNCTIONS):
            own = [row for row in DHS if row["function"] == function]
            pairs = [
                (int(row["level"]), statuses.get(row["practice"], "unanswered")) for row in own
            ]
            level = level_of(pairs)
            is_first = function not in baseline
            before = baseline.setdefault(function, level)
            is_known = not is_first and level is not None and before is not None
            change = level - before if is_known else None  # type: ignore[operator]
            n_done = sum(status == "done" for _, status in pairs)
            n_applicable = sum(status != "not_applicable" for _, status in pairs)
            levels.append((date.fromisoformat(day), function, level, n_done, n_applicable, change))
            if any(status == "unanswered" for _, status in pairs):
                is_whole = False
            elif n_applicable:
                cells.append((quarter, function, n_done, n_applicable))
                total = [total[0] + n_done, total[1] + n_applicable]
        if is_whole and total[1]:
            cells.append((quarter, None, *total))
    assert (
        profile(
            prepared, "assessed_on, function, level, n_done, n_applicable, change_since_baseline"
        )
        == levels
    )
    sql = read_catalog(SQL / "metrics")["maturity_function_score"].sql
    found = prepared.execute(
        f"select quarter, function, numerator, denominator from ({sql})"
    ).fetchall()
    assert sorted(found, key=str) == sorted(cells, key=str)


@pytest.mark.parametrize(
    ("statuses", "level"),
    [
        ({}, 3),
        ({"a5": "not_done"}, 2),
        ({"a3": "not_done"}, 1),
        ({"a1": "not_done"}, 0),  # everything above is done and does not help
        ({"a1": "not_applicable"}, 3),
        ({"a1": "not_applicable", "a2": "not_applicable"}, 3),
        ({"a4": "not_applicable", "a5": "not_applicable"}, 2),  # no level for nothing
        ({"a3": "not_applicable", "a4": "not_done"}, 1),
        ({"a5": "unanswered"}, None),
        (dict.fromkeys(ALL_A, "not_applicable"), None),
    ],
)
def test_the_level_is_the_highest_that_is_done_with_all_below(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    statuses: dict[str, str],
    level: int | None,
) -> None:
    rows = answers(ALL_A | statuses | ALL_B)
    load(warehouse, "maturity", write_csv(tmp_path / "a.csv", rows, HEADER))
    assert profile(warehouse, "level", "function = 'a'") == [(level,)]


def test_a_practice_without_a_row_is_unanswered_and_there_is_no_total(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = answers({"a1": "done", **ALL_B})
    load(warehouse, "maturity", write_csv(tmp_path / "a.csv", rows, HEADER))
    assert profile(warehouse, "function, level, n_unanswered") == [("a", None, 4), ("b", 3, 0)]
    sql = read_catalog()["maturity_function_score"].sql
    cells = warehouse.execute(f"select function, numerator, denominator from ({sql})").fetchall()
    assert cells == [("b", 2, 2)]
    assert (
        warehouse.execute(f"from ({read_catalog()['maturity_established_share'].sql})").fetchall()
        == []
    )


def test_an_assessment_that_answers_nothing_is_none(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    load(warehouse, "maturity", write_csv(tmp_path / "a.csv", answers(ALL_A), HEADER))
    assert len(profile(warehouse, "level")) == 2
    taken_back = answers(dict.fromkeys(ALL_A, "unanswered"))
    load(warehouse, "maturity", write_csv(tmp_path / "b.csv", taken_back, HEADER))
    assert profile(warehouse, "level") == []


def test_models_units_and_versions_are_never_compared(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    fed = {row["practice"]: "done" for row in PRACTICES if row["model"] == "fed-2022"}
    rows = [
        *answers(fed, model="fed-2022", assessed_on="2023-05-01"),
        *answers(
            ALL_A | ALL_B | {"a3": "not_done"}, unit="Contact center", assessed_on="2023-06-01"
        ),
        *answers(ALL_A | ALL_B | {"a1": "not_done"}),
        *answers(ALL_A | ALL_B, assessed_on="2025-05-01"),
    ]
    load(warehouse, "maturity", write_csv(tmp_path / "a.csv", rows, HEADER))
    found = profile(
        warehouse,
        "model, unit, assessed_on, level, baseline_on, baseline_level, change_since_baseline, "
        "previous_level, is_latest",
        "function in ('a', 'organization')",
    )
    assert found == [
        ("fed-2022", None, date(2023, 5, 1), 5, date(2023, 5, 1), 5, None, None, True),
        (OWN, None, date(2024, 5, 14), 0, date(2024, 5, 14), 0, None, None, False),
        (OWN, None, date(2025, 5, 1), 3, date(2024, 5, 14), 0, 3, 0, True),
        (OWN, "Contact center", date(2023, 6, 1), 1, date(2023, 6, 1), 1, None, None, True),
    ]
    sql = read_catalog()["maturity_function_score"].sql
    bases = warehouse.execute(
        f"select distinct basis, quarter from ({sql}) order by all"
    ).fetchall()
    assert bases == [
        ("maturity/practices/fed-2022", "2023Q3"),
        (f"maturity/practices/{OWN}", "2024Q3"),
        (f"maturity/practices/{OWN}", "2025Q3"),
    ]


def test_what_is_next_are_the_first_practices_missing(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    early = answers(dict.fromkeys(ALL_A | ALL_B, "not_done"), assessed_on="2023-01-10")
    late = answers(ALL_A | ALL_B | {"a3": "not_done", "a4": "not_done", "b1": "unanswered"})
    load(warehouse, "maturity", write_csv(tmp_path / "a.csv", [*early, *late], HEADER))
    assessed(warehouse)
    assert warehouse.execute(
        "select function, level, practice, status from maturity_next order by all"
    ).fetchall() == [("a", 2, "a3", "not_done"), ("b", 1, "b1", "unanswered")]


# The gate and the edition.


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three Components: TSA twice in a year and complete, FEMA incomplete, CBP once."""
    home = tmp_path_factory.mktemp("maturity")
    done = {row["practice"]: "done" for row in DHS}
    said = {"model": "dhs-1", "evidence_url": "https://example.gov/secret-evidence"}
    said["participants"] = "4321"
    incomplete = {p: s for p, s in done.items() if not p.startswith("mea")}
    rows = [
        *answers(done | {"gov-8": "not_done"}, assessed_on="2024-01-10", **said),
        *answers(done, assessed_on="2024-04-10", **said),
        *answers(incomplete, component="FEMA", assessed_on="2024-08-10", **said),
        *answers(done | {"cul-1": "not_done"}, component="CBP", assessed_on="2025-02-10", **said),
    ]
    with open_warehouse(home) as connection:
        (result,) = load(
            connection, "maturity", write_csv(home / "a.csv", rows, HEADER), as_of=date(2025, 6, 1)
        )
        assert result.n_rejected == 0
        publish(connection, home, catalog=metrics_of("maturity"))
    return home


def published(home: Path, where: str) -> list[Any]:
    (path,) = home.glob("editions/*/public.duckdb")
    connection = duckdb.connect(str(path), read_only=True)
    rows = connection.execute(
        "select component, period, breakdown, numerator, denominator, status, reason "
        f"from published where metric = 'maturity_function_score' and channel = 'all' and {where} "
        "order by all"
    ).fetchall()
    connection.close()
    return rows


def test_a_year_holds_the_last_assessment_of_each_component_and_no_other_year(home: Path) -> None:
    n = len(DHS)
    rows = published(home, "period_kind = 'fiscal_year' and breakdown is null")
    assert [row[:5] for row in rows] == [
        ("CBP", "FY2025", None, n - 1, n),
        ("TSA", "FY2024", None, n, n),
        ("all", "FY2024", None, n, n),  # FEMA left measurement unanswered: no total of it
        ("all", "FY2025", None, n - 1, n),
    ]
    by_row = {row[:2]: row[5:] for row in rows}
    assert by_row[("TSA", "FY2024")] == ("ok", None)
    assert by_row[("all", "FY2024")] == ("partial", "Covers TSA only.")
    assert by_row[("all", "FY2025")] == ("partial", "Covers CBP only.")
    quarters = published(
        home, "period_kind = 'quarter' and breakdown is null and level <> 'department'"
    )
    assert [row[:2] for row in quarters] == [
        ("CBP", "2025Q2"),
        ("TSA", "2024Q2"),
        ("TSA", "2024Q3"),
    ]


def test_each_function_says_which_components_it_lacks(home: Path) -> None:
    rows = published(home, "period = 'FY2024' and level = 'department' and breakdown is not null")
    reasons = {row[2]: row[5:] for row in rows}
    assert reasons["measurement"] == ("partial", "Covers TSA only.")
    assert reasons["culture_organization"] == ("partial", "Covers FEMA, TSA only.")


def test_the_gate_adds_no_total_where_no_assessment_is_complete(tmp_path: Path) -> None:
    rows = answers({"gov-1": "done"}, model="dhs-1")
    rows += answers({row["practice"]: "done" for row in DHS if row["function"] == "measurement"},
                    model="dhs-1", component="CBP")  # fmt: skip
    with open_warehouse(tmp_path) as connection:
        load(connection, "maturity", write_csv(tmp_path / "a.csv", rows, HEADER))
        publish(connection, tmp_path, catalog=metrics_of("maturity"))
    assert published(tmp_path, "breakdown is null") == []
    assert {row[2] for row in published(tmp_path, "true")} == {"measurement"}


def test_evidence_and_participants_stay_with_the_team(home: Path) -> None:
    (path,) = home.glob("editions/*/public.duckdb")
    assert b"secret-evidence" not in path.read_bytes()
    connection = duckdb.connect(str(path), read_only=True)
    for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
        text = str(connection.execute(f"from {table}").fetchall())
        assert "secret-evidence" not in text and "4321" not in text, table
    connection.close()
    teams = {path.stem: path for path in home.glob("editions/*/component-*.duckdb")}
    team = duckdb.connect(str(teams["component-CBP"]), read_only=True)
    rows = team.execute(
        "select distinct component, evidence_url, participants from maturity_status"
    )
    assert rows.fetchall() == [("CBP", "https://example.gov/secret-evidence", 4321)]
    team.close()


def test_the_raw_table_is_not_public() -> None:
    assert not {"maturity_answer", "maturity_status"} & set(PUBLIC_TABLES)
    assert ROWS["maturity"][0] == "maturity_answer"


def test_assessments_tell_nothing_of_the_state_of_reporting(
    federal_home: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(federal_home, tmp_path / "home")
    with open_warehouse(home) as connection:
        before = connection.execute("select * from reporting_board order by all").fetchall()
        load(connection, "maturity", write_csv(tmp_path / "a.csv", answers(
            {"gov-1": "done"}, model="dhs-1"), HEADER))  # fmt: skip
        build_aggregates(connection)
        assert connection.execute("select * from reporting_board order by all").fetchall() == before
        filled = connection.execute("select distinct fills from data_load").fetchall()
        assert {("maturity",), ("report",)} <= set(filled)


# The demonstration.


def test_the_demonstration_assesses_every_component_with_gaps_and_exceptions() -> None:
    warehouse = duckdb.connect(":memory:")
    prepare(warehouse)
    for path in sorted((DEMO / "macros").glob("*.sql")):
        warehouse.execute(path.read_text(encoding="utf-8"))
    for name in ("setting", "assessment_plan", "assessment_exception_plan"):
        warehouse.execute(
            f"create or replace temp table {name} as from read_csv('{DEMO}/plan/{name}.csv')"
        )
    (drawn,) = [file for file in read_sql_folder(DEMO) if file.name == "drawn_maturity_answer"]
    warehouse.execute(
        "insert into maturity_answer by name "
        f"select 1 as load_id, row_number() over () as line_number, * from ({drawn.select})"
    )
    found = profile(warehouse, "component, assessed_on, level", "unit is null and model = 'dhs-1'")
    days: dict[str, set[date]] = {}
    for component, day, _ in found:
        days.setdefault(component, set()).add(day)
    assert len(days) == 10 and {len(own) for own in days.values()} == {2, 3}
    assert all(min(own) < date(2024, 10, 1) for own in days.values())  # baselines of FY2024
    assert all(date(2023, 10, 1) <= day < date(2026, 10, 1) for own in days.values() for day in own)
    assert {level for _, _, level in found} == {None, 0, 1, 2, 3}
    assert {component for component, _, level in found if level is None} == {"ICE"}
    counts = warehouse.execute(
        "select count(*) filter (where status = 'not_applicable'), count(distinct unit), "
        "count(distinct model), count(*) filter (where regexp_full_match(evidence_url, ?)), "
        "count(evidence_url) from maturity_answer",
        [EVIDENCE],
    ).fetchall()[0]
    assert counts[0] == 8 and counts[1:3] == (2, 2) and counts[3] == counts[4] > 50
    falls = profile(warehouse, "component", "change_since_baseline < 0 or level < previous_level")
    assert len(falls) >= 1
    warehouse.close()

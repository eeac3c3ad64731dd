"""The warehouse: order from references, reference files, versions, one writer."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from metrics.base.duck import connect
from metrics.base.errors import CxError
from metrics.base.settings import FILE_NAME, REFERENCE, ROOT, SQL
from metrics.base.sqlfiles import macro_statements, read_sql_folder
from metrics.warehouse.store import build_aggregates, open_warehouse, prepare


def write_sql(folder: Path, **selects: str) -> Path:
    for name, select in selects.items():
        (folder / f"{name}.sql").write_text(f"/*\nOne row per row.\n*/\n{select}\n")
    return folder


def test_order_comes_from_references_not_from_names(tmp_path: Path) -> None:
    write_sql(
        tmp_path,
        a_last="select x from m_middle inner join z_first using (x)",
        m_middle="with z as (select x from z_first) select x from z",
        z_first="select 1 as x",
    )
    assert [file.name for file in read_sql_folder(tmp_path)] == ["z_first", "m_middle", "a_last"]


def test_a_cte_of_another_files_name_is_no_reference(tmp_path: Path) -> None:
    write_sql(tmp_path, a="with b as (select 1 as x) select x from b", b="select x from a")
    assert [file.name for file in read_sql_folder(tmp_path)] == ["a", "b"]


def test_a_circle_is_named(tmp_path: Path) -> None:
    write_sql(tmp_path, a="select x from b", b="select x from c", c="select x from a")
    with pytest.raises(CxError, match="the files refer to each other: ") as caught:
        read_sql_folder(tmp_path)
    circle = str(caught.value).rsplit(": ", 1)[1].split(" -> ")
    assert circle[0] == circle[-1] and set(circle) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select 1 as x\n", "a.sql:1: the file does not start with a comment; say between"),
        ("/* x */\nselect 1 from (\n", "a.sql:2: the SQL cannot be parsed ("),
        ("/* x */\n\nselect 'x\n", "a.sql:3: the SQL cannot be read ("),
        ("/* x */\ndrop table x\n", "a.sql:2: there must be exactly one select; remove the rest"),
        ("/* x */\n", "a.sql:2: there is no select after the comment; add one"),
    ],
)
def test_a_file_that_is_no_select_names_file_and_line(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "a.sql").write_text(text)
    with pytest.raises(CxError) as caught:
        read_sql_folder(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/{message}")
    assert "\n" not in str(caught.value)


def test_a_failing_select_names_file_line_and_remedy(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    write_sql(tmp_path, a="select\n    component,\n    nmae\nfrom component")
    with pytest.raises(CxError) as caught:
        build_aggregates(warehouse, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/a.sql:6: ")
    assert '"nmae" not found' in str(caught.value)
    assert 'Candidate bindings: "name"' in str(caught.value)


def test_macros_come_after_the_macros_they_use() -> None:
    names = [re.search(r"macro (\w+)\(", text)[1] for text in macro_statements()]  # type: ignore[index]
    assert sorted(names) == sorted(path.stem for path in (SQL / "macros").glob("*.sql"))
    for earlier, later in (
        ("quarter_start", "quarter_end"),
        ("quarter_end", "report_due_on"),
        ("fiscal_quarter", "quarter_add"),
        ("quarter_add", "period_before"),
    ):
        assert names.index(earlier) < names.index(later)


def test_every_table_and_column_says_what_it_is(warehouse: duckdb.DuckDBPyConnection) -> None:
    build_aggregates(warehouse)
    tables = warehouse.execute(
        "select table_name, comment from duckdb_tables() where not temporary"
    ).fetchall()
    expected = {
        path.stem for folder in ("tables", "aggregates") for path in (SQL / folder).glob("*.sql")
    }
    assert {name for name, _ in tables} == expected
    assert [name for name, comment in tables if "One row per " not in (comment or "")] == []
    raw = {path.stem for path in (SQL / "tables").glob("*.sql")}
    silent = warehouse.execute(
        "select table_name, column_name from duckdb_columns() where comment is null"
    ).fetchall()
    assert [row for row in silent if row[0] in raw] == []


def test_reference_files_are_all_loaded(warehouse: duckdb.DuckDBPyConnection) -> None:
    for path in REFERENCE.glob("*.csv"):
        n_lines = len(path.read_text(encoding="utf-8").splitlines()) - 1
        assert warehouse.table(path.stem).shape[0] == n_lines, path.name
    blank = warehouse.execute("select channel from channel_alias where alias = ''").fetchall()
    assert blank == [("unmapped",)]


def spoil(folder: Path, name: str, old: bytes, new: bytes) -> str:
    """Copy the reference files with one change; return the error that it gives."""
    shutil.copytree(REFERENCE, folder / "reference")
    path = folder / "reference" / name
    if old:
        assert old in path.read_bytes()
        new = path.read_bytes().replace(old, new, 1)
    path.write_bytes(new)
    connection = duckdb.connect(":memory:")
    with pytest.raises(CxError) as caught:
        prepare(connection, folder / "reference")
    assert connection.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]
    message = str(caught.value)
    assert "\n" not in message and message.startswith(f"{path}:")
    return message.removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("provider.csv", b"provider_id,", b"provider,", "1: column 'provider_id' is missing (ren"),
        ("provider.csv", b",note", b"", "1: column 'note' is missing; use the header"),
        ("provider.csv", b",note", b",note,x", "1: column 'x' is not expected; use the header"),
        ("provider.csv", b",note", b",note,note", "1: column 'note' is there more than once; use"),
        ("provider.csv", b"component,note", b"note,component", "1: the columns are in another or"),
        ("provider.csv", b"8,FEMA,", b"8,FEMA", "3: 2 values where the header has 3 columns; fix"),
        ("provider.csv", b"8,FEMA", b"eight,FEMA", "3: Conversion Error: "),
        ("provider.csv", b"8,FEMA", b"7,FEMA", "3: Constraint Error: Duplicate key"),
        ("provider.csv", b"27,TSA", b"27,", "4: Constraint Error: NOT NULL"),
        ("provider.csv", b'"Filed as an', b'"Filed" as an', "5: "),
        ("component.csv", b"customs law", "còstums".encode("latin-1"), "6: the file is not UTF-8"),
        ("planet.csv", b"", b"planet\nEarth\n", "1: there is no table planet in sql/tables; add"),
    ],
)
def test_a_wrong_reference_file_names_file_and_line_and_changes_nothing(
    tmp_path: Path, name: str, old: bytes, new: bytes, message: str
) -> None:
    assert spoil(tmp_path, name, old, new).startswith(message)


def test_a_reference_file_saved_by_a_spreadsheet_loads_equally(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for path in REFERENCE.glob("*.csv"):
        saved = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n"
        (tmp_path / path.name).write_bytes(saved)
    other = duckdb.connect(":memory:")
    prepare(other, tmp_path)
    for path in REFERENCE.glob("*.csv"):
        query = f"select * from {path.stem} order by all"
        assert other.execute(query).fetchall() == warehouse.execute(query).fetchall()


def test_raw_tables_of_another_version_are_refused_and_kept(tmp_path: Path) -> None:
    connection = duckdb.connect(str(tmp_path / FILE_NAME))
    connection.execute("create table survey_report (survey_id integer, score double)")
    connection.execute("insert into survey_report values (1, 4.5)")
    connection.close()
    with pytest.raises(CxError) as caught, open_warehouse(tmp_path):
        pass
    message = str(caught.value)
    assert "table survey_report was made by another version (it has survey_id, score; " in message
    assert message.endswith("move the warehouse away and load its files again")
    connection = duckdb.connect(str(tmp_path / FILE_NAME), read_only=True)
    assert connection.execute("from survey_report").fetchall() == [(1, 4.5)]
    connection.close()


def test_reference_tables_of_another_version_are_made_anew(tmp_path: Path) -> None:
    connection = duckdb.connect(str(tmp_path / FILE_NAME))
    connection.execute("create table component (code varchar)")
    connection.close()
    with open_warehouse(tmp_path) as connection:
        assert "is_high_impact" in connection.table("component").columns


WRITER = """
import sys
from pathlib import Path
from metrics.warehouse.store import open_warehouse
with open_warehouse(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.readline()
"""


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout and writer.stdout.readline() == "open\n"
        with pytest.raises(CxError) as caught, open_warehouse(tmp_path):
            pass
        assert str(caught.value) == (
            f"{tmp_path / FILE_NAME}: another process has the warehouse open; "
            "wait until it has finished, then try again"
        )
    finally:
        writer.communicate("\n", timeout=60)
    with open_warehouse(tmp_path) as connection:
        assert connection.execute("select count(*) from survey_report").fetchall() == [(0,)]


def test_a_file_that_is_no_warehouse_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database" * 1000)
    with pytest.raises(CxError, match="cannot be opened"):
        connect(tmp_path / FILE_NAME)


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(CxError, match=r"cannot be made .*; set CX_HOME to a folder you may write"),
        open_warehouse(tmp_path / "file" / "home"),
    ):
        pass

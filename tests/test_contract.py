"""What holds the rooms apart: the library knows no Streamlit, pages know no SQL."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from metrics.base.settings import ROOT
from metrics.edition.edition import Edition

LIBRARY = sorted((ROOT / "metrics").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
SCREEN = [ROOT / "app.py", *PAGES, *sorted((ROOT / "ui").rglob("*.py"))]

DATABASES = {"duckdb", "sqlalchemy", "sqlglot", "sqlite3"}
SQL_TEXT = re.compile(
    r"^\s*(select|with|from|insert|create|attach|copy)\b.*\b(from|as|into)\b", re.S
)


def imported(path: Path) -> set[str]:
    """Top-level names of all packages that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def called(path: Path) -> set[str]:
    """Names of all methods and functions that a module calls."""
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }


def texts(path: Path) -> list[str]:
    return [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_there_are_modules_to_hold_apart() -> None:
    assert len(LIBRARY) > 15 and len(PAGES) >= 3 and len(SCREEN) > len(PAGES)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_library_imports_neither_streamlit_nor_what_stands_on_it(path: Path) -> None:
    assert imported(path).isdisjoint({"streamlit", "ui", "pages", "app", "tests"})


def test_importing_the_whole_library_loads_no_streamlit() -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in LIBRARY
    ]
    code = f"import sys, importlib\nfor name in {names!r}: importlib.import_module(name)\n"
    code += "print(len([m for m in sys.modules if m.startswith('metrics')]))\n"
    code += "sys.exit('streamlit' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) >= len(names)


def test_looking_rows_up_loads_no_statistics() -> None:
    code = "import sys, metrics.__main__; sys.exit('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_hold_no_sql_and_open_no_database(path: Path) -> None:
    assert imported(path).isdisjoint(DATABASES)
    assert called(path).isdisjoint({"query", "execute", "sql", "cursor", "connect", "read_csv"})
    assert [text for text in texts(path) if SQL_TEXT.match(text)] == []


@pytest.mark.parametrize("path", SCREEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_writes_raw_html_or_sees_the_warehouse(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert "unsafe_allow" + "_html" not in source
    assert "metrics.warehouse" not in source and "metrics.gate.publish" not in source


def test_the_sql_pattern_knows_sql_from_english() -> None:
    assert SQL_TEXT.match("select a\nfrom b") and SQL_TEXT.match("with a as (select 1)")
    assert not SQL_TEXT.match("Select a service from the list.")


def test_other_tools_read_an_edition_through_sqlalchemy(
    federal_home: Path, federal: Edition, tmp_path: Path
) -> None:
    # A copy: one process cannot open the same file in two ways, and pages have it open.
    path = tmp_path / "public.duckdb"
    shutil.copy(federal_home / "editions" / federal.id / "public.duckdb", path)
    engine = sqlalchemy.create_engine(f"duckdb:///{path}", connect_args={"read_only": True})
    query = sqlalchemy.text(
        "select numerator, denominator from published where metric = :metric "
        "and component = 'TSA' and level = 'service' and channel = 'automated_phone' "
        "and period = '2021Q2'"
    )
    with engine.connect() as connection:
        assert connection.execute(query, {"metric": "trust"}).fetchall() == [(4340, 4973)]
        with pytest.raises(sqlalchemy.exc.SQLAlchemyError, match="read-only"):
            connection.execute(sqlalchemy.text("delete from published"))
    engine.dispose()

"""The page docs/dictionary.md: every table of the warehouse with its columns, written from
the comments that stand in the SQL, so that it cannot say something else than they do."""

from pathlib import Path

import duckdb

from metrics.base.settings import ROOT, SQL, shown_path
from metrics.base.sqlfiles import read_sql_folder
from metrics.warehouse.store import prepare

DICTIONARY_PAGE = ROOT / "docs" / "dictionary.md"
COMMAND = "python -m metrics docs"

_HEAD = f"""# Dictionary of tables

For analysts and anyone who asks what a column holds. This page is written by `{COMMAND}` from the
comments in `sql/tables` and `sql/aggregates`; do not edit it. What published rows hold is in
[Data](data.md), which tables a metric may read in [Metrics](metrics.md).
"""


def dictionary_page() -> str:
    """Return the whole text of the page."""
    with duckdb.connect(":memory:") as connection:
        prepare(connection)
        about = dict(
            connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        )
        columns = connection.execute(
            "select table_name, column_name, lower(data_type), comment from duckdb_columns() "
            "where not internal order by table_name, column_index"
        ).fetchall()
    parts = [_HEAD, "## Tables\n"]
    for name in sorted(path.stem for path in (SQL / "tables").glob("*.sql")):
        rows = [row[1:] for row in columns if row[0] == name]
        parts.append(
            "\n".join(
                [
                    f"### {name}",
                    "",
                    _cell(about[name]),
                    "",
                    "| column | type | holds |",
                    "|---|---|---|",
                    *(f"| `{column}` | {kind} | {_cell(text)} |" for column, kind, text in rows),
                    "",
                ]
            )
        )
    lines = ["## Aggregates", "", "Made from the tables when an edition is published.", ""]
    lines += ["| aggregate | holds |", "|---|---|"]
    lines += [
        f"| [`{file.name}`](../sql/aggregates/{file.name}.sql) | {_cell(file.comment)} |"
        for file in sorted(read_sql_folder(SQL / "aggregates"), key=lambda file: file.name)
    ]
    return "\n".join([*parts, *lines, ""])


def dictionary_problems(path: Path = DICTIONARY_PAGE) -> list[str]:
    """Return the first line of the page that is not current, as
    `file:line: what is wrong; how to fix it`."""
    wanted = dictionary_page().split("\n")
    there = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    if there == wanted:
        return []
    at = next(
        (n for n, (one, other) in enumerate(zip(there, wanted, strict=False)) if one != other),
        min(len(there), len(wanted)),
    )
    return [f"{shown_path(path)}:{at + 1}: the page is not current; run `{COMMAND}`"]


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "&#124;").replace("<", "&lt;")

"""Where a number comes from: the edges between files, tables, aggregates, metrics and pages.

Nothing is written by hand: what a select reads is read from its SQL, which file filled a
table from the loads. One edge goes from what is read to what reads it.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from metrics.base.reading import referenced_tables
from metrics.base.settings import REFERENCE, SQL
from metrics.define.catalog import Metric
from metrics.intake.sources.base import ROWS
from metrics.tell.placement import pages_of
from metrics.warehouse.store import (
    PRIVATE_LOADS,
    PUBLIC_LOADS,
    REFERENCE_FOLDER,
    fill_table,
    read_sql_folder,
    reference_files,
    sql_text,
)

TABLES_FILLED: dict[str, tuple[str, ...]] = {
    "report": ("survey_report", "survey_report_answer"),
    "response": ("survey_response", "survey_comment"),
    **{fills: (table,) for fills, (table, _) in ROWS.items()},
}
"""Raw tables that a load fills, by what its format fills."""

RECORDS = (
    "released",
    "edition_made",
    "hidden_figure",
    "load_declaration",
    "undone_row",
    "erased_response",
)
"""Tables in which the warehouse remembers what was published, hidden, declared, taken back and
erased; no select reads them."""

NO_FILES = ("data_load", "release", "load_undo", "replacing_load")
"""Raw tables that the warehouse fills itself."""

COLUMNS = ["from_kind", "from_name", "to_kind", "to_name", "format", "load_id"]
COMMENT = (
    "Where each metric comes from and where it is shown, read from the SQL and the loads. "
    "One row per edge from what is read to what reads it."
)
COLUMN_COMMENTS = {
    "from_kind": "What is read: file, raw (table that loads fill), reference (table that comes "
    "from one file), aggregate or metric.",
    "from_name": "Its name: of a table, aggregate or metric that of its SQL file.",
    "to_kind": "What reads it: raw, reference, aggregate, metric or page.",
    "to_name": "Its name; of a page its title.",
    "format": "Source format that read the file of a load; null for other edges.",
    "load_id": "Load that read the file, as in data_load; null for other edges, and for "
    "single responses.",
}


@dataclass(frozen=True)
class Sources:
    """What a metric is made from: the aggregates its own select reads (`direct`), all
    aggregates below it, and the raw and reference tables at the bottom, each sorted."""

    direct: tuple[str, ...]
    aggregates: tuple[str, ...]
    raw: tuple[str, ...]
    reference: tuple[str, ...]


def kinds_of_tables() -> dict[str, str]:
    """Return for each table of sql/tables whether loads fill it (raw) or one file of
    reference data does (reference). What the warehouse remembers beside them is neither."""
    return {
        path.stem: "raw" if "create table if not exists" in path.read_text("utf-8") else "reference"
        for path in sorted((SQL / "tables").glob("*.sql"))
        if path.stem not in RECORDS
    }


def sql_edges(catalog: dict[str, Metric]) -> pd.DataFrame:
    """Return the edges that the SQL and the pages tell, without any file: COLUMNS, sorted."""
    aggregates = {file.name: file.references for file in read_sql_folder(SQL / "aggregates")}
    kinds = dict.fromkeys(aggregates, "aggregate") | kinds_of_tables()
    readers = [("aggregate", name, reads) for name, reads in aggregates.items()]
    readers += [
        ("metric", metric.name, referenced_tables(metric.sql)) for metric in catalog.values()
    ]
    edges = [
        (kinds[source], source, kind, name)
        for kind, name, sources in readers
        for source in sources
        if source in kinds
    ]
    edges += [
        ("metric", metric.name, "page", page)
        for metric in catalog.values()
        for page in pages_of(metric)
    ]
    return _frame([(*edge, None, None) for edge in edges])


def file_edges(connection: duckdb.DuckDBPyConnection, own_reference: Path | None) -> pd.DataFrame:
    """Return the edges from files to the tables they filled: of loads that brought rows,
    and of the reference data; COLUMNS, sorted. Files of single responses are not named.
    `own_reference` is the folder whose tables replace those that ship; its place on the
    machine is not told."""
    kinds = kinds_of_tables()
    loads = connection.execute(
        f"select fills, file_name, format, load_id from ({PUBLIC_LOADS}) where n_accepted > 0 "
        f"union all select fills, 'responses to ' || survey, format, null from ({PRIVATE_LOADS})"
    ).fetchall()
    edges: list[tuple[str | int | None, ...]] = [
        ("file", file_name, "raw", table, format_name, load_id)
        for fills, file_name, format_name, load_id in loads
        for table in TABLES_FILLED.get(fills, ())
    ]
    for path in reference_files(own_reference):
        if kinds.get(path.stem) == "reference":
            folder = "data/reference" if path.parent == REFERENCE else REFERENCE_FOLDER
            edges.append(("file", f"{folder}/{path.name}", "reference", path.stem, None, None))
    return _frame(edges)


def _frame(edges: Iterable[tuple[str | int | None, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(edges), columns=COLUMNS)
    frame["load_id"] = frame["load_id"].astype("Int64")
    return frame.sort_values(COLUMNS, ignore_index=True)


def make_lineage_table(
    connection: duckdb.DuckDBPyConnection,
    catalog: dict[str, Metric],
    schema: str,
    own_reference: Path | None = None,
) -> None:
    """Write all edges as `<schema>.lineage`, with comments."""
    edges = [sql_edges(catalog), file_edges(connection, own_reference)]
    fill_table(connection, f"{schema}.lineage", pd.concat(edges, ignore_index=True))
    connection.execute(f"comment on table {schema}.lineage is {sql_text(COMMENT)}")
    for column, text in COLUMN_COMMENTS.items():
        connection.execute(f"comment on column {schema}.lineage.{column} is {sql_text(text)}")


def edges_of(edges: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the edges that lead to a metric, and from it to its pages. First the pages,
    then what is read, the nearest first, and below it by kind and name."""
    by_reader = {
        (str(kind), str(name)): group
        for (kind, name), group in edges.groupby(["to_kind", "to_name"], sort=False)
    }
    parts = [edges[(edges["from_kind"] == "metric") & (edges["from_name"] == metric)]]
    waiting, seen = deque([("metric", metric)]), {("metric", metric)}
    while waiting:
        group = by_reader.get(waiting.popleft())
        if group is None:
            continue
        parts.append(group)
        for source in zip(group["from_kind"], group["from_name"], strict=True):
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    return pd.concat(parts, ignore_index=True)


def sources_of(edges: pd.DataFrame, metric: str) -> Sources:
    """Return what a metric is made from, out of edges that hold all of its SQL."""
    own = edges_of(edges, metric)

    def names(kind: str, rows: pd.DataFrame = own) -> tuple[str, ...]:
        return tuple(sorted(set(rows.loc[rows["from_kind"] == kind, "from_name"])))

    direct = own[(own["to_kind"] == "metric") & (own["to_name"] == metric)]
    return Sources(names("aggregate", direct), names("aggregate"), names("raw"), names("reference"))


SHOWN_FILES = 5
"""Files of one table that a drawing names; the newest loads first."""


def tree_of(edges: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the lineage of a metric as the lines of a tree, from the metric down.

    One row per line: `depth` (0 is the metric), `kind`, `name` and `note`. Below the metric
    come its pages, then what its select reads. An aggregate stands for all aggregates that
    it reads in turn (the note says how many), so below it are the tables at the bottom, and
    below these their files. A reference table and its one file are one line.
    """
    own = edges_of(edges, metric)
    pages = own.loc[own["to_kind"] == "page", "to_name"]
    lines: list[tuple[int, str, str, str]] = [(0, "metric", metric, "")]
    lines += [(1, "page", str(page), "") for page in pages]
    reads = own[(own["to_kind"] == "metric") & (own["to_name"] == metric)]
    for kind, name in zip(reads["from_kind"], reads["from_name"], strict=True):
        if kind != "aggregate":
            lines += _table_lines(own, 1, str(kind), str(name))
            continue
        bottom = below(own, "aggregate", str(name))
        others = sum(kind == "aggregate" for kind, _ in bottom)
        note = f"and {others} more {'step' if others == 1 else 'steps'}" if others else ""
        lines.append((1, "aggregate", str(name), note))
        for table_kind in ("raw", "reference"):
            for table in sorted(table for kind, table in bottom if kind == table_kind):
                lines += _table_lines(own, 2, table_kind, table)
    return pd.DataFrame(lines, columns=["depth", "kind", "name", "note"])


def below(edges: pd.DataFrame, kind: str, name: str) -> set[tuple[str, str]]:
    """Return kind and name of all that something reads, at any distance."""
    found: set[tuple[str, str]] = set()
    waiting = [(kind, name)]
    while waiting:
        kind, name = waiting.pop()
        rows = edges[(edges["to_kind"] == kind) & (edges["to_name"] == name)]
        fresh = set(zip(rows["from_kind"], rows["from_name"], strict=True)) - found
        found |= fresh
        waiting += fresh
    return found


def _table_lines(
    edges: pd.DataFrame, depth: int, kind: str, table: str
) -> list[tuple[int, str, str, str]]:
    files = edges[(edges["to_kind"] == kind) & (edges["to_name"] == table)]
    files = files.sort_values("load_id", ascending=False, kind="stable")
    if kind == "reference":
        return [(depth, kind, next(iter(files["from_name"]), table), "")]
    lines = [(depth, kind, table, "" if len(files) or table in NO_FILES else "nothing loaded")]
    for name, format_name in zip(
        files["from_name"].head(SHOWN_FILES), files["format"].head(SHOWN_FILES), strict=True
    ):
        lines.append((depth + 1, "file", str(name), f"format {format_name}"))
    if len(files) > SHOWN_FILES:
        lines.append((depth + 1, "file", f"{len(files) - SHOWN_FILES} more files", ""))
    return lines

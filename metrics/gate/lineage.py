"""Where a number comes from: the edges between files, tables, aggregates and metrics.

Nothing is written by hand: what a select reads is read from its SQL, which file filled a
table from the loads. One edge goes from what is read to what reads it.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pandas as pd

from metrics.base.duck import fill_table, sql_text
from metrics.base.reading import referenced_tables
from metrics.base.settings import REFERENCE, REFERENCE_FOLDER, SQL
from metrics.base.sqlfiles import read_sql_folder
from metrics.define.catalog import Metric
from metrics.intake.sources.base import TABLES_FILLED
from metrics.warehouse.store import PRIVATE_LOADS, PUBLIC_LOADS, reference_files

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


COLUMNS = ["from_kind", "from_name", "to_kind", "to_name", "format", "load_id"]
COMMENT = (
    "Where each metric comes from, read from the SQL and the loads. "
    "One row per edge from what is read to what reads it."
)
COLUMN_COMMENTS = {
    "from_kind": "What is read: file, raw (table that loads fill), reference (table that comes "
    "from one file), aggregate or metric.",
    "from_name": "Its name: of a table, aggregate or metric that of its SQL file.",
    "to_kind": "What reads it: raw, reference, aggregate or metric.",
    "to_name": "Its name.",
    "format": "Source format that read the file of a load; null for other edges.",
    "load_id": "Load that read the file, as in data_load; null for other edges, and for "
    "single responses.",
}


def kinds_of_tables() -> dict[str, str]:
    """Return for each table of sql/tables whether loads fill it (raw) or one file of
    reference data does (reference). What the warehouse remembers beside them is neither."""
    return {
        path.stem: "raw" if "create table if not exists" in path.read_text("utf-8") else "reference"
        for path in sorted((SQL / "tables").glob("*.sql"))
        if path.stem not in RECORDS
    }


def sql_edges(catalog: dict[str, Metric]) -> pd.DataFrame:
    """Return the edges that the SQL tells, without any file: COLUMNS, sorted."""
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

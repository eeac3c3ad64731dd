"""Metrics that were made up for a test, and the gate run over them."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from metrics.base.duck import sql_text
from metrics.define.catalog import Metric
from metrics.gate.collect import make_cells
from metrics.gate.steps import gate_schema, make_metric_table, run_gate
from metrics.warehouse.store import build_aggregates

TABLES = ("published", "benchmark", "grid", "group_gap")


def made_up_metric(name: str, kind: Any = "share", **changes: Any) -> Metric:
    """A metric for the gate, by default without a select of its own."""
    keys = {
        "title": f"Metric {name}",
        "description": "A metric that was made up for a test. One row per cell.",
        "question": None,
        "unit": "people",
        "better": "higher",
        "family": "experience",
        "basis": "One basis for all of them.",
        "over_time": "sum",
        "breakdown": None,
        "minimum_n": 11,
        "source": "made up",
        "owner": "tests",
        "version": 1,
        "changelog": {1: "First version."},
        "sql": "select 1",
        "path": Path("made_up.sql"),
    }
    return Metric(name=name, kind=kind, **{**keys, **changes})


def constants(connection: duckdb.DuckDBPyConnection, select: str) -> str:
    """Return a select that gives the rows of another one without reading a table: the
    tables of a test are none that a metric may read."""
    result = connection.sql(select)
    names = ", ".join(result.columns)
    rows = ", ".join(f"({', '.join(map(_constant, row))})" for row in result.fetchall())
    return f"select * replace (month::date as month) from (values {rows}) as t ({names})"


def _constant(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, float):
        return repr(value) if "e" in repr(value) else f"{value!r}e0"  # no decimal number
    return str(value) if isinstance(value, int) else sql_text(str(value))


def make_private(connection: duckdb.DuckDBPyConnection) -> None:
    """Let single responses stand behind every cell of the gate, which counts people."""
    connection.execute("update gate.metric set is_of_people = true")
    connection.execute(
        "insert into private_place by name "
        "select distinct component, service, channel, quarter from gate.cell"
    )


def publish_metrics(
    connection: duckdb.DuckDBPyConnection, catalog: dict[str, Metric], is_private: bool = False
) -> dict[str, pd.DataFrame]:
    """Run the real gate over metrics with selects of their own; returns its tables. Their
    figures are those of a public source, or of single responses (`is_private`)."""
    build_aggregates(connection)
    with gate_schema(connection) as schema:
        make_cells(connection, catalog, schema)
        make_metric_table(connection, catalog, schema)
        if is_private:
            make_private(connection)
        run_gate(connection)
        return {name: connection.execute(f"from gate.{name}").df() for name in TABLES}

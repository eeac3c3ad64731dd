"""Metrics that were made up for a test, and the gate run over them."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from metrics.catalog import Metric
from metrics.publish import gate_schema, make_cells, make_metric_table, run_gate
from metrics.warehouse import build_aggregates

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


def publish_metrics(
    connection: duckdb.DuckDBPyConnection, catalog: dict[str, Metric]
) -> dict[str, pd.DataFrame]:
    """Run the real gate over metrics with selects of their own; returns its tables."""
    build_aggregates(connection)
    with gate_schema(connection) as schema:
        make_cells(connection, catalog, schema)
        make_metric_table(connection, catalog, schema)
        run_gate(connection)
        return {name: connection.execute(f"from gate.{name}").df() for name in TABLES}

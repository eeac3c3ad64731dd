"""What changed since an edition, and what a change must not do."""

import hashlib
from pathlib import Path
from typing import Any

from metrics.base.duck import first_value
from metrics.base.errors import CxError
from metrics.base.settings import REFERENCE_FOLDER, SQL
from metrics.base.sqlfiles import file_hash
from metrics.define.catalog import (
    Metric,
    definition_problems,
    entry_of,
)
from metrics.define.cells import run_check_queries
from metrics.gate.collect import make_cells
from metrics.gate.steps import gate_schema, make_metric_table, run_gate
from metrics.warehouse.release import LOADS_HASH
from metrics.warehouse.store import (
    definition_key,
    open_fresh,
)


def changed_since(
    home: Path, manifest: dict[str, Any], catalog: dict[str, Metric]
) -> dict[str, Metric]:
    """Return the metrics that an edition does not hold as they are now, by what its
    manifest says: all of them where loads or other SQL changed."""
    with open_fresh(home) as connection:
        is_same = bool(
            first_value(
                connection,
                f"select 1 from edition_made where edition = ? and loads = ({LOADS_HASH})",
                [manifest["edition"]],
            )
        )
    if not is_same or manifest.get("sql_key") != sql_key(home):
        return catalog
    published = {name: about["definition_hash"] for name, about in manifest["metrics"].items()}
    return {
        name: metric
        for name, metric in catalog.items()
        if published.get(name) != metric.definition_hash
    }


def sql_key(home: Path) -> str:
    """Hash of all SQL and reference tables but the metrics, 64 hexadecimal digits."""
    files = [path for name in ("publish", "checks") for path in (SQL / name).glob("*.sql")]
    tables = definition_key(home / REFERENCE_FOLDER)
    return hashlib.sha256((tables + file_hash(files, SQL)).encode()).hexdigest()


def query_problems(
    home: Path, changed: dict[str, Metric], catalog: dict[str, Metric]
) -> tuple[int, list[str]]:
    """Run the gate over some metrics of the catalog without publishing, and the check
    queries over that. Returns how many queries there are, and the problems they found, as
    `file:line: ...`."""
    with open_fresh(home) as connection, gate_schema(connection) as schema:
        left_out = make_cells(connection, changed, schema).left_out
        kept = {name: metric for name, metric in catalog.items() if name not in left_out}
        make_metric_table(connection, kept, schema)
        run_gate(connection)
        results = run_check_queries(connection)
    return len(results), [
        f"{result['file']}:1: {result['n_rows']} rows fail: {result['comment']} "
        f"First: {result['first']}"
        for result in results
        if result["n_rows"]
    ]


def refuse_silent_change(catalog: dict[str, Metric], last: dict[str, Any]) -> None:
    """Raise CxError where a definition is another than in the last edition and the version
    is not: readers would take the two editions' numbers for the same thing. Editions that
    a build makes are held to it too."""
    before = last.get("metrics", {})
    problems = [
        problem
        for metric in catalog.values()
        if (entry := entry_of(metric, before))
        for problem in definition_problems(metric, entry, str(last["edition"]))
    ]
    if problems:
        raise CxError("\n".join(problems) + "\nNothing was published; the last edition stays up.")

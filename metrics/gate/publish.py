"""The gate between the warehouse and the dashboard: makes an edition."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from metrics.base.duck import first_value, transaction
from metrics.base.errors import CxError
from metrics.base.settings import REFERENCE_FOLDER
from metrics.define.catalog import (
    HASH_SCHEME,
    Metric,
    drafts,
    entry_of,
    read_catalog,
)
from metrics.define.cells import line_in, run_check_queries
from metrics.define.fixtures import FIXTURES
from metrics.define.sandbox import Limits
from metrics.edition.manifest import (
    last_manifest,
)
from metrics.gate.changes import refuse_silent_change
from metrics.gate.collect import NOTHING_PUBLISHED, make_cells
from metrics.gate.lineage import make_lineage_table
from metrics.gate.steps import RULES, Rules, gate_schema, make_metric_table, run_gate
from metrics.gate.write import Private, write_edition
from metrics.intake.declared import keep_declarations, refuse_changes
from metrics.warehouse.store import (
    COUNTING_LOADS,
    build_aggregates,
    holds_demonstration,
)


def publish(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    build_key: str | None = None,
    title: str | None = None,
    catalog: dict[str, Metric] | None = None,
    *,
    is_demonstration: bool = False,
    limits: Limits | None = None,
    is_all_or_nothing: bool = False,
    rules: Rules = RULES,
    private: Private | None = None,
    fixtures: Path = FIXTURES,
) -> str:
    """Make an edition from an open warehouse and point `current` at it.

    `build_key` marks an edition that a build made from the project's own inputs;
    `title` names the data set (default: as the edition before). The edition
    says where figures were made up to show the dashboard: with `is_demonstration`, or
    where the warehouse holds such rows. `rules` are what the gate asks before it says up
    or down. A metric that takes more time or memory than `limits` is left out and named in
    the manifest, or stops everything with `is_all_or_nothing`; a draft of `new` is left out and
    named too. Every other metric must pass on its fixture, a file of the folder `fixtures`.
    Returns the edition's id. Raises CxError where a metric or check fails, or where a
    definition changed and its version did not; the last edition then stays up.

    `private` makes an edition to look at: over a connection of `open_fresh`, whose
    aggregates it takes as they are, without the files of teams. What check queries find is
    then written into the manifest. Nothing of `home` changes.
    """
    unfinished = drafts() if catalog is None else {}
    catalog = catalog if catalog is not None else read_catalog()
    last = last_manifest(home)
    published_at = datetime.now(UTC)
    since = _since(catalog, last, published_at)
    if private is None:
        with transaction(connection):
            build_aggregates(connection)
            refuse_changes(connection)
            keep_declarations(connection)
    with gate_schema(connection):
        # What is only looked at may wait for its fixture.
        proof = (fixtures, home) if private is None else (None, None)
        cells = make_cells(connection, catalog, "gate", limits, *proof)
        left_out = cells.left_out
        if private is None:
            refuse_silent_change(catalog, last)
        if left_out and is_all_or_nothing:
            raise CxError("\n".join([*left_out.values(), NOTHING_PUBLISHED]))
        catalog = {name: metric for name, metric in catalog.items() if name not in left_out}
        # Reference tables alone give a cell too, so rows that were loaded are what counts.
        if not first_value(connection, f"select sum(n_accepted) {COUNTING_LOADS}"):
            raise CxError(
                "the warehouse holds no figures; load files (`python -m metrics load ...`) or run "
                "`python -m metrics build`. Nothing was published."
            )
        if private is not None:
            if private.metric in left_out:
                raise CxError(left_out[private.metric])
            _refuse_nothing(connection, catalog[private.metric])
        elif not first_value(connection, "select count(*) from gate.cell"):
            raise CxError(
                "nothing that is loaded gives a cell of any metric; load files that a metric "
                f"counts (`python -m metrics load ...`). {NOTHING_PUBLISHED}"
            )
        make_metric_table(connection, catalog, "gate", since)
        make_lineage_table(connection, catalog, "gate", home / REFERENCE_FOLDER)
        run_gate(connection, rules)
        checks = run_check_queries(connection) if private is None or private.is_whole else []
        failed = [
            f"{check['file']}:1: {check['n_rows']} rows fail the check: "
            f"{check['comment']} First: {check['first']}"
            for check in checks
            if check["n_rows"]
        ]
        if failed and private is None:
            raise CxError("\n".join([*failed, NOTHING_PUBLISHED]))
        about = {
            "title": title or last.get("title") or "Loaded data",
            "is_demonstration": is_demonstration or holds_demonstration(connection),
            "build_key": build_key,
            "left_out": left_out | unfinished,
            "without_cells": cells.empty,
            "rules": asdict(rules),
        }
        definitions = {
            name: {
                "version": metric.version,
                "definition_hash": metric.definition_hash,
                "scheme": HASH_SCHEME,
                "since": since[name],
                "was": list(metric.was),
            }
            for name, metric in catalog.items()
        }
        if private is not None:
            about |= {"is_private": True, "metric": private.metric, "failed_checks": failed}
        return write_edition(connection, home, published_at, definitions, checks, about, private)


def _refuse_nothing(connection: duckdb.DuckDBPyConnection, metric: Metric) -> None:
    """Refuse to draw a metric for which nothing is loaded."""
    if not first_value(
        connection, "select count(*) from gate.cell where metric = ?", [metric.name]
    ):
        raise CxError(
            f"{line_in(metric)}: nothing that is loaded gives a cell, so there is "
            "nothing to show; load such data, or look at a data set that has them, such as "
            "`--data demo`"
        )


def _since(
    catalog: dict[str, Metric], last: dict[str, Any], published_at: datetime
) -> dict[str, str]:
    """Day of the first edition with the version of each metric, as `2024-01-31` (UTC)."""
    before = last.get("metrics", {})
    today = published_at.date().isoformat()
    last_day = str(last.get("published_at", today))[:10]
    return {
        # Editions made before this was kept do not say since when.
        name: str(entry.get("since", last_day))
        if (entry := entry_of(metric, before)) and entry["version"] == metric.version
        else today
        for name, metric in catalog.items()
    }

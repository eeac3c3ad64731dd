"""Tries metrics in the sandbox: their cells on the warehouse, and their fixtures."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from metrics.catalog import Metric
from metrics.checks import cell_problems, line_in
from metrics.errors import CxError
from metrics.fixtures import (
    Fixture,
    Row,
    differences,
    mixed_cells,
    read_fixture,
    with_other_basis,
)
from metrics.reading import readable_tables, referenced_tables
from metrics.sandbox import Limits, Outcome, Sandbox, limits_set
from metrics.warehouse import macro_statements, sql_failure


@dataclass
class Trial:
    """What became of a metric: the table that holds its cells (None where there is
    none), what it took, and its problems, each as `file:line: what; how to fix it`."""

    metric: Metric
    outcome: Outcome
    cells: str | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def is_excess(self) -> bool:
        """Whether the metric took more time or memory than it may."""
        return self.outcome.is_excess


@contextmanager
def tried(
    connection: duckdb.DuckDBPyConnection,
    catalog: Mapping[str, Metric],
    limits: Limits | None = None,
    fixtures: Path | None = None,
    explain: bool = False,
) -> Iterator[dict[str, Trial]]:
    """Run metrics in the sandbox, each on the connection's tables and, where a folder of
    `fixtures` is named, on the rows of its fixture. The tables of cells are there inside
    the `with` block. `explain` also counts the rows scanned.
    """
    with Sandbox(connection, macro_statements(), limits or limits_set()) as box:
        read = set().union(*(referenced_tables(metric.sql) for metric in catalog.values()))
        box.copy(read & readable_tables())
        selects: list[dict[str, str]] = []
        given: dict[str, Fixture] = {}
        early: dict[str, list[str]] = {name: [] for name in catalog}
        for name, metric in catalog.items():
            selects.append({"name": name, "into": "cells", "schema": "main", "sql": metric.sql})
            if fixtures is None:
                continue
            try:
                given[name] = read_fixture(metric, fixtures)
                for into, rows in _rows_to_run(metric, given[name]).items():
                    box.give(f"{into}_{name}", rows)
                    selects.append(
                        {"name": name, "into": into, "schema": f"{into}_{name}", "sql": metric.sql}
                    )
            except CxError as error:
                early[name] += str(error).splitlines()
            except (duckdb.Error, ValueError) as error:
                first = str(error).splitlines()[0]
                where = f"{given[name].where}:1"
                early[name].append(f"{where}: the fixture cannot be run ({first}); mend it")
        outcomes = box.run(selects, explain)
        ran = {
            box.table("cells", name): metric
            for name, metric in catalog.items()
            if outcomes["cells", name].error is None
        }
        problems = cell_problems(connection, ran)
        trials = {}
        for name, metric in catalog.items():
            trial = Trial(metric, outcomes["cells", name], problems=[*early[name]])
            if trial.outcome.error is None:
                trial.cells = box.table("cells", name)
                trial.problems += problems[name]
            else:
                trial.problems.append(_failure(metric, trial.outcome))
            is_sound = trial.outcome.error is None and len(trial.problems) == len(early[name])
            # Of what breaks the contract, cells that differ would only be an echo.
            if is_sound and ("fixture", name) in outcomes:
                trial.problems += _fixture_problems(connection, box, given[name], trial, outcomes)
            trials[name] = trial
        yield trials


def _rows_to_run(metric: Metric, fixture: Fixture) -> dict[str, dict[str, list[Row]]]:
    keys: tuple[str, ...] = ("basis", "family")
    if metric.kind == "total":
        # Heads may be counted over families of surveys; reports over everything.
        keys = ("basis",) if metric.minimum_n else ()
    doubled = with_other_basis(fixture, keys)
    return {"fixture": fixture.given, **({"bases": doubled} if doubled else {})}


def _fixture_problems(
    connection: duckdb.DuckDBPyConnection,
    box: Sandbox,
    fixture: Fixture,
    trial: Trial,
    outcomes: dict[tuple[str, str], Outcome],
) -> list[str]:
    def rows(into: str) -> list[Row]:
        result = connection.execute(f"from {box.table(into, trial.metric.name)}")
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    name = trial.metric.name
    if outcomes["fixture", name].error is not None:
        first = str(outcomes["fixture", name].error).splitlines()[0]
        return [f"{fixture.where}:1: the fixture cannot be run ({first}); mend it"]
    found = rows("fixture")
    bases = outcomes.get(("bases", name))
    if bases is not None and bases.error is None:
        mixed = mixed_cells(found, rows("bases"))
        if mixed:
            return [
                f"{line_in(trial.metric, 'basis')}: figures of different bases are added up; give "
                "the column basis (or family) of the table as basis, and group by it. "
                f"First: {mixed[0]}"
            ]
    return differences(fixture, found)


def _failure(metric: Metric, outcome: Outcome) -> str:
    message = str(outcome.error)
    if outcome.is_excess:
        what, _, fix = message.partition("; ")
        return f"{line_in(metric)}: {what}; {fix}"
    return sql_failure(metric.path, metric.sql, message)

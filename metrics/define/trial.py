"""Tries metrics in the sandbox: their cells on the warehouse, their fixtures, and what must
hold of both."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from metrics.base.duck import first_value
from metrics.base.errors import CxError
from metrics.base.reading import readable_tables, referenced_tables
from metrics.base.settings import ROOT, SQL
from metrics.base.sqlfiles import macro_statements, sql_failure
from metrics.define.catalog import Metric, select_line
from metrics.define.cells import cell_problems, line_in
from metrics.define.counted import counted_tables, declaration_files
from metrics.define.fixtures import Fixture, Row, differences, fixture_path, read_fixture
from metrics.define.plausible import (
    Cells,
    Vocabulary,
    columns_of,
    excess_problems,
    header_problems,
    keys_of,
    time_problems,
)
from metrics.define.properties import Counts, Properties
from metrics.define.sandbox import Limits, Outcome, Sandbox, limits_set

PROOFS = "proofs.json"
"""File beside a warehouse that remembers which metrics passed on which fixture."""
MAX_PROOFS = 2000


@dataclass
class Trial:
    """What became of a metric: the table that holds its cells (None where there is
    none), what it took, and its problems, each as `file:line: what; how to fix it`.
    `counts` says what its numbers count, where its fixture was run. `is_empty` where it
    gives no cell although a table that it reads holds rows."""

    metric: Metric
    outcome: Outcome
    cells: str | None = None
    problems: list[str] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)
    is_empty: bool = False

    @property
    def is_excess(self) -> bool:
        """Whether the metric took more time or memory than it may."""
        return self.outcome.is_excess


@dataclass
class _Proof:
    """A metric on its fixture, to be run or known to have passed."""

    key: str
    fixture: Fixture | None = None
    properties: Properties | None = None
    problems: list[str] = field(default_factory=list)
    counts: dict[str, Counts] | None = None


@contextmanager
def tried(
    connection: duckdb.DuckDBPyConnection,
    catalog: Mapping[str, Metric],
    limits: Limits | None = None,
    fixtures: Path | None = None,
    explain: bool = False,
    home: Path | None = None,
) -> Iterator[dict[str, Trial]]:
    """Run metrics in the sandbox, each on the connection's tables and, where a folder of
    `fixtures` is named, on the rows of its fixture and rows made from them. The tables of
    cells are there inside the `with` block. What passed is remembered in `home` and not
    run again until metric, fixture or what judges them changes. `explain` also counts the
    rows scanned.
    """
    known = Memory(home)
    with Sandbox(connection, macro_statements(), limits or limits_set()) as box:
        read = set().union(*(referenced_tables(metric.sql) for metric in catalog.values()))
        tables = read & readable_tables()
        box.copy(tables)
        columns = columns_of(connection, tables)
        keys = keys_of(connection, columns)
        words = Vocabulary(connection, columns, keys)
        selects: list[dict[str, str]] = []
        proofs: dict[str, _Proof] = {}
        early: dict[str, list[str]] = {}
        for name, metric in catalog.items():
            early[name] = header_problems(metric) + words.problems(metric)
            selects.append({"name": name, "into": "cells", "schema": "main", "sql": metric.sql})
            if fixtures is None:
                continue
            proof = proofs[name] = _Proof(known.key(metric, fixtures), counts=None)
            proof.counts = known.counts(proof.key)
            if proof.counts is not None:
                continue
            for into in _give(box, metric, fixtures, columns, keys, proof):
                selects.append(
                    {"name": name, "into": into, "schema": f"{into}_{name}", "sql": metric.sql}
                )
            early[name] += proof.problems
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
                trial.problems.insert(0, _failure(metric, trial.outcome))
            is_sound = trial.outcome.error is None and not problems[name]
            # Of what breaks the contract, cells that differ would only be an echo.
            if is_sound and name in proofs:
                _prove(connection, box, proofs[name], trial, outcomes)
                if proofs[name].counts is None and not trial.problems:
                    known.remember(proofs[name].key, trial.counts)
                trial.problems += time_problems(metric, trial.counts)
            trials[name] = trial
        _judge_amounts(connection, trials, columns)
        known.write()
        yield trials


def _give(
    box: Sandbox,
    metric: Metric,
    fixtures: Path,
    columns: Mapping[str, Mapping[str, str]],
    keys: Mapping[str, Mapping[str, str]],
    proof: _Proof,
) -> list[str]:
    """Give the sandbox the rows of a fixture and those made from them; return the names of
    what is to be run. What keeps it from that goes into the proof."""
    try:
        proof.fixture = read_fixture(metric, fixtures)
        box.give(f"fixture_{metric.name}", proof.fixture.given)
    except CxError as error:
        proof.problems += str(error).splitlines()
        return []
    except (duckdb.Error, ValueError) as error:
        first = str(error).splitlines()[0]
        where = f"{proof.fixture.where}:1" if proof.fixture else "1"
        proof.problems.append(f"{where}: the fixture cannot be run ({first}); fix it")
        return []
    proof.properties = Properties(metric, proof.fixture, columns, keys)
    given = ["fixture"]
    for into, rows in proof.properties.worlds.items():
        box.give(f"{into}_{metric.name}", rows)
        given.append(into)
    return given


def _prove(
    connection: duckdb.DuckDBPyConnection,
    box: Sandbox,
    proof: _Proof,
    trial: Trial,
    outcomes: dict[tuple[str, str], Outcome],
) -> None:
    """Hold the cells of the fixture, and of the rows made from it, against what they must
    be."""

    def rows(into: str) -> list[Row]:
        result = connection.execute(f"from {box.table(into, trial.metric.name)}")
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    if proof.counts is not None:
        trial.counts = proof.counts
        return
    name, fixture, properties = trial.metric.name, proof.fixture, proof.properties
    if fixture is None or properties is None:
        return
    if outcomes["fixture", name].error is not None:
        first = str(outcomes["fixture", name].error).splitlines()[0]
        trial.problems.append(f"{fixture.where}:1: the fixture cannot be run ({first}); fix it")
        return
    cells = {"fixture": rows("fixture")}
    for into in properties.worlds:
        if outcomes[into, name].error is None:
            cells[into] = rows(into)
    verdict = properties.verdict(cells)
    trial.counts = verdict.counts
    # Where the select adds up what it must not, cells that differ would only be an echo.
    trial.problems += [
        f"{line_in(trial.metric, one.column)}: {one.message}" for one in verdict.problems
    ] or differences(fixture, cells["fixture"])


def _judge_amounts(
    connection: duckdb.DuckDBPyConnection,
    trials: Mapping[str, Trial],
    columns: Mapping[str, Mapping[str, str]],
) -> None:
    """Hold the cells on the real tables against what these hold, and say where there is
    none."""
    sound = [trial for trial in trials.values() if trial.cells and not trial.problems]
    for name, problems in excess_problems(
        connection,
        [Cells(trial.metric, str(trial.cells), trial.counts) for trial in sound],
        columns,
    ).items():
        trials[name].problems += problems
    filled = {table for table in columns if first_value(connection, f"from {table} limit 1")}
    counted = counted_tables()
    for trial in sound:
        read = referenced_tables(trial.metric.sql) & counted.keys()
        if read & filled:
            trial.is_empty = not first_value(connection, f"select count(*) from {trial.cells}")


def _failure(metric: Metric, outcome: Outcome) -> str:
    message = str(outcome.error)
    if outcome.is_excess:
        what, _, fix = message.partition("; ")
        return f"{line_in(metric)}: {what}; {fix}"
    return sql_failure(metric.path, metric.sql, message, select_line(metric.path))


class Memory:
    """What passed before: for metric, fixture and everything that judges them, what the
    numbers count. The data sets of one CX_HOME share it. A file that cannot be read is as if
    nothing had passed."""

    def __init__(self, home: Path | None) -> None:
        if home is not None and home.parent.name == "datasets":
            home = home.parent.parent
        self.path = home / PROOFS if home is not None and home.is_dir() else None
        self.passed: dict[str, dict[str, list[Any]]] = {}
        self.is_new = False
        try:
            found = json.loads(self.path.read_text(encoding="utf-8")) if self.path else {}
            if isinstance(found, dict):
                self.passed = found
        except (OSError, ValueError):
            return

    def key(self, metric: Metric, fixtures: Path) -> str:
        """Hash of the definition, its header keys, its fixture and what judges them."""
        about = metric.model_dump_json(exclude={"path", "title", "description", "basis", "owner"})
        path = fixture_path(metric, fixtures)
        given = path.read_bytes() if path.exists() else b""
        parts = (_judges(), metric.definition_hash, about, hashlib.sha256(given).hexdigest())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def counts(self, key: str) -> dict[str, Counts] | None:
        """What the numbers count of what passed; None where it did not, or not yet."""
        known = counted_tables()
        try:
            return {
                number: Counts(table, known[table].units[at])
                for number, (table, at) in self.passed[key].items()
            }
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            return None

    def remember(self, key: str, counts: Mapping[str, Counts]) -> None:
        """Remember what passed; only what passed is."""
        known = counted_tables()
        self.passed[key] = {
            number: [one.table, known[one.table].units.index(one.unit)]
            for number, one in counts.items()
        }
        self.is_new = True

    def write(self) -> None:
        """Write what is new, so that a reader sees the old file or the new one."""
        if self.path is None or not self.is_new:
            return
        kept = dict(list(self.passed.items())[-MAX_PROOFS:])
        beside = self.path.with_name(f".{PROOFS}-{os.getpid()}")
        try:
            beside.write_text(json.dumps(kept) + "\n", encoding="utf-8")
            beside.replace(self.path)
        except OSError:
            beside.unlink(missing_ok=True)  # proofs are run again


@cache
def _judges() -> str:
    """Hash of the code and the SQL that decide whether a metric passes."""
    code = ROOT / "metrics"
    files: Iterable[Path] = [
        code / "base" / "reading.py",
        *sorted((code / "define").glob("*.py")),
        *sorted(declaration_files()),
        *sorted((SQL / "macros").glob("*.sql")),
    ]
    one = hashlib.sha256(duckdb.__version__.encode())
    for path in files:
        one.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return one.hexdigest()

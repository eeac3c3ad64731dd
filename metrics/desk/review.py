"""What `check` says of metric files: everything at once, before anything is published."""

import hashlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from metrics.base.duck import first_value
from metrics.base.errors import CxError, UsageError, no_such
from metrics.base.settings import REFERENCE, ROOT, SQL, shown_path
from metrics.define import template
from metrics.define.catalog import (
    MAX_BYTES,
    Metric,
    definition_problems,
    drafts,
    entry_of,
    read_metrics,
)
from metrics.define.cells import line_of_key
from metrics.define.fixtures import FIXTURES, unfilled
from metrics.define.plausible import empty_note
from metrics.define.sandbox import Outcome
from metrics.define.trial import tried
from metrics.desk.docs import CATALOG_PAGE, catalog_problems
from metrics.edition.manifest import last_manifest
from metrics.warehouse.store import open_fresh

METRICS = SQL / "metrics"
LINT_SETTINGS = ROOT / "pyproject.toml"
WATCH_SECONDS = 0.3
CLEAN_FILES = "lint.json"
"""File beside a warehouse that remembers which SQL the linter found nothing in."""


@dataclass
class Review:
    """Outcome of a check: metrics and check queries that were looked at, problems, each as
    `file:line: what is wrong; how to fix it`, remarks on style, which are none, notes, what
    became of each select that ran, and seconds."""

    n_metrics: int = 0
    n_queries: int = 0
    problems: list[str] = field(default_factory=list)
    style: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    seconds: float = 0.0


def metric_path(name: str, folder: Path = METRICS) -> Path:
    """Return the file of a metric, named by the metric or by the file. Raises UsageError
    where there is none."""
    stem = Path(name).stem
    path = template.file_of(stem, folder) or folder / f"{stem}.sql"
    if not path.exists():
        known = [one for file in folder.glob("*.sql") for one in template.names_in(file)]
        raise UsageError(no_such("metric", name, known))
    return path


def metric_name(name: str, folder: Path = METRICS) -> str:
    """Return the name of a metric for what a person wrote: its name or its file, of whose
    metrics it is then the first. Raises UsageError where there is none."""
    names = template.names_in(metric_path(name, folder))
    return Path(name).stem if Path(name).stem in names else names[0]


def review(
    home: Path,
    name: str | None = None,
    folder: Path = METRICS,
    fixtures: Path = FIXTURES,
    is_whole: bool = False,
    explain: bool = False,
) -> Review:
    """Check one metric, or all and the check queries too.

    Check queries run over what the gate makes. Where loads, SQL and definitions are those
    of the current edition, they were run when it was published and are not run again
    unless `is_whole` says so. `explain` also counts the rows that each select scans.
    """
    start = time.perf_counter()
    paths = [metric_path(name, folder)] if name else sorted(folder.glob("*.sql"))
    waiting = {} if name else drafts(folder)
    paths = [path for path in paths if path.stem not in waiting]
    linter = Linter(
        [path for path in paths if path.stat().st_size <= MAX_BYTES], home / CLEAN_FILES
    )
    n_metrics = sum(len(template.names_in(path)) for path in paths)
    found = Review(n_metrics=n_metrics, notes=list(waiting.values()))
    catalog: dict[str, Metric] = {}
    for path in paths:
        try:
            catalog |= read_metrics(path)
        except CxError as error:
            found.problems += str(error).splitlines()
            if template.names_in(path) == [path.stem]:
                found.problems += unfilled(fixtures / f"{path.stem}.yaml")
    found.problems += _repeated_titles(catalog, folder)
    manifest = _manifest(home)
    for metric in catalog.values():
        published = entry_of(metric, manifest["metrics"])
        if published:
            found.problems += definition_problems(metric, published, manifest["edition"])
    with open_fresh(home) as connection:
        if not first_value(connection, "select sum(n_accepted) from data_load"):
            found.notes.append(
                "The warehouse holds no rows yet, so cells were checked on fixtures alone; run "
                "`python -m metrics build` first."
            )
        with tried(connection, catalog, None, fixtures, explain, home) as trials:
            for name_tried, trial in trials.items():
                found.problems += trial.problems
                found.outcomes[name_tried] = trial.outcome
            empty = [one for one, trial in trials.items() if trial.is_empty]
            found.notes += [empty_note(empty)] if empty else []
    unread = {one.partition(":")[0] for one in found.problems if "the SQL cannot be" in one}
    found.style = [one for one in linter.remarks() if one.partition(":")[0] not in unread]
    found.style.sort(key=_place)
    if not linter.is_there:
        found.notes.append(
            "Style was not looked at: sqlfluff is not installed (requirements-dev.txt has it)."
        )
    if folder == METRICS and not found.problems:
        # Last, because the page is written when the metric is right.
        for metric in catalog.values():
            found.problems += catalog_problems(metric, CATALOG_PAGE)
    if name is None and not found.problems:
        _run_queries(home, manifest, catalog, found, is_whole)
    found.problems.sort(key=_place)
    found.seconds = time.perf_counter() - start
    return found


def _place(problem: str) -> tuple[str, int]:
    file, _, rest = problem.partition(":")
    line = rest.partition(":")[0]
    return file, int(line) if line.isdigit() else 0


def _repeated_titles(catalog: dict[str, Metric], folder: Path) -> list[str]:
    """A title names one metric. Titles of files that are not checked are read roughly."""
    titles: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        title = re.search(r"(?m)^title:(.*)$", text)
        if title is None:
            continue
        for name, told in template.written_out(path, text, title[1]):
            titles.setdefault(told.strip().strip('"'), []).append(name)
    return [
        f"{line_of_key(metric, 'title')}: {other} has the title {metric.title!r} too; choose "
        "another"
        for name, metric in catalog.items()
        for other in titles.get(metric.title, [])
        if other != name
    ]


def _manifest(home: Path) -> dict[str, Any]:
    """Manifest of the current edition, or one without metrics."""
    return last_manifest(home) or {"edition": None, "metrics": {}}


def _run_queries(
    home: Path,
    manifest: dict[str, Any],
    catalog: dict[str, Metric],
    found: Review,
    is_whole: bool,
) -> None:
    current = manifest["edition"]
    # Loading the gate takes longer than most checks.
    from metrics.gate.changes import changed_since, query_problems

    changed = changed_since(home, manifest, catalog) if current else catalog
    if is_whole:
        changed = catalog
    if not changed:
        found.notes.append(
            f"The check queries held when edition {current} was published; nothing changed since."
        )
        return
    found.n_queries, problems = query_problems(home, changed, catalog)
    found.problems += problems
    if len(changed) < len(catalog):
        found.notes.append(
            f"The check queries ran over what is not as in edition {current}: "
            f"{', '.join(sorted(changed))}."
        )


def watch(check: Callable[[], int], name: str | None = None) -> int:
    """Run a check now and whenever a metric, a fixture, or SQL beside them is saved, until
    the user interrupts it. Returns the last outcome."""
    path = metric_path(name) if name else None
    stems = {path.stem, *template.names_in(path)} if path else set()
    folders = [METRICS, FIXTURES, REFERENCE, *(SQL / one for one in ("aggregates", "macros"))]
    outcome, seen = 1, None
    try:
        while True:
            now = {
                path: path.stat().st_mtime_ns
                for folder in folders
                for path in folder.glob("*.*")
                if path.stem in stems or not name or folder not in folders[:2]
            }
            now |= {page: page.stat().st_mtime_ns for page in [CATALOG_PAGE] if page.exists()}
            if now != seen:
                if seen is not None:
                    print(f"\n{time.strftime('%H:%M:%S')} saved; checking again ...", flush=True)
                seen = now
                try:
                    outcome = check()
                except CxError as error:
                    print(f"error: {error}", flush=True)
            time.sleep(WATCH_SECONDS)
    except KeyboardInterrupt:
        return outcome


class Linter:
    """sqlfluff over SQL files, beside everything else, where it is installed. Files that
    were clean before are not looked at again until they or the settings change."""

    def __init__(self, paths: list[Path], memory: Path) -> None:
        self.memory = memory
        self.is_there = find_spec("sqlfluff") is not None
        self.keys = {path: self._key(path) for path in paths}
        clean = self._clean()
        self.paths = [path for path, key in self.keys.items() if key not in clean]
        self.process = self._start() if self.paths and self.is_there else None

    def _start(self) -> "subprocess.Popen[str]":
        n_processes = min(2, 1 + len(self.paths) // 20)
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "sqlfluff", "lint", "--format", "json"),
                *("--config", str(LINT_SETTINGS), "--processes", str(n_processes)),
                "--disable-progress-bar",
                *(str(path) for path in self.paths),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def _key(self, path: Path) -> str:
        return hashlib.sha256(path.read_bytes() + LINT_SETTINGS.read_bytes()).hexdigest()

    def _clean(self) -> set[str]:
        try:
            return set(json.loads(self.memory.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return set()

    def remarks(self) -> list[str]:
        """Wait for the linter and return what it found."""
        if self.process is None:
            return []
        out, err = self.process.communicate()
        try:
            files = json.loads(out)
        except ValueError as error:
            first = (err.strip().splitlines() or ["no output"])[-1]
            raise CxError(f"the SQL linter did not run ({first}); run `make check`") from error
        clean: set[str] = set()
        remarks: list[str] = []
        for file in files:
            path = Path(file["filepath"])
            remarks += _remarks(path, file["violations"])
            if not file["violations"]:
                clean.add(self.keys[path])
        self._remember(clean)
        return remarks

    def _remember(self, clean: set[str]) -> None:
        kept = self._clean() & set(self.keys.values())
        if clean - kept and self.memory.parent.is_dir():
            text = json.dumps(sorted(self._clean() | clean))
            self.memory.write_text(text + "\n", encoding="utf-8")


def _remarks(path: Path, violations: list[dict[str, Any]]) -> Iterator[str]:
    for one in violations:
        if one["code"] in ("PRS", "TMP", "LXR"):
            continue  # DuckDB's own parser says it better
        yield (
            f"{shown_path(path)}:{one['start_line_no']}: {one['description'].rstrip('.')} "
            f"({one['name']}); `sqlfluff fix {shown_path(path)}` fixes it"
            if one.get("fixes")
            else f"{shown_path(path)}:{one['start_line_no']}: {one['description'].rstrip('.')} "
            f"({one['name']}); fix the line"
        )

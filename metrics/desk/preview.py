"""The preview of one metric: what its page will show, before anything is published.

`preview/` beside the warehouse holds the editions that nobody else sees, and one file,
`state.json`, that says how far the preview is. The command writes both, the page reads
them. The warehouse and the published editions stay as they are.
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from metrics.base.errors import CxError
from metrics.base.settings import ROOT
from metrics.define.catalog import Metric, read_catalog, read_metrics
from metrics.define.fixtures import FIXTURES, fixture_for
from metrics.desk.review import METRICS, metric_name, metric_path, review
from metrics.edition.diff import diff_editions
from metrics.edition.edition import Edition, open_edition
from metrics.edition.manifest import current_id, edition_ids
from metrics.warehouse.store import open_fresh

FOLDER = "preview"
STATE_FILE = "state.json"
MAX_DIFFERENCES = 50
"""Differences of this metric, and of the others, that a state carries row by row."""

CHECKING, COMPARING, DONE, ALONE, FAILED = "checking", "comparing", "done", "alone", "failed"


@dataclass(frozen=True)
class Changes:
    """What publishing would change against the current edition (`against`, None without
    one). `counts` has metric, difference, because and n; `own` and `others` are the first
    rows of diff_editions, of this metric and of the others; `note` says what else differs.
    """

    against: str | None
    counts: list[dict[str, Any]]
    own: list[dict[str, Any]]
    others: list[dict[str, Any]]
    note: str = ""


@dataclass(frozen=True)
class State:
    """How far a preview is. Times are ISO texts with their offset.

    `phase`: checking, comparing (the edition is of this metric alone, all metrics are being
    computed), done, alone (all metrics were not asked for), failed (they cannot be
    computed; `failure` says why). `edition` is None where no version could be drawn yet;
    else it shows the version saved at `shown_saved_at`, with all metrics where `is_whole`.
    """

    metric: str
    phase: str
    files: list[str]
    file_key: str
    saved_at: str
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    edition: str | None = None
    shown_saved_at: str | None = None
    shown_key: str | None = None
    is_whole: bool = False
    seconds: float | None = None
    n_scanned: int | None = None
    changes: Changes | None = None
    failure: str = ""
    since: str = ""

    @property
    def is_shown(self) -> bool:
        """Whether the edition is that of the files as they were last checked."""
        return self.edition is not None and self.shown_key == self.file_key

    @property
    def is_behind(self) -> bool:
        """Whether the files were saved after they were last checked."""
        return _key([Path(name) for name in self.files]) != self.file_key


def _key(files: Sequence[Path]) -> str:
    """Hash of the files of a metric as they are now; a file that is gone counts as empty."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
    return digest.hexdigest()


def _now() -> str:
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")


def _saved_at(files: Sequence[Path]) -> str:
    last = max((path.stat().st_mtime for path in files if path.exists()), default=time.time())
    return datetime.fromtimestamp(last, UTC).astimezone().isoformat(timespec="seconds")


def preview_home(home: Path) -> Path:
    """Return the folder of the preview of a data set."""
    return home / FOLDER


def read_state(home: Path) -> State | None:
    """Return how far the preview of a data set is, or None where there is none."""
    try:
        held = json.loads((preview_home(home) / STATE_FILE).read_text(encoding="utf-8"))
        held["changes"] = Changes(**held["changes"]) if held["changes"] else None
        return State(**held)
    except (OSError, ValueError, TypeError, KeyError):  # none yet, or of another version
        return None


def _write_state(home: Path, state: State) -> None:
    """Replace the state at once; a page reads the old or the new one."""
    path = preview_home(home) / STATE_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{STATE_FILE}-{os.getpid()}")
    fresh.write_text(json.dumps(asdict(state), indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def stamp(home: Path) -> str:
    """Return a word that changes with everything that a page says of the preview."""
    state = read_state(home)
    if state is None:
        return ""
    modified = (preview_home(home) / STATE_FILE).stat().st_mtime_ns
    return f"{modified} {state.is_behind}"


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the preview of a data set. Raises CxError where another command holds it."""
    folder = preview_home(home)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CxError(
            f"{folder}: cannot be made ({error.strerror}); set CX_HOME to a folder you may write"
        ) from error
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CxError(
                "another preview of this data set is running; end it with Ctrl+C first"
            ) from error
        yield


def draw(
    home: Path,
    name: str,
    is_quick: bool = False,
    folder: Path = METRICS,
    fixtures: Path = FIXTURES,
) -> State:
    """Check a metric and make the private edition of it alone.

    Returns the state, whose phase says whether `compare` is to follow. Where the metric
    cannot be run, the edition of the version before stays. Raises UsageError where there is
    no such metric.
    """
    path = metric_path(name, folder)
    name = metric_name(name, folder)
    files = [path, fixture_for(name, path, fixtures)]
    before = read_state(home)
    if before is not None and before.metric != name:
        before = None
    state = State(
        metric=name,
        phase=CHECKING,
        files=[str(file.resolve()) for file in files],
        file_key=_key(files),
        saved_at=_saved_at(files),
    )
    if before is not None:
        state = replace(
            state,
            edition=before.edition,
            shown_saved_at=before.shown_saved_at,
            shown_key=before.shown_key,
            is_whole=before.is_whole,
        )
    found = review(home, name, folder, fixtures, explain=True)
    outcome = found.outcomes.get(name)
    if outcome is not None:
        state = replace(state, seconds=outcome.seconds, n_scanned=outcome.n_scanned)
    problems = list(found.problems)
    phase = FAILED
    try:
        metric = read_metrics(path)[name]
        edition = _make(home, {name: metric}, name, is_whole=False)
        phase = ALONE if is_quick else COMPARING
        state = replace(
            state,
            edition=edition,
            shown_saved_at=state.saved_at,
            shown_key=state.file_key,
            is_whole=False,
        )
    except CxError as error:
        problems += [line for line in _lines(error) if line not in problems]
    state = replace(state, phase=phase, problems=problems, notes=found.notes, since=_now())
    _write_state(home, state)
    _tidy(home, before, state)
    return state


def compare(home: Path, name: str, folder: Path = METRICS) -> State:
    """Run the whole gate with the metric as it is now, show its edition instead of that of
    the metric alone, and say what publishing would change. Call it after `draw`."""
    before = read_state(home)
    if before is None or before.metric != name:
        raise CxError(f"there is no preview of {name}; run `python -m metrics preview {name}`")
    try:
        catalog = read_catalog(folder)
        edition = _make(home, catalog, name, is_whole=True)
        made = open_edition(preview_home(home), edition)
        state = replace(
            before,
            phase=DONE,
            edition=edition,
            is_whole=True,
            problems=[*before.problems, *made.manifest["failed_checks"]],
            changes=_changes(home, made, catalog, name),
        )
    except CxError as error:
        state = replace(before, phase=FAILED, failure="\n".join(_lines(error)))
    _write_state(home, state)
    _tidy(home, before, state)
    return state


def _lines(error: CxError) -> list[str]:
    from metrics.gate.collect import NOTHING_PUBLISHED

    return [line for line in str(error).splitlines() if line != NOTHING_PUBLISHED]


def _make(home: Path, catalog: dict[str, Metric], name: str, is_whole: bool) -> str:
    # Loads scipy, which the page does not need.
    from metrics.gate.publish import publish
    from metrics.gate.write import Private

    private = Private(preview_home(home), name, is_whole)
    with open_fresh(home) as connection:
        return publish(
            connection,
            home,
            catalog=catalog,
            is_all_or_nothing=not is_whole,
            private=private,
        )


def _tidy(home: Path, before: State | None, now: State) -> None:
    """Remove old editions. The one before stays: a page may just be opening it."""
    kept = {"current", now.edition, before.edition if before else None}
    for path in (preview_home(home) / "editions").glob("*"):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _changes(home: Path, made: Edition, catalog: dict[str, Metric], name: str) -> Changes:
    from metrics.gate.changes import changed_since

    against = current_id(home)
    if against not in edition_ids(home):
        return Changes(None, [], [], [], "Nothing is published yet, so all of it would be new.")
    published = open_edition(home, against)
    frame = diff_editions(published, made)
    grouped = frame.groupby(["metric", "difference", "because"]).size().reset_index(name="n")
    is_own = frame["metric"] == name
    changed = changed_since(home, published.manifest, catalog)
    others = sorted(changed.keys() - {name})
    note = ""
    if others and len(changed) == len(catalog):
        note = (
            "Loads, reference tables or other SQL changed since the current edition was "
            "published: some of these differences come from there."
        )
    elif others:
        note = (
            f"Other metrics changed too since the current edition was published: "
            f"{', '.join(others)}."
        )
    return Changes(
        against,
        _records(grouped),
        _records(frame[is_own].head(MAX_DIFFERENCES)),
        _records(frame[~is_own].head(MAX_DIFFERENCES)),
        note,
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return list(json.loads(frame.to_json(orient="records", double_precision=15)))


def dashboard_answers(port: int) -> bool:
    """Say whether a dashboard of this project answers on a port of this machine."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5) as answer:
            body = json.load(answer)
    except urllib.error.HTTPError as error:  # it answers 503 where nothing is published
        return error.code == 503
    except (OSError, ValueError):
        return False
    return isinstance(body, dict) and "edition" in body


class Comparison:
    """Runs `compare` in a process of its own, so that a save need not wait for it."""

    def __init__(self, home: Path, name: str) -> None:
        self.home, self.name = home, name
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start comparing; what it finds is written into the state and printed."""
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c"),
                "import sys; from metrics.desk.preview import main; main(*sys.argv[1:])",
                *(str(self.home), self.name),
            ],
            cwd=ROOT,
            # Ctrl+C ends the command, which then ends this in good order.
            start_new_session=True,
        )

    def stop(self) -> None:
        """End it if it still runs; the state then says that nothing was compared."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        state = read_state(self.home)
        if state is not None and state.phase == COMPARING:
            _write_state(self.home, replace(state, phase=ALONE))


def main(home: str, name: str) -> None:
    """Compare in a process that Comparison started."""
    # As an exception, so that the sandbox and half an edition are cleared away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(summary(compare(Path(home), name)), flush=True)


def summary(state: State) -> str:
    """Say in lines what publishing would change."""
    if state.failure:
        return f"What would change cannot be computed:\n{state.failure}"
    if state.changes is None:
        return ""
    changes = state.changes
    if changes.against is None:
        return changes.note
    n = {
        is_own: sum(row["n"] for row in changes.counts if (row["metric"] == state.metric) == is_own)
        for is_own in (True, False)
    }
    lines = [
        f"Against edition {changes.against}, publishing would change {n[True]} rows of "
        f"{state.metric} and {n[False]} of other metrics."
    ]
    lines += [
        f"  {row['metric']}: {row['n']} {row['difference']} because of {row['because']}"
        for row in changes.counts
    ]
    return "\n".join([*lines, *([changes.note] if changes.note else [])])

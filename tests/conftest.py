"""Fixtures that all tests may use. What `federal_home` and
`demo_home` hold is read-only for tests."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from metrics.base.settings import FILE_NAME, ROOT
from metrics.build import build
from metrics.define import template, trial
from metrics.define.catalog import Metric, read_catalog
from metrics.define.fixtures import FIXTURES
from metrics.define.trial import PROOFS
from metrics.edition.edition import Edition, open_edition
from metrics.warehouse.store import prepare
from tests.new_metrics import publish_new_metrics

HISP = ROOT.parent / "shared" / "data" / "hisp" / "mergedcxdata-2023-05-21.csv"


@pytest.fixture(scope="session")
def hisp_file() -> Path:
    """The whole quarterly reporting file of GSA and OMB, kept beside the checkout."""
    if not HISP.exists():
        pytest.skip(f"needs the reporting file ../{HISP.relative_to(ROOT.parent)}, see docs")
    return HISP


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of all processes that run tests."""
    folder = factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that `make` fills, once for all processes that run tests."""
    folder = shared_folder(factory)
    home, done = folder / name, folder / f"{name}.done"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            home.mkdir()
            make(home)
            done.touch()
    return home


def run_build(home: Path) -> None:
    """Build the data set that ships, as a user does."""
    process = subprocess.run(
        [sys.executable, "-m", "metrics", "build"],
        cwd=ROOT,
        env={**os.environ, "CX_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.startswith("Published edition 2")


def metrics_of(*wanted: str) -> dict[str, Metric]:
    """Return the metrics of these names or families: few are published in a moment, all
    that ship take many seconds."""
    return {
        name: metric
        for name, metric in read_catalog().items()
        if name in wanted or metric.family in wanted
    }


def own_file(name: str, folder: Path) -> Path:
    """Write a metric that ships into a file of its own, whichever file makes it."""
    source = read_catalog()[name].path
    text = template.own_text(source.read_text("utf-8"), template.member_for(source, name))
    path = folder / f"{name}.sql"
    path.write_text(text, encoding="utf-8")
    return path


def own_fixture(measure: str, folder: Path) -> None:
    """Write a fixture for the share of a measure that stands on that of trust."""
    text = (FIXTURES / "trust.yaml").read_text("utf-8")
    text = text.replace(f"measure: {measure}", "measure: other").replace("measure: trust", "MINE")
    text = text.replace("measure: other", "measure: trust").replace("MINE", f"measure: {measure}")
    (folder / f"{measure}.yaml").write_text(text, encoding="utf-8")


def without_counts(home: Path) -> Path:
    """Take all counts out of a copied warehouse: of surveys and burden alone, an edition is
    made in two thirds of the time."""
    connection = duckdb.connect(home / FILE_NAME)
    connection.execute("delete from activity_count")
    connection.close()
    return home


def without_places(home: Path) -> Path:
    """Take the counts by place, half of all rows, out of a copied warehouse, so that a
    test may publish it again quickly."""
    connection = duckdb.connect(home / FILE_NAME)
    connection.execute("delete from activity_count where place is not null")
    connection.close()
    return home


@pytest.fixture(scope="session")
def federal_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CX_HOME with warehouse and edition, built from the figures that ship."""
    home = made_once(tmp_path_factory, "built federal", run_build)
    shared = shared_folder(tmp_path_factory) / PROOFS
    if not shared.exists():
        shutil.copy(home / PROOFS, shared)
    return home


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CX_HOME/datasets/demo with warehouse and edition, built as the command does."""

    def make(home: Path) -> None:
        build(home / "datasets" / "demo", "demo")

    return made_once(tmp_path_factory, "built-demo", make) / "datasets" / "demo"


@pytest.fixture(scope="session")
def new_metrics_home(federal_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose edition holds the new metrics of tests/new_metrics.py beside those that
    ship."""

    def make(folder: Path) -> None:
        publish_new_metrics(federal_home, folder)

    return made_once(tmp_path_factory, "new-metrics", make) / "home"


@pytest.fixture(scope="session")
def federal(federal_home: Path) -> Edition:
    """The edition of `federal_home`, opened."""
    return open_edition(federal_home)


@pytest.fixture(scope="session", autouse=True)
def proven_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What passed its fixture in the home of one test has passed it in those of all others:
    to prove every metric takes longer than to publish it."""
    shared = shared_folder(tmp_path_factory) / PROOFS

    class SharedMemory(trial.Memory):
        def __init__(self, home: Path | None) -> None:
            super().__init__(home)
            if self.path is not None and shared.exists():
                self.is_new = not self.path.exists()
                self.passed = json.loads(shared.read_text("utf-8")) | self.passed

        def write(self) -> None:
            if self.path is not None and self.is_new:
                with shared.with_suffix(".lock").open("w") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    known = json.loads(shared.read_text("utf-8")) if shared.exists() else {}
                    beside = shared.with_suffix(f".{os.getpid()}")
                    beside.write_text(json.dumps(known | self.passed), "utf-8")
                    beside.replace(shared)
            super().write()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "Memory", SharedMemory)
        yield


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty warehouse: macros, tables and reference data."""

    def make(folder: Path) -> None:
        connection = duckdb.connect(folder / FILE_NAME)
        prepare(connection)
        connection.close()

    return made_once(tmp_path_factory, "prepared", make) / FILE_NAME


@pytest.fixture
def warehouse(prepared: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse of the test's own."""
    path = shutil.copy(prepared, tmp_path / "empty.duckdb")
    connection = duckdb.connect(path)
    yield connection
    connection.close()

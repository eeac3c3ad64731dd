"""Fixtures that all tests may use. What `federal_home` and
`demo_home` hold is read-only for tests."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from metrics.build import build
from metrics.edition import Edition, open_edition
from metrics.settings import ROOT
from metrics.warehouse import FILE_NAME, prepare

HISP = ROOT.parent / "shared" / "data" / "hisp" / "mergedcxdata-2023-05-21.csv"


@pytest.fixture(scope="session")
def hisp_file() -> Path:
    """The whole quarterly reporting file of GSA and OMB, kept beside the checkout."""
    if not HISP.exists():
        pytest.skip(f"needs the reporting file ../{HISP.relative_to(ROOT.parent)}, see docs")
    return HISP


def built_once(factory: pytest.TempPathFactory, dataset: str) -> Path:
    """Build a data set as the command does, once for all processes that run tests."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    home = folder / f"built-{dataset}"
    if dataset == "demo":
        home = home / "datasets" / "demo"
    home.mkdir(parents=True, exist_ok=True)
    with (folder / f"built-{dataset}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build(home, dataset)  # does nothing where it was built already
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
    return built_once(tmp_path_factory, "federal")


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CX_HOME/datasets/demo with warehouse and edition, built as the command does."""
    return built_once(tmp_path_factory, "demo")


@pytest.fixture(scope="session")
def federal(federal_home: Path) -> Edition:
    """The edition of `federal_home`, opened."""
    return open_edition(federal_home)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse in memory: macros, tables and reference data."""
    connection = duckdb.connect(":memory:")
    prepare(connection)
    yield connection
    connection.close()

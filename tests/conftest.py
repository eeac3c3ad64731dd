"""Fixtures that all tests may use. What `federal_home` holds is read-only for tests."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from metrics.build import build
from metrics.edition import Edition, open_edition
from metrics.settings import ROOT
from metrics.warehouse import prepare

HISP = ROOT.parent / "shared" / "data" / "hisp" / "mergedcxdata-2023-05-21.csv"


@pytest.fixture(scope="session")
def hisp_file() -> Path:
    """The whole quarterly reporting file of GSA and OMB, kept beside the checkout."""
    if not HISP.exists():
        pytest.skip(f"needs the reporting file ../{HISP.relative_to(ROOT.parent)}, see docs")
    return HISP


@pytest.fixture(scope="session")
def federal_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CX_HOME with warehouse and edition, built from the figures that ship."""
    home = tmp_path_factory.mktemp("federal")
    build(home)
    return home


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

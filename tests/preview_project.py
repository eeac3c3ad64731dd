"""A copy of the project with few metrics, whose files a test may change, and a warehouse
with an edition of these metrics."""

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from metrics.base.settings import ROOT
from metrics.define.catalog import read_catalog
from metrics.gate.publish import publish
from metrics.warehouse.store import open_warehouse
from tests.conftest import own_file, own_fixture, without_places

METRICS = ("trust", "trust_distribution", "satisfaction", "respondents")
OLD_CHANGELOG = "version: 1\nchangelog:\n"
NEW_CHANGELOG = "version: 2\nchangelog:\n  2: The last quarter is left out.\n"
LAST_QUARTER = "2023Q1"


@dataclass(frozen=True)
class Project:
    """Folder of the copy, and its CX_HOME."""

    folder: Path
    home: Path

    @property
    def metrics(self) -> Path:
        """Folder of the metric files."""
        return self.folder / "sql" / "metrics"

    @property
    def fixtures(self) -> Path:
        """Folder of their fixtures."""
        return self.folder / "tests" / "metrics"

    def leave_last_quarter_out(self, name: str) -> None:
        """Change a metric in a way that its fixture does not notice."""
        path = self.metrics / f"{name}.sql"
        text = path.read_text(encoding="utf-8")
        assert text.count(OLD_CHANGELOG) == 1 and f"where measure = '{name}'" in text
        text = text.replace(OLD_CHANGELOG, NEW_CHANGELOG).replace(
            f"where measure = '{name}'",
            f"where\n    measure = '{name}'\n    and quarter <> '{LAST_QUARTER}'",
        )
        path.write_text(text, encoding="utf-8")

    def write_catalog_page(self) -> None:
        """Bring docs/catalog.md up to date, which `check` asks for."""
        subprocess.run(
            [sys.executable, "-m", "metrics", "docs"],
            cwd=self.folder,
            check=True,
            capture_output=True,
            timeout=120,
        )

    def published(self) -> dict[str, str]:
        """Hash of everything in CX_HOME that is not the preview's, nor remembers what the
        linter and the fixtures said."""
        return {
            str(path.relative_to(self.home)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.home.rglob("*"))
            if path.is_file()
            and path.relative_to(self.home).parts[0] != "preview"
            and path.name not in ("lint.json", "proofs.json")
        }


def make_project(federal_home: Path, folder: Path) -> Project:
    """Copy the project and publish few metrics from a lighter copy of the warehouse."""
    for name in ("metrics", "sql", "data/reference", "tests/metrics"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "local")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    project = Project(folder, folder / "home")
    for path in project.metrics.glob("*.sql"):
        path.unlink()
    for name in METRICS:
        own_file(name, project.metrics)
    own_fixture("satisfaction", project.fixtures)
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "catalog.md", folder / "docs")
    project.write_catalog_page()
    project.home.mkdir()
    shutil.copy(federal_home / "warehouse.duckdb", project.home)
    without_places(project.home)
    with open_warehouse(project.home) as connection:
        publish(
            connection,
            project.home,
            title="Few",
            catalog=read_catalog(project.metrics),
            fixtures=project.fixtures,
        )
    return project

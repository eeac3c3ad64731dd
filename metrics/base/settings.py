"""Where things live: the project's folders and the user's CX_HOME."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SQL = ROOT / "sql"
REFERENCE = ROOT / "data" / "reference"
PUBLISHED = ROOT / "data" / "published"
DEMO = ROOT / "data" / "demo"

FILE_NAME = "warehouse.duckdb"
REFERENCE_FOLDER = "reference"
"""Folder beside a warehouse whose tables replace those of data/reference."""

REST_OF_GOVERNMENT = "FED"
"""Value of `component` for services outside the Department; such cells feed the
government-wide benchmark only."""

MAIN_DATASET = "main"
DEMO_DATASET = "demo"

SHIPPED_FORMAT = "published-figures"
"""Format under which figures that come with the project are recorded, whatever reads
them: a build may replace those, and nothing else."""

DATASETS = {
    "federal": "Federal figures, FY2021–23",
    DEMO_DATASET: "Demonstration data, FY2024–26",
}
"""What can be built, and the title its editions carry."""


def cx_home() -> Path:
    """Return the folder of warehouse and editions: CX_HOME, or data/local."""
    return Path(os.environ.get("CX_HOME") or ROOT / "data" / "local").resolve()


def dataset_home(dataset: str | None = None) -> Path:
    """Return the folder of one data set: CX_HOME itself, or a data set kept in
    a folder of its own under CX_HOME/datasets (such as a demonstration)."""
    home = cx_home()
    if dataset in (None, "", MAIN_DATASET):
        return home
    return home / "datasets" / str(dataset)


def data_option(home: Path) -> str:
    """Return what a command needs to work on the data set kept in a folder: nothing for
    the main one, ` --data NAME` for another."""
    return f" --data {home.name}" if home.parent == cx_home() / "datasets" else ""


def dataset_names() -> list[str]:
    """Return the data sets for which something was published, the main one first; whether
    it can be opened is not asked."""
    names = []
    if _has_editions(cx_home()):
        names.append(MAIN_DATASET)
    extra = cx_home() / "datasets"
    if extra.is_dir():
        names += sorted(folder.name for folder in extra.iterdir() if _has_editions(folder))
    return names


def _has_editions(home: Path) -> bool:
    """Say whether there is a pointer or an edition, however broken. What a publish that is
    under way makes begins with a dot."""
    editions = home / "editions"
    return editions.is_dir() and any(not path.name.startswith(".") for path in editions.iterdir())


def shown_path(path: Path) -> str:
    """Return the path as a user of the project would write it."""
    try:
        return str(path.resolve().relative_to(ROOT))
    except ValueError:
        return str(path)

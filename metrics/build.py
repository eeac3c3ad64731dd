"""`build`: from the project's own inputs to an edition, only when they changed."""

from datetime import date
from pathlib import Path

import duckdb

from metrics.base.duck import connect, first_value
from metrics.base.errors import CxError, EditionError
from metrics.base.settings import (
    DATASETS,
    DEMO_DATASET,
    FILE_NAME,
    MAIN_DATASET,
    PUBLISHED,
    REFERENCE,
    ROOT,
    SHIPPED_FORMAT,
    SQL,
    dataset_home,
)
from metrics.base.sqlfiles import file_hash
from metrics.define.catalog import draft_line, read_catalog
from metrics.define.fixtures import fixture_path, unfilled
from metrics.edition.manifest import check_edition, chosen_id
from metrics.intake import demo
from metrics.intake.load import load_files
from metrics.intake.sources import LoadOptions
from metrics.intake.sources.published_figures import read_as_of
from metrics.warehouse.store import MADE_UP, open_warehouse

METRICS = SQL / "metrics"


def build_home(dataset: str, data: str | None = None) -> Path:
    """Return the folder that a build goes to: the data set's folder that `data` names,
    or without a name CX_HOME itself, except that made-up rows keep to a folder of
    their own."""
    if dataset == DEMO_DATASET and data in (None, "", MAIN_DATASET):
        return dataset_home(DEMO_DATASET)
    return dataset_home(data)


def build_key(dataset: str = "federal") -> str:
    """Hash of everything a build depends on: data, SQL and the code that reads them. A draft
    of a metric is no part of it, so that to write on one builds nothing anew."""
    files = [
        path
        for folder, pattern in (
            (REFERENCE, "*.csv"),
            (SQL, "**/*.sql"),
            (ROOT / "metrics", "**/*.py"),
            *([] if dataset == DEMO_DATASET else [(PUBLISHED, "**/*")]),
        )
        for path in folder.glob(pattern)
        if path.is_file() and not (path.parent == METRICS and draft_line(path))
    ]
    if dataset == DEMO_DATASET:
        files += demo.demo_files()
    return file_hash(files, ROOT)


def build(home: Path, dataset: str = "federal", force: bool = False) -> tuple[str, bool]:
    """Load what ships and publish; return the edition's id and whether it is new.

    Nothing is done where the current edition was built from the same inputs and SQL,
    unless `force` says so. Rows that were loaded from elsewhere stay in the warehouse.
    Raises CxError where real and made-up rows would end up in one warehouse.
    """
    if dataset not in DATASETS:
        raise CxError(f"unknown data set {dataset!r}; choose one of {', '.join(DATASETS)}")
    key = build_key(dataset)
    if not force:
        try:
            manifest = check_edition(home, chosen_id(home))
        except EditionError:
            manifest = {}  # none yet, or a broken one: made anew
        if manifest.get("build_key") == key:
            return str(manifest["edition"]), False
    # Before minutes go into loading: a metric that is wrong raises CxError by itself.
    if missing := [
        problem for one in read_catalog().values() for problem in unfilled(fixture_path(one))
    ]:
        raise CxError("\n".join(missing))
    from metrics.gate.publish import publish  # loads scipy, which an up-to-date build does not need

    is_demonstration = dataset == DEMO_DATASET
    _make_room(home, is_demonstration)
    if is_demonstration:
        demo.copy_reference(home)
    with open_warehouse(home) as connection:
        if is_demonstration:
            demo.fill(connection)
        else:
            _load_shipped(connection)
        return (
            publish(connection, home, key, DATASETS[dataset], is_demonstration=is_demonstration),
            True,
        )


def _load_shipped(connection: duckdb.DuckDBPyConnection) -> None:
    """Load data/published: the survey reports, and each folder named after the format of
    its files, with the date they speak of in its source.yaml."""
    batches: list[tuple[str, list[Path], date | None]] = [(SHIPPED_FORMAT, [PUBLISHED], None)]
    for about in sorted(PUBLISHED.glob("*/source.yaml")):
        files = sorted(path for path in about.parent.iterdir() if path != about)
        batches.append((about.parent.name, files, read_as_of(about)))
    for format_name, files, as_of in batches:
        options = LoadOptions(as_of=as_of, is_shipped=True)
        for result in load_files(connection, format_name, files, options=options):
            if result.n_rejected:
                first = result.reasons[0]
                raise CxError(
                    f"{result.file}:{first.first_line}: {first.column}: {first.reason} "
                    f"{result.n_rejected} rows were rejected; fix the figures"
                )


def _make_room(home: Path, is_demonstration: bool) -> None:
    """Remove a warehouse that holds nothing but what a build puts there, so that rows
    taken out of the inputs do not live on; a warehouse with other loads is kept."""
    path = home / FILE_NAME
    if not path.exists():
        return
    connection = connect(path, read_only=True)
    try:
        has_loads = first_value(
            connection, "select count(*) from duckdb_tables() where table_name = 'data_load'"
        )
        formats = set()
        if has_loads:
            rows = connection.execute("select distinct format from data_load").fetchall()
            formats = {row[0] for row in rows}
    finally:
        connection.close()
    if formats and is_demonstration != (MADE_UP in formats):
        held, asked = ("made-up", "real") if MADE_UP in formats else ("real", "made-up")
        raise CxError(
            f"{path}: holds {held} figures, to which {asked} ones must not be added; "
            "name another data set with --data"
        )
    own = MADE_UP if is_demonstration else SHIPPED_FORMAT
    if formats <= {own}:
        path.unlink()
        path.with_name(path.name + ".wal").unlink(missing_ok=True)

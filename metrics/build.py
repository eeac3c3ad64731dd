"""`build`: from the project's own inputs to an edition, only when they changed."""

from pathlib import Path

from metrics.edition import current_id, edition_ids, read_manifest
from metrics.errors import CxError
from metrics.load import LoadResult, load_files
from metrics.settings import PUBLISHED, REFERENCE, ROOT, SQL
from metrics.warehouse import FILE_NAME, connect, file_hash, first_value, open_warehouse

DATASETS = {"federal": "Federal figures, FY2021–23"}


def build_key() -> str:
    """Hash of everything a build depends on: data, SQL and the code that reads them."""
    files = [
        path
        for folder, pattern in (
            (PUBLISHED, "*"),
            (REFERENCE, "*.csv"),
            (SQL, "**/*.sql"),
            (ROOT / "metrics", "**/*.py"),
        )
        for path in folder.glob(pattern)
        if path.is_file()
    ]
    return file_hash(files, ROOT)


def build(home: Path, dataset: str = "federal", force: bool = False) -> tuple[str, bool]:
    """Load the shipped figures and publish; return the edition's id and whether it
    is new. Nothing is done where the current edition was built from the same
    inputs and SQL, unless `force` says so. Rows that were loaded from elsewhere
    stay in the warehouse.
    """
    if dataset not in DATASETS:
        raise CxError(f"unknown data set {dataset!r}; choose one of {', '.join(DATASETS)}")
    key, current = build_key(), current_id(home)
    if current in edition_ids(home) and not force:
        manifest = read_manifest(home, str(current))
        if manifest.get("build_key") == key:
            return str(current), False
    from metrics.publish import publish  # loads scipy, which an up-to-date build does not need

    _remove_rebuildable(home)
    with open_warehouse(home) as connection:
        results: list[LoadResult] = load_files(connection, "published-figures", [PUBLISHED])
        rejected = sum(result.n_rejected for result in results)
        if rejected:
            raise CxError(f"{PUBLISHED}: {rejected} rows were rejected; mend the figures")
        return publish(connection, home, key, DATASETS[dataset]), True


def _remove_rebuildable(home: Path) -> None:
    """Remove a warehouse that holds the shipped figures alone, so that figures taken
    out of them do not live on; a warehouse with other loads is kept."""
    path = home / FILE_NAME
    if not path.exists():
        return
    connection = connect(path, read_only=True)
    try:
        tables = first_value(
            connection, "select count(*) from duckdb_tables() where table_name = 'data_load'"
        )
        others = tables and first_value(
            connection, "select count(*) from data_load where format <> 'published-figures'"
        )
    finally:
        connection.close()
    if not others:
        path.unlink()
        path.with_name(path.name + ".wal").unlink(missing_ok=True)

"""Editions: opening one, looking rows up in it, choosing and comparing them.

Pages and exports read only through this module. An edition never changes, so
everything looked up in it can be cached under its id.
"""

import json
import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from metrics.errors import CxError

PUBLIC = "public.duckdb"
DEMONSTRATION = "DEMONSTRATION DATA"
"""What everything made from made-up figures carries."""
PREVIEW = "PREVIEW: NOT PUBLISHED"
"""What everything carries that comes from a private edition."""

KEY = (
    "metric",
    "level",
    "component",
    "service",
    "channel",
    "period_kind",
    "period",
    "basis",
    "breakdown",
)
"""Columns that together address one published row."""

FILTERS = {
    "published": KEY,
    "benchmark": tuple(name for name in KEY if name not in ("level", "component", "service")),
    "group_gap": KEY,
}
"""Tables of rows, and the columns that address a row in each."""

GAP_NUMBERS = ("value", "rest_value", "n", "rest_n", "gap", "gap_low", "gap_high", "gap_call")
"""Columns of a gap between a group and the others, beside the key and the reason."""

_HARDENED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "memory_limit": "512MB",
    "threads": 1,
    "lock_configuration": True,
}


def edition_ids(home: Path) -> list[str]:
    """Return the ids of the editions of a data set, oldest first."""
    folder = home / "editions"
    if not folder.is_dir():
        return []
    return sorted(path.parent.name for path in folder.glob("*/manifest.json"))


def current_id(home: Path) -> str | None:
    """Return the id that the pointer `current` names, or None without an edition."""
    try:
        return (home / "editions" / "current").read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def point_to(home: Path, edition_id: str) -> None:
    """Replace the pointer `current` atomically; readers see the old or the new one."""
    editions = home / "editions"
    fresh = editions / f".current-{os.getpid()}"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(edition_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(editions / "current")


def use_edition(home: Path, edition_id: str) -> None:
    """Point `current` at an older or newer edition.

    Raises CxError where there is no such edition.
    """
    if edition_id not in edition_ids(home):
        known = ", ".join(edition_ids(home)) or "none"
        raise CxError(f"there is no edition {edition_id!r}; there are: {known}")
    point_to(home, edition_id)


def read_manifest(home: Path, edition_id: str) -> dict[str, Any]:
    """Return the manifest of an edition."""
    path = home / "editions" / edition_id / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CxError(f"{path}: cannot be read ({error}); choose another edition") from error
    return dict(manifest)


@dataclass
class Team:
    """A Component's own file of an edition, opened as safely as the public one. Whoever
    opens it must have asked whether the reader may see it."""

    path: Path

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.path), read_only=True, config=_HARDENED)

    def table(self, name: str) -> pd.DataFrame:
        """Return a whole table of the file; empty where an older edition lacks it."""
        with self._connection.cursor() as cursor:
            names = cursor.execute("select table_name from duckdb_tables()").fetchall()
            if (name,) not in names:
                return pd.DataFrame()
            return cursor.execute(f"from {name}").df()


@dataclass
class Edition:
    """One published edition, opened read-only and without access to anything else."""

    home: Path
    id: str
    manifest: dict[str, Any] = field(repr=False)

    @property
    def is_demonstration(self) -> bool:
        """Whether the figures are made up. Pages, charts and files ask here, and what
        they show or write then carries DEMONSTRATION."""
        return self.manifest.get("is_demonstration") is True

    @property
    def is_private(self) -> bool:
        """Whether this is the preview of a metric, which was never published."""
        return self.manifest.get("is_private") is True

    @property
    def marks(self) -> list[str]:
        """What charts and files made from this edition carry, so that nobody takes them
        for published figures; mostly nothing."""
        return [PREVIEW] * self.is_private + [DEMONSTRATION] * self.is_demonstration

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        path = self.home / "editions" / self.id / PUBLIC
        return duckdb.connect(str(path), read_only=True, config=_HARDENED)

    def query(self, sql: str, parameters: list[Any] | dict[str, Any] | None = None) -> pd.DataFrame:
        """Run a look-up on a cursor of its own, so that threads do not mix."""
        with self._connection.cursor() as cursor:
            return cursor.execute(sql, parameters or []).df()

    def table(self, name: str) -> pd.DataFrame:
        """Return a whole table of the edition, such as component or data_load."""
        if name not in self.table_names:
            known = ", ".join(sorted(self.table_names))
            raise CxError(f"the edition has no table {name!r}; it has {known}")
        return self.query(f"from {name}")

    def team(self, component: str) -> Team:
        """Open the file of a Component's team. Raises CxError where there is none."""
        name = f"component-{component}.duckdb"
        if name not in {str(file["name"]) for file in self.manifest["files"]}:
            raise CxError(f"the edition has no file of its own for {component}")
        return Team(self.home / "editions" / self.id / name)

    @cached_property
    def table_names(self) -> list[str]:
        """Names of the tables of the edition."""
        return [
            str(name) for name in self.query("select table_name from duckdb_tables()")["table_name"]
        ]

    def rows(self, table: str = "published", **equals: Any) -> pd.DataFrame:
        """Return published rows, filtered by column values.

        A value may be one value or a list of them; None for `breakdown` means the
        total row, and a column that is left out is not filtered. The order is that
        of the key.
        """
        if table not in FILTERS:
            raise CxError(f"there are no rows of {table!r}; use {', '.join(FILTERS)}")
        wheres: list[str] = []
        parameters: list[Any] = []
        for column, value in equals.items():
            if column not in FILTERS[table]:
                known = ", ".join(FILTERS[table])
                raise CxError(f"rows cannot be filtered by {column!r}; use {known}")
            if value is None:
                wheres.append(f"{column} is null")
            elif isinstance(value, (list, tuple, set)):
                wheres.append(f"list_contains(?, {column})")
                parameters.append([str(item) for item in value])
            else:
                wheres.append(f"{column} = ?")
                parameters.append(str(value))
        where = f"where {' and '.join(wheres)}" if wheres else ""
        if table not in self.table_names:
            # Editions of before this table was made stay readable.
            return pd.DataFrame(columns=[*FILTERS[table], *GAP_NUMBERS, "reason"], dtype="object")
        frame = self.query(f"select * from {table} {where}", parameters)
        for column in ("numerator", "denominator", "n", "rest_n"):
            if column in frame and (frame[column].dropna() % 1 == 0).all():
                frame[column] = frame[column].astype("Int64")
        order = list(FILTERS[table])
        return frame.sort_values(order, na_position="first", kind="stable", ignore_index=True)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """The catalogue, one row per metric, indexed by its name."""
        return self.table("metric").set_index("metric", drop=False)

    def periods(self, kind: str, family: str | None = None) -> list[str]:
        """Return the periods of a kind (month, quarter, fiscal_year) of a family of
        metrics, without one of the surveys (of everything where there are none), up to
        the quarter that their data go through, oldest first."""
        of_surveys = (
            "where (metric.is_survey or not exists ("
            "from published as any_row inner join metric as any_metric "
            "on any_row.metric = any_metric.metric where any_metric.is_survey))"
        )
        frame = self.query(
            "select distinct published.period from published "
            "inner join metric on published.metric = metric.metric "
            + ("where metric.family = $family" if family else of_surveys)
            + " and published.period_kind = $kind order by published.period",
            {"kind": kind} | ({"family": family} if family else {}),
        )
        last = str(self.manifest.get("data_through") or "9999Q4")
        if family:
            last = str(self.manifest.get("families", {}).get(family, {}).get("through", last))
        until = {"quarter": last, "fiscal_year": f"FY{last[:4]}"}.get(kind, "9999-12")
        return [str(period) for period in frame["period"] if str(period) <= until]


def open_edition(home: Path, edition_id: str | None = None) -> Edition:
    """Open an edition, without an id the current one.

    Raises CxError where nothing has been published yet.
    """
    chosen = edition_id or current_id(home)
    if chosen is None:
        raise CxError(
            f"{home}: nothing is published yet; run `python -m metrics build` "
            "or load files and run `python -m metrics publish`"
        )
    if chosen not in edition_ids(home):
        raise CxError(f"there is no edition {chosen!r}; see `python -m metrics editions list`")
    return Edition(home, chosen, read_manifest(home, chosen))


def diff_editions(before: Edition, after: Edition) -> pd.DataFrame:
    """Compare two editions row by row.

    Returns one row per difference: the key, `difference` (added, removed,
    changed), `because` (definition, suppression, data), value and status before
    and after.
    """
    columns = [*KEY, "value", "status", "reason", "numerator", "denominator"]
    left = before.query(f"select {', '.join(columns)} from published")
    right = after.query(f"select {', '.join(columns)} from published")
    frame = left.merge(
        right, on=list(KEY), how="outer", suffixes=("_before", "_after"), indicator=True
    )
    same = pd.Series(True, index=frame.index)
    for name in ("value", "status", "reason", "numerator", "denominator"):
        old, new = frame[f"{name}_before"], frame[f"{name}_after"]
        same &= (old == new) | (old.isna() & new.isna())
    frame = frame[~(same & (frame["_merge"] == "both"))].copy()
    frame["difference"] = (
        frame["_merge"]
        .map({"left_only": "removed", "right_only": "added", "both": "changed"})
        .astype(str)
    )
    hashes = [
        {name: item["definition_hash"] for name, item in edition.manifest["metrics"].items()}
        for edition in (before, after)
    ]
    redefined = {
        name
        for name in hashes[0].keys() | hashes[1].keys()
        if hashes[0].get(name) != hashes[1].get(name)
    }
    suppressed = (frame["status_before"] == "suppressed") != (frame["status_after"] == "suppressed")
    frame["because"] = "data"
    frame.loc[suppressed & (frame["difference"] == "changed"), "because"] = "suppression"
    frame.loc[frame["metric"].isin(redefined), "because"] = "definition"
    shown = [*KEY, "difference", "because", "value_before", "value_after"]
    return frame[[*shown, "status_before", "status_after"]].reset_index(drop=True)

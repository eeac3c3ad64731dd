"""Editions: opening one, looking rows up in it, choosing and comparing them.

Pages and exports read only through this module. An edition never changes, so
everything looked up in it can be cached under its id.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from metrics.base.errors import CxError, EditionError
from metrics.edition.manifest import PUBLIC, check_edition, chosen_id, remedy

DEMONSTRATION = "DEMONSTRATION DATA"
"""What everything made from made-up figures carries."""
PREVIEW = "PREVIEW: NOT PUBLISHED"
"""What everything carries that comes from a private edition."""
NOT_OFFICIAL = "Not an official website of the Department of Homeland Security."
MADE_UP = "Every figure and comment was made up to show how the dashboard works; nobody was asked."

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
    "change_split": (*KEY[:-1], "compared_with"),
    "change_leaf": (
        *(*KEY[:-1], "compared_with"),
        *("leaf_component", "leaf_service", "leaf_channel"),
    ),
    "control_limit": KEY,
    "answers_needed": KEY,
}
"""Tables of rows, and the columns that address a row in each."""

GAP_NUMBERS = ("value", "rest_value", "n", "rest_n", "gap", "gap_low", "gap_high", "gap_call")
"""Columns of a gap between a group and the others, beside the key and the reason."""

LIMIT_NUMBERS = ("first_period", "n_points", "n_needed", "center", "lower_limit", "upper_limit")
SIGNALS = ("outside", "run", "near_limit", "trend")
"""Columns of a control limit beside the key: numbers, and which signal a value belongs to."""

PLAN_NUMBERS = ("n", "previous_n", "planned_change", "n_planned")
"""Columns of a plan for more answers, beside the key."""

_NUMBERS_OF = {
    "group_gap": (*GAP_NUMBERS, "reason"),
    "control_limit": (*LIMIT_NUMBERS, *SIGNALS),
    "answers_needed": PLAN_NUMBERS,
}

_HARDENED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "memory_limit": "512MB",
    "threads": 1,
    "lock_configuration": True,
}


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


def _team_file(component: str) -> str:
    return f"component-{component}.duckdb"


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

    def name_of(self, metric: str) -> str:
        """Return the name of a metric in this edition: another where it was renamed since or
        before, the same where nothing says so."""
        entries = self.manifest["metrics"]
        if metric in entries:
            return metric
        return next((name for name, one in entries.items() if metric in one.get("was", [])), metric)

    @property
    def is_private(self) -> bool:
        """Whether this is the preview of a metric, which was never published."""
        return self.manifest.get("is_private") is True

    @property
    def notices(self) -> list[str]:
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

    def arrow(self, sql: str) -> pa.Table:
        """Run a look-up as `query` does, and return it as Arrow knows it: whole numbers stay
        whole, missing values missing."""
        with self._connection.cursor() as cursor:
            return cursor.sql(sql).to_arrow_table()

    def table(self, name: str) -> pd.DataFrame:
        """Return a whole table of the edition, such as component or data_load."""
        if name not in self.table_names:
            known = ", ".join(sorted(self.table_names))
            raise CxError(f"the edition has no table {name!r}; it has {known}")
        return self.query(f"from {name}")

    def team(self, component: str) -> Team:
        """Open the file of a Component's team. Raises CxError where there is none,
        EditionError where it is missing, cut or changed."""
        if not self.check_team(component):
            raise CxError(f"the edition has no file of its own for {component}")
        return Team(self.home / "editions" / self.id / _team_file(component))

    def check_team(self, component: str) -> bool:
        """Say whether a Component has a file of its own, after holding it against its hash.
        Raises EditionError where it is missing, cut or changed."""
        name = _team_file(component)
        has_file = name in {str(file["name"]) for file in self.manifest["files"]}
        if has_file:
            check_edition(self.home, self.id, name)
        return has_file

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
            columns = [*FILTERS[table], *_NUMBERS_OF.get(table, ())]
            return pd.DataFrame(columns=columns, dtype="object")
        frame = self.query(f"select * from {table} {where}", parameters)
        for column in ("numerator", "denominator", "n", "rest_n"):
            if column in frame and (frame[column].dropna() % 1 == 0).all():
                frame[column] = frame[column].astype("Int64")
        order = list(FILTERS[table])
        return frame.sort_values(order, na_position="first", kind="stable", ignore_index=True)

    def newest(self, metrics: list[str], period_kind: str, **equals: str) -> dict[str, str]:
        """Return the last period of a kind in which each metric has a figure, for the rows
        that the column values choose; a metric without one is left out. Raises CxError for
        what is no column of the key."""
        if unknown := equals.keys() - set(KEY):
            raise CxError(f"rows cannot be filtered by {min(unknown)!r}; use {', '.join(KEY)}")
        wheres = ["list_contains($metrics, metric)", "period_kind = $period_kind"]
        wheres += [f"{column} = ${column}" for column in equals]
        frame = self.query(
            "select metric, max(period) as period from published "
            f"where {' and '.join(wheres)} and value is not null group by metric",
            {"metrics": metrics, "period_kind": period_kind, **equals},
        )
        return dict(zip(frame["metric"], frame["period"], strict=True))

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """The catalog, one row per metric, indexed by its name."""
        return self.table("metric").set_index("metric", drop=False)

    def starts(self, metric: str) -> dict[int, str]:
        """Return the quarters from which versions of a metric hold, by version; a version
        for which all periods were computed anew is left out."""
        if "definition" not in self.table_names:
            return {}  # an edition of before definitions were dated
        frame = self.query(
            "select version, valid_from from definition "
            "where metric = ? and valid_from is not null",
            [metric],
        )
        return dict(zip(frame["version"], frame["valid_from"], strict=True))

    def periods(self, kind: str, family: str | None = None) -> list[str]:
        """Return the periods of a kind (month, quarter, fiscal_year) of a family of
        metrics, without one of the surveys (of everything where there are none), up to
        the quarter that their data go through, oldest first. Looked up once: an edition
        does not change."""
        if (kind, family) not in self._periods:
            self._periods[kind, family] = self._look_periods_up(kind, family)
        return list(self._periods[kind, family])

    @cached_property
    def _periods(self) -> dict[tuple[str, str | None], list[str]]:
        return {}

    def _look_periods_up(self, kind: str, family: str | None) -> list[str]:
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
    """Open an edition, without an id the current one, after holding it against its hashes
    (once per process, as long as its files stay the same).

    Raises EditionError where nothing has been published yet, there is no such edition, or
    it is missing, cut, changed or of a newer version of DuckDB.
    """
    chosen = chosen_id(home) if edition_id is None else edition_id
    opened = Edition(home, chosen, check_edition(home, chosen))
    try:
        opened.query("select 1")
    except duckdb.Error as error:
        raise EditionError(
            "unsound edition",
            f"edition {chosen}: {PUBLIC} is as it was published, but this version of DuckDB "
            f"({duckdb.__version__}) cannot read it ({_first_line(error)})",
            f"update the dashboard, or {remedy(home, chosen)}",
        ) from error
    return opened


def _first_line(error: duckdb.Error) -> str:
    """What DuckDB says, without the folder of the file."""
    return re.sub(r"(\"|')?/[^\s\"']*/", r"\1", str(error).splitlines()[0])

"""Checks of the dated reference tables that people fill by hand: targets, benchmarks from
outside, and annotations. Each problem names file, line and remedy."""

import csv
import math
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import get_args

from metrics.base.errors import CxError
from metrics.base.settings import SQL, shown_path
from metrics.define import template
from metrics.define.catalog import QUARTER, Family, Metric, read_metrics

Row = tuple[int, dict[str, str]]
"""A row of a reference file: the line it ends on, and its values by column, '' for blank."""

ALL = "all"
DATED = ("target", "external_benchmark")
LEVELS = {
    "department": (True, True),
    "component": (False, True),
    "service": (False, False),
}
"""Whether Component and service read 'all' at each level."""


def reference_problems(tables: dict[Path, list[Row]]) -> list[str]:
    """Return what is wrong with the rows of targets, benchmarks and annotations among
    reference tables, each as `file:line: what is wrong; how to fix it`.

    Components, services and channels are those of the tables in the same folder, where it
    has them: a file of the project speaks of the project's services, whatever replaces them.
    """
    by_name = {path.stem: rows for path, rows in tables.items()}
    metrics: dict[str, Metric | None] = {}
    problems: list[str] = []
    for path, rows in tables.items():
        if path.stem not in (*DATED, "annotation"):
            continue
        known = _Known(path.parent, tables, by_name, metrics)
        check = _annotation_problems if path.stem == "annotation" else _dated_problems
        for line, row in rows:
            where = f"{shown_path(path)}:{line}"
            problems += [f"{where}: {what}" for what in check(row, known)]
        if path.stem in DATED:
            problems += _overlaps(path, rows)
    return problems


class _Known:
    """What rows of one folder may name."""

    def __init__(
        self,
        folder: Path,
        tables: dict[Path, list[Row]],
        by_name: dict[str, list[Row]],
        metrics: dict[str, Metric | None],
    ) -> None:
        def rows(name: str) -> list[dict[str, str]]:
            beside = folder / f"{name}.csv"
            if beside not in tables and beside.exists():
                with beside.open(encoding="utf-8-sig", newline="") as file:
                    return list(csv.DictReader(file))
            return [row for _, row in tables.get(beside, by_name.get(name, []))]

        self.components = {row["component"] for row in rows("component")}
        self.services = {row["service"]: row["component"] for row in rows("service")}
        self.channels = {row["channel"] for row in rows("channel")}
        self.metrics = metrics

    def has_metric(self, name: str) -> bool:
        return template.file_of(name, SQL / "metrics") is not None

    def metric(self, name: str) -> Metric | None:
        """The metric, or None where its file is wrong, which `check` tells by itself."""
        if name not in self.metrics:
            path = template.file_of(name, SQL / "metrics")
            try:
                self.metrics |= read_metrics(path) if path else {}
            except CxError:
                self.metrics[name] = None
        return self.metrics.get(name)


def _place_problems(row: dict[str, str], known: _Known) -> list[str]:
    component, service = row["component"], row["service"]
    if component != ALL and component not in known.components:
        return [f"component {component!r} is unknown; use a code of component.csv, or 'all'"]
    if service == ALL:
        return []
    if service not in known.services:
        return [f"service {service!r} is unknown; use a code of service.csv, or 'all'"]
    if component != known.services[service]:
        return [
            f"service {service!r} is not one of {component!r}; its component is "
            f"{known.services[service]!r}"
        ]
    return []


def _blank_problems(row: dict[str, str], names: tuple[str, ...]) -> list[str]:
    wanted = {"source": "say who set or published it and where", "text": "say what happened"}
    return [
        f"{name} is blank; {wanted.get(name, 'fill it in')}"
        for name in names
        if not row[name].strip()
    ]


def _annotation_problems(row: dict[str, str], known: _Known) -> list[str]:
    problems = _place_problems(row, known) + _blank_problems(row, ("text", "source"))
    try:
        date.fromisoformat(row["happened_on"])
    except ValueError:
        problems.append(f"happened_on {row['happened_on']!r} is no date; write it as 2024-01-31")
    family, metric = row["family"], row["metric"]
    if family != ALL and family not in get_args(Family):
        problems.append(f"family {family!r} is unknown; use {', '.join(get_args(Family))} or 'all'")
    if metric == ALL:
        return problems
    if not known.has_metric(metric):
        problems.append(f"metric {metric!r} is unknown; use a name of sql/metrics, or 'all'")
    elif (found := known.metric(metric)) and family not in (ALL, found.family):
        problems.append(
            f"metric {metric!r} is of family {found.family!r}, not {family!r}; correct one of them"
        )
    return problems


def _dated_problems(row: dict[str, str], known: _Known) -> list[str]:
    problems = _place_problems(row, known)
    level = row["level"]
    if level not in LEVELS:
        problems.append(f"level {level!r} is unknown; use {', '.join(LEVELS)}")
    else:
        for name, must_be_all in zip(("component", "service"), LEVELS[level], strict=True):
            if (row[name] == ALL) != must_be_all:
                wanted = "must read 'all'" if must_be_all else f"must name one {name}"
                problems.append(f"at level {level!r} the {name} {wanted}; it reads {row[name]!r}")
    if "channel" in row and row["channel"] != ALL and row["channel"] not in known.channels:
        problems.append(
            f"channel {row['channel']!r} is unknown; use a code of channel.csv, or 'all'"
        )
    problems += _blank_problems(row, ("label", "source") if "label" in row else ("source",))
    problems += _validity_problems(row)
    is_share = False
    if not known.has_metric(row["metric"]):
        problems.append(f"metric {row['metric']!r} is unknown; use a name of sql/metrics")
    elif found := known.metric(row["metric"]):
        is_share = found.kind == "share"
    try:
        value = float(row["value"])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        problems.append(f"value {row['value']!r} is no number; write it as 0.75")
    elif is_share and not 0 <= value <= 1:
        problems.append(
            f"value {row['value']} of a share must lie between 0 and 1; write 75 % as 0.75"
        )
    return problems


def _validity_problems(row: dict[str, str]) -> list[str]:
    problems = [
        f"{name} {row[name]!r} is no fiscal quarter; write it as 2024Q1"
        for name in ("valid_from", "valid_to")
        if not re.fullmatch(QUARTER, row[name]) and (name == "valid_from" or row[name])
    ]
    if not problems and row["valid_to"] and row["valid_from"] > row["valid_to"]:
        problems.append(
            f"valid_from {row['valid_from']} is after valid_to {row['valid_to']}; swap them"
        )
    return problems


def _overlaps(path: Path, rows: list[Row]) -> list[str]:
    """Rows of one metric and scope of which more than one holds in a quarter."""

    def scope(row: dict[str, str]) -> tuple[str, ...]:
        names = ("metric", "level", "component", "service", "channel")
        return tuple(row.get(name, "") for name in names)

    sound = [(line, row) for line, row in rows if not _validity_problems(row)]
    sound.sort(key=lambda item: (scope(item[1]), item[1]["valid_from"], item[0]))
    problems = []
    for (first_line, first), (line, row) in pairwise(sound):
        if scope(first) == scope(row) and row["valid_from"] <= (first["valid_to"] or "9999Q4"):
            problems.append(
                f"{shown_path(path)}:{line}: holds from {row['valid_from']}, while line "
                f"{first_line} holds for the same metric and scope; end that one with valid_to "
                "in the quarter before"
            )
    return problems

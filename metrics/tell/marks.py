"""What is drawn into a series besides its values: targets, benchmarks from outside, events,
and the quarters from which another definition holds. Looked up in an edition, in one place."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import pandas as pd

from metrics.base.numbers import is_missing, value_text, worded
from metrics.base.periods import last_quarter, period_label
from metrics.edition.edition import Edition

ALL = "all"
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
HEADINGS = {"target": "Target", "benchmark": "Benchmark from outside"}
"""Columns of the table behind a chart."""

Scope = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Level:
    """A value to set a series beside, in the unit of the metric, from its first to its last
    fiscal quarter (None while it holds)."""

    kind: Literal["target", "benchmark"]
    name: str
    value: float
    first: str
    last: str | None
    source: str

    def holds(self, period: str) -> bool:
        """Whether it holds in a month or quarter; never in a year, which it may not cover."""
        quarter = last_quarter(period)
        is_in = self.first <= quarter <= (self.last or quarter)
        return is_in and not period.startswith("FY")


@dataclass(frozen=True)
class Event:
    """Something a reader of a series must know from a day on; `definition` is the version
    where the metric is defined otherwise from then on."""

    happened_on: date
    text: str
    source: str
    definition: int | None = None

    @property
    def sentence(self) -> str:
        """What happened when, and who says so."""
        return f"{self.happened_on:%b %-d, %Y}: {self.text} Source: {self.source.rstrip('.')}."

    def period(self, like: str) -> str:
        """The period it falls into, of the kind of another period."""
        month = f"{self.happened_on:%Y-%m}"
        if "Q" in like:
            return last_quarter(month)
        return f"FY{last_quarter(month)[:4]}" if like.startswith("FY") else month


@dataclass(frozen=True)
class Placed:
    """An event in a chart: its number, its period, and the event."""

    number: str
    period: str
    event: Event

    @property
    def label(self) -> str:
        """What stands in the chart."""
        version = self.event.definition
        return f"{self.number} definition {version}" if version else self.number


@dataclass(frozen=True)
class Marks:
    """What is drawn into a series besides its values, and a note on its definition."""

    levels: tuple[Level, ...] = ()
    events: tuple[Event, ...] = ()
    note: str = ""

    @property
    def without_levels(self) -> "Marks":
        """The same for a part of a breakdown, of which no target or benchmark speaks."""
        return replace(self, levels=())

    def placed(self, periods: Sequence[str]) -> list[Placed]:
        """The events that fall into the periods of a chart, numbered by date."""
        if not periods:
            return []
        found = [(event.period(periods[0]), event) for event in self.events]
        shown = [item for item in found if item[0] in set(periods)]
        return [
            Placed(CIRCLED[i] if i < len(CIRCLED) else f"({i + 1})", period, event)
            for i, (period, event) in enumerate(shown)
        ]

    def drawn_levels(self, periods: Sequence[str]) -> list[Level]:
        """The levels that hold in one of the periods."""
        return [level for level in self.levels if any(map(level.holds, periods))]

    def between(self, before: str, period: str) -> list[str]:
        """The events from one period to another of the same kind, in words."""
        return [event.sentence for event in self.events if before <= event.period(period) <= period]

    def lines(self, periods: Sequence[str], kind: str) -> list[str]:
        """The marks of a chart in words, one a line; `kind` is that of the metric."""
        found = [f"{placed.number} {placed.event.sentence}" for placed in self.placed(periods)]
        for level in self.drawn_levels(periods):
            how = "dashed line" if level.kind == "target" else "dotted line"
            until = f" to {period_label(level.last)}" if level.last else ""
            found.append(
                f"{level.name[0].upper()}{level.name[1:]} ({how}): "
                f"{value_text(level.value, kind)} from {period_label(level.first)}{until}. "
                f"Source: {level.source.rstrip('.')}."
            )
        return [*found, *([self.note] if self.note else [])]

    def columns(self, periods: Sequence[str], kind: str) -> dict[str, dict[str, str]]:
        """The levels as columns of a table: heading, to period in words, to value."""
        found: dict[str, dict[str, str]] = {}
        for name, heading in HEADINGS.items():
            levels = [level for level in self.drawn_levels(periods) if level.kind == name]
            is_plain = {level.name for level in levels} <= {name}
            for period in periods if levels else []:
                parts = [
                    value_text(level.value, kind) + ("" if is_plain else f" ({level.name})")
                    for level in levels
                    if level.holds(period)
                ]
                found.setdefault(heading, {})[period_label(period)] = "; ".join(parts) or "–"
        return found


NOTHING = Marks()


def marks_for(edition: Edition, metric: str | Sequence[str], scope: Scope) -> Marks:
    """Look up what concerns the series of a metric (or of several in one chart) in a scope.

    `scope` holds level, component and service, and channel where it is not 'all', each one
    value or several. A target or benchmark concerns exactly its level and place, and a
    benchmark its channel; an event concerns every series that its place is a part of, or
    that is a part of its place. Tables that an older edition lacks count as empty.
    """
    names = _several(metric)
    about = edition.metrics
    wanted = {name: _several(scope.get(name, ALL)) for name in ("component", "service", "channel")}
    frames = {
        kind: _in_scope(edition, table, names, str(scope["level"]), wanted)
        for kind, table in (("target", "target"), ("benchmark", "external_benchmark"))
    }
    levels = []
    for kind, frame in frames.items():
        # With several series in a chart a level says whose it is.
        several = {"metric": names, **wanted}
        parts = [name for name in frame if name in several and len(several[str(name)]) > 1]
        for row in frame.to_dict("records"):
            name = str(row.get("label") or "target")
            named = [
                str(about.loc[row[part], "title"]) if part == "metric" else str(row[part])
                for part in parts
                if row[part] != ALL
            ]
            levels.append(
                Level(
                    kind="target" if kind == "target" else "benchmark",
                    name=", ".join([name, *named]),
                    value=float(row["value"]),
                    first=str(row["valid_from"]),
                    last=None if is_missing(row["valid_to"]) else str(row["valid_to"]),
                    source=str(row["source"]),
                )
            )
    events = [*_annotations(edition, names, wanted), *_definitions(edition, names)]
    return Marks(
        tuple(levels),
        tuple(sorted(events, key=lambda event: event.happened_on)),
        " ".join(filter(None, (_version_note(edition, name) for name in names))),
    )


def _several(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _table(edition: Edition, name: str) -> pd.DataFrame:
    return edition.table(name) if name in edition.table_names else pd.DataFrame()


def _in_scope(
    edition: Edition, table: str, names: list[str], level: str, wanted: dict[str, list[str]]
) -> pd.DataFrame:
    frame = _table(edition, table)
    if frame.empty:
        return pd.DataFrame(columns=["metric", "component", "service"])
    is_mine = frame["metric"].isin(names) & frame["level"].eq(level)
    for column in ("component", "service", "channel"):
        if column in frame:
            is_mine &= frame[column].isin(wanted[column])
    return frame[is_mine].sort_values("valid_from", kind="stable")


def _annotations(edition: Edition, names: list[str], wanted: dict[str, list[str]]) -> list[Event]:
    frame = _table(edition, "annotation")
    families = set(edition.metrics.loc[names, "family"])
    events = []
    for row in frame.to_dict("records"):
        is_mine = (
            row["family"] in (ALL, *families)
            # Editions of before annotations named a metric.
            and row.get("metric", ALL) in (ALL, *names)
            and all(
                row[name] == ALL or ALL in wanted[name] or row[name] in wanted[name]
                for name in ("component", "service")
            )
        )
        if is_mine:
            is_named = wanted["component"] == [row["component"]] or row["component"] == ALL
            said = str(row["text"]) if is_named else f"{row['component']}: {row['text']}"
            day = pd.Timestamp(row["happened_on"]).date()
            events.append(Event(day, said, str(row["source"])))
    return events


def _definitions(edition: Edition, names: list[str]) -> list[Event]:
    frame = _table(edition, "definition")
    events = []
    for name in names if len(frame) else []:
        eras = frame[frame["metric"] == name].sort_values("version")
        before = eras["meaning"].shift()
        for row, meaning in zip(eras.to_dict("records"), before, strict=True):
            if not worded(row["valid_from"]):
                continue
            whose = f" of {edition.metrics.loc[name, 'title']}" if len(names) > 1 else ""
            same = "may be" if row["meaning"] == meaning else "cannot be"
            said = (
                f"Definition {row['version']}{whose} applies from "
                f"{period_label(row['valid_from'])}: {row['change'].rstrip('.')}. Figures before "
                f"and after {same} compared."
            )
            year, quarter = row["valid_from"].split("Q")
            month = 3 * int(quarter) - 5
            day = date(int(year) - (month < 1), month + 12 * (month < 1), 1)
            source = str(edition.metrics.loc[name, "file"])
            events.append(Event(day, said, source, int(row["version"])))
    return events


def _version_note(edition: Edition, name: str) -> str:
    """What is to be said of a version for which all periods were computed anew."""
    about = edition.metrics.loc[name]
    version, since = int(about["version"]), worded(about.get("since"))
    if version == 1 or version in edition.starts(name):
        return ""
    change = json.loads(about["changelog"])[str(version)].rstrip(".")
    when = f" since {pd.Timestamp(since):%b %-d, %Y}" if since else ""
    return (
        f"{about['title']}: version {version} of the definition{when}: {change}. All periods "
        "were computed anew."
    )

"""Where a metric comes from, read from the edges that an edition holds."""

from collections import deque
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Sources:
    """What a metric is made from: the aggregates its own select reads (`direct`), all
    aggregates below it, and the raw and reference tables at the bottom, each sorted."""

    direct: tuple[str, ...]
    aggregates: tuple[str, ...]
    raw: tuple[str, ...]
    reference: tuple[str, ...]


def edges_of(edges: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the edges that lead to a metric, and from it to its pages. First the pages,
    then what is read, the nearest first, and below it by kind and name."""
    by_reader = {
        (str(kind), str(name)): group
        for (kind, name), group in edges.groupby(["to_kind", "to_name"], sort=False)
    }
    parts = [edges[(edges["from_kind"] == "metric") & (edges["from_name"] == metric)]]
    waiting, seen = deque([("metric", metric)]), {("metric", metric)}
    while waiting:
        group = by_reader.get(waiting.popleft())
        if group is None:
            continue
        parts.append(group)
        for source in zip(group["from_kind"], group["from_name"], strict=True):
            if source not in seen:
                seen.add(source)
                waiting.append(source)
    return pd.concat(parts, ignore_index=True)


def sources_of(edges: pd.DataFrame, metric: str) -> Sources:
    """Return what a metric is made from, out of edges that hold all of its SQL."""
    own = edges_of(edges, metric)

    def names(kind: str, rows: pd.DataFrame = own) -> tuple[str, ...]:
        return tuple(sorted(set(rows.loc[rows["from_kind"] == kind, "from_name"])))

    direct = own[(own["to_kind"] == "metric") & (own["to_name"] == metric)]
    return Sources(names("aggregate", direct), names("aggregate"), names("raw"), names("reference"))


SHOWN_FILES = 5
"""Files of one table that a drawing names; the newest loads first."""


def tree_of(edges: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the lineage of a metric as the lines of a tree, from the metric down.

    One row per line: `depth` (0 is the metric), `kind`, `name` and `note`. Below the metric
    come its pages, then what its select reads. An aggregate stands for all aggregates that
    it reads in turn (the note says how many), so below it are the tables at the bottom, and
    below these their files. A reference table and its one file are one line.
    """
    own = edges_of(edges, metric)
    pages = own.loc[own["to_kind"] == "page", "to_name"]
    lines: list[tuple[int, str, str, str]] = [(0, "metric", metric, "")]
    lines += [(1, "page", str(page), "") for page in pages]
    reads = own[(own["to_kind"] == "metric") & (own["to_name"] == metric)]
    for kind, name in zip(reads["from_kind"], reads["from_name"], strict=True):
        if kind != "aggregate":
            lines += _table_lines(own, 1, str(kind), str(name))
            continue
        bottom = below(own, "aggregate", str(name))
        others = sum(kind == "aggregate" for kind, _ in bottom)
        note = f"and {others} more {'step' if others == 1 else 'steps'}" if others else ""
        lines.append((1, "aggregate", str(name), note))
        for table_kind in ("raw", "reference"):
            for table in sorted(table for kind, table in bottom if kind == table_kind):
                lines += _table_lines(own, 2, table_kind, table)
    return pd.DataFrame(lines, columns=["depth", "kind", "name", "note"])


def below(edges: pd.DataFrame, kind: str, name: str) -> set[tuple[str, str]]:
    """Return kind and name of all that something reads, at any distance."""
    found: set[tuple[str, str]] = set()
    waiting = [(kind, name)]
    while waiting:
        kind, name = waiting.pop()
        rows = edges[(edges["to_kind"] == kind) & (edges["to_name"] == name)]
        fresh = set(zip(rows["from_kind"], rows["from_name"], strict=True)) - found
        found |= fresh
        waiting += fresh
    return found


def _table_lines(
    edges: pd.DataFrame, depth: int, kind: str, table: str
) -> list[tuple[int, str, str, str]]:
    files = edges[(edges["to_kind"] == kind) & (edges["to_name"] == table)]
    files = files.sort_values("load_id", ascending=False, kind="stable")
    if kind == "reference":
        return [(depth, kind, next(iter(files["from_name"]), table), "")]
    lines = [(depth, kind, table, "" if len(files) or table in NO_FILES else "nothing loaded")]
    for name, format_name in zip(
        files["from_name"].head(SHOWN_FILES), files["format"].head(SHOWN_FILES), strict=True
    ):
        lines.append((depth + 1, "file", str(name), f"format {format_name}"))
    if len(files) > SHOWN_FILES:
        lines.append((depth + 1, "file", f"{len(files) - SHOWN_FILES} more files", ""))
    return lines


NO_FILES = ("data_load", "release", "load_undo", "replacing_load")
"""Raw tables that the warehouse fills itself."""

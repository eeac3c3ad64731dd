"""Disclosure control: which cells must be hidden so that no small count leaks.

A cell with fewer people than the threshold is hidden. Because published totals
are sums of published parts, further cells are hidden until no hidden count can
be worked out:

1. In every sum (parent = its parts) with hidden parts and a visible parent there
   are at least two hidden parts, together at least as many people as the
   threshold, who do not all give the same answer. A hidden parent has a hidden
   part.
2. No hidden count is determined by all the sums together (linear algebra).
3. A count hidden in one metric is hidden in every metric that prints it for the
   same cell.

Sources: CMS cell-size policy (cells of 1 to 10, and what would reveal them);
complementary suppression as in FCSM Statistical Policy Working Paper 22.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import null_space

GEOGRAPHY = ["level", "component", "service"]
TIME = ["period_kind", "period"]
CELL = [*GEOGRAPHY, "channel", *TIME]


Key = tuple[str | None, ...]
"""Values of CELL and the breakdown that address a row within a metric and basis."""


@dataclass(frozen=True)
class Sum:
    """A published sum: the row of the parent and the rows of its parts."""

    parent: int
    parts: tuple[int, ...]


def _quarter_of_month(period: str) -> str:
    year, month = int(period[:4]), int(period[5:7])
    return f"{year + (month >= 10)}Q{(month + 2) % 12 // 3 + 1}"


def _parents(row: Key) -> list[Key]:
    """Keys of the cells that this cell is a part of, one per dimension."""
    level, component, service, channel, kind, _, breakdown = row
    period = str(row[5])
    parents: list[Key] = []
    if level == "component":
        parents.append(("department", "all", "all", channel, kind, period, breakdown))
    if level == "service":
        parents.append(("component", component, "all", channel, kind, period, breakdown))
    if channel != "all":
        parents.append((level, component, service, "all", kind, period, breakdown))
    if kind == "month":
        quarter = _quarter_of_month(period)
        parents.append((level, component, service, channel, "quarter", quarter, breakdown))
    if kind == "quarter":
        year = f"FY{period[:4]}"
        parents.append((level, component, service, channel, "fiscal_year", year, breakdown))
    return parents


def find_sums(rows: pd.DataFrame, additive_breakdown: bool, last_only: bool) -> list[Sum]:
    """Return the sums among the rows of one metric and basis.

    `rows` has the columns of CELL and `breakdown`, in positional order. With
    `last_only` (stocks) a longer period is its last part alone.
    """
    keys: list[Key] = [tuple(row) for row in rows[[*CELL, "breakdown"]].itertuples(index=False)]
    position = {key: index for index, key in enumerate(keys)}
    parts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        for parent in _parents(key):
            if parent in position:
                changed = next(i for i in range(7) if key[i] != parent[i])
                parts[position[parent], changed].append(index)
        if additive_breakdown and key[6] is not None:
            total: Key = (*key[:6], None)
            if total in position:
                parts[position[total], 6].append(index)
    sums = []
    for (total_row, changed), members in parts.items():
        if last_only and changed == 4:
            members = [max(members, key=lambda i: str(keys[i][5]))]
        sums.append(Sum(total_row, tuple(members)))
    return sums


def close(
    sums: list[Sum], guard: np.ndarray, numerator: np.ndarray, hidden: set[int], minimum: int
) -> set[int]:
    """Return the rows to hide: `hidden` and what rules 1 and 2 add to it.

    `guard` is the number of people of each row, `numerator` how many of them gave
    the answer that the metric counts (NaN where it counts no answer); `minimum` is
    the threshold.
    """
    hidden = set(hidden)
    by_row: dict[int, list[int]] = defaultdict(list)
    for number, item in enumerate(sums):
        for row in (item.parent, *item.parts):
            by_row[row].append(number)
    queue = {number for row in hidden for number in by_row[row]}
    while queue:
        while queue:
            number = queue.pop()
            for row in _hide_more(sums[number], guard, numerator, hidden, minimum):
                hidden.add(row)
                queue.update(by_row[row])
        extra = _determined(sums, guard, hidden)
        if extra is not None:
            hidden.add(extra)
            queue.update(by_row[extra])
    return hidden


def _hide_more(
    item: Sum, guard: np.ndarray, numerator: np.ndarray, hidden: set[int], minimum: int
) -> Iterable[int]:
    parts_hidden = [row for row in item.parts if row in hidden]
    visible = sorted(
        (row for row in item.parts if row not in hidden and guard[row] > 0),
        key=lambda row: (guard[row], row),
    )
    if item.parent in hidden:
        if not parts_hidden and visible:
            yield visible[0]
        return
    if not parts_hidden:
        return
    people = sum(int(guard[row]) for row in parts_hidden)
    counted = sum(float(numerator[row]) for row in parts_hidden)
    is_uniform = counted in (0.0, float(people))
    if len(parts_hidden) >= 2 and people >= minimum and not is_uniform:
        return
    mixed = [row for row in visible if 0 < numerator[row] < guard[row]]
    candidates = mixed if is_uniform and len(parts_hidden) >= 2 and mixed else visible
    yield candidates[0] if candidates else item.parent


def _determined(sums: list[Sum], guard: np.ndarray, hidden: set[int]) -> int | None:
    """Return a visible row to hide because the sums determine a hidden one."""
    unknowns = [
        (number, [row for row in (item.parent, *item.parts) if row in hidden])
        for number, item in enumerate(sums)
    ]
    unknowns = [(number, rows) for number, rows in unknowns if rows]
    for block in _blocks(unknowns):
        rows = sorted({row for _, members in block for row in members})
        column = {row: index for index, row in enumerate(rows)}
        matrix = np.zeros((len(block), len(rows)))
        for line, (number, members) in enumerate(block):
            for row in members:
                matrix[line, column[row]] = -1.0 if row == sums[number].parent else 1.0
        basis = null_space(matrix)
        free = np.abs(basis).max(axis=1) > 1e-9 if basis.shape[1] else np.zeros(len(rows), bool)
        for row in (rows[index] for index in np.flatnonzero(~free)):
            neighbours = [
                other
                for number, members in block
                if row in members
                for other in (*sums[number].parts, sums[number].parent)
                if other not in hidden and guard[other] > 0
            ]
            if neighbours:
                return min(neighbours, key=lambda other: (guard[other], other))
    return None


def _blocks(unknowns: list[tuple[int, list[int]]]) -> list[list[tuple[int, list[int]]]]:
    """Split equations into groups that share no unknown."""
    leader: dict[int, int] = {}

    def find(row: int) -> int:
        while leader.setdefault(row, row) != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    for _, rows in unknowns:
        for row in rows[1:]:
            leader[find(rows[0])] = find(row)
    groups: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
    for item in unknowns:
        groups[find(item[1][0])].append(item)
    return list(groups.values())


def hidden_rows(grid: pd.DataFrame) -> set[int]:
    """Return the `row_id`s of the level grid that must not be published.

    `grid` has the columns row_id, metric, kind, basis, breakdown, CELL, numerator,
    denominator, n, guard, minimum_n, is_breakdown_additive and over_time; counts
    are whole numbers of people. Rows of metrics with minimum_n 0 are never hidden.
    """
    grid = grid[grid["minimum_n"] > 0].reset_index(drop=True)
    guard = grid["guard"].fillna(0).to_numpy(dtype=np.int64)
    minimum = grid["minimum_n"].to_numpy(dtype=np.int64)
    hidden = set(np.flatnonzero((guard > 0) & (guard < minimum)).tolist())
    if not hidden:
        return set()
    grid = grid.assign(
        breakdown=grid["breakdown"].astype(object).where(grid["breakdown"].notna(), None)
    )
    numerator = grid["numerator"].fillna(0).to_numpy(dtype=np.float64)
    counts = [
        grid[name].fillna(0).to_numpy(dtype=np.float64) for name in ("guard", "n", "denominator")
    ]
    counts_answers = (grid["kind"] == "share") & (grid["guard"] == grid["denominator"])
    answers = np.where(counts_answers, numerator, np.nan)
    cells = list(grid[CELL].itertuples(index=False, name=None))
    printed: dict[tuple[tuple[str, ...], int], set[int]] = defaultdict(set)
    for count in (*counts, numerator):
        for row in np.flatnonzero((count > 0) & (count == np.floor(count))):
            printed[cells[row], int(count[row])].add(int(row))

    groups = [rows for _, rows in grid.groupby(["metric", "basis"], sort=False, dropna=False)]
    group_of = {int(row): index for index, rows in enumerate(groups) for row in rows.index}
    known_sums: dict[int, list[Sum]] = {}

    pending, fresh = {group_of[row] for row in hidden}, set(hidden)
    while pending:
        for index in sorted(pending):
            rows = groups[index]
            if index not in known_sums:
                first = rows.iloc[0]
                known_sums[index] = find_sums(
                    rows, bool(first["is_breakdown_additive"]), first["over_time"] == "last"
                )
            at = rows.index.to_numpy()
            inside = {i for i, row in enumerate(at) if int(row) in hidden}
            closed = close(
                known_sums[index], guard[at], answers[at], inside, int(rows["minimum_n"].iloc[0])
            )
            added = {int(at[i]) for i in closed - inside}
            hidden |= added
            fresh |= added
        spread = {
            other
            for row in fresh
            for other in printed.get((cells[row], int(guard[row])), set())
            if other not in hidden
        }
        hidden |= spread
        fresh, pending = set(spread), {group_of[row] for row in spread}
    return {int(value) for value in grid["row_id"].iloc[sorted(hidden)]}

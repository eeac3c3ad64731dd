"""The audit of disclosure control: how closely told figures pin down what is hidden.

An edition is a system: every figure is a sum over the finest numbers (leaves), and each
figure that is told leaves an interval for its sum. For a hidden figure the audit looks
for other leaves, in whole numbers, that would give the very same edition. It varies the
leaves around the hidden figure and leaves all others as they are, so what it finds open
is open.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csc_array, csr_array

TURNS = 2
"""How often all hidden figures of a neighborhood are moved together, up and down, before
each is looked at by itself."""
SECONDS = 10.0
"""Time for one search; without an answer a figure is not taken for open."""
EXACTLY = 1e-6


@dataclass
class System:
    """Figures as sums over leaves.

    `sums` has a line for each figure and a column for each leaf, 1 where the figure
    counts the leaf; `truth` is the number of each leaf. `low` and `high` are what is told
    of each figure (infinite where nothing is), `least` and `most` what a reader knows of
    each leaf anyway. `equal` holds equations: lines that are 0 for every possible set of
    leaves. `block` numbers the neighborhoods: leaves that are varied together.
    """

    sums: csr_array
    truth: np.ndarray
    low: np.ndarray
    high: np.ndarray
    least: np.ndarray
    most: np.ndarray
    equal: csr_array
    block: np.ndarray
    is_whole: bool = True


@dataclass
class Range:
    """Lowest and highest sum of a figure that was seen to give the same edition."""

    lowest: float
    highest: float

    def reach(self, value: float) -> None:
        """Take a further possible sum in."""
        self.lowest, self.highest = min(self.lowest, value), max(self.highest, value)


def open_up(
    system: System,
    targets: np.ndarray,
    is_open: Callable[[int, Range], bool],
    hide: Callable[[list[int]], list[int]],
) -> dict[int, Range]:
    """Hide figures until every target (number of a figure) is open.

    `is_open` judges a target by the range of its sum. `hide` gets the figures that pin a
    target down, hides one of them and returns the figures of the system of which nothing
    is told any more; an empty list where none can be hidden. Returns the ranges seen.
    """
    ranges = _alone(system, targets)
    groups: dict[tuple[int, ...], list[int]] = {}
    for row in targets.tolist():
        if not is_open(row, ranges[row]):
            leaves = system.sums.indices[system.sums.indptr[row] : system.sums.indptr[row + 1]]
            key = tuple(np.unique(system.block[leaves]).tolist())
            groups.setdefault(key, []).append(row)
    for key, rows in sorted(groups.items()):
        leaves = np.flatnonzero(np.isin(system.block, key))
        problem = _Problem(system, leaves)
        problem.move_together(rows, ranges)
        while (row := next((r for r in rows if not is_open(r, ranges[r])), None)) is not None:
            binding = problem.binding(row, rows, ranges, is_open)
            gone = hide(binding) if binding else []
            if gone:
                system.low[gone], system.high[gone] = -np.inf, np.inf
                problem = _Problem(system, leaves)
            elif not is_open(row, ranges[row]):
                rows.remove(row)  # nothing is left that could be hidden
    return ranges


def _alone(system: System, targets: np.ndarray) -> dict[int, Range]:
    """Ranges of targets when one leaf of theirs moves by itself."""
    sums = system.sums @ system.truth
    columns = system.sums.tocsc()
    up = np.minimum(_least_of(columns, system.high - sums), system.most - system.truth)
    down = np.minimum(_least_of(columns, sums - system.low), system.truth - system.least)
    if system.equal.shape[0]:
        is_bound = np.diff(system.equal.tocsc().indptr) > 0
        up[is_bound] = down[is_bound] = 0
    ranges = {}
    for row in targets.tolist():
        leaves = system.sums.indices[system.sums.indptr[row] : system.sums.indptr[row + 1]]
        value = float(sums[row])
        # An open end is as open as anybody could wish.
        most = min(float(np.max(up[leaves])), value + 1000)
        ranges[row] = Range(value - max(0.0, float(np.max(down[leaves]))), value + max(0.0, most))
    return ranges


def _least_of(columns: csc_array, slack: np.ndarray) -> np.ndarray:
    """The smallest slack of the figures that count each leaf."""
    if not columns.shape[1]:
        return np.zeros(0)
    empty = np.diff(columns.indptr) == 0
    if not len(columns.indices):
        return np.full(columns.shape[1], np.inf)
    starts = np.minimum(columns.indptr[:-1], len(columns.indices) - 1)
    least = np.minimum.reduceat(slack[columns.indices], starts)
    return np.where(empty, np.inf, least)


class _Problem:
    """The equations and intervals of one neighborhood, all other leaves being as they are."""

    def __init__(self, system: System, leaves: np.ndarray) -> None:
        self.is_whole = system.is_whole
        self.truth = system.truth[leaves].astype(float)
        self.least = system.least[leaves].astype(float)
        self.most = system.most[leaves].astype(float)
        self.inside = system.sums[:, leaves].tocsr()
        outside = system.sums @ system.truth - self.inside @ self.truth
        told = np.isfinite(system.low) | np.isfinite(system.high)
        rows = np.flatnonzero(told & (np.diff(self.inside.indptr) > 0))
        low, high = system.low - outside, system.high - outside
        tightest: dict[bytes, list[float | int]] = {}
        indices: dict[bytes, np.ndarray] = {}
        for row in rows.tolist():
            part = np.sort(
                self.inside.indices[self.inside.indptr[row] : self.inside.indptr[row + 1]]
            )
            key = part.tobytes()
            indices[key] = part
            known = tightest.setdefault(key, [-np.inf, row, np.inf, row])
            if low[row] > known[0]:
                known[0], known[1] = float(low[row]), row
            if high[row] < known[2]:
                known[2], known[3] = float(high[row]), row
        self.lower = np.array([one[0] for one in tightest.values()], dtype=float)
        self.by_lower = np.array([one[1] for one in tightest.values()], dtype=int)
        self.upper = np.array([one[2] for one in tightest.values()], dtype=float)
        self.by_upper = np.array([one[3] for one in tightest.values()], dtype=int)
        starts = np.cumsum([0, *(len(part) for part in indices.values())])
        columns = np.concatenate([*indices.values(), np.zeros(0, dtype=int)]).astype(int)
        self.matrix = csr_array(
            (np.ones(len(columns)), columns, starts), (len(tightest), len(leaves))
        )
        equal = system.equal[:, leaves].tocsr()
        self.equal = equal[np.flatnonzero(np.diff(equal.indptr) > 0)]
        self.equal_to = self.equal @ self.truth
        up, down = np.isfinite(self.upper), np.isfinite(self.lower)
        self.one_sided = _stacked(self.matrix[up], -self.matrix[down])
        self.limits = np.concatenate([self.upper[up], -self.lower[down]])
        self.told_by = [*self.by_upper[up].tolist(), *self.by_lower[down].tolist()]
        self.constraints = []
        if len(tightest):
            self.constraints.append(LinearConstraint(self.matrix, self.lower, self.upper))
        if self.equal.shape[0]:
            self.constraints.append(LinearConstraint(self.equal, self.equal_to, self.equal_to))

    def move_together(self, rows: list[int], ranges: dict[int, Range]) -> None:
        """Widen the ranges of rows by moving all of them at once."""
        draw = np.random.default_rng(len(rows))
        for turn in range(TURNS):
            weights = draw.uniform(0.5, 1.5, len(rows))
            if turn:
                weights *= draw.choice([-1, 1], len(rows))
            for sign in (1.0, -1.0):
                self._move(sign * (weights @ self.inside[rows]), rows, ranges)

    def binding(
        self,
        row: int,
        rows: list[int],
        ranges: dict[int, Range],
        is_open: Callable[[int, Range], bool],
    ) -> list[int]:
        """Return the figures that pin a row down, the strongest first; none where it turns
        out to be open."""
        line = self.inside[[row]].toarray()[0]
        found: dict[int, float] = {}
        ends = Range(float(line @ self.truth), float(line @ self.truth))
        for sign in (1.0, -1.0):
            result = self._relaxed(sign * line)
            if result.x is None:  # as open as can be
                ends.reach(float(line @ self.truth) - sign * 1000)
                continue
            ends.reach(sign * float(result.fun))
            for one, marginal in zip(self.told_by, np.abs(result.ineqlin.marginals), strict=True):
                if marginal > EXACTLY:
                    found[one] = max(found.get(one, 0.0), float(marginal))
        if self.is_whole:
            ends = Range(
                float(np.ceil(ends.lowest - EXACTLY)), float(np.floor(ends.highest + EXACTLY))
            )
        if is_open(row, ends):
            for sign in (1.0, -1.0):
                self._move(sign * line, rows, ranges)
            if is_open(row, ranges[row]):
                return []
        if not found:  # held by whole numbers alone: whatever speaks of the same leaves
            near = self.matrix @ line > 0
            return [*self.by_upper[near].tolist(), *self.by_lower[near].tolist()]
        return sorted(found, key=lambda one: (-found[one], one))

    def _move(self, line: np.ndarray, rows: list[int], ranges: dict[int, Range]) -> None:
        """Find the leaves that make a line smallest, and widen the ranges by them."""
        most = np.where(np.isfinite(self.most), self.most, self.truth + 1000)
        result = milp(
            line,
            integrality=np.full(len(line), int(self.is_whole)),
            bounds=Bounds(self.least, most),
            constraints=self.constraints,
            options={"time_limit": SECONDS},
        )
        if result.x is None:
            return
        leaves = np.round(result.x) if self.is_whole else result.x
        for row, value in zip(rows, (self.inside[rows] @ leaves).tolist(), strict=True):
            ranges[row].reach(float(value))

    def _relaxed(self, line: np.ndarray) -> OptimizeResult:
        """Make a line smallest, in fractions too."""
        return linprog(
            line,
            A_ub=self.one_sided,
            b_ub=self.limits,
            A_eq=self.equal if self.equal.shape[0] else None,
            b_eq=self.equal_to if self.equal.shape[0] else None,
            bounds=np.column_stack([self.least, self.most]),
            method="highs-ds",
        )


def _stacked(above: csr_array, below: csr_array) -> csr_array:
    return csr_array(
        (
            np.concatenate([above.data, below.data]),
            np.concatenate([above.indices, below.indices]),
            np.concatenate([above.indptr, above.indptr[-1] + below.indptr[1:]]),
        ),
        (above.shape[0] + below.shape[0], above.shape[1]),
    )

"""The audit of disclosure control: how closely told figures pin down what is hidden.

An edition is a system: every figure is a sum over the finest numbers (leaves), and each
figure that is told leaves an interval for its sum. For a hidden figure the audit looks
for other leaves, in whole numbers, that would give the very same edition. It varies the
leaves around the hidden figure and leaves all others as they are, so what it finds open
is open.
"""

from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array, vstack

ALONE = 3
"""Up to so many hidden figures of a neighborhood are looked at one by one at once; more are
first moved together, up and down."""
SECONDS = 10.0
"""Time for one search; without an answer a figure is not taken for open."""
EXACTLY = 1e-6
FAR = 1000.0
"""How far a number may move of which nothing at all is known: as open as one could wish."""


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
            groups.setdefault(_neighborhood(system, row), []).append(row)
    for key, rows in sorted(groups.items()):
        leaves = np.flatnonzero(np.isin(system.block, key))
        problem = _Problem(system, leaves)
        if len(rows) > ALONE:
            problem.move_together(rows, ranges)
        while (row := next((r for r in rows if not is_open(r, ranges[r])), None)) is not None:
            binding = problem.binding(row, rows, ranges, is_open)
            gone = hide(binding) if binding else []
            if gone:
                system.low[gone], system.high[gone] = -np.inf, np.inf
                problem.told_again(system)
            elif not is_open(row, ranges[row]):
                rows.remove(row)  # nothing is left that could be hidden
    return ranges


def widest(system: System, row: int) -> Range:
    """Return the lowest and highest sum of a figure that gives the same edition, all leaves
    outside its neighborhood being as they are."""
    ranges = _alone(system, np.array([row]))
    key = _neighborhood(system, row)
    problem = _Problem(system, np.flatnonzero(np.isin(system.block, key)))
    line = problem.inside[[row]].toarray()[0]
    for sign in (1.0, -1.0):
        end, _ = problem._move(sign * line, [row], ranges)
        seen = ranges[row].lowest if sign > 0 else -ranges[row].highest
        if system.is_whole and np.ceil(end - EXACTLY) < seen:
            problem._move_whole(sign * line, [row], ranges)
    return ranges[row]


def _neighborhood(system: System, row: int) -> tuple[int, ...]:
    leaves = system.sums.indices[system.sums.indptr[row] : system.sums.indptr[row + 1]]
    return tuple(np.unique(system.block[leaves]).tolist())


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
        most = min(float(np.max(up[leaves])), value + FAR)
        ranges[row] = Range(value - max(0.0, float(np.max(down[leaves]))), value + max(0.0, most))
    return ranges


def _least_of(columns: csc_array, slack: np.ndarray) -> np.ndarray:
    """The smallest slack of the figures that count each leaf; infinite where none does."""
    least = np.full(columns.shape[1], np.inf)
    counted = np.flatnonzero(np.diff(columns.indptr) > 0)
    if len(counted):
        least[counted] = np.minimum.reduceat(slack[columns.indices], columns.indptr[counted])
    return least


class _Solver(highspy.Highs):  # type: ignore[misc]
    """A solver that prints nothing, not even its name."""

    def enableCallbacks(self) -> None:
        """Called as the first thing, before which no option can be set."""
        self.setOptionValue("output_flag", False)


class _Problem:
    """The equations and intervals of one neighborhood, all other leaves being as they are."""

    def __init__(self, system: System, leaves: np.ndarray) -> None:
        self.is_whole = system.is_whole
        self.truth = system.truth[leaves].astype(float)
        self.least = system.least[leaves].astype(float)
        most = system.most[leaves].astype(float)
        self.most = np.where(np.isfinite(most), most, self.truth + FAR)
        self.inside = system.sums[:, leaves].tocsr()
        self.outside = system.sums @ system.truth - self.inside @ self.truth
        told = np.isfinite(system.low) | np.isfinite(system.high)
        self.rows = np.flatnonzero(told & (np.diff(self.inside.indptr) > 0))
        # Figures that vary with the same leaves are one line, as narrow as all of them.
        mark = self.inside[self.rows] @ np.random.default_rng(0).uniform(1, 2, len(leaves))
        _, first, self.line = np.unique(mark.round(9), return_index=True, return_inverse=True)
        self.n_lines = len(first)
        equal = system.equal[:, leaves].tocsr()
        equal = equal[np.flatnonzero(np.diff(equal.indptr) > 0)]
        self.equal_to = equal @ self.truth
        self.matrix = vstack([self.inside[self.rows[first]], equal]).tocsr()
        self._set_limits(system)
        self._solver = _solver(self)

    def _set_limits(self, system: System) -> None:
        low = (system.low - self.outside)[self.rows]
        high = (system.high - self.outside)[self.rows]
        lower, self.by_lower = _tightest(low, self.rows, self.line, self.n_lines)
        upper, self.by_upper = _tightest(-high, self.rows, self.line, self.n_lines)
        self.lower = np.concatenate([lower, self.equal_to])
        self.upper = np.concatenate([-upper, self.equal_to])

    def told_again(self, system: System) -> None:
        """Take over that less is told than before."""
        self._set_limits(system)
        n = self.matrix.shape[0]
        self._solver.changeRowsBounds(n, np.arange(n, dtype=np.int32), self.lower, self.upper)

    def move_together(self, rows: list[int], ranges: dict[int, Range]) -> None:
        """Widen the ranges of rows by moving all of them at once."""
        weights = np.random.default_rng(len(rows)).uniform(0.5, 1.5, len(rows))
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
        now = float(line @ self.truth)
        found: dict[int, float] = {}
        ends = Range(now, now)
        for sign in (1.0, -1.0):
            value, duals = self._move(sign * line, rows, ranges)
            ends.reach(sign * value)
            for at in np.flatnonzero(np.abs(duals[: self.n_lines]) > EXACTLY).tolist():
                for one in (self.by_lower[at], self.by_upper[at]):
                    found[int(one)] = max(found.get(int(one), 0.0), abs(float(duals[at])))
        if is_open(row, ranges[row]):
            return []
        if self.is_whole:
            ends = Range(
                float(np.ceil(ends.lowest - EXACTLY)), float(np.floor(ends.highest + EXACTLY))
            )
            if is_open(row, ends):  # in fractions at least
                for sign in (1.0, -1.0):
                    self._move_whole(sign * line, rows, ranges)
                if is_open(row, ranges[row]):
                    return []
        if not found:  # held by whole numbers alone: whatever speaks of the same leaves
            near = (self.matrix @ line)[: self.n_lines] > 0
            return [*self.by_upper[near].tolist(), *self.by_lower[near].tolist()]
        return sorted(found, key=lambda one: (-found[one], one))

    def _move(
        self, line: np.ndarray, rows: list[int], ranges: dict[int, Range]
    ) -> tuple[float, np.ndarray]:
        """Make a line smallest, in fractions too; widen the ranges where the leaves found are
        whole. Returns the smallest value and how strongly each line of the problem holds it."""
        n = len(line)
        self._solver.changeColsCost(n, np.arange(n, dtype=np.int32), line)
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError("the audit of disclosure control could not be carried out")
        solution = self._solver.getSolution()
        leaves = np.array(solution.col_value)
        self._reach(np.round(leaves) if self.is_whole else leaves, rows, ranges)
        return float(line @ leaves), np.array(solution.row_dual)

    def _move_whole(self, line: np.ndarray, rows: list[int], ranges: dict[int, Range]) -> None:
        """Find the whole leaves that make a line smallest, and widen the ranges by them."""
        result = milp(
            line,
            integrality=np.ones(len(line)),
            bounds=Bounds(self.least, self.most),
            constraints=[LinearConstraint(self.matrix, self.lower, self.upper)],
            options={"time_limit": SECONDS},
        )
        if result.x is not None:
            self._reach(np.round(result.x), rows, ranges)

    def _reach(self, leaves: np.ndarray, rows: list[int], ranges: dict[int, Range]) -> None:
        sums = self.matrix @ leaves
        if (
            (sums >= self.lower - EXACTLY).all()
            and (sums <= self.upper + EXACTLY).all()
            and (leaves >= self.least - EXACTLY).all()
            and (leaves <= self.most + EXACTLY).all()
        ):
            for row, value in zip(rows, (self.inside[rows] @ leaves).tolist(), strict=True):
                ranges[row].reach(float(value))


def _solver(problem: _Problem) -> _Solver:
    """Return a solver that keeps a problem, so that each search starts where the last ended."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = problem.matrix.shape
    model.col_cost_ = np.zeros(model.num_col_)
    model.col_lower_, model.col_upper_ = problem.least, problem.most
    model.row_lower_, model.row_upper_ = problem.lower, problem.upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = problem.matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = problem.matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = problem.matrix.data.astype(float)
    solver = _Solver()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("solver", "simplex")
    solver.passModel(model)
    return solver


def _tightest(
    bound: np.ndarray, rows: np.ndarray, line: np.ndarray, n_lines: int
) -> tuple[np.ndarray, np.ndarray]:
    """The largest bound of each line, and the figure that it comes from."""
    order = np.lexsort((rows, -bound, line))
    first = np.searchsorted(line[order], np.arange(n_lines))
    return bound[order[first]], rows[order[first]]

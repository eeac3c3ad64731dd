"""Disclosure control: which cells must be hidden so that no small count leaks.

A cell with fewer people than the threshold is hidden, whether they answered or
were asked. Because published totals are sums of published parts, further cells
are hidden until no hidden count can be worked out:

1. In every sum (parent = its parts) with hidden parts and a visible parent there
   are at least two hidden parts, together at least as many people as the
   threshold, who do not all give the same answer. What is visible inside a hidden
   part does not count. A hidden parent has a hidden part.
2. No hidden count is determined by all the sums together (linear algebra).
3. A count hidden in one metric is hidden in every metric that prints it for the
   same cell. Where a metric prints the sum of another metric's bases, that is a
   sum like any other. Metrics on parts of the people (drivers, groups) are
   protected by themselves; see `hidden_rows`.

Sources: CMS cell-size policy (cells of 1 to 10, and what would reveal them);
complementary suppression as in FCSM Statistical Policy Working Paper 22.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.linalg import null_space
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import lsmr

GEOGRAPHY = ["level", "component", "service"]
TIME = ["period_kind", "period"]
CELL = [*GEOGRAPHY, "channel", *TIME]

DENSE = 300
"""Unknowns up to which the null space of a block of equations is computed in full."""


@dataclass(frozen=True)
class Sums:
    """Published sums: sum number i says that row `parent[i]` is the sum of the rows
    `part[start[i]:start[i + 1]]`, out of `n_rows` rows."""

    parent: np.ndarray
    start: np.ndarray
    part: np.ndarray
    n_rows: int

    def parts(self, number: int) -> list[int]:
        """Return the rows that a sum adds up."""
        return list(self.part[self.start[number] : self.start[number + 1]].tolist())

    @cached_property
    def _sum_of_part(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.parent)), np.diff(self.start))

    @cached_property
    def _by_parent(self) -> tuple[np.ndarray, np.ndarray]:
        return _index(self.parent, np.arange(len(self.parent)), self.n_rows)

    @cached_property
    def _by_part(self) -> tuple[np.ndarray, np.ndarray]:
        return _index(self.part, self._sum_of_part, self.n_rows)

    def below(self, row: int) -> list[int]:
        """Return the sums whose parent the row is."""
        start, sums = self._by_parent
        return list(sums[start[row] : start[row + 1]].tolist())

    def above(self, row: int) -> list[int]:
        """Return the sums that the row is a part of."""
        start, sums = self._by_part
        return list(sums[start[row] : start[row + 1]].tolist())

    def unknowns(self, hidden: np.ndarray) -> csr_array:
        """Return the sums as equations in the hidden rows: a matrix with a line for
        each sum and a column for each row, 1 for a part and -1 for a parent."""
        of_parts, of_parents = hidden[self.part], hidden[self.parent]
        lines = np.concatenate([self._sum_of_part[of_parts], np.flatnonzero(of_parents)])
        columns = np.concatenate([self.part[of_parts], self.parent[of_parents]])
        signs = np.concatenate([np.ones(of_parts.sum()), -np.ones(of_parents.sum())])
        return coo_array((signs, (lines, columns)), (len(self.parent), self.n_rows)).tocsr()


def _index(keys: np.ndarray, values: np.ndarray, n_keys: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the values in the order of their keys, and where each key starts."""
    order = np.argsort(keys, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(keys, minlength=n_keys))])
    return start, values[order]


def _codes(frame: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Number the distinct values of some columns, in their order."""
    found = frame[columns].drop_duplicates().sort_values(columns).reset_index(drop=True)
    found["code"] = np.arange(len(found))
    codes = frame[columns].merge(found, on=columns, how="left")["code"].to_numpy(dtype=np.int64)
    return codes, found


def _quarter_of(period: str) -> str:
    """The quarter of a month; answers of unknown month carry their quarter as period."""
    if "Q" in period:
        return period
    year, month = int(period[:4]), int(period[5:7])
    return f"{year + (month >= 10)}Q{(month + 2) % 12 // 3 + 1}"


def _period_above(kind: str, period: str) -> tuple[str, str] | None:
    if kind == "month":
        return ("quarter", _quarter_of(period))
    return ("fiscal_year", f"FY{period[:4]}") if kind == "quarter" else None


def _place_above(level: str, component: str, _: str) -> tuple[str, str, str] | None:
    if level == "service":
        return ("component", component, "all")
    return ("department", "all", "all") if level == "component" else None


def _above(
    found: pd.DataFrame, columns: list[str], above: Callable[..., tuple[str, ...] | None]
) -> np.ndarray:
    """For each number of `_codes` the number of what it is a part of, or -1."""
    keys = list(found[columns].itertuples(index=False, name=None))
    numbers = {key: number for number, key in enumerate(keys)}
    wanted = [above(*key) for key in keys]
    return np.array([numbers.get(key, -1) if key else -1 for key in wanted], dtype=np.int64)


def find_sums(grid: pd.DataFrame) -> Sums:
    """Return the sums among the rows of a level grid, by position.

    `grid` has the columns metric, basis, breakdown, CELL, guard,
    is_breakdown_additive and over_time. Of a metric with over_time `last` (stocks)
    a longer period is its last part alone.
    """
    group, _ = _codes(grid, ["metric", "basis"])
    place, places = _codes(grid, GEOGRAPHY)
    channel, channels = _codes(grid, ["channel"])
    period, periods = _codes(grid, TIME)
    breakdown = pd.factorize(grid["breakdown"])[0].astype(np.int64) + 1
    sizes = [len(places), len(channels), len(periods), int(breakdown.max(initial=0)) + 1]
    whole = np.flatnonzero(channels["channel"] == "all")
    every_channel = int(whole[0]) if len(whole) else -1

    def address(
        place: np.ndarray, channel: np.ndarray, period: np.ndarray, part: np.ndarray
    ) -> np.ndarray:
        code = group
        for size, values in zip(sizes, (place, channel, period, part), strict=True):
            code = code * size + values
        return code

    own = address(place, channel, period, breakdown)
    order = np.argsort(own)
    place_above = _above(places, GEOGRAPHY, _place_above)[place]
    period_above = _above(periods, TIME, _period_above)[period]
    is_last_only = (grid["over_time"] == "last").to_numpy()
    is_additive = grid["is_breakdown_additive"].to_numpy(dtype=bool)
    is_rest = (grid["period"].str.contains("Q") & (grid["period_kind"] == "month")).to_numpy()
    dimensions = [
        (address(place_above, channel, period, breakdown), place_above >= 0),
        (
            address(place, np.full_like(channel, every_channel), period, breakdown),
            (channel != every_channel) & (every_channel >= 0),
        ),
        (address(place, channel, period_above, breakdown), period_above >= 0),
        (address(place, channel, period, np.zeros_like(breakdown)), is_additive & (breakdown > 0)),
    ]
    pairs = []
    for number, (parent_address, has_parent) in enumerate(dimensions):
        rows = np.flatnonzero(has_parent)
        at = np.minimum(np.searchsorted(own[order], parent_address[rows]), len(own) - 1)
        parents = order[at]
        known = own[parents] == parent_address[rows]
        pair = pd.DataFrame({"parent": parents[known], "part": rows[known]})
        if number == 2 and is_last_only.any():
            part = pair["part"].to_numpy()
            last = pd.Series(np.where(is_rest[part], -1, period[part]))
            is_last = last.groupby(pair["parent"].to_numpy()).transform("max") == last
            pair = pair[is_last.to_numpy() | is_rest[part] | ~is_last_only[part]]
        pairs.append(pair.assign(dimension=number))
    pairs.append(_sums_of_bases(grid, group, [place, channel, period]).assign(dimension=4))
    return _collect(pd.concat(pairs, ignore_index=True), len(grid))


def _sums_of_bases(grid: pd.DataFrame, group: np.ndarray, cell: list[np.ndarray]) -> pd.DataFrame:
    """Pairs of a row and its parts where one metric prints the sum of the bases of
    another in the same cell; found by their values."""
    frame = pd.DataFrame(
        {
            "metric": pd.factorize(grid["metric"])[0],
            "group": group,
            "place": cell[0],
            "channel": cell[1],
            "period": cell[2],
            "guard": grid["guard"].to_numpy(),
            "row": np.arange(len(grid)),
        }
    )[(grid["breakdown"].isna() & (grid["guard"] > 0)).to_numpy()]
    address = ["place", "channel", "period"]
    one_metric = frame.groupby(["metric", *address])["guard"]
    frame["people"] = one_metric.transform("sum")
    parts = frame[one_metric.transform("size") > 1]
    found = frame.merge(
        parts, left_on=[*address, "guard"], right_on=[*address, "people"], suffixes=("", "_part")
    )
    found = found[found["metric"] != found["metric_part"]]
    return pd.DataFrame(
        {"parent": found["row"], "part": found["row_part"], "metric": found["metric_part"]}
    )


def _collect(pairs: pd.DataFrame, n_rows: int) -> Sums:
    if "metric" not in pairs:
        pairs = pairs.assign(metric=-1)
    pairs = pairs.assign(metric=pairs["metric"].fillna(-1)).sort_values(
        ["dimension", "parent", "metric", "part"], kind="stable"
    )
    key = pairs[["dimension", "parent", "metric"]].to_numpy(dtype=np.int64)
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = (key[1:] != key[:-1]).any(axis=1)
    start = np.append(np.flatnonzero(first), len(pairs))
    parents = pairs["parent"].to_numpy(dtype=np.int64)[first]
    return Sums(parents, start, pairs["part"].to_numpy(dtype=np.int64), n_rows)


Core = tuple[float, float, float]
"""People, those who gave the answer that counts, and those who did not; of weighted
answers the last two are sums of weights, which are 0 where nobody is."""

NOBODY = 1e-6
"""Sums of weights up to this are nobody's: weights of people are far larger, and
rounding errors far smaller."""


class Suppression:
    """The state of hiding rows until the three rules hold.

    Arrays are by row: `guard` people, `yes` how many of them gave the answer that
    the metric counts and `no` how many did not (infinite where it counts no
    answer), `weights`, `total` and `squares` of a mean (NaN elsewhere), `minimum`
    the threshold. `is_weighted` tells where all but the people are sums of weights.
    """

    def __init__(
        self,
        sums: Sums,
        guard: np.ndarray,
        yes: np.ndarray,
        no: np.ndarray,
        weights: np.ndarray,
        total: np.ndarray,
        squares: np.ndarray,
        is_weighted: np.ndarray,
        minimum: np.ndarray,
        cell: np.ndarray,
    ) -> None:
        self.sums = sums
        self.hidden = np.zeros(len(guard), dtype=bool)
        self.fresh: list[int] = []
        self.unsettled: set[int] = set()
        self.unchecked: set[int] = set()
        self._guard: list[int] = guard.tolist()
        self._minimum: list[int] = minimum.tolist()
        self._yes: list[float] = yes.tolist()
        self._no: list[float] = no.tolist()
        self._is_weighted: list[bool] = is_weighted.tolist()
        self._weights: list[float] = weights.tolist()
        self._total: list[float] = total.tolist()
        self._squares: list[float] = squares.tolist()
        self._cell: list[int] = cell.tolist()
        self._cell_people: list[int] = pd.Series(guard).groupby(cell).max().tolist()
        self._is_cell_hidden = [False] * len(self._cell_people)
        self._cores: dict[int, Core] = {}
        self._known: dict[bytes, np.ndarray] = {}

    def hide(self, rows: Iterable[int]) -> None:
        """Hide rows; what follows from it is left to `settle`."""
        for row in rows:
            if self.hidden[row]:
                continue
            self.hidden[row] = True
            self._is_cell_hidden[self._cell[row]] = True
            self.fresh.append(row)
            self.unchecked.add(row)
            self.unsettled.update(self.sums.below(row))
            self.unsettled.update(self.sums.above(row))
            self._forget(row)

    def _forget(self, row: int) -> None:
        self._cores.pop(row, None)
        for number in self.sums.above(row):
            parent = int(self.sums.parent[number])
            if parent in self._cores:
                self._forget(parent)

    def settle(self) -> None:
        """Hide rows until rule 1 holds for every sum."""
        while self.unsettled:
            numbers = sorted(self.unsettled)
            self.unsettled.clear()
            for number in numbers:
                if self.hidden[self.sums.parent[number]]:
                    self._settle_below(number)
            later = [n for n in numbers if not self.hidden[self.sums.parent[n]]]
            if self.unsettled:
                self.unsettled.update(later)
                continue
            for number in later:
                if not self.hidden[self.sums.parent[number]]:
                    self._settle_visible(number)
                else:
                    self.unsettled.add(number)

    def _visible(self, number: int) -> list[int]:
        rows = (r for r in self.sums.parts(number) if not self.hidden[r] and self._guard[r] > 0)
        return sorted(rows, key=self._price)

    def _price(self, row: int) -> tuple[bool, int, int, int]:
        """Order in which rows are hidden: first in cells where another metric is hidden,
        then those that break fewest further sums, then the smallest cells. So metrics
        that count almost the same people hide the same cells."""
        cell = self._cell[row]
        broken = 0
        for number in self.sums.above(row):
            parent = self.sums.parent[number]
            parts = self.sums.parts(number)
            if not self.hidden[parent] and not self.hidden[parts].any():
                broken += 1
        for number in self.sums.below(row):
            broken += not self.hidden[self.sums.parts(number)].any()
        return (not self._is_cell_hidden[cell], broken, self._cell_people[cell], row)

    def _settle_below(self, number: int) -> None:
        if not any(self.hidden[row] for row in self.sums.parts(number)):
            self.hide(self._visible(number)[:1])

    def _settle_visible(self, number: int) -> None:
        parent = int(self.sums.parent[number])
        while parts := [row for row in self.sums.parts(number) if self.hidden[row]]:
            people, yes, no = (sum(values) for values in zip(*map(self._core, parts), strict=True))
            is_enough = len(parts) >= 2 and people >= self._minimum[parent]
            is_uniform = yes <= NOBODY or no <= NOBODY or self._is_one_score(parts)
            if is_enough and not is_uniform:
                return
            visible = self._visible(number)
            mixed = [row for row in visible if self._yes[row] > NOBODY and self._no[row] > NOBODY]
            candidates = mixed if is_uniform and mixed else visible
            if not candidates:
                self.hide([parent])
                return
            self.hide(candidates[:1])

    def _core(self, row: int) -> Core:
        """People of a hidden row who are in none of its visible parts, at the least."""
        if row in self._cores:
            return self._cores[row]
        core = (float(self._guard[row]), self._yes[row], self._no[row])
        for number in self.sums.below(row):
            parts = [self._core(part) for part in self.sums.parts(number) if self.hidden[part]]
            if parts:
                inside = tuple(sum(values) for values in zip(*parts, strict=True))
                core = (min(core[0], inside[0]), min(core[1], inside[1]), min(core[2], inside[2]))
        self._cores[row] = core
        return core

    def _is_one_score(self, rows: list[int]) -> bool:
        """Whether all people of the rows together gave the same score (no variance):
        counts of people tell exactly, sums of weights to 7 digits."""
        weights = sum(self._weights[row] for row in rows)
        total = sum(self._total[row] for row in rows)
        squares = weights * sum(self._squares[row] for row in rows)
        least = 1e-7 * squares if self._is_weighted[rows[0]] else 0.5
        return abs(squares - total * total) < least

    def hide_determined(self) -> bool:
        """Hide rows because all sums together determine a hidden one (rule 2).

        Returns whether there were any; `settle` and call it again then.
        """
        matrix = self.sums.unknowns(self.hidden)
        lines = np.flatnonzero(np.diff(matrix.indptr))
        if not len(lines):
            return False
        matrix = matrix[lines]
        label = _blocks(matrix)
        touched = {int(label[len(lines) + row]) for row in self.unchecked}
        self.unchecked.clear()
        order = np.argsort(label[: len(lines)], kind="stable")
        bounds = np.flatnonzero(np.diff(label[order])) + 1
        before = len(self.fresh)
        for block in np.split(order, bounds):
            if int(label[block[0]]) in touched:
                equations = matrix[block]
                rows = np.unique(equations.indices)
                self._free(rows, equations[:, rows], lines[block])
        return len(self.fresh) > before

    def _free(self, rows: np.ndarray, equations: csr_array, numbers: np.ndarray) -> None:
        """Hide the smallest visible row beside each determined row, or, where there
        is none, one in the sums that determine it together."""
        key = b"|".join(a.tobytes() for a in (equations.indptr, equations.indices, equations.data))
        if key not in self._known:
            self._known[key] = determined(equations)
        done: set[int] = set()
        for column in np.flatnonzero(self._known[key]):
            row = int(rows[column])
            if row in done:
                continue
            candidates = self._beside([*self.sums.above(row), *self.sums.below(row)])
            if not candidates:
                unit = np.zeros(len(rows))
                unit[column] = 1
                combined = lsmr(equations.T, unit, atol=1e-12, btol=1e-12)[0]
                candidates = self._beside(numbers[np.abs(combined) > 1e-6].tolist())
            if candidates:
                chosen = min(candidates, key=self._price)
                self.hide([chosen])
                for number in (*self.sums.above(chosen), *self.sums.below(chosen)):
                    done.update((int(self.sums.parent[number]), *self.sums.parts(number)))

    def _beside(self, numbers: list[int]) -> list[int]:
        rows = {row for n in numbers for row in (*self.sums.parts(n), int(self.sums.parent[n]))}
        return [row for row in rows if not self.hidden[row] and self._guard[row] > 0]


def _blocks(matrix: csr_array) -> np.ndarray:
    """Number the groups of equations that share no unknown: first the number of each
    equation, then that of each unknown."""
    n_lines, n_rows = matrix.shape
    links = matrix.tocoo()
    size = n_lines + n_rows
    graph = coo_array((np.ones(links.nnz), (links.row, n_lines + links.col)), (size, size))
    return np.asarray(connected_components(graph, directed=False)[1])


def determined(equations: csr_array) -> np.ndarray:
    """Return which unknowns all solutions of the equations (a matrix of 1, 0 and -1)
    agree on: those that are 0 in every vector of the null space.

    Large systems are judged by random vectors of the null space.
    """
    n_unknowns = equations.shape[1]
    if n_unknowns <= DENSE:
        basis = null_space(equations.toarray())
        free = np.abs(basis).max(axis=1, initial=0.0) > 1e-9
        return np.asarray(~free)
    draw = np.random.default_rng(n_unknowns)
    free = np.zeros(n_unknowns, dtype=bool)
    for _ in range(3):
        vector = draw.standard_normal(n_unknowns)
        away = lsmr(equations, equations @ vector, atol=1e-13, btol=1e-13, maxiter=20_000)[0]
        free |= np.abs(vector - away) > 1e-4
    return ~free


class _Cells:
    """Looks up the rows of a cell that print a count, in whatever metric."""

    def __init__(self, grid: pd.DataFrame) -> None:
        self.cell, found = _codes(grid, CELL)
        self._start, self._rows = _index(self.cell, np.arange(len(grid)), len(found))
        names = ["guard", "n", "denominator", "numerator"]
        self._counts = np.array([grid[name].fillna(0).to_numpy(dtype=np.float64) for name in names])
        is_count = (grid["kind"] == "share") & grid["squared_weights"].isna()
        self._counts_answers = is_count.to_numpy()
        self._minimum = grid["minimum_n"].to_numpy(dtype=np.float64)
        self._group = pd.factorize(grid["breakdown"])[0]
        self._is_group = (
            grid["breakdown"].notna() & grid["is_breakdown_additive"].astype(bool)
        ).to_numpy()
        # Groups of people are cells of their own: that one is hidden says nothing
        # against showing everybody.
        group = grid["breakdown"].where(self._is_group, None).fillna("")
        self.group_cell = pd.factorize(pd.Series(self.cell).astype(str) + "/" + group)[0]

    def printing(self, row: int) -> list[int]:
        """Rows of the same cell that print the people of a row: of a group the same group,
        of everybody whatever counts everybody; or, as their own people, how many of
        everybody gave the answer that the row counts, or did not. Counts below the
        threshold are hidden wherever they are the people of a row, so only larger ones
        are looked up: small numbers are often equal by chance."""
        cell = self.cell[row]
        rows = self._rows[self._start[cell] : self._start[cell + 1]]
        people, answers = self._counts[0, row], self._counts[3, row]
        least = self._minimum[row]
        is_kin = ~self._is_group[rows]
        if self._is_group[row]:
            is_kin = self._group[rows] == self._group[row]
        same = np.zeros(len(rows), dtype=bool)
        if people >= least:
            same = (self._counts[:3, rows] == people).any(axis=0) & is_kin
        if self._counts_answers[row]:
            for count in (answers, people - answers):
                if count >= least:
                    same |= self._counts[0, rows] == count
        return list(rows[same].tolist())


def hidden_rows(grid: pd.DataFrame) -> set[int]:
    """Return the `row_id`s of the level grid that must not be published.

    Where `grid` has a column `population`, its values are protected one after the
    other: first '' (everybody who answered), all metrics together; then each further
    one (such as those who ticked a driver, or groups of respondents) by itself, but
    never where everybody of its cell and question is hidden. How many gave which
    answer may be read from the metrics on everybody, so parts of them need no
    protection across metrics; taken together they would hide a multiple of what is
    small.
    """
    if "population" not in grid:
        return _hidden_rows(grid, set())
    everybody = grid[grid["population"] == ""]
    hidden = _hidden_rows(everybody, set())
    closed = everybody[everybody["row_id"].isin(hidden)].copy()
    closed["question"] = closed["basis"].map(_question)
    closed = closed[[*CELL, "question"]].drop_duplicates()
    for _, part in grid[grid["population"] != ""].groupby("population"):
        asked = part.assign(question=part["basis"].map(_question))
        inside = asked.merge(closed, on=[*CELL, "question"])
        hidden |= _hidden_rows(part, set(inside["row_id"].tolist()))
    return hidden


def _question(basis: str) -> str:
    """The question of a basis: family, scale and wording, without an attribute."""
    return "/".join(basis.split("/")[:3])


def _hidden_rows(grid: pd.DataFrame, closed: set[int]) -> set[int]:
    """Return the rows to hide among metrics that are protected together; `closed` are
    rows that are hidden anyway.

    `grid` has the columns row_id, metric, kind, family, basis, breakdown, CELL, numerator,
    denominator, squares, squared_weights, n, guard, minimum_n, is_breakdown_additive
    and over_time; n and guard are whole numbers of people, and so are the others
    where squared_weights is null. Rows of metrics with minimum_n 0 are never hidden.
    With `is_mention` the numerator counts people who mentioned something unasked: that
    everybody did is protected like any answer, that nobody did says nothing of them.
    """
    grid = grid[grid["minimum_n"] > 0].reset_index(drop=True)
    grid = grid.assign(
        breakdown=grid["breakdown"].astype(object).where(grid["breakdown"].notna(), None)
    )
    guard = grid["guard"].fillna(0).to_numpy(dtype=np.int64)
    n = grid["n"].fillna(0).to_numpy(dtype=np.int64)
    minimum = grid["minimum_n"].to_numpy(dtype=np.int64)
    is_closed = grid["row_id"].isin(closed).to_numpy()
    small = np.flatnonzero(
        ((guard > 0) & (guard < minimum)) | ((n > 0) & (n < minimum)) | is_closed
    )
    if not len(small):
        return set()
    numerator = grid["numerator"].fillna(0).to_numpy(dtype=np.float64)
    has_parts = grid.groupby(["metric", "basis"], dropna=False)["breakdown"].transform("count") > 0
    is_total = has_parts & grid["breakdown"].isna()
    counts_answers = (
        (grid["kind"] == "share") & (grid["family"] != "response") & ~is_total
    ).to_numpy()
    is_mention = np.zeros(len(grid), dtype=bool)
    if "is_mention" in grid:
        is_mention = grid["is_mention"].to_numpy(dtype=bool)
    is_mean = (grid["kind"] == "mean").to_numpy()
    denominator = grid["denominator"].to_numpy(dtype=np.float64, na_value=np.nan)
    cells = _Cells(grid)
    state = Suppression(
        find_sums(grid),
        guard,
        np.where(counts_answers & ~is_mention, numerator, np.inf),
        np.where(counts_answers, denominator - numerator, np.inf),
        np.where(is_mean, denominator, np.nan),
        np.where(is_mean, numerator, np.nan),
        np.where(is_mean, grid["squares"].to_numpy(dtype=np.float64, na_value=np.nan), np.nan),
        grid["squared_weights"].notna().to_numpy(),
        minimum,
        cells.group_cell,
    )
    state.hide(small.tolist())
    while True:
        state.settle()
        fresh, state.fresh = state.fresh, []
        for row in fresh:
            state.hide(cells.printing(row))
        if not state.fresh and not state.hide_determined():
            break
    return {int(value) for value in grid["row_id"].to_numpy()[state.hidden]}

"""Disclosure control of single responses: which figures of a public edition are hidden.

The rule is stated in docs/statistics.md. Protected is what a group of fewer than
`minimum` people said, and the size of such a group where it is defined by who or where
people are. Figures on fewer people are hidden; all others are told rounded. What can
still be worked out from the rounded figures is found by an audit: for each hidden figure
it looks for other whole numbers of people that would give an edition with the very same
figures. Where they lie too close together, a further figure is hidden.

The audit supposes a reader who knows more than a reader does: which figures of a cell
count the same people, and, when answers are bounded, how many people each figure counts.

Sources: CMS cell-size policy (cells of 1 to 10); rounding and audit of complementary
disclosure as in FCSM Statistical Policy Working Paper 22.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from metrics.gate.audit import Range, System, open_up, widest

GEOGRAPHY = ["level", "component", "service"]
TIME = ["period_kind", "period"]
CELL = [*GEOGRAPHY, "channel", *TIME]

MINIMUM = 11
"""Figures on fewer people are hidden, whatever a metric's header says."""
SIZES_LEFT = 4
"""A protected number of people must be left open to at least so many values."""
SHARE_LEFT = 0.27
"""A protected share must be left open by at least so much (of a mean, of its scale). The
promise is 25 points; the widths of intervals, at which the audit looks only for few people,
tell a little more than the figures themselves."""
BOTH_LEFT = 0.4
"""The same where neither the number of people nor how many of them said so is known: what
is found of each by itself is more than both leave open together."""
SCALE = 4.0
"""Points between the lowest and the highest answer of a mean."""
EXACT = 1000
"""People from which on shares are told in tenths of a percent."""
Z = 1.959963984540054


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
    def sum_of_part(self) -> np.ndarray:
        """Number of the sum to which each entry of `part` belongs."""
        return np.repeat(np.arange(len(self.parent)), np.diff(self.start))

    @cached_property
    def _numbers(self) -> csr_array:
        """For each row (line) the numbers of the sums that it stands in (columns)."""
        rows = np.concatenate([self.parent, self.part])
        sums = np.concatenate([np.arange(len(self.parent)), self.sum_of_part])
        shape = (self.n_rows, len(self.parent))
        return coo_array((np.ones(len(rows)), (rows, sums)), shape).tocsr()

    def binding(self, row: int, low: np.ndarray, high: np.ndarray) -> list[int]:
        """Return the rows of the sums that hold a row between its lowest and highest value,
        as `tightened` found them."""
        at, to = self._numbers.indptr[row], self._numbers.indptr[row + 1]
        rows: set[int] = set()
        for number in self._numbers.indices[at:to].tolist():
            parent, parts = int(self.parent[number]), self.parts(number)
            if row == parent:
                least, most = low[parts].sum(), high[parts].sum()
            else:
                others = [part for part in parts if part != row]
                least = low[parent] - high[others].sum()
                most = high[parent] - low[others].sum()
            if least >= low[row] - 1e-6 or most <= high[row] + 1e-6:
                rows |= {parent, *parts}
        return sorted(rows - {row})

    def tightened(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return lowest and highest values of the rows (finite) as narrow as each sum for
        itself allows."""
        low, high, of = low.copy(), high.copy(), self.sum_of_part
        for _ in range(8):
            before = low.sum() - high.sum()
            least = np.add.reduceat(low[self.part], self.start[:-1])
            most = np.add.reduceat(high[self.part], self.start[:-1])
            np.maximum.at(low, self.parent, least)
            np.minimum.at(high, self.parent, most)
            part_low = low[self.parent][of] - most[of] + high[self.part]
            part_high = high[self.parent][of] - least[of] + low[self.part]
            np.maximum.at(low, self.part, part_low)
            np.minimum.at(high, self.part, part_high)
            if low.sum() - high.sum() == before:
                break
        return low, high


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


def find_sums(grid: pd.DataFrame, with_bases: bool = True) -> Sums:
    """Return the sums among the rows of a level grid, by position.

    `grid` has the columns metric, basis, breakdown, CELL, guard,
    is_breakdown_additive and over_time. Of a metric with over_time `last` (stocks)
    a longer period is its last part alone. `with_bases` also finds where one metric counts
    the people of all bases of another.
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
    if with_bases:
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


def hidden_rows(grid: pd.DataFrame, kept: Iterable[int] = ()) -> set[int]:
    """Return the `row_id`s of figures on people of private sources that must be hidden.

    `grid` has the columns row_id, metric, kind, counts_people, basis, breakdown, CELL,
    numerator,
    denominator, n, guard (people protected), minimum_n, is_breakdown_additive, over_time,
    is_weighted, compare_groups, is_known (whether every dimension is known), is_printed
    (whether an edition would hold a row for it), is_sized (whether the number of its people
    is protected, too), counts_mentions (whether the numerator is a group that an answer
    defines, whose size is not protected) and what would be told of it if it were not hidden:
    told_value, told_low, told_high. `kept` are rows hidden in an earlier edition whose data
    are the same: they stay hidden.
    """
    if grid.empty:
        return set()
    control = _Control(grid.sort_values("row_id", ignore_index=True))
    control.hide(control.positions(kept))
    control.hide_small()
    control.protect_sizes()
    control.protect_answers()
    return {int(row) for row in control.grid["row_id"].to_numpy()[control.hidden]}


class _Control:
    """Hides rows of the grid until neither sizes nor answers can be worked out."""

    def __init__(self, grid: pd.DataFrame) -> None:
        self.grid = grid
        self.guard = grid["guard"].fillna(0).to_numpy(dtype=np.int64)
        self.n = grid["n"].fillna(0).to_numpy(dtype=np.int64)
        least = np.maximum(grid["minimum_n"].to_numpy(dtype=np.int64), MINIMUM)
        self.small = ((self.guard > 0) & (self.guard < least)) | ((self.n > 0) & (self.n < least))
        self.is_known = grid["is_known"].to_numpy(dtype=bool)
        self.is_printed = grid["is_printed"].to_numpy(dtype=bool)
        self.is_sized = grid["is_sized"].to_numpy(dtype=bool)
        self.hidden = np.zeros(len(grid), dtype=bool)
        self.sizes: dict[int, Range] = {}
        self.widest_size: Callable[[int], Range] = self.sizes.__getitem__
        self.cell, _ = _codes(grid, CELL)
        self.question = grid["basis"].str.split("/").str[:3].str.join("/")
        self.block = pd.factorize(
            grid["component"] + "/" + grid["period"].map(_year_of).astype(str)
        )[0]

    @cached_property
    def _questions(self) -> "_Groups":
        """Figures of one question in one cell: share, mean and how the answers spread. Each
        follows from others, so they are hidden together. So are parts that are everybody
        together, such as how comments sound."""
        grid = self.grid
        named = grid["breakdown"].notna()
        counted = (grid["kind"] == "share") & grid["numerator"].notna()
        series = [grid["metric"], grid["basis"], pd.Series(self.cell)]
        parts = grid["numerator"].where(named & counted, 0.0).groupby(series).transform("sum")
        is_split = (parts - grid["denominator"]).abs() < 1e-6
        of = [grid["metric"], grid["basis"]]
        is_whole = (is_split | ~named).groupby(of).transform("all")
        part = grid["breakdown"].astype(object).where(named & ~is_whole, "")
        # What groups say, and people picked by an answer, stands for itself.
        is_own = ~self.is_sized | grid["compare_groups"].astype(bool).to_numpy()
        metric = grid["metric"].where(is_own, "")
        return _Groups(self.cell, self.question, metric, part)

    @cached_property
    def _same(self) -> "_Groups":
        """Shares of one cell that are the same one, or the rest of it."""
        grid = self.grid
        yes, people = grid["numerator"].fillna(-1), grid["denominator"].fillna(-1)
        is_share = (grid["kind"] == "share").to_numpy()
        own = np.where(is_share, -1, np.arange(len(grid)))
        least = np.minimum(yes, people - yes).round(6)
        return _Groups(self.cell, self.question, least, people.round(6), own)

    @cached_property
    def _named(self) -> "_Groups":
        """Shares of one cell about one thing: a theme, a driver."""
        grid = self.grid
        own = np.where(self.is_sized | (grid["kind"] != "share"), np.arange(len(grid)), -1)
        of = grid["breakdown"].fillna("")
        return _Groups(self.cell, self.question, of, own)

    def _with(self, row: int) -> np.ndarray:
        """The row and what tells the same as it: what is hidden with it."""
        found = {row, *self._questions.beside(row), *self._same.beside(row)}
        return np.array(sorted(found | set(self._telling_answers(row))))

    def _telling_answers(self, row: int) -> list[int]:
        """Rows about the same thing that tell how many of its people gave an answer: of those
        who ticked a driver, how many were pleased and how many were not."""
        yes = self.grid["numerator"].to_numpy(dtype=float)
        people = self.grid["denominator"].to_numpy(dtype=float)
        counts = {yes[row], people[row] - yes[row]} - {people[row]}
        return [one for one in self._named.beside(row) if yes[one] in counts]

    def positions(self, row_ids: Iterable[int]) -> np.ndarray:
        return np.flatnonzero(self.grid["row_id"].isin(set(row_ids)).to_numpy())

    def hide(self, rows: np.ndarray) -> None:
        self.hidden[rows] = True

    def hide_small(self) -> None:
        """Hide what counts too few people, and what would tell the same."""
        self.hide(np.flatnonzero(self.small))
        is_answer = (self.grid["kind"] == "share").to_numpy() & ~self.is_sized
        is_answer &= ~self.grid["counts_mentions"].to_numpy(dtype=bool)
        for row in np.flatnonzero(self.small & is_answer).tolist():
            self.hide(np.array(self._telling_answers(row), dtype=int))

    # Sizes -------------------------------------------------------------------------------

    def protect_sizes(self) -> None:
        """Hide further figures until no protected number of people is pinned down.

        A number of people is what a cell tells of it: whichever metrics count the same
        people there tell the same number, and are hidden together.
        """
        rows = np.flatnonzero(self.is_sized & (self.guard > 0))
        if not (self.small[rows] & self.is_printed[rows]).any():
            return
        frame = self.grid.iloc[rows].reset_index(drop=True)
        first = self._first_alike(frame)
        sums = _renamed(find_sums(frame), first)
        number = _numbered(self.cell[rows], self.guard[rows])
        least, most = self._told_sizes()
        small = self.small[rows] & self.is_printed[rows]
        targets = np.flatnonzero((first == np.arange(len(rows))) & small)
        told = ~self.hidden & self.is_printed
        low, high = np.full(number.max() + 1, -np.inf), np.full(number.max() + 1, np.inf)
        for of_rows, counted, lows, highs in self._tellers(rows, number, least, most, told):
            np.maximum.at(low, counted, lows[of_rows])
            np.minimum.at(high, counted, highs[of_rows])
        system = _system(
            sums,
            self.guard[rows],
            low[number],
            high[number],
            np.where(small, 1.0, 0.0),
            np.where(small, MINIMUM - 1.0, np.inf),
            self.block[rows],
        )

        def hide(binding: list[int]) -> list[int]:
            candidates = [row for row in binding if not small[row] and self._is_told(rows[row])]
            if not candidates:
                return []
            chosen = min(candidates, key=lambda row: (self.guard[rows[row]], row))
            self.hide(self._telling(int(rows[chosen])))
            return list(np.flatnonzero(number == number[chosen]))

        ranges = open_up(system, targets, _is_size_open, hide)
        of_number = {int(number[row]): ranges[row] for row in targets.tolist()}
        for row, one in zip(rows[small].tolist(), number[small].tolist(), strict=True):
            if one in of_number:
                self.sizes[row] = of_number[one]
        figure_of = dict(zip(number[targets].tolist(), targets.tolist(), strict=True))
        figures = dict(zip(rows.tolist(), number.tolist(), strict=True))

        @cache
        def widest_size(row: int) -> Range:
            return widest(system, figure_of[figures[row]])

        self.widest_size = widest_size

    def _first_alike(self, frame: pd.DataFrame) -> np.ndarray:
        """For each row the first that counts the same people: that of a metric (or part of
        one) whose numbers of people are equal everywhere."""
        cell, _ = _codes(frame, CELL)
        series = _numbered(frame["metric"], frame["basis"], frame["breakdown"].fillna(""))
        marks = pd.DataFrame({"series": series, "cell": cell, "guard": frame["guard"]})
        hashed = pd.util.hash_pandas_object(marks[["cell", "guard"]], index=False)
        signature = hashed.groupby(series).agg(["sum", "size"])
        alike = _numbered(*(signature[name] for name in signature))[series]
        keyed = pd.DataFrame({"alike": alike, "cell": cell, "row": np.arange(len(frame))})
        return np.asarray(keyed.groupby(["alike", "cell"])["row"].transform("min"))

    def _told_sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """For each row the lowest and highest number of people that what it tells allows,
        were it told."""
        grid = self.grid
        rounded = np.floor(self.n / 10 + 0.5) * 10
        least, most = np.maximum(rounded - 5, MINIMUM), rounded + 4
        is_rate = ((grid["counts_people"] == "numerator") & (grid["kind"] == "share")).to_numpy()
        # Of a response rate the people are those who answered, out of those asked.
        share, step = grid["told_value"].to_numpy(dtype=float), _step(self.n)
        least = np.where(is_rate, np.ceil((share - step / 2) * self.n - 1e-9), least)
        most = np.where(is_rate, np.floor((share + step / 2) * self.n + 1e-9), most)
        exact = (
            (grid["kind"] == "share").to_numpy()
            & ~is_rate
            & ~grid["is_weighted"].to_numpy(dtype=bool)
            & (self.n >= MINIMUM)
            & (self.n < 250)
            & self.is_printed
        )
        rows = np.flatnonzero(exact)
        if len(rows):
            least[rows], most[rows] = self._told_by_shares(rows)
        return least, most

    def _told_by_shares(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest number of people that can give all the shares and intervals
        told on the same people: of few people, whole numbers leave hardly a choice."""
        grid = self.grid.iloc[rows]
        told = [
            grid[name].to_numpy(dtype=float) for name in ("told_value", "told_low", "told_high")
        ]
        people = np.floor(self.n[rows] / 10 + 0.5)[:, None] * 10 + np.arange(-5, 5)
        is_possible = np.zeros(people.shape, dtype=bool)
        lowest = np.ceil((told[0][:, None] - 0.005) * people - 1e-9)
        for more in range(4):
            yes = np.clip(lowest + more, 0, people)
            is_possible |= _tells(yes, people, *told)
        group = _numbered(self.cell[rows], self.n[rows])
        together = np.ones((group.max() + 1, 10), dtype=bool)
        np.logical_and.at(together, group, is_possible & (people >= MINIMUM))
        together = together[group]
        # What was told came from the true number, so it is always among the possible ones.
        return (
            np.where(together, people, np.inf).min(axis=1),
            np.where(together, people, -np.inf).max(axis=1),
        )

    def _tellers(
        self,
        rows: np.ndarray,
        number: np.ndarray,
        least: np.ndarray,
        most: np.ndarray,
        told: np.ndarray,
    ) -> Iterable[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Give the rows that tell a number of people: as the people that they protect, and
        of rates as those who were asked."""
        seen = np.flatnonzero(told[rows])
        yield rows[seen], number[seen], least, most
        keys = pd.MultiIndex.from_arrays([self.cell[rows], self.guard[rows]])
        asked = np.flatnonzero(told & (self.n != self.guard) & (self.n > 0))
        at = pd.Series(number, index=keys)
        at = at[~at.index.duplicated()]
        of = at.reindex(pd.MultiIndex.from_arrays([self.cell[asked], self.n[asked]]))
        known = of.notna().to_numpy()
        rounded = np.floor(self.n / 10 + 0.5) * 10
        yield asked[known], of.to_numpy()[known].astype(int), rounded - 5, rounded + 4

    def _telling(self, row: int) -> np.ndarray:
        """Rows of a cell that tell the number of people of a row."""
        inside = self.is_printed & (self.cell == self.cell[row])
        is_same = ((self.guard == self.guard[row]) & self.is_sized) | (self.n == self.guard[row])
        return np.flatnonzero(inside & is_same)

    # Answers -----------------------------------------------------------------------------

    def protect_answers(self) -> None:
        """Hide further figures until nothing pins down what a small group answered."""
        grid = self.grid
        is_answer = (
            grid["kind"].isin(["share", "mean"])
            & (grid["counts_people"] != "numerator")
            & ~grid["counts_mentions"].astype(bool)
        )
        is_target = self.small & self.is_known & is_answer.to_numpy() & (self.n > 0)
        by = grid["breakdown"].astype(object).where(~grid["is_breakdown_additive"].astype(bool))
        series = _numbered(grid["metric"], grid["basis"], by.fillna(""))
        # The total of all answers to a question is everybody, and tells nothing.
        is_named = grid["breakdown"].notna().groupby([grid["metric"], grid["basis"]])
        is_total = grid["breakdown"].isna() & is_named.transform("any")
        is_all = grid["numerator"].eq(grid["denominator"]).groupby(series).transform("all")
        is_target &= ~(is_all & is_total).to_numpy()
        is_in = np.isin(series, np.unique(series[is_target]))
        is_weighted = grid["is_weighted"].to_numpy(dtype=bool)
        wanted = np.flatnonzero(is_in)
        for _, part in pd.Series(wanted).groupby(series[wanted]):
            rows = part.to_numpy()
            targets = np.flatnonzero(is_target[rows])
            self._protect(rows, targets, self.block[rows], not is_weighted[rows].any())

    def _protect(
        self, rows: np.ndarray, targets: np.ndarray, block: np.ndarray, is_whole: bool
    ) -> None:
        frame = self.grid.iloc[rows].reset_index(drop=True)
        sums = find_sums(frame, with_bases=False)
        answers = frame["numerator"].to_numpy(dtype=float)
        people = frame["denominator"].to_numpy(dtype=float)
        is_mean = frame["kind"].eq("mean").to_numpy()
        least, most = _told_answers(frame)
        # A score lies on its scale; only the width of the scale counts here.
        smallest = np.where(is_mean, answers - SCALE * people, 0.0)
        largest = np.where(is_mean, answers + SCALE * people, people)
        needed = SHARE_LEFT * people * np.where(is_mean, SCALE, 1.0)

        def is_open(row: int, found: Range) -> bool:
            seen = self.sizes.get(int(rows[row])) if not is_mean[row] else None
            if seen is None:
                return bool(found.highest - found.lowest >= needed[row] - 1e-6)
            # What was seen of the size depends on what was looked for, so the answer does not.
            return is_both_open(row, found, seen) or is_both_open(
                row, found, self.widest_size(int(rows[row]))
            )

        def is_both_open(row: int, found: Range, size: Range) -> bool:
            """Where neither how many there are nor how many of them said so is known."""
            highest = found.highest / max(size.lowest, found.highest, 1.0)
            lowest = found.lowest / max(size.highest, found.lowest, 1.0)
            is_narrow = found.highest - found.lowest < needed[row] - 1e-6
            return bool(highest - lowest >= (BOTH_LEFT if is_narrow else SHARE_LEFT) - 1e-6)

        def hide(binding: list[int]) -> list[int]:
            candidates = [row for row in rows[binding].tolist() if self._is_told(row)]
            if not candidates:
                return []
            together = self._with(min(candidates, key=lambda row: (self.n[row], row)))
            self.hide(together)
            return [place[one] for one in together.tolist() if one in place]

        place = {one: at for at, one in enumerate(rows.tolist())}

        # First what single sums pin down, which is nearly all and quickly found.
        waiting = targets.tolist()
        while waiting:
            told = ~self.hidden[rows] & self.is_printed[rows]
            low, high = sums.tightened(
                np.where(told, np.maximum(least, smallest), smallest),
                np.where(told, np.minimum(most, largest), largest),
            )
            waiting = [row for row in waiting if not is_open(row, Range(low[row], high[row]))]
            binding = {row: set(rows[sums.binding(row, low, high)].tolist()) for row in waiting}
            waiting = self._hide_best(binding, block)
        told = ~self.hidden[rows] & self.is_printed[rows]
        system = _system(
            _renamed(sums, np.arange(len(frame))),
            answers,
            np.where(told, least, -np.inf),
            np.where(told, most, np.inf),
            smallest,
            largest,
            block,
            is_whole,
        )
        open_up(system, targets, is_open, hide)

    def _hide_best(self, binding: dict[int, set[int]], block: np.ndarray) -> list[int]:
        """Hide one figure in each neighborhood, that of the fewest people: it may open up
        more than one target. Returns the targets for which there was one."""
        told = {
            target: [row for row in held if self._is_told(row)] for target, held in binding.items()
        }
        best: dict[int, tuple[int, int]] = {}
        for target, held in told.items():
            for row in held:
                price = (int(self.n[row]), row)
                best[block[target]] = min(best.get(block[target], price), price)
        for _, row in best.values():
            self.hide(self._with(row))
        return [target for target, held in told.items() if held]

    def _is_told(self, row: int) -> bool:
        return bool(self.is_printed[row] and not self.hidden[row])


def _numbered(*keys: "pd.Series[Any] | np.ndarray") -> np.ndarray:
    """Number rows by their keys, rows of the same keys alike, in the order of appearance."""
    # Grouping numbers column by column; a MultiIndex would make a tuple of every row first.
    frame = pd.DataFrame({str(at): np.asarray(key) for at, key in enumerate(keys)})
    return np.asarray(frame.groupby(list(frame), sort=False, dropna=False).ngroup())


class _Groups:
    """Rows that have one key, by row."""

    def __init__(self, *keys: "pd.Series[Any] | np.ndarray") -> None:
        self._codes = _numbered(*keys)
        self._order = np.argsort(self._codes, kind="stable")
        self._start = np.searchsorted(self._codes[self._order], np.arange(len(self._codes) + 1))

    def beside(self, row: int) -> list[int]:
        """Return the rows with the key of a row, the row among them."""
        at, to = self._start[self._codes[row]], self._start[self._codes[row] + 1]
        return list(self._order[at:to].tolist())


def _is_size_open(_: int, found: Range) -> bool:
    return found.highest - found.lowest >= SIZES_LEFT - 1


def _year_of(period: str) -> str:
    """The fiscal year of a month, quarter or year."""
    if period.startswith("FY"):
        return period[2:]
    return _quarter_of(period)[:4]


def _step(n: np.ndarray) -> np.ndarray:
    """The step to which shares of n people are rounded."""
    return np.where(n < EXACT, 0.01, 0.001)


def _tells(
    yes: np.ndarray,
    people: np.ndarray,
    value: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> np.ndarray:
    """Whether so many of so many people give the share and the interval that are told."""
    share = yes / people
    around = (share + Z * Z / (2 * people)) / (1 + Z * Z / people)
    reach = Z * np.sqrt((share * (1 - share) + Z * Z / (4 * people)) / people)
    reach /= 1 + Z * Z / people
    is_same = _is_rounded(share, value, people)
    for end, found in ((np.maximum(around - reach, 0), low), (np.minimum(around + reach, 1), high)):
        is_same &= _is_rounded(end, found, people)
    return np.asarray(is_same)


def _is_rounded(exact: np.ndarray, told: np.ndarray, people: np.ndarray) -> np.ndarray:
    told = told[:, None] if told.ndim < exact.ndim else told
    # What is not told may be anything.
    return np.asarray((np.abs(exact - told) <= _step(people) / 2 + 1e-9) | np.isnan(told))


def _told_answers(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest sum of answers of each row that gives what is told of it, were the
    number of its people known."""
    people = frame["denominator"].to_numpy(dtype=float)
    n = frame["n"].to_numpy(dtype=float)
    value = frame["told_value"].to_numpy(dtype=float)
    is_mean = frame["kind"].eq("mean").to_numpy()
    half = np.where(is_mean, np.where(n < EXACT, 0.05, 0.005), _step(n) / 2)
    least, most = (value - half) * people - 1e-9, (value + half) * people + 1e-9
    rows = np.flatnonzero(
        ~is_mean & ~frame["is_weighted"].to_numpy(dtype=bool) & np.isfinite(value) & (people > 0)
    )
    part = frame.iloc[rows]
    told = [part[name].to_numpy(dtype=float) for name in ("told_value", "told_low", "told_high")]
    true, of = part["numerator"].to_numpy(dtype=float), people[rows]
    low, high = np.maximum(np.ceil(least[rows]), 0), np.minimum(np.floor(most[rows]), of)
    for _ in range(12):  # of small numbers the interval tells more than the share
        low = np.where(~_tells(low, of, *told) & (low < true), low + 1, low)
        high = np.where(~_tells(high, of, *told) & (high > true), high - 1, high)
    least[rows], most[rows] = low, high
    return least, most


@dataclass(frozen=True)
class _Sums:
    """Rows as sums over leaves (rows x leaves), the rows that are leaves, and sums that do
    not follow from these (equations x leaves)."""

    matrix: csr_array
    leaves: np.ndarray
    equal: csr_array


def _renamed(sums: Sums, first: np.ndarray) -> _Sums:
    """Write every row as a sum over leaves, rows that count the same people being one."""
    n = sums.n_rows
    parents, parts, of = first[sums.parent], first[sums.part], sums.sum_of_part
    # Where a whole and its one part count the same people, they are one row.
    is_trivial = np.zeros(len(parents), dtype=bool)
    is_trivial[of[parts == parents[of]]] = True
    parts, of = parts[~is_trivial[of]], of[~is_trivial[of]]
    keep = np.zeros(len(parents), dtype=bool)
    chosen = np.full(n, -1)
    numbers = np.flatnonzero(~is_trivial)
    # The first sum below a row is as good as any.
    wholes, at = np.unique(parents[numbers], return_index=True)
    chosen[wholes], keep[numbers[at]] = numbers[at], True
    step = coo_array(
        (np.ones(keep[of].sum()), (parents[of][keep[of]], parts[keep[of]])), (n, n)
    ).tocsr()
    step.sum_duplicates()
    step.data[:] = 1.0
    own = np.flatnonzero(chosen < 0)
    step = step + coo_array((np.ones(len(own)), (own, own)), (n, n)).tocsr()
    matrix = coo_array((np.ones(n), (np.arange(n), first)), (n, n)).tocsr()
    is_leaf = chosen < 0
    while not is_leaf[matrix.indices].all():
        matrix = (matrix @ step).tocsr()
    leaves = np.unique(matrix.indices)
    matrix = matrix[:, leaves].tocsr()
    lines = coo_array(
        (
            np.concatenate([np.ones(len(parts)), -np.ones((~is_trivial).sum())]),
            (
                np.concatenate([of, np.flatnonzero(~is_trivial)]),
                np.concatenate([parts, parents[~is_trivial]]),
            ),
        ),
        (len(parents), n),
    ).tocsr()
    equal = (lines @ matrix).tocsr()
    equal.data[np.abs(equal.data) < 1e-9] = 0
    equal.eliminate_zeros()
    return _Sums(matrix, leaves, equal[np.flatnonzero(np.diff(equal.indptr) > 0)])


def _system(
    sums: _Sums,
    truth: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    least: np.ndarray,
    most: np.ndarray,
    block: np.ndarray,
    is_whole: bool = True,
) -> System:
    return System(
        sums.matrix,
        truth[sums.leaves],
        low,
        high,
        least[sums.leaves],
        most[sums.leaves],
        sums.equal,
        block[sums.leaves],
        is_whole,
    )

"""An attacker who reads a public edition and tries to work out what it hides.

Shares no code with the gate. He reads public.duckdb alone, knows how figures add up
(Components to the Department, services to a Component, channels to all, months to
quarters to years), how they are rounded, and which figures of different metrics are the
same number of people. All that he reads are lines of a linear program; for every hidden
number he asks how small and how large it can be. Files of teams are read for scoring
only: whether what is hidden counts 1 to 10 people, and whether the bounds hold.

`python -m tests.attack HOME` attacks the current edition of a data set and prints how
much it hides and what can be worked out.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack

PLACE = ["level", "component", "service", "channel", "period_kind", "period"]
KEY = ["metric", *PLACE, "basis", "breakdown"]
FLOOR = 11
"""Figures on fewer people are hidden by the rule itself."""
SIZES = 4
"""A protected number of people must be open to at least so many values."""
POINTS = 0.25
"""A protected share, or mean on its scale, must be open by at least so much."""
Z = 1.959963984540054
LARGE = 250
"""Told numbers of people up to which he tries every whole number of them."""

MENTIONS = ("comments", "theme", "positive", "negative", "none_positive", "none_negative")
"""Groups that an answer defines: how many they are is not protected, what they say is."""

Cell = tuple[str, ...]
Symbol = tuple[str, ...]
"""Something that is counted, such as ("n", "trust", basis): the people who answered."""


@dataclass(frozen=True)
class Hidden:
    """A hidden figure: which row, what he looks for (`size` or `answers`), between which
    values it lies, and how wide the scale is on which it lies."""

    key: tuple[str, ...]
    kind: str
    low: float
    high: float
    scale: float = 1.0

    @property
    def is_open(self) -> bool:
        """Whether the rule would be content."""
        if self.kind == "size":
            return self.high - self.low + 1 >= SIZES
        return self.high - self.low >= POINTS * self.scale - 1e-6


@dataclass
class Program:
    """Lines `low <= coefficients @ numbers <= high` over the numbers of a block."""

    columns: dict[tuple[Symbol, Cell], int] = field(default_factory=dict)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    lines: list[dict[int, float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def column(self, symbol: Symbol, cell: Cell) -> int:
        """The number of a symbol in a cell; at least 0."""
        if (symbol, cell) not in self.columns:
            self.columns[symbol, cell] = len(self.least)
            self.least.append(0.0)
            self.most.append(np.inf)
        return self.columns[symbol, cell]

    def bound(self, column: int, low: float = -np.inf, high: float = np.inf) -> None:
        self.least[column] = max(self.least[column], low)
        self.most[column] = min(self.most[column], high)

    def line(self, parts: dict[int, float], low: float = 0.0, high: float = 0.0) -> None:
        self.lines.append(parts)
        self.low.append(low)
        self.high.append(high)


def split_basis(basis: str) -> tuple[str, str]:
    """A basis as family/scale/wording, and the attribute that groups people, if any."""
    parts = basis.split("/")
    return "/".join(parts[:3]), "/".join(parts[3:])


def meaning(
    metric: str, basis: str, breakdown: str, questions: Iterable[str]
) -> tuple[Symbol, Symbol, str]:
    """What a row counts: its numerator, its denominator, and the subject it is about.

    Equal symbols are the same people, whichever metric tells of them.
    """
    base, attribute = split_basis(basis)
    for question in sorted(questions, key=len, reverse=True):
        if not (metric == question or metric.startswith(question + "_")):
            continue
        rest = metric[len(question) :].lstrip("_")
        everyone = ("n", question, base)
        if rest in ("", "unfavorable_share", "neutral_share", "mean"):
            return (rest or "favorable", question, base), everyone, question
        if rest == "distribution":
            answer = ("answer", question, base, breakdown)
            return (answer if breakdown else everyone), everyone, question
        if rest == "item_response_rate":
            return everyone, ("asked", question, base), question
        if rest == "by_segment":
            group = (question, base, *((attribute, breakdown) if breakdown else ()))
            return ("favorable", *group), ("n", *group), f"{question}/{attribute}"
    family = basis.split("/")[0]
    if metric.startswith("driver_"):
        driver = metric.removeprefix("driver_").removesuffix("_share")
        subject = f"driver/{breakdown}"
        if driver in ("positive", "negative"):
            return (driver, base, breakdown), (driver + "_shown", base, breakdown), subject
        if driver == "balance" and breakdown:
            return ("positive", base, breakdown), ("ticked", base, breakdown), subject
        if driver == "no_selection" and breakdown:
            return ("none_" + breakdown, base), (breakdown + "_shown", base, ""), "driver/"
    if metric == "comment_rate":
        return ("comments", family), ("respondents", family), "comments"
    if metric == "respondents":
        return ("respondents", family), ("respondents", family), "comments"
    if metric == "sentiment_share":
        told = ("sentiment", family, breakdown) if breakdown else ("comments", family)
        return told, ("comments", family), "comments"
    if metric == "theme_share":
        return ("theme", family, breakdown), ("comments", family), f"theme/{breakdown}"
    if metric == "theme_negative_share" and breakdown:
        told = ("negative_about", family, breakdown)
        return told, ("theme", family, breakdown), f"theme/{breakdown}"
    return (metric, "yes", basis, breakdown), (metric, "n", basis, breakdown), f"{metric}/{basis}"


def whole_of(subject: str, metric: str) -> bool:
    """Whether a metric tells of the people within whom a subject counts some."""
    of, is_part, _ = subject.partition("/")
    within = {"driver": "trust", "theme": "comment_rate"}.get(of, of)
    return bool(is_part) and metric == within


class Attacker:
    """Reads public.duckdb of an edition and nothing else."""

    def __init__(self, public: Path) -> None:
        with duckdb.connect(public, read_only=True) as connection:
            rows = connection.execute(
                """
                select published.*, metric.kind, metric.family, metric.over_time,
                    metric.is_breakdown_additive, metric."group" as is_of
                from published inner join metric on published.metric = metric.metric
                where published.basis <> 'none' and metric.kind in ('share', 'mean', 'total')
                """
            ).df()
            self.gaps = connection.execute("from group_gap where rest_n is not null").df()
        rows["breakdown"] = rows["breakdown"].fillna("").astype(str)
        told = rows[rows["status"].eq("suppressed") | rows["is_rounded"].astype("boolean")]
        self.rows = rows[rows["metric"].isin(told["metric"].unique())].reset_index(drop=True)
        self.questions = sorted(
            name.removesuffix("_distribution")
            for name in self.rows["metric"].unique()
            if name.endswith("_distribution") and name.removesuffix("_distribution")
        )
        meanings = {
            key: meaning(key[0], key[1], key[2], self.questions)
            for key in self.rows[["metric", "basis", "breakdown"]]
            .drop_duplicates()
            .itertuples(index=False, name=None)
        }
        keys = list(self.rows[["metric", "basis", "breakdown"]].itertuples(index=False, name=None))
        self.rows["yes"] = [meanings[key][0] for key in keys]
        self.rows["of"] = [meanings[key][1] for key in keys]
        self.rows["subject"] = [meanings[key][2] for key in keys]
        self.rows["cell"] = list(self.rows[PLACE].itertuples(index=False, name=None))
        self.rows["year"] = self.rows["period"].map(year_of)
        self.rows["is_hidden"] = self.rows["status"].eq("suppressed")
        self._narrow_shares()

    def _narrow_shares(self) -> None:
        """The interval of every told share and mean: what rounding leaves. Changes are the
        differences of what is told, so they make it no narrower."""
        rows = self.rows
        n, value = rows["n"].to_numpy(float), rows["value"].to_numpy(float)
        is_mean = rows["kind"].eq("mean").to_numpy()
        is_rounded = rows["is_rounded"].astype("boolean").fillna(False).to_numpy(bool)
        step = np.where(n <= 1000, 0.01, 0.001)
        below, above = step / 2, step / 2
        # A mean is rounded to hundredths first.
        below = np.where(is_mean, np.where(n <= 1000, 0.055, 0.005), below)
        above = np.where(is_mean, np.where(n <= 1000, 0.045, 0.005), above)
        low = np.where(is_rounded, value - below, value - 1e-9)
        high = np.where(is_rounded, value + above, value + 1e-9)
        rows["share_low"], rows["share_high"] = low - 1e-9, high + 1e-9

    def blocks(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Rows that he takes together, with the subject that they are about: a quarter with
        its months, or a fiscal year with its quarters; of one Component with its services
        or of the Department with its Components."""
        rows = self.rows
        months = rows["period_kind"] != "fiscal_year"
        spans = [
            rows[months].assign(span=rows["period"][months].map(quarter_of)),
            rows[rows["period_kind"] != "month"].assign(span=rows["year"]),
        ]
        for subject in sorted(rows["subject"][rows["is_hidden"]].unique()):
            metrics = {name for name in rows["metric"].unique() if whole_of(subject, name)}
            for span in spans:
                about = span[(span["subject"] == subject) | span["metric"].isin(metrics)]
                inside = about[about["level"] != "department"]
                above = about[about["level"] != "service"].assign(component="all")
                for _, block in pd.concat([inside, above]).groupby(["component", "span"]):
                    if (block["is_hidden"] & (block["subject"] == subject)).any():
                        yield subject, block

    def attack(self, truth: "Truth", most: int | None = None) -> list[Hidden]:
        """Bound the hidden numbers that count 1 to 10 people, as tightly as any block
        allows. `most` attacks so many blocks only, spread over all."""
        found: dict[tuple[tuple[str, ...], str], Hidden] = {}
        blocks = list(self.blocks())
        step = 1 if most is None else max(1, len(blocks) // most)
        for subject, block in blocks[::step]:
            for hidden in self._attack_block(subject, block, truth):
                known = found.get((hidden.key, hidden.kind))
                if known:
                    hidden = Hidden(
                        hidden.key,
                        hidden.kind,
                        max(known.low, hidden.low),
                        min(known.high, hidden.high),
                        hidden.scale,
                    )
                found[hidden.key, hidden.kind] = hidden
        return list(found.values())

    def _attack_block(self, subject: str, block: pd.DataFrame, truth: "Truth") -> list[Hidden]:
        targets = []
        seen = set()
        is_own = block["is_hidden"] & (block["subject"] == subject)
        for row in block[is_own].to_dict("records"):
            key = (row["metric"], *row["cell"], row["basis"], row["breakdown"])
            people = truth.people.get(key, 0)
            if not 1 <= people < FLOOR:
                continue
            is_answer = row["kind"] in ("share", "mean") and row["family"] != "response"
            if is_answer and row["yes"] != row["of"] and row["yes"][0] not in MENTIONS:
                targets.append((key, "answers", row))
            of = row["yes"] if row["family"] == "response" else row["of"]
            if row["is_of"] == "place" and (of, row["cell"]) not in seen:
                seen.add((of, row["cell"]))
                targets.append((key, "size", row | {"sized": of}))
        if not targets:
            return []
        return Solver(self.program(block), targets).bounds()

    def program(self, block: pd.DataFrame) -> Program:
        """Everything that he knows of a block."""
        program = Program()
        exists: dict[Symbol, dict[Cell, None]] = defaultdict(dict)
        records = block.to_dict("records")
        for row in records:
            yes = program.column(row["yes"], row["cell"])
            of = program.column(row["of"], row["cell"])
            exists[row["yes"]][row["cell"]] = exists[row["of"]][row["cell"]] = None
            _tell(program, row, yes, of)
        _tell_small(program, records)
        flows = {
            symbol: row["over_time"] == "sum"
            for row in records
            for symbol in (row["yes"], row["of"])
        }
        # Small groups that an answer defines have no row: a missing part may be anything.
        complete = {
            symbol
            for row in records
            if row["is_of"] == "place"
            for symbol in (row["yes"], row["of"])
        }
        for symbol, cells in exists.items():
            _add_sums(program, symbol, cells, flows[symbol], symbol in complete)
        _add_answers(program, exists)
        _add_breakdowns(program, block)
        self._add_gaps(program, block)
        return program

    def _add_gaps(self, program: Program, block: pd.DataFrame) -> None:
        """Of groups: everybody else in the cell is the total less the group."""
        for row in self._gaps_of(block):
            group = split_basis(row["basis"])
            question = row["metric"].removesuffix("_by_segment")
            if question == row["metric"]:
                continue
            cell = tuple(str(row[name]) for name in PLACE)
            if (("n", question, *group, row["breakdown"]), cell) not in program.columns:
                continue
            parts: dict[str, dict[int, float]] = {}
            for what in ("favorable", "n"):
                line = {program.column((what, question, group[0]), cell): 1.0}
                names = [row["breakdown"], "not_stated"]
                for name in names:
                    symbol = (what, question, *group, name)
                    if (symbol, cell) in program.columns:
                        line[program.column(symbol, cell)] = -1.0
                parts[what] = line
            n = row["rest_n"]
            program.line(parts["n"], n - 5, n + 4)
            half = 0.0051 if n <= 1000 else 0.00051
            share = row["rest_value"]
            for sign, edge in ((1.0, share - half), (-1.0, share + half)):
                line = {column: sign * value for column, value in parts["favorable"].items()}
                for column, value in parts["n"].items():
                    line[column] = line.get(column, 0.0) - sign * edge * value
                program.line(line, 0.0, np.inf)

    def _gaps_of(self, block: pd.DataFrame) -> list[dict[str, Any]]:
        metrics = set(block["metric"])
        gaps = self.gaps[self.gaps["metric"].isin(metrics)]
        if gaps.empty:
            return []
        cells = set(block["cell"])
        gaps = gaps[[cell in cells for cell in gaps[PLACE].itertuples(index=False, name=None)]]
        return list(gaps.to_dict("records"))


def _tell(program: Program, row: dict[str, Any], yes: int, of: int) -> None:
    """What a row says of its numerator and of its people."""
    kind, n = row["kind"], row["n"]
    if kind == "total":
        if not row["is_hidden"]:
            slack = (5, 4) if row["is_rounded"] is True else (0, 0)
            program.bound(yes, float(row["value"]) - slack[0], float(row["value"]) + slack[1])
        program.bound(yes, 1)
        return
    program.bound(of, 1)
    scale = 5.0 if kind == "mean" else 1.0
    program.line({yes: 1.0, of: -scale}, -np.inf, 0.0)
    if kind == "mean":
        program.line({yes: 1.0, of: -1.0}, 0.0, np.inf)
    if row["is_hidden"] or n != n or n is None:
        return
    is_weighted = "_weighted" in str(row["metric"])
    if row["is_rounded"] is True:
        people = float(row["denominator"])
        if is_weighted:
            program.bound(of, people - 5, people + 5)
        else:
            program.bound(of, max(FLOOR, people - 5) if row["family"] != "response" else people - 5)
            program.bound(of, high=people + 4)
    else:
        program.bound(of, float(row["denominator"]), float(row["denominator"]))
    if yes != of:
        program.line({yes: 1.0, of: -float(row["share_low"])}, 0.0, np.inf)
        program.line({yes: 1.0, of: -float(row["share_high"])}, -np.inf, 0.0)


def _tell_small(program: Program, records: list[dict[str, Any]]) -> None:
    """Of few people whole numbers leave hardly a choice: try all of them against the
    share, its interval and whether it is called few; those of one cell together."""
    people: dict[int, set[int]] = {}
    pairs: dict[int, list[tuple[int, set[tuple[int, int]]]]] = defaultdict(list)
    for row in records:
        is_small = row["kind"] == "share" and row["is_rounded"] is True and row["n"] <= LARGE
        if not is_small or "_weighted" in str(row["metric"]) or row["yes"] == row["of"]:
            continue
        of = program.column(row["of"], row["cell"])
        possible = possible_counts(row)
        if not possible:
            continue
        people[of] = {n for n, _ in possible} & people.get(of, {n for n, _ in possible})
        pairs[of].append((program.column(row["yes"], row["cell"]), possible))
    for of, sizes in people.items():
        if not sizes:
            continue
        program.bound(of, min(sizes), max(sizes))
        for yes, possible in pairs[of]:
            counts = [x for n, x in possible if n in sizes]
            program.bound(yes, min(counts), max(counts))


def possible_counts(row: dict[str, Any]) -> set[tuple[int, int]]:
    """Numbers of people and of those who said yes that would be told as a row is."""
    told = int(row["n"])
    n = np.arange(max(told - 5, 1 if row["family"] == "response" else FLOOR), told + 5)[:, None]
    x = np.arange(0, told + 5)[None, :]
    with np.errstate(invalid="ignore"):
        share = x / n
        middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
        reach = Z * np.sqrt(np.maximum(share * (1 - share), 0) / n + Z * Z / (4 * n * n))
        reach = reach / (1 + Z * Z / n)
    low, high = np.maximum(middle - reach, 0), np.minimum(middle + reach, 1)
    fits = (x <= n) & (share >= row["share_low"] - 1e-9) & (share <= row["share_high"] + 1e-9)
    for end, name in ((low, "low"), (high, "high")):
        fits &= np.abs(end - row[name]) <= 0.005 + 1e-9
    width = high - low
    is_few = (n < 30) | (width >= 0.3) | ((width > 0.05) & (width > 1.3 * share))
    is_edge = (np.abs(width - 0.3) < 1e-9) | (np.abs(width - 1.3 * share) < 1e-9)
    fits &= is_edge | (is_few == (row["status"] == "few"))
    return {(int(n[i, 0]), int(x[0, j])) for i, j in np.argwhere(fits)}


def _add_sums(
    program: Program, symbol: Symbol, cells: dict[Cell, None], is_flow: bool, is_complete: bool
) -> None:
    """Wholes are the sums of their parts, in place, channel and time; at least those of
    which there are rows."""
    wholes: dict[tuple[str, Cell], list[Cell]] = defaultdict(list)
    for cell in cells:
        level, component, service, channel, kind, period = cell
        if level == "service":
            above = ("component", component, "all", channel, kind, period)
            wholes["place", above].append(cell)
        if level == "component":
            wholes["place", ("department", "all", "all", channel, kind, period)].append(cell)
        if channel != "all":
            wholes["channel", (level, component, service, "all", kind, period)].append(cell)
        if kind != "fiscal_year" and is_flow:
            longer = (
                ("quarter", quarter_of(period))
                if kind == "month"
                else ("fiscal_year", "FY" + period[:4])
            )
            wholes["time", (level, component, service, channel, *longer)].append(cell)
    for (_, whole), parts in wholes.items():
        if whole in cells:
            line = {program.column(symbol, part): -1.0 for part in parts}
            # Some Components tell no months, so those of the Department may lack people.
            is_open = whole[0] == "department" and parts[0][4] == "month"
            high = np.inf if is_open or not is_complete else 0.0
            program.line(line | {program.column(symbol, whole): 1.0}, 0.0, high)


def _add_answers(program: Program, exists: dict[Symbol, dict[Cell, None]]) -> None:
    """What figures of different metrics have to do with each other in one cell."""
    answers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for symbol in exists:
        if symbol[0] == "answer":
            answers[symbol[1], symbol[2]].add(symbol[3])

    def equate(whole: tuple[Symbol, Cell], parts: dict[Symbol, float]) -> None:
        symbol, cell = whole
        if (symbol, cell) in program.columns and all((p, cell) in program.columns for p in parts):
            line = {program.column(part, cell): -weight for part, weight in parts.items()}
            program.line(line | {program.column(symbol, cell): 1.0})

    for (question, base), codes in answers.items():
        told = {code: ("answer", question, base, code) for code in codes}
        for cell in exists[told[max(codes)]]:
            n, yes = ("n", question, base), ("favorable", question, base)
            equate((n, cell), dict.fromkeys(told.values(), 1.0))
            if codes == set("12345"):
                equate((yes, cell), {told["4"]: 1.0, told["5"]: 1.0})
                equate(
                    (("unfavorable_share", question, base), cell),
                    {told["1"]: 1.0, told["2"]: 1.0},
                )
                equate((("neutral_share", question, base), cell), {told["3"]: 1.0})
                equate(
                    (("mean", question, base), cell),
                    {symbol: float(code) for code, symbol in told.items()},
                )
            if codes == set("01"):
                equate((yes, cell), {told["1"]: 1.0})
    for symbol, cells in list(exists.items()):
        for cell in cells:
            if symbol[0] == "unfavorable_share":
                people = program.columns.get((("n", *symbol[1:]), cell))
                in_favor = program.columns.get((("favorable", *symbol[1:]), cell))
                neutral = program.columns.get((("neutral_share", *symbol[1:]), cell))
                if people is not None and in_favor is not None:
                    line = {people: 1.0, in_favor: -1.0, program.column(symbol, cell): -1.0}
                    if neutral is not None:
                        line[neutral] = -1.0
                    program.line(line, 0.0, 0.0 if neutral is not None else np.inf)
            if symbol[0] == "ticked":
                equate((symbol, cell), {("positive", *symbol[1:]): 1, ("negative", *symbol[1:]): 1})
            if symbol[0] == "positive_shown" and not symbol[2]:
                equate((symbol, cell), {("favorable", "trust", symbol[1]): 1.0})
            if symbol[0] == "negative_shown" and not symbol[2]:
                equate(
                    (("n", "trust", symbol[1]), cell),
                    {("favorable", "trust", symbol[1]): 1.0, symbol: 1.0},
                )
            if symbol[0] == "sentiment" and symbol[2] == "negative":
                names = [("sentiment", symbol[1], s) for s in ("negative", "neutral", "positive")]
                equate((("comments", symbol[1]), cell), dict.fromkeys(names, 1.0))


def _add_breakdowns(program: Program, block: pd.DataFrame) -> None:
    """Where every person is in one group, the groups add up to the total."""
    additive = block[block["is_breakdown_additive"].astype(bool)]
    for (_, _, cell), rows in additive.groupby(["metric", "basis", "cell"]):
        whole = rows[rows["breakdown"] == ""]
        parts = rows[rows["breakdown"] != ""]
        if len(whole) != 1 or parts.empty:
            continue
        for what in ("yes", "of"):
            line = {program.column(symbol, cell): -1.0 for symbol in parts[what]}
            total = program.column(whole[what].iloc[0], cell)
            if total not in line:
                program.line(line | {total: 1.0})


class Solver:
    """Finds between which values the targets of a block lie."""

    def __init__(
        self, program: Program, targets: list[tuple[tuple[str, ...], str, dict[str, Any]]]
    ) -> None:
        self.program, self.targets = program, targets
        n = len(program.least)
        rows = [i for i, line in enumerate(program.lines) for _ in line]
        columns = [column for line in program.lines for column in line]
        values = [value for line in program.lines for value in line.values()]
        matrix = coo_array((values, (rows, columns)), (len(program.lines), n)).tocsr()
        low, high = np.array(program.low), np.array(program.high)
        equal = low == high
        self.equal, self.equal_to = matrix[equal], low[equal]
        up, down = ~equal & np.isfinite(high), ~equal & np.isfinite(low)
        self.less = vstack([matrix[up], -matrix[down]]).tocsr()
        self.less_than = np.concatenate([high[up], -low[down]])
        self.least, self.most = np.array(program.least), np.array(program.most)

    def bounds(self) -> list[Hidden]:
        """Bounds of every target. Points that were found on the way show that others
        are open, which then need no search of their own: their bounds are infinite."""
        seen: list[list[float]] = [[np.inf, -np.inf] for _ in self.targets]
        found = []
        for number, (key, kind, row) in enumerate(self.targets):
            scale = 4.0 if row["kind"] == "mean" else 1.0
            ends = [-np.inf, np.inf]
            if not Hidden(key, kind, seen[number][0], seen[number][1], scale).is_open:
                ends = [self._end(number, sign, seen) for sign in (1.0, -1.0)]
                if kind == "size":
                    ends = [np.ceil(ends[0] - 1e-6), np.floor(ends[1] + 1e-6)]
            found.append(Hidden(key, kind, ends[0], ends[1], scale))
        return found

    def _lines(self, number: int) -> tuple[int, int]:
        _, kind, row = self.targets[number]
        cell = row["cell"]
        if kind == "size":
            return self.program.column(row["sized"], cell), -1
        return self.program.column(row["yes"], cell), self.program.column(row["of"], cell)

    def _end(self, number: int, sign: float, seen: list[list[float]]) -> float:
        """Lowest (sign 1) or highest (-1) value of a target. The smallest quotient of
        two numbers is that of a linear program, with all numbers scaled so that the
        lower one is 1 (Charnes and Cooper)."""
        up, below = self._lines(number)
        n = len(self.least)
        cost = np.zeros(n + 1)
        cost[up] = sign
        edge = coo_array((-np.ones(n), (np.arange(n), np.arange(n))), (n, n)).tocsr()
        finite = np.isfinite(self.most)
        less = vstack(
            [
                _beside(self.less, -self.less_than),
                _beside(edge, self.least),
                _beside(-edge[finite], -self.most[finite]),
            ]
        ).tocsr()
        fixed = np.zeros((1, n + 1))
        fixed[0, below if below >= 0 else n] = 1.0
        equal = vstack([_beside(self.equal, -self.equal_to), csr_array(fixed)]).tocsr()
        result = linprog(
            cost,
            A_ub=less,
            b_ub=np.zeros(less.shape[0]),
            A_eq=equal,
            b_eq=np.append(np.zeros(equal.shape[0] - 1), 1.0),
            bounds=(0, None),
            method="highs",
        )
        if result.status == 3:
            return -sign * np.inf
        if result.x is None:
            raise AssertionError(f"{self.targets[number][0]}: {result.message}")
        self._look(result.x, seen)
        return float(sign * result.fun)

    def _look(self, point: np.ndarray, seen: list[list[float]]) -> None:
        if point[-1] < 1e-9:
            return
        for number, ends in enumerate(seen):
            up, below = self._lines(number)
            value = point[up] / (point[-1] if below < 0 else max(point[below], 1e-9))
            ends[0], ends[1] = min(ends[0], value), max(ends[1], value)


def _beside(matrix: csr_array, column: np.ndarray) -> csr_array:
    return hstack([matrix, coo_array(column[:, None])]).tocsr()


def year_of(period: str) -> str:
    """The fiscal year of a month, quarter or year."""
    if period.startswith("FY"):
        return period[2:]
    return period[:4] if "Q" in period else quarter_of(period)[:4]


def quarter_of(month: str) -> str:
    """The quarter of a month, or a quarter itself: 2020-10 is in 2021Q1."""
    if "Q" in month:
        return month
    year, number = int(month[:4]), int(month[5:7])
    return f"{year + (number >= 10)}Q{(number + 2) % 12 // 3 + 1}"


@dataclass
class Truth:
    """What is behind hidden figures, for scoring: people and value by row."""

    people: dict[tuple[str, ...], int]
    value: dict[tuple[str, ...], float]


def read_truth(edition: Path) -> Truth:
    """The numbers behind an edition, from the files of teams; of the Department added
    up from its Components."""
    frames = []
    for path in sorted(edition.glob("component-*.duckdb")):
        with duckdb.connect(path, read_only=True) as connection:
            frames.append(
                connection.execute(
                    "select metric, level, component, service, channel, period_kind, period, "
                    "basis, coalesce(breakdown, '') as breakdown, numerator, denominator, n "
                    "from own_figure"
                ).df()
            )
        with duckdb.connect(edition / "public.duckdb", read_only=True) as connection:
            kinds = connection.execute("select metric, family, kind from metric").df()
    own = pd.concat(frames, ignore_index=True)
    whole = own[own["level"] == "component"].assign(level="department", component="all")
    numbers = ["numerator", "denominator", "n"]
    added = whole.groupby(KEY, as_index=False)[numbers].sum(min_count=1)
    every = pd.concat([own, added], ignore_index=True).merge(kinds, on="metric")
    is_answered = every["family"].eq("response")
    people = every["n"].where(~is_answered, every["numerator"]).fillna(every["numerator"])
    keys = list(every[KEY].itertuples(index=False, name=None))
    value = (every["numerator"] / every["denominator"]).fillna(every["numerator"])
    return Truth(
        dict(zip(keys, people.fillna(0).astype(int), strict=True)),
        dict(zip(keys, value.astype(float), strict=True)),
    )


def edition_of(home: Path) -> Path:
    """Folder of the current edition of a data set."""
    editions = home / "editions"
    return editions / (editions / "current").read_text(encoding="utf-8").strip()


def hiding(edition: Path) -> pd.DataFrame:
    """Figures told, hidden, and hidden by the floor alone, by family; `excess` is what
    is hidden beyond the floor as a share of all figures."""
    truth = read_truth(edition)
    with duckdb.connect(edition / "public.duckdb", read_only=True) as connection:
        rows = connection.execute(
            "select published.*, metric.family from published inner join metric "
            "on published.metric = metric.metric where status <> 'not_reported'"
        ).df()
    rows["breakdown"] = rows["breakdown"].fillna("").astype(str)
    keys = rows[KEY].itertuples(index=False, name=None)
    is_hidden = rows["status"].eq("suppressed")
    people = np.array([truth.people.get(key, FLOOR) for key in keys])
    rows = rows.assign(
        figures=1, hidden=is_hidden, floor=is_hidden & (people < FLOOR), told=~is_hidden
    )
    table = rows.groupby("family")[["figures", "told", "hidden", "floor"]].sum().astype(int)
    table.loc["all"] = table.sum()
    table["excess"] = (table["hidden"] - table["floor"]) / table["figures"]
    return table


def main(home: str) -> None:
    """Attack the current edition of a data set and print what came of it."""
    edition = edition_of(Path(home))
    print(hiding(edition).to_string())
    truth = read_truth(edition)
    found = Attacker(edition / "public.duckdb").attack(truth)
    for kind in ("size", "answers"):
        tried = [hidden for hidden in found if hidden.kind == kind]
        closed = [hidden for hidden in tried if not hidden.is_open]
        print(f"{kind}: {len(tried):,} protected, {len(closed):,} worked out too closely")
        for hidden in closed[:20]:
            people, value = truth.people[hidden.key], truth.value[hidden.key]
            print(f"  {hidden.low:g} to {hidden.high:g}; {people} people, {value:g}: {hidden.key}")


if __name__ == "__main__":
    main(sys.argv[1])

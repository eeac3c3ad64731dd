"""An attacker who reads an edition and tries to work out what it hides.

Shares no code with metrics/disclosure.py. Every published number is a sum over the
finest cells (leaves: one service, channel and month or quarter) of a few basic
counts, so an edition is a system of linear equations in the leaves. The attacker
takes all visible numbers of all metrics at once, and asks for every suppressed
number whether the equations determine it, and what whole numbers of people leave
open.
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array

from metrics.catalog import Metric
from metrics.publish import gate_schema, make_cells, make_metric_table, run_gate
from metrics.warehouse import build_aggregates

TABLES = ("published", "benchmark", "grid", "group_gap")
PRIME = 2_147_483_647
PLACE = ["level", "component", "service", "channel", "period_kind", "period"]
LEAF = ["component", "service", "channel", "quarter", "month"]
SHOWN = [
    *("value", "numerator", "denominator", "n", "low", "high", "previous_value", "change"),
    *("change_low", "change_high", "year_ago_value", "year_ago_change"),
    *(
        "year_ago_change_low",
        "year_ago_change_high",
        "target",
        "benchmark",
        "external_benchmark",
        "design_effect",
    ),
]

Weights = dict[str, int]
"""A number as a weighted sum of basic counts, such as {"a4": 1, "a5": 1}."""


def weights(*names: str) -> Weights:
    return dict.fromkeys(names, 1)


@dataclass(frozen=True)
class Printed:
    """What a metric prints, in basic counts; `people` is what must stay hidden.

    A derived number is added up by the gate, the metric has no cells for it. Of
    weighted answers numerator and denominator are sums of weights, and `heads`
    counts the people.
    """

    name: str
    kind: str
    numerator: Weights
    denominator: Weights | None = None
    family: str = "experience"
    over_time: str = "sum"
    breakdown: str | None = None
    has_breakdown: bool = False
    has_n: bool = True
    is_derived: bool = False
    is_grouped: bool = False
    heads: Weights | None = None

    @property
    def people(self) -> Weights:
        if self.heads:
            return self.heads
        if self.family == "response":
            return self.numerator
        return self.denominator or self.numerator


def likert(question: str) -> list[Printed]:
    """The metrics of one question: shares, mean, and the whole distribution."""
    codes = [f"{question}{code}" for code in range(1, 6)]
    everyone = weights(*codes)
    score = {name: code for code, name in enumerate(codes, start=1)}
    spread = f"{question}_distribution"
    return [
        Printed(f"{question}_share", "share", weights(*codes[3:]), everyone),
        Printed(f"{question}_low_share", "share", weights(*codes[:2]), everyone),
        Printed(f"{question}_mean", "mean", score, everyone),
        Printed(spread, "share", everyone, everyone, has_breakdown=True),
        *(
            Printed(spread, "share", weights(name), everyone, breakdown=name, has_breakdown=True)
            for name in codes
        ),
    ]


def response(question: str) -> list[Printed]:
    answered = weights(*(f"{question}{code}" for code in range(1, 6)))
    return [
        Printed("respondents", "total", weights("r"), None, "response"),
        Printed("response_rate", "share", weights("r"), weights("o"), "response"),
        Printed(f"{question}_item_response", "share", answered, weights("r"), "response"),
    ]


TOPICS = [
    Printed(
        "complaints",
        "total",
        weights(*names),
        breakdown=names[0] if len(names) == 1 else None,
        has_breakdown=True,
        is_derived=len(names) > 1,
    )
    for names in (["t1"], ["t2"], ["t3"], ["t1", "t2", "t3"])
]
STOCK = [Printed("open_cases", "total", weights("s"), None, "operations", "last")]


def weighted(question: str) -> list[Printed]:
    """Share and mean of a question whose answers weigh 1, 2 or 3, for two groups and
    their sum. Basic counts: answer 0 or 1, weight and group, such as q1w2spanish."""

    def counts(answers: str, group: str) -> Weights:
        groups = ("english", "spanish") if group == "all" else (group,)
        return {
            f"{question}{answer}w{weight}{name}": weight
            for answer in answers
            for weight in (1, 2, 3)
            for name in groups
        }

    return [
        Printed(
            f"{question}_{kind}",
            kind,
            counts("1", group),
            counts("01", group),
            breakdown=None if group == "all" else group,
            has_breakdown=True,
            is_derived=group == "all",
            is_grouped=True,
            heads=weights(*counts("01", group)),
        )
        for kind in ("share", "mean")
        for group in ("english", "spanish", "all")
    ]


def made_up_metric(name: str, kind: str = "share", **changes: Any) -> Metric:
    """A metric for the gate, by default without a select of its own."""
    keys = {
        "title": f"Metric {name}",
        "description": "A metric that was made up to be attacked. One row per cell.",
        "question": None,
        "unit": "people",
        "better": "higher",
        "family": "experience",
        "basis": "One basis for all of them.",
        "over_time": "sum",
        "breakdown": None,
        "minimum_n": 11,
        "source": "made up",
        "owner": "tests",
        "version": 1,
        "changelog": {1: "First version."},
        "sql": "select 1",
        "path": Path("made_up.sql"),
    }
    return Metric(name=name, kind=kind, **{**keys, **changes})


def catalog_of(printed: Iterable[Printed]) -> dict[str, Metric]:
    """Metric objects for the gate; they hold no select of their own."""
    return {
        item.name: made_up_metric(
            item.name,
            item.kind,
            family=item.family,
            over_time=item.over_time,
            breakdown=_breakdown(item) if item.has_breakdown else None,
            compare_groups=item.is_grouped,
        )
        for item in printed
    }


def _breakdown(item: Printed) -> str:
    """Name of the breakdown: the answers to a question are parts of everybody who
    answered, other parts are people of their own."""
    return "answer" if item.kind == "share" and not item.is_grouped else "part"


def cells_of(leaves: pd.DataFrame, printed: Iterable[Printed]) -> pd.DataFrame:
    """The cells that the metrics hand to the gate; a leaf without people has none."""

    def total(numbers: Weights | None, squared: bool = False) -> pd.Series:
        if numbers is None:
            return pd.Series(np.nan, index=leaves.index)
        power = 2 if squared else 1
        return sum(leaves[name] * weight**power for name, weight in numbers.items())

    frames = []
    items = [item for item in printed if not item.is_derived]
    own_totals = {item.name for item in items if item.has_breakdown and item.breakdown is None}
    for item in items:
        people = total(item.heads or item.denominator or item.numerator)
        cells = leaves[LEAF].assign(
            metric=item.name,
            basis="one",
            breakdown=item.breakdown,
            numerator=total(item.numerator),
            denominator=total(item.denominator),
            squares=_squares(item, total) if item.kind == "mean" else np.nan,
            squared_weights=total(item.denominator, squared=True) if item.heads else np.nan,
            n=people if item.has_n else np.nan,
        )
        keep = people > 0 if item.name not in own_totals else total(item.people) > 0
        frames.append(cells[keep])
    return pd.concat(frames, ignore_index=True)


def _squares(item: Printed, total: Callable[..., pd.Series]) -> pd.Series:
    """Sum of squares of a mean; weighted answers are 0 or 1, so it is the sum itself."""
    return total(item.numerator, squared=item.heads is None)


def publish_metrics(
    connection: duckdb.DuckDBPyConnection, catalog: dict[str, Metric]
) -> dict[str, pd.DataFrame]:
    """Run the real gate over metrics with selects of their own; returns its tables."""
    build_aggregates(connection)
    with gate_schema(connection) as schema:
        make_cells(connection, catalog, schema)
        make_metric_table(connection, catalog, schema)
        run_gate(connection)
        return {name: connection.execute(f"from gate.{name}").df() for name in TABLES}


def publish_made_up(
    connection: duckdb.DuckDBPyConnection, cells: pd.DataFrame, printed: Iterable[Printed]
) -> dict[str, pd.DataFrame]:
    """Run the real gate over made-up cells; returns its tables."""
    build_aggregates(connection)
    with gate_schema(connection):
        connection.register("made_up", cells)
        connection.execute("""
            create or replace table gate.cell as
            select
                metric, component, service, channel, quarter, month::date as month, basis,
                breakdown::varchar as breakdown, numerator::double as numerator,
                denominator::double as denominator, squares::double as squares,
                squared_weights::double as squared_weights, n::bigint as n
            from made_up
        """)
        connection.unregister("made_up")
        make_metric_table(connection, catalog_of(printed), "gate")
        run_gate(connection)
        return {name: connection.execute(f"from gate.{name}").df() for name in TABLES}


class Attacker:
    """Knows the structure of the figures and every visible number, nothing else."""

    def __init__(
        self,
        leaves: pd.DataFrame,
        printed: Iterable[Printed],
        tables: dict[str, pd.DataFrame],
    ) -> None:
        self.printed = {(item.name, item.breakdown): item for item in printed}
        self.leaves = leaves.reset_index(drop=True)
        self.names = sorted(
            {
                name
                for item in self.printed.values()
                for numbers in (item.numerator, item.denominator or {}, item.heads or {})
                for name in numbers
            }
        )
        self.column = {name: number for number, name in enumerate(self.names)}
        self.truth = self.leaves[self.names].to_numpy(dtype=np.int64)
        self.published = tables["published"]
        self.benchmark = tables["benchmark"]
        self.group_gap = tables["group_gap"]
        self._members: dict[tuple[object, ...], np.ndarray] = {}

    def members(self, row: dict[str, str], over_time: str) -> np.ndarray:
        """Numbers of the leaves that a published row adds up."""
        place = tuple(row[name] for name in ("component", "service", "channel"))
        key = (*place, row["period_kind"], row["period"], over_time)
        if key not in self._members:
            inside = self._in_period(row["period_kind"], row["period"], over_time)
            for name, value in zip(("component", "service", "channel"), place, strict=True):
                if value != "all":
                    inside = inside & (self.leaves[name] == value)
            self._members[key] = np.flatnonzero(inside)
        return self._members[key]

    def _in_period(self, kind: str, period: str, over_time: str) -> pd.Series:
        quarter = self.leaves["quarter"]
        month = self.leaves["month"].map(lambda day: "" if pd.isna(day) else str(day)[:7])
        if kind == "month":
            return month == period
        inside = quarter == period if kind == "quarter" else "FY" + quarter.str[:4] == period
        if over_time == "last":
            inside = inside & (quarter == quarter[inside].max())
            inside = inside & (month == month[inside].max())
        return inside

    def value(self, members: np.ndarray, numbers: Weights) -> int:
        """The true number, which the attacker reads only where it is printed."""
        columns = [self.column[name] for name in numbers]
        return int((self.truth[members][:, columns] @ list(numbers.values())).sum())

    def line(self, members: np.ndarray, numbers: Weights, squared: bool = False) -> np.ndarray:
        """A number as coefficients of all basic counts of all leaves."""
        line = np.zeros((len(self.leaves), len(self.names)), dtype=np.int64)
        for name, weight in numbers.items():
            line[members, self.column[name]] = weight**2 if squared else weight
        return line.ravel()

    def facts(self) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients and values of everything that is printed."""
        lines: dict[bytes, tuple[np.ndarray, int]] = {}
        frames = [self.published[self.published["value"].notna()]]
        if len(self.benchmark):
            everywhere = {"level": "department", "component": "all", "service": "all"}
            frames.append(self.benchmark.assign(**everywhere))
        for row in pd.concat(frames, ignore_index=True).to_dict("records"):
            item = self.printed[row["metric"], _none(row["breakdown"])]
            members = self.members(row, item.over_time)
            found = [(item.numerator, False, row["numerator"])]
            if item.denominator:
                found.append((item.denominator, False, row["denominator"]))
            if item.kind == "mean" and pd.notna(row["low"]):
                found.append((item.numerator, item.heads is None, np.nan))
            if item.heads:
                found += [(item.heads, False, row["n"]), (item.denominator, True, np.nan)]
            for numbers, squared, value in found:
                line = self.line(members, numbers, squared)
                true = int(line @ self.truth.ravel())
                assert np.isnan(value) or value == true, f"{row} should print {true}"
                lines[line.tobytes()] = (line, true)
        for row in self.group_gap[self.group_gap["rest_n"].notna()].to_dict("records"):
            item = self.printed[row["metric"], row["breakdown"]]
            everyone = self.printed[row["metric"], None]
            members = self.members(row, item.over_time)
            for rest, whole, part in (
                (row["rest_n"], everyone.people, item.people),
                (np.nan, everyone.numerator, item.numerator),
                (np.nan, everyone.denominator or {}, item.denominator or {}),
            ):
                line = self.line(members, whole) - self.line(members, part)
                true = int(line @ self.truth.ravel())
                assert np.isnan(rest) or rest == true, f"{row} should print {true}"
                lines[line.tobytes()] = (line, true)
        kept = list(lines.values())
        return np.array([line for line, _ in kept]), np.array([value for _, value in kept])

    def secrets(self) -> list[tuple[dict[str, str], Printed, np.ndarray]]:
        """The suppressed rows, each with the leaves it adds up."""
        hidden = self.published[self.published["status"] == "suppressed"]
        found = []
        for row in hidden.to_dict("records"):
            item = self.printed[row["metric"], _none(row["breakdown"])]
            found.append((row, item, self.members(row, item.over_time)))
        return found

    def determined(self) -> list[str]:
        """Suppressed counts that the visible numbers determine, by elimination."""
        known = echelon(self.facts()[0])
        return [
            f"{what} of {_address(row)}"
            for row, item, members in self.secrets()
            for what, numbers in (("people", item.people), ("numerator", item.numerator))
            if depends(known, self.line(members, numbers))
        ]

    def pinned(self) -> list[str]:
        """What whole, non-negative numbers of people pin down although the equations
        alone do not: suppressed counts with one possible value left, and suppressed
        shares that can only be 0 or only be 100 percent."""
        lines, values = self.facts()
        system = csr_array(lines.astype(float))
        secrets = self.secrets()
        occupied = np.array([self.line(members, item.people) for _, item, members in secrets])
        if not len(occupied):
            return []
        least = -csr_array(np.unique(occupied, axis=0).astype(float))

        def largest(line: np.ndarray) -> float:
            solved = linprog(
                -line.astype(float),
                A_ub=least,
                b_ub=-np.ones(least.shape[0]),
                A_eq=system,
                b_eq=values,
                method="highs",
            )
            assert solved.success, solved.message
            return -float(solved.fun)

        problems: dict[bytes, str | None] = {}
        for row, item, members in secrets:
            people, yes = self.line(members, item.people), self.line(members, item.numerator)
            if people.tobytes() not in problems:
                range_left = largest(people) + largest(-people)
                problem = f"people of {_address(row)}" if range_left < 1 - 1e-6 else None
                problems[people.tobytes()] = problem
            is_answer = item.kind == "share" and item.family == "experience"
            if is_answer and not np.array_equal(yes, people):
                for what, line in (("yes", yes), ("no", people - yes)):
                    if line.tobytes() not in problems:
                        is_nobody = largest(line) < 1 - 1e-6
                        problem = f"nobody in {what} of {_address(row)}" if is_nobody else None
                        problems[line.tobytes()] = problem
        return [problem for problem in problems.values() if problem]

    def residuals(self) -> list[tuple[str, int, int | None]]:
        """For every visible total with suppressed parts along one dimension: people
        and numerator of those parts together, as subtraction gives them."""
        frame = self.published[self.published["basis"] != "none"].reset_index(drop=True)
        rows = frame.to_dict("records")
        derived = {name for (name, _), item in self.printed.items() if item.is_derived}
        found = []
        for dimension, (above, own) in enumerate(_families(frame)):
            number_of = {
                (row["metric"], key): number
                for number, (row, key) in enumerate(zip(rows, own, strict=True))
            }
            parts_of: dict[int, list[int]] = {}
            for number, (row, key) in enumerate(zip(rows, above, strict=True)):
                if _none(key) and (row["metric"], key) in number_of:
                    parts_of.setdefault(number_of[row["metric"], key], []).append(number)
            for total, parts in parts_of.items():
                item = self.printed[rows[total]["metric"], _none(rows[total]["breakdown"])]
                if dimension == 4 and item.name not in derived:
                    continue
                if dimension in (2, 3) and item.over_time == "last":
                    last = max(rows[part]["period"] for part in parts)
                    parts = [part for part in parts if rows[part]["period"] == last]
                hidden = [part for part in parts if rows[part]["status"] == "suppressed"]
                if not hidden or rows[total]["status"] == "suppressed":
                    continue
                is_answer = item.kind == "share" and item.family == "experience"
                people = yes = answers = 0
                for part in hidden:
                    own_item = self.printed[rows[part]["metric"], _none(rows[part]["breakdown"])]
                    members = self.members(rows[part], own_item.over_time)
                    people += self.value(members, own_item.people)
                    yes += self.value(members, own_item.numerator)
                    answers += self.value(members, own_item.denominator or own_item.numerator)
                counted = yes if is_answer and item.numerator != item.denominator else None
                if item.heads and counted is not None:  # weights: nobody, everybody, or some
                    counted = {0: 0, answers: people}.get(yes, -1)
                found.append((_address(rows[total]), people, counted))
        return found


def _none(value: object) -> str | None:
    return None if value is None or value != value else str(value)


def _address(row: dict[str, str]) -> str:
    return " ".join(str(row[name]) for name in ("metric", "breakdown", *PLACE))


def _families(frame: pd.DataFrame) -> list[tuple[pd.Series, pd.Series]]:
    """For each dimension the address of the total that a row is part of, and each
    row's own address written the same way."""

    def text(**changes: object) -> pd.Series:
        columns = frame[[*PLACE, "breakdown"]].assign(**changes)
        texts = [columns[name].astype(object).fillna("").astype(str) for name in columns]
        return texts[0].str.cat(texts[1:], sep="|")

    own = text()
    place = text(
        level=np.where(frame["level"] == "service", "component", "department"),
        component=np.where(frame["level"] == "service", frame["component"], "all"),
        service="all",
    ).where(frame["level"] != "department")
    channel = text(channel="all").where(frame["channel"] != "all")
    months = pd.to_datetime(frame["period"].where(frame["period_kind"] == "month"))
    shifted = months + pd.DateOffset(months=3)
    quarter_of_month = (
        shifted.dt.year.astype("Int64").astype(str)
        + "Q"
        + shifted.dt.quarter.astype("Int64").astype(str)
    )
    month = text(period_kind="quarter", period=quarter_of_month).where(months.notna())
    quarter = text(period_kind="fiscal_year", period="FY" + frame["period"].str[:4]).where(
        frame["period_kind"] == "quarter"
    )
    part = text(breakdown=None).where(frame["breakdown"].notna())
    return [(parents, own) for parents in (place, channel, month, quarter, part)]


def echelon(matrix: np.ndarray) -> np.ndarray:
    """Reduced row echelon form modulo a large prime, zero rows left out."""
    rows = np.unique(matrix, axis=0).astype(np.int64) % PRIME
    rank = 0
    for column in range(rows.shape[1]):
        pivots = np.flatnonzero(rows[rank:, column])
        if not len(pivots):
            continue
        at = rank + pivots[0]
        rows[[rank, at]] = rows[[at, rank]]
        rows[rank] = rows[rank] * pow(int(rows[rank, column]), -1, PRIME) % PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != rank]
        rows[others] = (rows[others] - rows[others, column, None] * rows[rank]) % PRIME
        rank += 1
        if rank == len(rows):
            break
    return rows[:rank]


def depends(known: np.ndarray, line: np.ndarray) -> bool:
    """Whether a line is a combination of the rows of an echelon form."""
    left = line % PRIME
    leading = (known != 0).argmax(axis=1) if len(known) else np.zeros(0, dtype=int)
    for row, column in zip(known, leading, strict=True):
        if left[column]:
            left = (left - left[column] * row) % PRIME
    return not left.any()


def random_leaves(
    seed: int,
    n_components: int = 3,
    n_quarters: int = 3,
    months: bool = False,
    share_small: float = 0.3,
    first_quarter: int = 2,
) -> pd.DataFrame:
    """Leaves with people in them, many of them few; some leaves are missing."""
    draw = np.random.default_rng(seed)
    components = ["CBP", "FEMA", "TSA", "USCIS", "ICE"][:n_components]
    quarters = [
        f"{2021 + number // 4}Q{number % 4 + 1}"
        for number in range(first_quarter, first_quarter + n_quarters)
    ]
    rows = []
    for component in components:
        services = [f"{component.lower()}-{n}" for n in range(1, 1 + draw.integers(1, 4))]
        for service in services:
            channels = draw.choice(["computer", "email", "mobile"], draw.integers(1, 4), False)
            for channel, quarter in itertools.product(channels, quarters):
                starts = pd.Timestamp(int(quarter[:4]) - 1, 10, 1)
                first = starts + pd.DateOffset(months=3 * (int(quarter[-1]) - 1))
                for month in range(3 if months else 1):
                    if draw.random() < 0.1:
                        continue
                    small = draw.random() < share_small
                    people = draw.integers(1, 11) if small else draw.integers(11, 200)
                    day = (first + pd.DateOffset(months=month)).date() if months else None
                    rows.append(
                        [component, service, channel, quarter, day, *_people(draw, int(people))]
                    )
    names = [*LEAF, *(f"{q}{k}" for q in "ab" for k in range(1, 6)), "r", "o", "t1", "t2", "t3"]
    return pd.DataFrame(rows, columns=[*names, "s"])


def with_weights(leaves: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Leaves with the counts of `weighted("q")`: the people of question a, spread over
    answers, weights and two groups, the second one often small."""
    draw = np.random.default_rng(seed)
    names = sorted({name for item in weighted("q") for name in item.people})
    spread = []
    for people in leaves[[f"a{k}" for k in range(1, 6)]].sum(axis=1):
        spanish = draw.choice([0.02, 0.2, 0.4])
        shares = [
            (1 - spanish if name.endswith("english") else spanish) * draw.gamma(1) for name in names
        ]
        spread.append(draw.multinomial(int(people), np.array(shares) / sum(shares)))
    return leaves.assign(**dict(zip(names, np.array(spread).T, strict=True)))


def _people(draw: np.random.Generator, people: int) -> list[int]:
    taste = draw.dirichlet(np.ones(5) * draw.choice([0.3, 3, 3, 3]))
    a = draw.multinomial(people, taste)
    skipped = int(draw.integers(0, 3)) if draw.random() < 0.5 else 0
    b = draw.multinomial(max(people - skipped, 0), taste)
    respondents = people + int(draw.integers(0, 3)) * int(draw.random() < 0.5)
    offered = respondents + int(draw.integers(0, 60))
    few = draw.random() < 0.1
    topics = draw.multinomial(int(draw.integers(0, 30 if few else 300)), [0.5, 0.3, 0.2])
    stock = int(draw.integers(1, 11)) if draw.random() < 0.1 else int(draw.integers(11, 90))
    return [*map(int, a), *map(int, b), respondents, offered, *map(int, topics), stock]

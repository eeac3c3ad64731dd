"""Properties of a metric that need no number worked out by hand.

From the rows that a fixture gives, other rows are made whose cells follow from those of the
fixture: told in parts and many times over, moved to places, channels, quarters and bases that
nobody named, and with rows beside them that count nothing. A metric whose cells then differ adds
up what cannot be added up, or counts some rows and not others.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any

from sqlglot import exp

from metrics.base.reading import referenced_tables
from metrics.base.sqlfiles import statements
from metrics.define.catalog import ADDITIVE, WEIGHTED, Metric
from metrics.define.counted import Counted, Unit, counted_tables
from metrics.define.fixtures import Fixture, Row

Tables = dict[str, list[Row]]
Columns = Mapping[str, Mapping[str, str]]
"""Types of the columns of tables, by table and column."""

FACTORS = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)
"""By how much the counts of the units are raised, each by its own, so that cells tell which unit
they count. No product of two is a third."""
N_COPIES = 2
"""How often rows are told where rows themselves are counted."""
IDENTITIES = ("survey", "survey_id", "icr_reference", "response_id")
"""Columns that name one thing of one place: moved rows name another."""
LARGER = 3
YEARS = 4
"""By how many years rows are moved; four years are a whole number of leap cycles."""
MARK = "other~"
TEXT, DATE = "VARCHAR", "DATE"
MAX_LITERALS = 3


@dataclass(frozen=True)
class Problem:
    """A property that does not hold: the column to look at (None: the select), and what
    is wrong with what to do."""

    column: str | None
    message: str


@dataclass(frozen=True)
class Counts:
    """What a number of a metric counts: a unit of a table."""

    table: str
    unit: Unit


@dataclass
class Verdict:
    """Problems, and what each number of the cells counts where the fixture tells."""

    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)


Move = Callable[[Row], Row]


@dataclass(frozen=True)
class _Copy:
    """Rows moved somewhere: what is said where its cells do not come, how rows and cells
    of the fixture are moved, the column `by` whose values the move makes alike, and how
    the rows are moved that are there as well (`second`)."""

    message: str
    column: str | None
    move: Move
    second: Move | None = None
    by: str | None = None
    number: int = 0
    is_basis: bool = False


def numbers_of(metric: Metric, row: Row) -> list[str]:
    """Names of the numbers in a cell."""
    possible = (*ADDITIVE[metric.kind], *WEIGHTED.get(metric.kind, ()), "n")
    return [name for name in dict.fromkeys(possible) if name in row]


class Properties:
    """The properties of one metric on its fixture.

    `worlds` are rows to run the metric on; `verdict` judges the cells that came, by name
    of the world, `fixture` being the rows as given.
    """

    def __init__(self, metric: Metric, fixture: Fixture, columns: Columns, keys: Columns) -> None:
        self.metric, self.columns, self.keys = metric, columns, keys
        # Columns that a row leaves out are null, as in the table.
        self.given: Tables = {
            table: [
                {
                    name: _day(value) if columns[table].get(name) == DATE else value
                    for name, value in (dict.fromkeys(columns[table]) | row).items()
                }
                for row in rows
            ]
            for table, rows in fixture.given.items()
            if table in columns
        }
        self.expected = fixture.expected
        self.counted = {
            table: one
            for table in sorted(referenced_tables(metric.sql))
            if (one := counted_tables().get(table)) and one.units
        }
        words = set(re.findall(r"\w+", re.sub(r"'[^']*'|--.*|/\*.*?\*/", " ", metric.sql)))
        self.used = {
            table: one
            for table, one in self.counted.items()
            if len(self.counted) == 1
            or all(unit.amount is None for unit in one.units)
            or any(unit.holds(word) for unit in one.units for word in words)
        }
        units = [
            (table, unit) for table, one in self.used.items() for unit in one.units if unit.amount
        ]
        self.is_raised = all(
            unit.amount and one.stock_column is None
            for one in self.used.values()
            for unit in one.units
        )
        self.factors = dict(zip(units, FACTORS, strict=False))
        self.has_place = any(row.get("component") for row in self.expected)
        self.has_channel = any(row.get("channel") for row in self.expected)
        self.copies = list(self._copies())

    @property
    def worlds(self) -> dict[str, Tables]:
        """Rows of each world, by its name."""
        return {
            "scaled": self._scaled(),
            "elsewhere": self._elsewhere(),
            "beside": self._beside(),
        }

    def verdict(self, cells: Mapping[str, list[Row]]) -> Verdict:
        """Judge the cells of the worlds. A world that could not be run is left out."""
        found = Verdict()
        if not self._holds_number(cells["fixture"]):
            # Where it expects one, that it did not come is said with the row.
            if not self._holds_number(self.expected):
                found.problems.append(
                    Problem(
                        None,
                        "the fixture proves nothing: none of its cells holds a number above 0; "
                        "give rows that the metric counts",
                    )
                )
            return found
        if "scaled" in cells:
            self._judge_scaled(cells["fixture"], cells["scaled"], found)
        if "elsewhere" in cells:
            is_echo = bool(found.problems)  # of what cannot be added up
            found.problems += [
                problem
                for problem in self._judge_elsewhere(cells["fixture"], cells["elsewhere"])
                if not (is_echo and problem.column == "quarter")
            ]
        if "beside" in cells:
            found.problems += self._judge_beside(cells["fixture"], cells["beside"])
        return found

    def _holds_number(self, rows: list[Row]) -> bool:
        return any(row[name] for row in rows for name in numbers_of(self.metric, row))

    # Told in parts, many times over

    def _is_stock(self, one: Counted) -> bool:
        return stock(self.metric, one)

    def _scaled(self) -> Tables:
        world: Tables = {}
        for table, rows in self.given.items():
            one = self.used.get(table)
            world[table] = []
            for number, row in enumerate(rows):
                if one is None:
                    world[table].append(row)
                elif all(unit.amount is None for unit in one.units):
                    world[table] += [row] * (1 if one.is_stock else N_COPIES)
                elif self._is_stock(one):
                    state = one.stock_column is not None
                    world[table].append(row if state else self._raised(one, row))
                else:
                    world[table] += self._parts(one, row, number)
        return world

    def _factor(self, one: Counted, column: str) -> int | None:
        for unit in one.units:
            if unit.amount and unit.holds(column):
                return self.factors.get((one.table, unit))
        return None

    def _raised(self, one: Counted, row: Row) -> Row:
        return {
            name: value * factor if is_number(value) and factor else value
            for name, value in row.items()
            for factor in [self._factor(one, name)]
        }

    def _parts(self, one: Counted, row: Row, number: int) -> list[Row]:
        """The row in three, two of them alike, not in the same proportion in every column."""
        parts = [dict(row), dict(row), dict(row)]
        for at, (name, value) in enumerate(sorted(row.items()), start=number):
            factor = self._factor(one, name)
            if factor and is_number(value):
                share = factor // 3 + at % 2
                for part, times in zip(parts, (share, share, factor - 2 * share), strict=True):
                    part[name] = value * times
        return parts

    def _judge_scaled(self, before: list[Row], after: list[Row], found: Verdict) -> None:
        old, new = self._summed(before), self._summed(after)
        known = {factor: Counts(*unit) for unit, factor in self.factors.items()}
        for table, one in self.used.items():
            for unit in one.units:
                if unit.amount is None:
                    only = all(other.amount is None for other in one.units)
                    is_told_often = only and not one.is_stock
                    known.setdefault(N_COPIES if is_told_often else 1, Counts(table, unit))
            if one.stock_column is not None and self._is_stock(one):
                known.setdefault(1, Counts(table, one.units[0]))
        for name in numbers_of(self.metric, before[0]):
            # What has different bases, or is of different parts, may count different things.
            possible: dict[Any, set[int]] = {}
            worst = None
            for key, cell in old.items():
                part = dict(key)["basis"], dict(key).get(str(self.metric.breakdown))
                value, raised = cell[name], new.get(key, {}).get(name)
                fits = possible.setdefault(part, set(known))
                if raised is None:
                    fits.clear()
                else:
                    fits &= {factor for factor in known if alike(raised, value * factor)}
                if not fits:
                    worst = worst or (key, value, raised)
            if worst or not known:
                found.problems.append(Problem(name, self._not_additive(name, worst)))
                continue
            common = set.intersection(*possible.values())
            if len(common) == 1:
                found.counts[name] = known[common.pop()]

    def _not_additive(self, name: str, worst: tuple[Any, Any, Any] | None) -> str:
        if not self.used:
            return (
                "none of the tables that the select reads counts anything (the last line of "
                "a table's comment says what it counts); count in a table that does"
            )
        suspects = _suspects(self.metric.sql)
        hint = f" ({', '.join(suspects)} may be why)" if suspects else ""
        first = f". First: {dict(worst[0])}: {worst[1]} became {worst[2]}" if worst else ""
        return (
            f"{name} cannot be added up{hint}: where every given row is told in three parts, "
            f"together {'/'.join(map(str, self.factors.values())) or N_COPIES} times as much, the "
            "cell is not as many times as much; give plain sums of counts, and leave "
            f"averages, divisions and largest values to the gate{first}"
        )

    # Somewhere else

    def _copies(self) -> Iterator[_Copy]:
        years = 0 if len(self.metric.eras) > 1 else YEARS
        base = self._moved_in_time(4 * years, timedelta(days=years * 1461 // 4))
        yield _Copy(
            f"rows of quarters {years} years later do not give the same cells, {years} years "
            "later; compare no quarter or day with a literal (a definition that holds from a "
            "quarter on says so in the changelog with `from`)",
            "quarter",
            base,
        )
        if not self.has_place:
            return
        kept = "the gate and the pages choose places, the select keeps all of them; "
        yield _Copy(
            f"a Component, service or channel that nobody named gives no cell; {kept}take the "
            "comparison with a literal out",
            "channel" if self._literals("channel") else "component",
            self._moved_to(1, base, channel=lambda old: old and MARK + old),
            number=1,
        )
        if self.has_channel:
            yield _Copy(
                f"rows without a channel give no cell; {kept}take the comparison out, and join "
                "with `is not distinct from`",
                "channel",
                self._moved_to(2, base, by=self._told_apart_by("channel"), channel=lambda _: None),
                by=self._told_apart_by("channel"),
                number=2,
            )
        number = 10
        for column in ("channel", "service", "component"):
            has_column = any(row.get(column) for row in self.expected)
            seen = {row["component"] for row in self.expected}
            for literal in self._literals(column)[:MAX_LITERALS]:
                if not has_column or literal in seen:
                    continue
                number += 1
                by = self._told_apart_by(column)
                yield _Copy(
                    f"rows of {column} {literal!r} do not give the cells that others give; {kept}"
                    "take the comparison out",
                    column,
                    self._moved_to(number, base, by=by, **{column: _always(literal)}),
                    by=by,
                    number=number,
                )
        if years and self.metric.window != "all":
            quarters = self._distance()
            move = self._moved_to(3, base)
            later = self._moved_in_time(quarters, timedelta(days=91 * quarters))
            yield _Copy(
                "rows of a later quarter change the cells of another, or those of an earlier one "
                "change its own; keep quarters apart, or say over how "
                "many quarters a cell reaches with the key `window`, such as `window: 4`",
                "quarter",
                move,
                _after(move, later),
                number=3,
            )
        for part in range(3):
            move = self._moved_to(4 + part, base)
            yield _Copy(
                "figures of different bases are added up; give the column basis (or family) of "
                "the table as basis, and group by it",
                "basis",
                move,
                _after(move, self._with_other_basis(part)),
                number=4 + part,
                is_basis=True,
            )

    def _told_apart_by(self, column: str) -> str | None:
        """The column, where every cell says it, so that the Component of a moved cell may
        say it instead; without it, cells that become alike are added up."""
        is_told = column != "component" and all(row.get(column) for row in self.expected)
        return column if is_told else None

    def _distance(self) -> int:
        """How many quarters later rows lie in quarters that no given row is of, as near as
        can be and outside a declared window."""
        quarters = {
            str(row["quarter"])
            for rows in self.given.values()
            for row in rows
            if row.get("quarter")
        }
        distance = int(self.metric.window or 1)
        while any(quarter_later(quarter, distance) in quarters for quarter in quarters):
            distance += 1
        return distance

    def _literals(self, column: str) -> list[str]:
        return sorted({text for name, text, _ in compared(self.metric.sql) if name == column})

    def _moved_in_time(self, quarters: int, days: timedelta) -> Move:
        def moved(row: Row) -> Row:
            new = dict(row)
            for name, value in row.items():
                if isinstance(value, str) and re.fullmatch(r"20\d\dQ[1-4]", value):
                    new[name] = quarter_later(value, quarters)
                elif name == "month" and isinstance(value, date):
                    new[name] = months_later(value, 3 * quarters)
                elif isinstance(value, date):
                    new[name] = value + days
                elif name == "year" and isinstance(value, int):
                    new[name] = value + quarters // 4
            return new

        return moved

    def _moved_to(
        self, number: int, base: Move, by: str | None = None, **changes: Callable[[Any], Any]
    ) -> Move:
        """Move rows or cells to Components of their own, `by` telling apart what the
        changes make alike."""

        def moved(row: Row) -> Row:
            new = base(row)
            if row.get("component") is not None:
                apart = f"~{row.get(by)}" if by else ""
                new["component"] = f"{number}~{row['component']}{apart}"
            if row.get("service") is not None:
                apart = f"~{row.get(by)}" if by == "channel" else ""
                new["service"] = f"{number}~{row['service']}{apart}"
            for name in IDENTITIES:
                if row.get(name) is not None:
                    new[name] = _other(row[name], number)
            for name, change in changes.items():
                if name in row:
                    new[name] = change(row[name])
            return new

        return moved

    def _with_other_basis(self, part: int) -> Move:
        """Give a row another basis: the part of its name between slashes is another."""
        has_basis = self.metric.kind != "total" or self.metric.minimum_n > 0
        names = ("basis", "family") if self.metric.kind != "total" else ("basis",)

        def moved(row: Row) -> Row:
            name = next((name for name in names if name in row), None)
            if name is None or not has_basis:
                return row
            parts = str(row[name] or "basis").split("/")
            if part >= len(parts):
                return row
            parts[part] = MARK + parts[part]
            new = row | {name: "/".join(parts)}
            for identity in IDENTITIES:
                if row.get(identity) is not None:
                    new[identity] = _other(row[identity], 90 + part)
            return new

        return moved

    def _elsewhere(self) -> Tables:
        world: Tables = {}
        for table, rows in self.given.items():
            rows_of = [self.copies[0].move(row) for row in rows]
            for copy in self.copies[1:]:
                for row in self._spread(table, rows, copy.by):
                    moved = copy.move(row)
                    if moved == self.copies[0].move(row):
                        continue  # a reference table that names no place
                    rows_of.append(moved)
                    if copy.second is not None and copy.second(row) != moved:
                        other = copy.second(row)
                        rows_of.append(other if copy.is_basis else self._larger(table, other))
            known = self.columns[table]
            world[table] = [
                {name: value for name, value in row.items() if name in known} for row in rows_of
            ]
        return world

    def _spread(self, table: str, rows: list[Row], by: str | None) -> list[Row]:
        """The rows of a table, those that do not say by what places are told apart once for
        each of its values, so that they meet the others."""
        if by is None or "component" not in self.columns[table] or table in self.used:
            return rows
        values = sorted({str(row[by]) for row in self.expected})
        return [
            one
            for row in rows
            for one in ([row] if row.get(by) else [row | {by: value} for value in values])
        ]

    def _larger(self, table: str, row: Row) -> Row:
        """A row with larger counts, so that its cell is not taken for that of another."""
        one = self.used.get(table)
        if one is None or not self.is_raised:
            return row
        return {
            name: value * LARGER if is_number(value) and self._factor(one, name) else value
            for name, value in row.items()
        }

    def _judge_elsewhere(self, before: list[Row], after: list[Row]) -> list[Problem]:
        wanted: list[tuple[_Copy, list[Row]]] = []
        places: dict[Any, int] = {}
        numbers = {str(copy.number): at for at, copy in enumerate(self.copies)}
        for number, copy in enumerate(self.copies):
            cells = [copy.move(row) for row in before]
            if copy.second is not None and not copy.is_basis:
                numbers_in = numbers_of(self.metric, before[0])
                times = LARGER if self.is_raised else 1
                cells += [
                    copy.second(row) | {name: (row[name] or 0) * times for name in numbers_in}
                    for row in before
                ]
            wanted.append((copy, cells))
            places |= {row["component"]: number for row in cells if number}
        by_copy: dict[int, list[Row]] = defaultdict(list)
        for row in after:
            told = re.match(r"\d+(?=~)", str(row["component"]))
            number = numbers.get(told[0], 0) if told else places.get(row["component"], 0)
            by_copy[number].append(row)
        wrong = []
        for number, (copy, cells) in enumerate(wanted):
            old, new = self._summed(cells), self._summed(by_copy[number])
            if copy.is_basis:
                is_right = self._keeps_bases_apart(cells, by_copy[number])
            elif copy.second is not None:
                # Larger counts may pass a smallest number that the select asks for.
                is_right = self._alike(old, {key: new[key] for key in new if key in old})
            else:
                is_right = self._alike(old, new)
            wrong += [] if is_right else [copy]
        # All rows are moved in time; what is wrong for some places only is due to the place.
        is_gone = self._summed(wanted[0][1]).keys() - self._summed(by_copy[0]).keys()
        is_time = len(wrong) == 1 or (is_gone and len(wrong) == len(wanted))
        first = wrong[:1] if is_time else [copy for copy in wrong if copy.number][:1]
        return [Problem(copy.column, copy.message) for copy in first]

    def _keeps_bases_apart(self, cells: list[Row], found: list[Row]) -> bool:
        """Whether no cell pools bases without naming each of them."""
        own = self._summed([row for row in found if MARK not in str(row["basis"])])
        wanted = self._summed(cells)
        if any(key not in wanted or not _same(cell, wanted[key]) for key, cell in own.items()):
            return False
        named = {
            str(row.get(name))
            for rows in self.given.values()
            for row in rows
            for name in ("basis", "family")
            if row.get(name)
        }
        pooled = defaultdict(list)
        for row in found:
            if MARK in str(row["basis"]):
                pooled[self._key(row, without_basis=True)].append(str(row["basis"]))
        for row in cells:
            if self._key(row) in own:
                continue
            # The cell is gone: only one that names its basis beside the other may have it.
            texts = pooled[self._key(row, without_basis=True)]
            if not any(
                re.search(rf"(?<![\w~-]){re.escape(name)}(?![\w~-])", text)
                for text in texts
                for name in named
            ):
                return False
        return True

    # Beside rows that count nothing

    def _beside(self) -> Tables:
        """The rows in another order, with rows that do not count, and with rows of joined
        tables that differ in their key."""
        world: Tables = {}
        for table, rows in self.given.items():
            world[table] = [*reversed(rows), *self._uncounted(table, rows)]
            if table in self.used:
                continue
            key = self.keys.get(table, {})
            for row in rows:
                world[table] += [self._rekeyed(table, row, name) for name in key] or [row]
        return world

    def _uncounted(self, table: str, rows: list[Row]) -> list[Row]:
        one = self.counted.get(table)
        if one is None or not one.flags:
            return []
        off = {column: not is_true for column, is_true in one.flags}
        return [{**row, **off} for row in rows]

    def _rekeyed(self, table: str, row: Row, name: str) -> Row:
        kind = self.columns[table][name]
        if kind == TEXT and name == "quarter" and row[name]:
            return row | {name: quarter_later(row[name], 40)}
        if kind == TEXT:
            return row | {name: MARK + str(row[name])}
        if kind == DATE:
            return row | {name: date(1999, 1, 1)}
        return row | {name: (row[name] or 0) + 1000}

    def _judge_beside(self, before: list[Row], after: list[Row]) -> list[Problem]:
        if self._alike(self._summed(before), self._summed(after)):
            return []
        conditions = [
            f"{table} where {one.condition}" for table, one in self.counted.items() if one.flags
        ]
        joined = sorted(self.given.keys() - self.used.keys())
        causes = []
        if conditions:
            causes.append(
                "rows that must not be added up are counted (count only rows of "
                f"{' and '.join(conditions)})"
            )
        if joined:
            causes.append(
                f"a row is counted once for each row of {' and '.join(joined)} that it meets "
                "(join on all columns that tell its rows apart, or group it before joining)"
            )
        causes.append(
            "the order of rows decides which one is taken (say `order by` what tells them apart)"
        )
        return [
            Problem(
                None,
                "rows beside the given ones that count nothing, and another order of rows, "
                f"change the cells; either {', or '.join(causes)}",
            )
        ]

    # Comparing

    def _key(self, row: Row, without_basis: bool = False) -> tuple[tuple[str, Any], ...]:
        numbers = numbers_of(self.metric, row)
        return tuple(
            (name, row[name])
            for name in sorted(row)
            if name not in numbers and not (without_basis and name == "basis")
        )

    def _summed(self, rows: list[Row]) -> dict[tuple[tuple[str, Any], ...], dict[str, Any]]:
        """Cells added up as the gate does, numbers by what they are of."""
        sums: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = {}
        for row in rows:
            cell = sums.setdefault(self._key(row), {})
            for name in numbers_of(self.metric, row):
                cell[name] = cell.get(name, 0) + _exact(row[name])
        return sums

    def _alike(
        self,
        one: Mapping[tuple[tuple[str, Any], ...], dict[str, Any]],
        other: Mapping[tuple[tuple[str, Any], ...], dict[str, Any]],
    ) -> bool:
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)


def stock(metric: Metric, one: Counted) -> bool:
    """Whether what a metric counts in a table is a stock: as it stands in a quarter."""
    if one.stock_column is None:
        return one.is_stock
    named = {text for name, text, _ in compared(metric.sql) if name == one.stock_column}
    return bool(named) and named <= set(one.stock_values)


def compared(sql: str) -> list[tuple[str, str, int]]:
    """Return the comparisons of a column with a text that a select makes: column, text, and
    line within the select (1 where not known)."""
    found = []
    (tree,) = statements(sql)
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In, exp.Case, exp.NullSafeEQ, exp.NullSafeNEQ):
        if isinstance(node, exp.Case):
            column, texts = node.this, [one.this for one in node.args["ifs"]]
        elif isinstance(node, exp.In):
            column, texts = node.this, node.expressions
        else:
            column, texts = node.this, [node.expression]
            if isinstance(column, exp.Literal):
                column, texts = node.expression, [node.this]
        if not isinstance(column, exp.Column):
            continue
        for text in texts:
            if isinstance(text, exp.Literal) and text.is_string:
                found.append((column.name.lower(), str(text.this), _line_of(sql, str(text.this))))
    return found


def _line_of(sql: str, text: str) -> int:
    for number, line in enumerate(sql.splitlines(), start=1):
        if f"'{text}'" in line:
            return number
    return 1


def _suspects(sql: str) -> list[str]:
    """What in a select keeps cells from being sums, as words."""
    (tree,) = statements(sql)
    found = []
    for kinds, word in (
        ((exp.Avg, exp.Median, exp.Quantile, exp.PercentileCont), "an average"),
        ((exp.Max, exp.Min), "a largest or smallest value"),
        ((exp.Distinct,), "distinct"),
        ((exp.Div, exp.IntDiv), "a division"),
        ((exp.Pow,), "a square"),
        ((exp.Window,), "a row chosen by a window"),
    ):
        if any(tree.find_all(*kinds)):
            found.append(word)
    return found


def is_number(value: Any) -> bool:
    """Whether a value is a number, and no truth value."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def alike(one: Any, other: Any) -> bool:
    """Whether two numbers are equal to nine digits."""
    return bool(abs(one - other) <= abs(Fraction(other)) / 10**9 + Fraction(1, 10**9))


def _day(value: Any) -> Any:
    """A day that is written as a text, as a day."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _exact(value: Any) -> Fraction:
    """A number without error in adding; what is no finite number is none of a cell's."""
    return Fraction(value) if value is not None and isfinite(value) else Fraction(0)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(alike(one[name], other[name]) for name in one)


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda _: value


def _after(first: Move, then: Move) -> Move:
    return lambda row: then(first(row))


def _other(value: Any, number: int) -> Any:
    return value + 1_000_000 * number if isinstance(value, int) else f"{number}~{value}"


def quarter_later(quarter: str, by: int) -> str:
    """Return a fiscal quarter so many quarters later."""
    number = int(quarter[:4]) * 4 + int(quarter[-1]) - 1 + by
    return f"{number // 4}Q{number % 4 + 1}"


def months_later(day: date, by: int) -> date:
    """Return the first day of a month so many months later."""
    number = day.year * 12 + day.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)

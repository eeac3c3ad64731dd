"""What a select can mean: its header, its literals and its cells held against the tables.

None of it needs a number worked out by hand: a literal that no table knows, a row chosen without an
order, a flow told as a stock, and cells that hold more than the tables they are made of.
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import duckdb
from sqlglot import exp

from metrics.base.reading import referenced_tables
from metrics.base.settings import REST_OF_GOVERNMENT, SQL
from metrics.base.sqlfiles import statements
from metrics.define.catalog import Metric
from metrics.define.cells import line_at, line_in, line_of_key
from metrics.define.counted import Counted, counted_tables, counts_people
from metrics.define.properties import Columns, Counts, compared, stock

MINIMUM_PEOPLE = 11
"""No figure is shown on fewer people."""

REFERENCES = {
    "activity": ("activity", "activity"),
    "category": ("category", "category"),
    "channel": ("channel", "channel"),
    "component": ("component", "component"),
    "family": ("instrument", "family"),
    "function": ("maturity_function", "function"),
    "instrument": ("instrument", "instrument"),
    "measure": ("instrument_question", "measure"),
    "model": ("maturity_model", "model"),
    "scale": ("instrument_question", "scale"),
    "segment": ("segment", "segment"),
    "segment_value": ("segment_value", "segment_value"),
    "service": ("service", "service"),
    "step": ("time_step", "step"),
    "theme": ("theme", "theme"),
}
"""Columns whose values a reference table names, with that table and its column."""

PLACES = ("component", "service", "channel", "month")

BOUNDED = {
    "share": ("denominator", "n"),
    "ratio": ("denominator",),
    "mean": ("n", "total_of_weights"),
    "total": ("value", "n"),
    "quantile": ("n",),
}
"""Numbers of a cell that count, so that no table holds fewer."""


def columns_of(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> Columns:
    """Return the types of the columns of tables, by table and column."""
    return {
        table: {
            str(row[0]): str(row[1]) for row in connection.execute(f"describe {table}").fetchall()
        }
        for table in sorted(tables)
    }


def keys_of(connection: duckdb.DuckDBPyConnection, columns: Columns) -> Columns:
    """Return the columns in which no two rows of a table are alike, with their types, by
    table: as its declaration says, or its primary key."""
    primary = dict(
        connection.execute(
            "select table_name, constraint_column_names from duckdb_constraints() "
            "where constraint_type = 'PRIMARY KEY'"
        ).fetchall()
    )
    known = counted_tables()
    found = {}
    for table, types in columns.items():
        declared = known[table].key if table in known else ()
        names = declared or tuple(primary.get(table, ()))
        found[table] = {name: types[name] for name in names if name in types}
    return found


def header_problems(metric: Metric) -> list[str]:
    """Return what the header and the text of the select alone say is wrong, each as
    `file:line: what is wrong; how to fix it`."""
    problems = []
    if metric.minimum_n < MINIMUM_PEOPLE and counts_people(metric):
        known = counted_tables()
        tables = [
            table
            for table in sorted(referenced_tables(metric.sql))
            if table in known and known[table].counts_people
        ]
        problems.append(
            f"{line_of_key(metric, 'minimum_n')}: minimum_n is {metric.minimum_n}, and "
            f"{' and '.join(tables)} counts people who answered a survey; set it to "
            f"{MINIMUM_PEOPLE} or more, or select from a table that counts no people"
        )
    return problems + _order_problems(metric)


def _order_problems(metric: Metric) -> list[str]:
    (tree,) = statements(metric.sql)
    chosen = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
    words = []
    for window in tree.find_all(exp.Window):
        function = window.this
        if isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
            function = function.this
        if isinstance(function, chosen) and not window.args.get("order"):
            words.append(function.sql_name().lower())
    for query in tree.find_all(exp.Select):
        distinct = query.args.get("distinct")
        is_cut = query.args.get("limit") or query.args.get("offset")
        if not query.args.get("order"):
            words += ["limit"] if is_cut else []
            words += ["distinct on"] if distinct is not None and distinct.args.get("on") else []
    return [
        f"{line_at(metric, _line_of_word(metric.sql, word))}: {word} without `order by` takes any "
        "row, another one each time; say in which order, by columns that tell the rows apart"
        for word in dict.fromkeys(words)
    ]


def _line_of_word(sql: str, word: str) -> int:
    pattern = rf"\b{word}\b".replace(" ", r"\s+")
    for number, line in enumerate(sql.lower().splitlines(), start=1):
        if re.search(pattern, line):
            return number
    return 1


def compared_texts(sql: str) -> list[tuple[str, str]]:
    """Return which columns a select compares with which texts."""
    return [(column, text) for column, text, _ in compared(sql)]


class Vocabulary:
    """The values that columns may be compared with, read from the tables once."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, columns: Columns, keys: Columns
    ) -> None:
        self.connection, self.columns, self.keys = connection, columns, keys
        self._values: dict[tuple[str, str], set[str]] = {}

    def problems(self, metric: Metric) -> list[str]:
        """Return the literals of a select that nothing knows, each as `file:line: ...`."""
        tables = sorted(referenced_tables(metric.sql))
        found = []
        for column, text, line in dict.fromkeys(compared(metric.sql)):
            having = [table for table in tables if self.columns[table].get(column) == "VARCHAR"]
            if not having:
                continue
            known = set().union(*(self._of(table, column) for table in having))
            named = None if any(map(_is_reference, having)) else REFERENCES.get(column)
            if named is not None and (not known or known & self._of(*named)):
                known |= self._of(*named)
            else:
                named = None
            if column == "component":
                known.add(REST_OF_GOVERNMENT)
            elif column == "measure":  # one may be declared before any survey asks it
                known |= self._of("measure", "measure")
            # Without a list of all values, rows that are not loaded yet may bring others.
            is_closed = bool(known) and (
                named is not None or all(column in self.keys[table] for table in having)
            )
            known |= set().union(*(_written(table) for table in having))
            if text in known:
                continue
            close = difflib.get_close_matches(text, sorted(known), 1, 0.6)
            if is_closed or close:
                where = f"data/reference/{named[0]}.csv" if named else " or ".join(having)
                hint = f"did you mean {close[0]!r}?" if close else f"take a value of {where}"
                found.append(
                    f"{line_at(metric, line)}: nothing has the {column} {text!r}, so the "
                    f"comparison is never true; {hint}"
                )
        return found

    def _of(self, table: str, column: str) -> set[str]:
        if (table, column) not in self._values:
            rows = self.connection.execute(
                f"select distinct {column} from {table} where {column} is not null"
            ).fetchall()
            self._values[table, column] = {str(row[0]) for row in rows}
        return self._values[table, column]


@cache
def _is_reference(table: str) -> bool:
    return (SQL / "tables" / f"{table}.sql").exists()


@cache
def _written(table: str) -> frozenset[str]:
    """The texts in the SQL of an aggregate, which may give them as values."""
    path = SQL / "aggregates" / f"{table}.sql"
    if not path.exists():
        return frozenset()
    return frozenset(re.findall(r"'([^'\n]*)'", path.read_text("utf-8").partition("*/")[2]))


def time_problems(metric: Metric, counts: Mapping[str, Counts]) -> list[str]:
    """Return whether the quarters of a metric are put together as what it counts allows, as
    `file:line: ...`."""
    known = counted_tables()
    tables = sorted({one.table for one in counts.values()})
    stocks = {table for table in tables if stock(metric, known[table])}
    if metric.over_time == "sum" and stocks and len(stocks) == len(tables):
        return [
            f"{line_of_key(metric, 'over_time')}: over_time is sum, and {' and '.join(tables)} "
            "holds a stock, which is there in each quarter again; write `over_time: last`"
        ]
    if metric.over_time == "last" and tables and not stocks and metric.window is None:
        return [
            f"{line_of_key(metric, 'over_time')}: over_time is last, and {' and '.join(tables)} "
            "counts what happens in each quarter, so that a year would show its last quarter "
            "alone; write `over_time: sum`"
        ]
    return []


@dataclass(frozen=True)
class Cells:
    """Where the cells of a metric are, and what their numbers count."""

    metric: Metric
    table: str
    counts: Mapping[str, Counts]


def excess_problems(
    connection: duckdb.DuckDBPyConnection, cells: Iterable[Cells], columns: Columns
) -> dict[str, list[str]]:
    """Return which cells hold more than the table they count has in that place and period,
    by metric, each as `file:line: ...`."""
    asked: dict[tuple[Counts, str | None], list[tuple[Metric, str, str]]] = defaultdict(list)
    for one in cells:
        for number in BOUNDED[one.metric.kind]:
            unit = one.counts.get(number)
            if unit is not None and not one.metric.signed and "quarter" in columns[unit.table]:
                asked[unit, one.metric.window].append((one.metric, one.table, number))
    problems: dict[str, list[str]] = defaultdict(list)
    for (unit, window), numbers in asked.items():
        found = connection.execute(_excess_query(unit, window, numbers, columns)).fetchall()
        for at, n_cells, place, value, most in found:
            metric, _, number = numbers[at]
            problems[metric.name].append(
                f"{line_in(metric, number)}: {n_cells} cells: {number} is more than "
                f"{unit.table} holds there (all its {unit.unit.what}); a join or a sum counts rows "
                "more than once, or rows that do not count: group before joining, and keep to "
                f"the rows that its comment says count. First: {place}: {value:g} of {most:g}"
            )
    return problems


def _excess_query(
    unit: Counts,
    window: str | None,
    numbers: list[tuple[Metric, str, str]],
    columns: Columns,
) -> str:
    one, has = counted_tables()[unit.table], columns[unit.table]
    places = [name for name in PLACES if name in has]
    amount = unit.unit.amount or "1"
    held = " union all ".join(
        f"select {', '.join([*places, 'quarter'])}, {_each(one)} as each, {number} as rule, "
        f"sum({amount})::double as held from {unit.table} where {condition} group by all"
        for number, condition in enumerate(_conditions(one))
    )
    cells = " union all ".join(
        f"select {at} as asked, {', '.join(f'{_typed(name)} as {name}' for name in places)}, "
        f"quarter, basis::varchar as basis, {metric.breakdown or 'null'}::varchar as part, "
        f"{number}::double as value, {_price(metric)}::double as price from {table}"
        for at, (metric, table, number) in enumerate(numbers)
    )
    first = {None: "cell.quarter", "all": "''"}.get(window) or (
        f"quarter_add(cell.quarter, {1 - int(window or 1)})"
    )
    on = " and ".join(f"cell.{name} is not distinct from rolled.{name}" for name in places)
    is_whole = " and ".join(f"({name} is not null or grouping({name}) = 1)" for name in places)
    cube = f"cube ({', '.join(places)}), " if places else ""
    return f"""
        with held as ({held}),
        rolled as (
            select {"".join(f"{name}, " for name in places)}quarter, each, rule, sum(held) as held
            from held group by {cube}(quarter, each, rule)
            {f"having {is_whole}" if places else ""}
        ),
        cell as ({cells}),
        reached as (
            select cell.asked, {"".join(f"cell.{name}, " for name in places)}cell.quarter,
                cell.basis, cell.part, rolled.each, rolled.rule,
                any_value(cell.value) as value,
                sum(rolled.held) * any_value(cell.price) as held
            from cell left join rolled
                on {on + " and " if places else ""}
                {_within(first, window)}
            group by all
        ),
        judged as (
            select asked, {"".join(f"{name}, " for name in places)}quarter, basis, part,
                max(value) as value, coalesce(max(held), 0) as most
            from reached group by all
        )
        select asked, count(*), min_by(
            concat_ws(', ', {", ".join([*places, "quarter", "basis", "part"])}), quarter || basis
        ), min_by(value, quarter || basis), min_by(most, quarter || basis)
        from judged where value > most * (1 + 1e-9) group by asked
    """


def _within(first: str, window: str | None) -> str:
    if window is None:
        return "cell.quarter = rolled.quarter"
    return f"rolled.quarter between {first} and cell.quarter"


def _conditions(one: Counted) -> list[str]:
    return one.condition.split(" or ") if one.condition else ["true"]


def _each(one: Counted) -> str:
    return f"concat_ws('/', {', '.join(one.each)})" if one.each else "''"


def _typed(name: str) -> str:
    return f"{name}::{'date' if name == 'month' else 'varchar'}"


def _price(metric: Metric) -> str:
    known = counted_tables()
    prices = [
        f"(select max({known[table].price}) from {table})"
        for table in sorted(referenced_tables(metric.sql))
        if table in known and known[table].price
    ]
    return prices[0] if prices else "1"


NAMED = 5
"""Metrics without cells that a note names."""


def empty_note(names: Iterable[str]) -> str:
    """Say which metrics give no cell although their tables hold rows; of many the first, and
    where all are named."""
    ordered = sorted(names)
    told = ", ".join(ordered[:NAMED])
    if len(ordered) > NAMED:
        told += f" and {len(ordered) - NAMED} more (without_cells in the edition's manifest.json)"
    return (
        f"No cell: {told}. Their tables hold rows, and none that they count; "
        "if that surprises you, look at the conditions of the select."
    )

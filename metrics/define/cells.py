"""Checks before anything is published: the cell contract and the check queries."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from metrics.base.duck import first_row, first_value, sql_text
from metrics.base.errors import CxError
from metrics.base.settings import REST_OF_GOVERNMENT, SQL, shown_path
from metrics.base.sqlfiles import read_sql_folder, sql_failure
from metrics.define.catalog import ADDITIVE, BAND, DIMENSIONS, WEIGHTED, Metric, select_line

NUMERIC = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
    *("FLOAT", "DOUBLE", "DECIMAL"),
)


def line_in(metric: Metric, column: str | None = None) -> str:
    """Return `file:line` of the select, or of the last line in it that names a column."""
    first = select_line(metric.path)
    named = [
        number
        for number, line in enumerate(metric.sql.splitlines(), start=first)
        if column and re.search(rf"\b{re.escape(column)}\b", line)
    ]
    return f"{shown_path(metric.path)}:{named[-1] if named else first}"


def line_at(metric: Metric, line: int) -> str:
    """Return `file:line` of a line of the select, counted from 1."""
    return f"{shown_path(metric.path)}:{select_line(metric.path) + line - 1}"


def line_of_key(metric: Metric, key: str) -> str:
    """Return `file:line` of a key of the header, the first line where it is not there."""
    lines = metric.path.read_text(encoding="utf-8-sig").splitlines()
    found = [at for at, line in enumerate(lines, start=1) if line.startswith(f"{key}:")]
    return f"{shown_path(metric.path)}:{found[0] if found else 1}"


TEXTS = (*DIMENSIONS[:4], "basis")
"""Dimensions that are texts; the month is a date."""


def _column_problems(
    connection: duckdb.DuckDBPyConnection, metric: Metric, cells: str
) -> tuple[list[str], tuple[str, ...]]:
    """Return what is wrong with the columns of the cells, and the additive ones."""
    types = {row[0]: str(row[1]) for row in connection.execute(f"describe {cells}").fetchall()}
    weights = WEIGHTED.get(metric.kind, ())
    is_weighted = any(name in types for name in weights)
    numbers = (*ADDITIVE[metric.kind], *(weights if is_weighted else ()))
    wanted = [*DIMENSIONS, *([metric.breakdown] if metric.breakdown else []), *numbers]
    problems = [
        f"{line_in(metric)}: the select returns no column {name!r}; "
        + (
            f"weighted answers need both {' and '.join(weights)}, others neither of them"
            if name in weights
            else "add it (null where it does not apply)"
        )
        for name in wanted
        if name not in types
    ]
    if is_weighted and metric.counts_people == "numerator":
        problems.append(
            f"{line_in(metric, numbers[-1])}: a metric with counts_people: numerator counts heads, "
            f"which are not weighted; remove {' and '.join(weights)}"
        )
    optional = ("n",) if metric.kind == "total" else ()
    problems += [
        f"{line_in(metric, name)}: column {name!r} is not part of the cell of kind {metric.kind}; "
        "remove it"
        for name in types
        if name not in (*wanted, *optional)
    ]
    for name, type_name in types.items():
        if name in (*numbers, *optional):
            is_right, right = type_name.startswith(NUMERIC), "a number"
        elif name == "month":
            is_right, right = type_name == "DATE", "a date"
        elif name in TEXTS:
            is_right, right = type_name == "VARCHAR", "a text"
        else:
            continue
        # A column without any value has no type of its own.
        if not is_right and first_value(connection, f"select count({name}) from {cells}"):
            problems.append(
                f"{line_in(metric, name)}: column {name!r} is of type {type_name.lower()} and must "
                f"be {right}; convert it, or give another column"
            )
    return problems, numbers


def cell_problems(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Metric]
) -> dict[str, list[str]]:
    """Return what is wrong with the cells of metrics, by metric, each as
    `file:line: what is wrong; how to fix it`. `tables` says which metric's cells a table
    or view holds.

    What all kinds of cells have in common is asked of all of them at once: to plan a query
    takes longer than to run it over the cells of one metric.
    """
    problems: dict[str, list[str]] = {}
    sound: dict[str, tuple[Metric, tuple[str, ...]]] = {}
    for cells, metric in tables.items():
        problems[metric.name], numbers = _column_problems(connection, metric, cells)
        if not problems[metric.name]:
            sound[cells] = metric, numbers
    if not sound:
        return problems
    # A column that is null everywhere has no type.
    typed = {name: f"{name}::{'date' if name == 'month' else 'varchar'}" for name in DIMENSIONS}
    common = ", ".join(f"{value} as {name}" for name, value in typed.items())
    parts = [
        f"select {sql_text(cells)} as cells, {common}, {metric.breakdown or 'null'}::varchar "
        f"as breakdown from {cells}"
        for cells, (metric, _) in sound.items()
    ]
    connection.execute(f"create or replace temp table checked_cell as {' union all '.join(parts)}")
    rules = _rules_of_dimensions()
    counted = connection.execute(
        f"select cells, {_counts(rules)} from checked_cell group by cells"
    ).fetchall()
    repeated = connection.execute(f"""
        select cells, count(*) from (
            select cells from checked_cell
            group by cells, {", ".join(DIMENSIONS)}, breakdown having count(*) > 1
        ) group by cells
    """).fetchall()
    connection.execute("drop table checked_cell")
    by_rule, n_repeated = {row[0]: row[1:] for row in counted}, dict(repeated)
    for cells, (metric, numbers) in sound.items():
        source = f"(select * replace ({common}) from {cells})"
        own = _rules_of_numbers(metric, numbers, len(numbers) > len(ADDITIVE[metric.kind]))
        found = first_row(connection, f"select {_counts(own)} from {source}") or ()
        each = zip((*by_rule.get(cells, [0] * len(rules)), *found), (*rules, *own), strict=True)
        for n_cells, (column, condition, message) in each:
            if n_cells:
                first = first_value(
                    connection, f"select c::varchar from {source} as c where {condition} limit 1"
                )
                problems[metric.name].append(
                    f"{line_in(metric, column)}: {n_cells} cells: {message}. First: {first}"
                )
        if cells in n_repeated:
            grain = [*DIMENSIONS, *([metric.breakdown] if metric.breakdown else [])]
            problems[metric.name].append(
                f"{line_in(metric)}: {n_repeated[cells]} cells appear more than once; group by "
                f"{', '.join(grain)}, or choose the rows with where"
            )
    return problems


def _counts(rules: list["Rule"]) -> str:
    """How many cells break each rule, as columns of a select."""
    return ", ".join(f"count_if({condition})" for _, condition, _ in rules)


Rule = tuple[str, str, str]
"""A column, the condition under which its cell is wrong, and what to say then."""


def _rules_of_dimensions() -> list[Rule]:
    rest = sql_text(REST_OF_GOVERNMENT)
    return [
        (
            "quarter",
            "quarter is null or not regexp_full_match(quarter, '20[0-9]{2}Q[1-4]')",
            "quarter must read like 2021Q2; make it of a day with fiscal_quarter(day)",
        ),
        (
            "basis",
            "basis is null or basis = ''",
            "basis must not be blank; say what may be added up",
        ),
        (
            "component",
            f"component is not null and component <> {rest} "
            "and component not in (select component from component)",
            "component must be in data/reference/component.csv; map it, or leave the row out",
        ),
        (
            "channel",
            "channel is not null and channel not in (select channel from channel)",
            "channel must be in data/reference/channel.csv; map it, or leave the row out",
        ),
        (
            "service",
            f"component <> {rest} and service is not null "
            "and service not in (select service from service)",
            "service must be in data/reference/service.csv; add it there, or leave the row out",
        ),
        (
            "month",
            "month is not null and month <> date_trunc('month', month)",
            "month must be the first day of a month; use date_trunc('month', day)::date",
        ),
        (
            "month",
            "month is not null and fiscal_quarter(month::date) <> quarter",
            "month must lie in the quarter; make both of one day (fiscal years begin in October)",
        ),
    ]


def _rules_of_numbers(metric: Metric, numbers: tuple[str, ...], is_weighted: bool) -> list[Rule]:
    rules = [
        (name, f"{name} is null", f"{name} must not be null; leave the row out instead")
        for name in numbers
    ]
    # Shares, events, weights and quantiles have stricter rules of their own.
    if metric.kind in ("mean", "ratio", "total") and not metric.counts_events:
        may_be_negative = ("numerator", "total", "value") if metric.signed else ()
        rules += [
            (
                name,
                f"{name} < 0",
                f"{name} must not be below 0; where that is meant, say `signed: true` in the header"
                if name in ("numerator", "total", "value")
                else f"{name} must not be below 0; fix the select",
            )
            for name in numbers
            if name not in may_be_negative
        ]
    if metric.kind == "share":
        a_little_more = " * (1 + 1e-9)" if is_weighted else ""
        rules.append(
            (
                "numerator",
                f"numerator < 0 or denominator < 0 or numerator > denominator{a_little_more}",
                "a share needs 0 <= numerator <= denominator; count in the numerator only who "
                "is in the denominator too",
            )
        )
    if metric.counts_events:
        rules.append(
            (
                "numerator",
                "numerator < 0 or numerator <> floor(numerator) or denominator < 0",
                "events are counted in whole numbers, and nothing is below 0; fix the select",
            )
        )
    if metric.kind == "quantile":
        band = str(metric.breakdown)
        rules.append(("n", "n < 0", "n counts customers and is not below 0; fix the select"))
        rules.append(
            (
                band,
                f"not coalesce(regexp_full_match({band}, {sql_text(BAND)}), false)",
                "a band reads like '0-15', or '120+' without upper bound; rename it",
            )
        )
    if is_weighted:
        rules += _rules_of_weights(metric.kind, numbers)
    elif metric.kind == "mean":
        rules.append(_rule_of_squares(metric))
    if metric.compare_groups:
        rules.append(
            (
                str(metric.breakdown),
                f"{metric.breakdown} is null",
                "groups that are compared hold each person once, and the gate adds up their "
                "total; leave total rows out, and give people of unknown group a group",
            )
        )
    return rules


SCALE = re.compile(r"from (-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)\b")
"""How the unit of a mean names its scale."""


def _rule_of_squares(metric: Metric) -> Rule:
    """What n, total and squares of n values must fulfil: by Cauchy and Schwarz, and, as
    each value lies on the scale a to b, (x - a)(b - x) is not below 0."""
    wrong = "n * total_of_squares::double < total::double ** 2 * (1 - 1e-9)"
    scale = SCALE.search(metric.unit)
    on_scale = ""
    if scale:
        low, high = scale[1], scale[2]
        wrong += (
            f" or total_of_squares::double > ({low} + {high}) * total::double "
            f"- ({low}) * ({high}) * n + 1e-6 * n"
        )
        on_scale = f" from {low} to {high}, as the unit says,"
    elif not metric.signed:
        wrong += " or total_of_squares::double > total::double ** 2 * (1 + 1e-9)"
    return (
        "total_of_squares",
        wrong,
        f"no n values{on_scale} have this total and these squares; total_of_squares must be the "
        "sum of each value times itself, such as n_1 + 4 * n_2 + 9 * n_3",
    )


def _rules_of_weights(kind: str, numbers: tuple[str, ...]) -> list[Rule]:
    """What the sums of weighted cells must fulfil, to 9 digits. By Cauchy and Schwarz the
    sum of squared weights lies between the square of the sum, over n, and that square."""
    weights, squares = ("denominator" if kind == "share" else "total_of_weights"), numbers[-1]
    rules = [
        (
            numbers[0],
            " or ".join(f"not isfinite({name}::double)" for name in numbers),
            "sums of weights must be finite numbers; leave such rows out",
        ),
        (
            "n",
            f"n < 0 or n <> trunc(n) or (n > 0) <> ({weights} > 0)",
            f"n must be the number of people whose weights, each above 0, {weights} adds up; fix n",
        ),
        (
            squares,
            f"{weights}::double ** 2 > n * {squares}::double * (1 + 1e-9) "
            f"or {squares}::double > {weights}::double ** 2 * (1 + 1e-9)",
            f"{squares} must be the sum of the squared weights of the n people; fix it",
        ),
    ]
    if kind == "mean":
        rules.append(
            (
                "total",
                "total::double ** 2 > total_of_weights::double * total_of_squares::double "
                "* (1 + 1e-9)",
                "total must be the sum of weight times value, total_of_squares that of weight "
                "times squared value; fix them",
            )
        )
    return rules


def run_check_queries(
    connection: duckdb.DuckDBPyConnection, folder: Path = SQL / "checks"
) -> list[dict[str, Any]]:
    """Run the queries of sql/checks, which must return no row.

    Returns one dict per check: check, file, comment, n_rows, first (row as text).
    """
    results = []
    for file in read_sql_folder(folder):
        try:
            rows = connection.execute(
                f"select c::varchar from ({file.select}) as c limit 1000"
            ).fetchall()
        except duckdb.Error as error:
            raise CxError(sql_failure(file.path, file.select, str(error))) from error
        results.append(
            {
                "check": file.name,
                "file": shown_path(file.path),
                "comment": file.comment,
                "n_rows": len(rows),
                "first": rows[0][0] if rows else None,
            }
        )
    return results

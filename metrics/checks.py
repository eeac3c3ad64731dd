"""Checks before anything is published: the cell contract, check queries, fixtures."""

import math
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from metrics.catalog import ADDITIVE, BAND, DIMENSIONS, WEIGHTED, Metric, shown_path
from metrics.errors import CxError
from metrics.settings import ROOT, SQL
from metrics.warehouse import (
    REST_OF_GOVERNMENT,
    first_row,
    first_value,
    read_sql_folder,
    referenced_tables,
    sql_failure,
    sql_text,
)

FIXTURES = ROOT / "tests" / "metrics"


def _sql_line(metric: Metric) -> int:
    text = metric.path.read_text(encoding="utf-8")
    return text[: max(text.rfind(metric.sql), 0)].count("\n") + 1


def cell_problems(connection: duckdb.DuckDBPyConnection, metric: Metric) -> list[str]:
    """Return what is wrong with the cells of a metric, each as
    `file:line: what is wrong; how to fix it`. The metric's view must exist."""
    where = f"{shown_path(metric.path)}:{_sql_line(metric)}"
    columns = {
        row[0]: str(row[1]) for row in connection.execute(f"describe {metric.name}").fetchall()
    }
    weights = WEIGHTED.get(metric.kind, ())
    is_weighted = any(name in columns for name in weights)
    numbers = (*ADDITIVE[metric.kind], *(weights if is_weighted else ()))
    wanted = [*DIMENSIONS, *([metric.breakdown] if metric.breakdown else []), *numbers]
    problems = [
        f"{where}: the select returns no column {name!r}; "
        + (
            f"weighted answers need both {' and '.join(weights)}, others neither of them"
            if name in weights
            else "add it (null where it does not apply)"
        )
        for name in wanted
        if name not in columns
    ]
    if is_weighted and metric.family == "response":
        problems.append(
            f"{where}: metrics of family response count heads, which are not weighted; "
            f"remove {' and '.join(weights)}"
        )
    allowed = {*wanted, *(["n"] if metric.kind == "total" else [])}
    problems += [
        f"{where}: column {name!r} is not part of the cell of kind {metric.kind}; remove it"
        for name in columns
        if name not in allowed
    ]
    if problems:
        return problems
    rules = [
        (
            "quarter is null or not regexp_full_match(quarter, '20[0-9]{2}Q[1-4]')",
            "quarter must read like 2021Q2",
        ),
        ("basis is null or basis = ''", "basis must not be blank"),
        (
            f"component is not null and component <> {sql_text(REST_OF_GOVERNMENT)} "
            "and component not in (select component from component)",
            "component must be in data/reference/component.csv",
        ),
        (
            "channel is not null and channel not in (select channel from channel)",
            "channel must be in data/reference/channel.csv",
        ),
        (
            f"component <> {sql_text(REST_OF_GOVERNMENT)} and service is not null "
            "and service not in (select service from service)",
            "service must be in data/reference/service.csv",
        ),
        (
            "month is not null and month <> date_trunc('month', month)",
            "month must be the first day of a month",
        ),
    ]
    for name in numbers:
        rules.append((f"{name} is null", f"{name} must not be null; leave the row out instead"))
    if metric.kind == "share":
        a_little_more = " * (1 + 1e-9)" if is_weighted else ""
        rules.append(
            (
                f"numerator < 0 or denominator < 0 or numerator > denominator{a_little_more}",
                "a share needs 0 <= numerator <= denominator",
            )
        )
    if metric.counts_events:
        rules.append(
            (
                "numerator < 0 or numerator <> floor(numerator) or denominator < 0",
                "events are counted in whole numbers, and nothing is below 0",
            )
        )
    if metric.kind == "quantile":
        rules.append(("n < 0", "n counts customers and is not below 0"))
        rules.append(
            (
                f"not coalesce(regexp_full_match({metric.breakdown}, {sql_text(BAND)}), false)",
                "a band reads like '0-15', or '120+' without upper bound",
            )
        )
    if is_weighted:
        rules += _rules_of_weights(metric.kind, numbers)
    if metric.compare_groups:
        rules.append(
            (
                f"{metric.breakdown} is null",
                "groups that are compared hold each person once, and the gate adds up their "
                "total; leave total rows out, and give people of unknown group a group",
            )
        )
    grain = [*DIMENSIONS, *([metric.breakdown] if metric.breakdown else [])]
    connection.execute(f"create or replace temp table checked_cell as from {metric.name}")
    broken = ", ".join(f"({condition}) as r{i}" for i, (condition, _) in enumerate(rules))
    counts = ", ".join(f"count_if(r{i})" for i in range(len(rules)))
    found = first_row(connection, f"select {counts} from (select {broken} from checked_cell)")
    for n_cells, (condition, message) in zip(found or (), rules, strict=True):
        if n_cells:
            first = first_value(
                connection, f"select c::varchar from checked_cell as c where {condition} limit 1"
            )
            problems.append(f"{where}: {n_cells} cells: {message}. First: {first}")
    repeated = first_value(
        connection,
        f"select count(*) from (select 1 from checked_cell group by {', '.join(grain)} "
        "having count(*) > 1)",
    )
    if repeated:
        problems.append(
            f"{where}: {repeated} cells appear more than once; group by {', '.join(grain)}"
        )
    return problems


def _rules_of_weights(kind: str, numbers: tuple[str, ...]) -> list[tuple[str, str]]:
    """What the sums of weighted cells must fulfil, to 9 digits: conditions under which a
    cell is wrong, and the message. By Cauchy and Schwarz the sum of squared weights
    lies between the square of the sum, over n, and that square."""
    weights, squares = ("denominator" if kind == "share" else "total_of_weights"), numbers[-1]
    rules = [
        (
            " or ".join(f"not isfinite({name}::double)" for name in numbers),
            "sums of weights must be finite numbers",
        ),
        (
            f"n < 0 or n <> trunc(n) or (n > 0) <> ({weights} > 0)",
            f"n must be the number of people whose weights, each above 0, {weights} adds up",
        ),
        (
            f"{weights}::double ** 2 > n * {squares}::double * (1 + 1e-9) "
            f"or {squares}::double > {weights}::double ** 2 * (1 + 1e-9)",
            f"{squares} must be the sum of the squared weights of the n people",
        ),
    ]
    if kind == "mean":
        rules.append(
            (
                "total::double ** 2 > total_of_weights::double * total_of_squares::double "
                "* (1 + 1e-9)",
                "total must be the sum of weight times value, total_of_squares that of weight "
                "times squared value",
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
            raise CxError(sql_failure(file.path, file.select, error)) from error
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


def fixture_problems(
    connection: duckdb.DuckDBPyConnection, metric: Metric, folder: Path = FIXTURES
) -> list[str]:
    """Run a metric on the rows given in its fixture and compare the cells.

    The fixture `tests/metrics/<name>.yaml` holds `given` (table to rows) and
    `expected` (cells, every column of the select). A column left out of a given
    row is null. The connection must hold the real tables, whose column types the
    given rows take.
    """
    path = folder / f"{metric.name}.yaml"
    where = f"{shown_path(path)}:1"
    if not path.exists():
        return [f"{where}: the metric has no fixture; add given rows and expected cells"]
    try:
        fixture = yaml.safe_load(path.read_text(encoding="utf-8"))
        given = {str(table): _rows(rows) for table, rows in fixture["given"].items()}
        expected = _rows(fixture["expected"])
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problem = " ".join(str(error).split())
        return [f"{where}: cannot be read ({problem}); mend the YAML"]
    except (KeyError, TypeError, AttributeError, ValueError):
        return [
            f"{where}: write `given:` as tables with lists of rows, `expected:` as a list of rows"
        ]
    left_out = sorted(referenced_tables(metric.sql) - given.keys())
    if left_out:
        return [
            f"{where}: the metric reads {', '.join(left_out)}, which is not given; add it, "
            "an empty list where it has no row"
        ]
    try:
        found = _run_on(connection, metric, given)
    except duckdb.Error as error:
        return [f"{where}: the fixture cannot be run ({str(error).splitlines()[0]}); mend it"]
    return _differences(where, found, expected)


def _rows(value: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in value or []]


def _run_on(
    connection: duckdb.DuckDBPyConnection, metric: Metric, given: dict[str, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Return the cells of a metric over the given rows alone."""
    scratch = connection.cursor()
    database = first_value(scratch, "select current_database()")
    scratch.execute("attach ':memory:' as fixture")
    try:
        scratch.execute(f"set search_path = 'fixture,{database}'")
        for table, rows in given.items():
            scratch.execute(
                f"create table fixture.{table} as select * from {database}.{table} limit 0"
            )
            for row in rows:
                marks = ", ".join("?" for _ in row)
                scratch.execute(
                    f"insert into fixture.{table} ({', '.join(row)}) values ({marks})",
                    list(row.values()),
                )
        result = scratch.execute(metric.sql)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    finally:
        scratch.execute("reset search_path")
        scratch.execute("detach fixture")


def _plain(value: Any) -> str:
    """A value as text: numbers of equal value read alike whatever their type, to
    12 digits; null differs from the word."""
    if value is None:
        return "null"
    if isinstance(value, float | Decimal):
        is_whole = math.isfinite(value) and value == int(value)
        return str(int(value)) if is_whole else f"{float(value):.12g}"
    return repr(value) if value in ("", "null") else str(value)


def _differences(
    where: str, found: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> list[str]:
    def texts(rows: list[dict[str, Any]]) -> Counter[str]:
        return Counter(
            ", ".join(f"{key}={_plain(row[key])}" for key in sorted(row)) for row in rows
        )

    got, want = texts(found), texts(expected)
    return [
        f"{where}: expected but not returned: {row}" for row in sorted((want - got).elements())
    ] + [f"{where}: returned but not expected: {row}" for row in sorted((got - want).elements())]

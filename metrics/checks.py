"""Checks before anything is published: the cell contract, check queries, fixtures."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import yaml

from metrics.catalog import ADDITIVE, DIMENSIONS, Metric, shown_path
from metrics.errors import CxError
from metrics.settings import ROOT, SQL
from metrics.warehouse import (
    REST_OF_GOVERNMENT,
    first_row,
    first_value,
    read_sql_folder,
    sql_failure,
    sql_text,
)

FIXTURES = ROOT / "tests" / "metrics"


def _sql_line(metric: Metric) -> int:
    text = metric.path.read_text(encoding="utf-8")
    return text[: text.rindex(metric.sql)].count("\n") + 1


def cell_problems(connection: duckdb.DuckDBPyConnection, metric: Metric) -> list[str]:
    """Return what is wrong with the cells of a metric, each as
    `file:line: what is wrong; how to fix it`. The metric's view must exist."""
    where = f"{shown_path(metric.path)}:{_sql_line(metric)}"
    columns = {
        row[0]: str(row[1]) for row in connection.execute(f"describe {metric.name}").fetchall()
    }
    numbers = ADDITIVE[metric.kind]
    wanted = [*DIMENSIONS, *([metric.breakdown] if metric.breakdown else []), *numbers]
    problems = [
        f"{where}: the select returns no column {name!r}; add it (null where it does not apply)"
        for name in wanted
        if name not in columns
    ]
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
        rules.append(
            (
                "numerator < 0 or denominator < 0 or numerator > denominator",
                "a share needs 0 <= numerator <= denominator",
            )
        )
    grain = [*DIMENSIONS, *([metric.breakdown] if metric.breakdown else [])]
    for condition, message in rules:
        row = first_row(
            connection,
            f"select count(*), any_value(c::varchar) from {metric.name} as c where {condition}",
        )
        if row and row[0]:
            problems.append(f"{where}: {row[0]} cells: {message}. First: {row[1]}")
    repeated = first_value(
        connection,
        f"select count(*) from (select 1 from {metric.name} group by {', '.join(grain)} "
        "having count(*) > 1)",
    )
    if repeated:
        problems.append(
            f"{where}: {repeated} cells appear more than once; group by {', '.join(grain)}"
        )
    return problems


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
    `expected` (cells, every column of the select). The connection must hold the
    real tables, whose column types the given rows take.
    """
    path = folder / f"{metric.name}.yaml"
    where = shown_path(path)
    if not path.exists():
        return [f"{where}:1: the metric has no fixture; add given rows and expected cells"]
    try:
        fixture = yaml.safe_load(path.read_text(encoding="utf-8"))
        given, expected = fixture["given"], fixture["expected"]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        return [f"{where}:1: cannot be read ({error}); write the keys given and expected"]
    scratch = connection.cursor()
    scratch.execute("attach ':memory:' as fixture")
    try:
        try:
            scratch.execute("set search_path = 'fixture,' || current_database()")
            for table, rows in given.items():
                scratch.execute(
                    f"create table fixture.{table} as "
                    f"select * from {connection_name(connection)}.{table} limit 0"
                )
                for row in rows:
                    marks = ", ".join("?" for _ in row)
                    scratch.execute(
                        f"insert into fixture.{table} ({', '.join(row)}) values ({marks})",
                        list(row.values()),
                    )
            result = scratch.execute(metric.sql)
            names = [column[0] for column in result.description or []]
            found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        finally:
            scratch.execute("reset search_path")
            scratch.execute("detach fixture")
    except duckdb.Error as error:
        return [f"{where}:1: the fixture cannot be run ({str(error).splitlines()[0]}); mend it"]
    return _differences(where, found, expected)


def connection_name(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the name of the database that a connection works in."""
    return str(first_value(connection, "select current_database()"))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return None if value is None else value if isinstance(value, int) else str(value)


def _differences(
    where: str, found: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> list[str]:
    def texts(rows: Iterable[dict[str, Any]]) -> list[str]:
        return sorted(", ".join(f"{key}={_plain(row[key])}" for key in sorted(row)) for row in rows)

    got, want = texts(found), texts(expected)
    problems = [f"{where}:1: expected but not returned: {row}" for row in want if row not in got]
    problems += [f"{where}:1: returned but not expected: {row}" for row in got if row not in want]
    if not problems and len(got) != len(want):
        problems.append(f"{where}:1: {len(got)} cells returned, {len(want)} expected")
    return problems

"""The cells of all metrics, made in the sandbox and collected in one table."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from metrics.base.duck import sql_text, transaction
from metrics.base.errors import CxError
from metrics.define.catalog import (
    DIMENSIONS,
    Metric,
)
from metrics.define.sandbox import Limits
from metrics.define.trial import tried
from metrics.warehouse.store import (
    create_metric_view,
)

NOTHING_PUBLISHED = "Nothing was published; the last edition stays up."


WEIGHT_STEP = 2**-30
"""Sums of weights and denominators of ratios are rounded to multiples of this (about
1e-9). Such numbers add up without error up to 8 million, so no total depends on the
order of adding, and a total less its parts is 0 exactly."""


NUMBERS = {
    "share": "numerator::bigint as numerator, denominator::bigint as denominator, "
    "null::bigint as squares, denominator::bigint as n",
    # A denominator such as customers in 100,000s is less than 1 of a small service.
    "ratio": "numerator::double as numerator, "
    f"round(denominator::double / {WEIGHT_STEP}) * {WEIGHT_STEP} as denominator, "
    "null::bigint as squares, ceil(denominator)::bigint as n",
    "quantile": "n::double as numerator, null as denominator, null as squares, n::bigint as n",
    "mean": "total as numerator, n::bigint as denominator, total_of_squares as squares, "
    "n::bigint as n",
}


@dataclass(frozen=True)
class Cells:
    """What became of the metrics whose cells were collected: those `left_out`, which took
    more time or memory than they may and have none, with the problem; and those `empty`,
    which give none although their tables hold rows."""

    left_out: dict[str, str]
    empty: list[str]


def make_cells(
    connection: duckdb.DuckDBPyConnection,
    catalog: dict[str, Metric],
    schema: str,
    limits: Limits | None = None,
    fixtures: Path | None = None,
    home: Path | None = None,
) -> Cells:
    """Collect the cells of all metrics in `<schema>.cell`, made in the sandbox and checked
    against the contract, and against their fixtures where a folder of these is named (what
    passed is remembered in `home`).

    Raises CxError with the problems of all metrics at once, but those that took more time
    or memory than they may.
    """
    connection.execute(f"""
        create or replace table {schema}.cell (
            metric varchar, component varchar, service varchar, channel varchar,
            quarter varchar, month date, basis varchar, breakdown varchar,
            numerator double, denominator double, squares double,
            squared_weights double, n bigint
        )
    """)
    with tried(connection, catalog, limits, fixtures, home=home) as trials:
        too_much = {name: trial.problems[0] for name, trial in trials.items() if trial.is_excess}
        problems = [
            problem
            for name, trial in trials.items()
            if name not in too_much
            for problem in trial.problems
        ]
        if problems:
            raise CxError("\n".join([*problems, NOTHING_PUBLISHED]))
        kept = [trial for name, trial in trials.items() if name not in too_much]
        with transaction(connection):
            for trial in kept:
                create_metric_view(connection, trial.metric)
        with transaction(connection):
            for trial in kept:
                _collect_cells(connection, trial.metric, str(trial.cells), schema)
        return Cells(too_much, sorted(trial.metric.name for trial in kept if trial.is_empty))


def _collect_cells(
    connection: duckdb.DuckDBPyConnection, metric: Metric, cells: str, schema: str
) -> None:
    columns = {row[0] for row in connection.execute(f"describe {cells}").fetchall()}
    if metric.kind == "total":
        n = "n::bigint" if "n" in columns else "null::bigint"
        numbers = f"value as numerator, null as denominator, null as squares, {n} as n"
    elif "total_of_squared_weights" in columns:
        numbers = _weighted_numbers(metric)
    else:
        numbers = NUMBERS[metric.kind]
    breakdown = f"{metric.breakdown}::varchar" if metric.breakdown else "null"
    connection.execute(f"""
        insert into {schema}.cell by name
        select {sql_text(metric.name)} as metric, {", ".join(DIMENSIONS)},
            {breakdown} as breakdown, {numbers}
        from {cells}
    """)


def _weighted_numbers(metric: Metric) -> str:
    """The numbers of weighted cells for `cell`; the denominator is the sum of weights.
    Where everybody gave the answer, sums in another order may differ by a hair."""
    sums = {
        "share": {"numerator": "least(numerator, denominator)", "denominator": "denominator"},
        "mean": {
            "numerator": "total",
            "denominator": "total_of_weights",
            "squares": "total_of_squares",
        },
    }[metric.kind] | {"squared_weights": "total_of_squared_weights"}
    exact = [
        f"round({column}::double / {WEIGHT_STEP}) * {WEIGHT_STEP} as {name}"
        for name, column in sums.items()
    ]
    return ", ".join([*exact, "n::bigint as n"])

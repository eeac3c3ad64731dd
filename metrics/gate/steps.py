"""From cells to published numbers: sql/publish, with disclosure control, tests and plans
between its selects.

All privacy and statistics live here and in sql/publish, once; pages only look rows up.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from metrics.base import planner
from metrics.base.duck import fill_table, first_value, sql_text
from metrics.base.settings import SQL
from metrics.base.sqlfiles import SqlFile, read_sql_folder
from metrics.define.catalog import (
    Metric,
)
from metrics.define.counted import counts_loads, counts_people
from metrics.gate import disclosure
from metrics.warehouse.store import (
    create_table,
)


@dataclass(frozen=True)
class Rules:
    """What the gate asks before it says up or down.

    Effects are differences of shares (0.02 is 2 points; of rare ones a ratio of odds, where
    that asks for less), of means (points of the five-point scale) and of rates (as a share
    of the earlier rate); `max_` and `minimum_overlap` are shares of answers, 0 to 1.
    `minimum_events` is how many events one of two rates must count, `minimum_steps` how many
    earlier changes tell the ordinary variation of a series, `power` how surely a change of
    the size told would have been detected. Series get control limits from the minimum of
    quarters or months on.
    """

    false_discovery_rate: float = 0.05
    minimum_effect_share: float = planner.SMALLEST_SHARE
    minimum_effect_odds: float = planner.SMALLEST_ODDS
    minimum_effect_mean: float = 0.1
    minimum_effect_rate: float = 0.10
    minimum_events: int = 20
    minimum_steps: int = 6
    minimum_overlap: float = 0.5
    power: float = 0.80
    minimum_quarters: int = 8
    minimum_months: int = 12
    max_mix: float = 0.10
    max_in_one_only: float = 0.05
    minimum_comments: int = 11


RULES = Rules()


STEPS_TELL = 0.62
"""Degrees of freedom of one step: steps from value to value share their values, so a mean of
moving ranges tells less than as many deviations would (Wheeler 2000)."""


HEADLINES = (
    "trust",
    "satisfaction",
    "effectiveness",
    "ease",
    "efficiency",
    "transparency",
    "employee",
)
"""The metrics that answer the seven statements which OMB Circular A-11, Section 280, has
reported each quarter: one family of tests. Any other metric is a family of its own, so
that adding one changes no call of another."""


SURVEY_FAMILIES = ("experience", "response")


def make_metric_table(
    connection: duckdb.DuckDBPyConnection,
    catalog: dict[str, Metric],
    schema: str,
    since: dict[str, str] | None = None,
) -> None:
    """Write the catalog as `<schema>.metric`, and which definition holds for which
    quarters as `<schema>.definition`.

    A breakdown is additive where the select gives no total row of its own, and does not
    say that it gives all there are. `since` names the day of the first edition with the
    version of a metric; without it nothing was published yet.
    """
    _make_definition_table(connection, catalog, schema)
    with_totals = {
        row[0]
        for row in connection.execute(
            f"select distinct metric from {schema}.cell where breakdown is null"
        ).fetchall()
    }
    rows = []
    for metric in catalog.values():
        row = metric.model_dump(
            exclude={"path", "changelog", "comparable_with", "name", "for_each", "was"}
        )
        row |= {
            "metric": metric.name,
            "definition_hash": metric.definition_hash,
            "changelog": json.dumps({v: c.change for v, c in metric.changelog.items()}),
            "since": (since or {}).get(metric.name),
            "file": f"sql/metrics/{metric.path.name}",
            "is_survey": metric.family in SURVEY_FAMILIES,
            "is_headline": metric.name in HEADLINES,
            "is_of_people": counts_people(metric),
            "is_of_loads": counts_loads(metric),
            "is_breakdown_additive": bool(metric.breakdown)
            and not metric.own_total
            and metric.name not in with_totals,
        }
        rows.append(row)
    fill_table(connection, f"{schema}.metric", pd.DataFrame(rows))


def _make_definition_table(
    connection: duckdb.DuckDBPyConnection, catalog: dict[str, Metric], schema: str
) -> None:
    connection.execute(f"""
        create or replace table {schema}.definition (
            metric varchar, version integer, valid_from varchar, valid_before varchar,
            meaning integer, change varchar
        )
    """)
    connection.execute(
        f"comment on table {schema}.definition is 'Which definition of a metric holds for which "
        "quarters. Rows with the same meaning may be compared and added up. One row per metric "
        "and stretch of quarters.'"
    )
    rows = []
    for metric in catalog.values():
        ends = [era.since_quarter for era in metric.eras[1:]] + [None]
        for era, end in zip(metric.eras, ends, strict=True):
            rows.append([metric.name, era.version, era.since_quarter, end, era.meaning, era.change])
    values = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(rows))
    connection.execute(
        f"insert into {schema}.definition values {values}", [value for row in rows for value in row]
    )


@contextmanager
def gate_schema(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Attach a scratch database for the steps of publishing; gone afterwards."""
    before = str(first_value(connection, "select current_setting('search_path')"))
    connection.execute("attach ':memory:' as gate")
    before = first_value(connection, "select current_setting('search_path')")
    database = first_value(connection, "select current_database()")
    connection.execute("set search_path = " + sql_text(f"gate,{before or database}"))
    try:
        yield "gate"
    finally:
        if before:
            connection.execute("set search_path = " + sql_text(str(before)))
        else:
            connection.execute("reset search_path")
        connection.execute("detach gate")


def run_gate(connection: duckdb.DuckDBPyConnection, rules: Rules = RULES) -> None:
    """Run sql/publish over gate.cell and gate.metric, and the steps in Python that make the
    tables which SQL does not, each after what it reads. Leaves the tables gate.published,
    gate.benchmark, gate.group_gap, gate.control_limit and gate.answers_needed."""
    settings = ", ".join(f"{value} as {name}" for name, value in asdict(rules).items())
    connection.execute(f"create or replace table gate.setting as select {settings}")
    for step in ordered_steps():
        if isinstance(step, PythonStep):
            step.run(connection, rules)
        else:
            create_table(connection, step, "gate")


@dataclass(frozen=True)
class PythonStep:
    """A step of the gate in Python: the table `gate.<name>` that it makes, the tables of
    other steps that it reads, and what runs."""

    name: str
    references: frozenset[str]
    run: Callable[[duckdb.DuckDBPyConnection, Rules], None]


def ordered_steps() -> list[SqlFile | PythonStep]:
    """Return the selects of sql/publish and the steps in Python, each after those whose
    tables it reads."""
    every: list[SqlFile | PythonStep] = [*read_sql_folder(SQL / "publish"), *PYTHON_STEPS]
    steps = {step.name: step for step in every}
    graph = {name: sorted(step.references & steps.keys()) for name, step in steps.items()}
    return [steps[name] for name in TopologicalSorter(graph).static_order()]


def _hide(connection: duckdb.DuckDBPyConnection, _: Rules) -> None:
    """Decide which figures on people of private sources are hidden: the table hidden."""
    grid = connection.execute("""
        select
            every_sum.row_id, every_sum.metric, every_sum.kind, every_sum.counts_people,
            every_sum.basis, every_sum.breakdown, every_sum.level, every_sum.component,
            every_sum.service, every_sum.channel, every_sum.period_kind, every_sum.period,
            every_sum.numerator, every_sum.denominator, every_sum.n, every_sum.guard,
            every_sum.minimum_n, every_sum.squared_weights is not null as is_weighted,
            metric.over_time, metric.is_breakdown_additive, metric.compare_groups,
            metric.group = 'place' as is_sized, metric.counts_mentions,
            every_sum.is_known, shown.row_id is not null as is_printed,
            shown.value as told_value, shown.low as told_low, shown.high as told_high
        from gate.every_sum as every_sum
        inner join gate.metric as metric on every_sum.metric = metric.metric
        left join gate.shown as shown on every_sum.row_id = shown.row_id
        where every_sum.scope = 'dhs' and every_sum.is_private
        order by every_sum.row_id
    """).df()
    before = connection.execute(f"""
        select every_sum.row_id
        from gate.every_sum as every_sum
        inner join hidden_figure on {_same_figure("every_sum", "hidden_figure")}
        where every_sum.scope = 'dhs' and hidden_figure.data_md5 = {_DATA_MD5}
    """).fetchall()
    rows = disclosure.hidden_rows(grid, [row[0] for row in before])
    hidden = pd.DataFrame({"row_id": sorted(rows)}, dtype="int64")
    fill_table(connection, "gate.hidden", hidden)


_FIGURE = "metric, level, component, service, channel, period_kind, period, basis, breakdown"


_DATA_MD5 = (
    "md5(concat_ws('/', every_sum.numerator, every_sum.denominator, every_sum.squares, "
    "every_sum.squared_weights, every_sum.n))"
)


def _same_figure(one: str, other: str) -> str:
    """Condition that rows of two tables are the same figure."""
    return " and ".join(
        f"{one}.{name} is not distinct from {other}.{name}" for name in _FIGURE.split(", ")
    )


def remember_hidden(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep in the warehouse what this edition hides: it stays hidden in later ones while
    its data are the same."""
    connection.execute(f"""
        insert into hidden_figure by name
        select {_FIGURE}, {_DATA_MD5} as data_md5
        from gate.every_sum as every_sum
        where every_sum.row_id in (select row_id from gate.hidden)
        except
        from hidden_figure
    """)


def _test(connection: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Test every change at a fixed mix: the table tested.

    Two-sided p-values, adjusted by Benjamini-Hochberg over what a reader compares at once:
    the headline measures, or one other metric, at one level and in one period. Figures
    that count the same answers, such as a Component and its one service, are tested
    once, where they stand highest. Where ordinary variation counts it is known from few steps,
    so the test is that of Student, with the degrees of freedom of Satterthwaite (1946).
    """
    frame = connection.execute("""
        select
            variation.*, like_for_like.signature, comparison.metric, comparison.level,
            comparison.period_kind, comparison.period, comparison.is_all_channels,
            comparison.is_headline, grid.slice_id
        from gate.variation as variation
        inner join gate.comparison as comparison
            on variation.row_id = comparison.row_id and variation.is_year = comparison.is_year
        inner join gate.like_for_like as like_for_like
            on variation.row_id = like_for_like.row_id
                and variation.is_year = like_for_like.is_year
        inner join gate.grid as grid on variation.row_id = grid.row_id
        order by
            array_position(['department', 'component', 'service'], comparison.level),
            comparison.is_all_channels desc, variation.row_id
    """).df()
    first = frame.groupby(["is_year", "slice_id", "signature"], sort=False)["row_id"]
    frame["tested_as"] = first.transform("first")
    # What a series varies by, too, is that of the figure that is tested.
    learned = ["ratio", "n_steps", "history"]
    of_tested = frame.loc[frame["row_id"] == frame["tested_as"], ["is_year", "tested_as", *learned]]
    frame = frame.drop(columns=learned).merge(
        of_tested, on=["is_year", "tested_as"], how="left", validate="m:1"
    )
    ratio = frame["ratio"].to_numpy()
    error = np.sqrt(frame["null_variance"].to_numpy() * (1 + ratio))
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = np.where(
            ratio > 0, STEPS_TELL * frame["n_steps"].fillna(0) * (1 + ratio) / ratio, np.inf
        )
        t = np.where(error > 0, frame["change"].abs() / error, 0.0)
    frame["p"] = 2 * stats.t.sf(t, freedom)
    frame["purpose"] = frame["metric"].where(~frame["is_headline"], "headline")
    family = ["is_year", "purpose", "level", "period_kind", "period", "is_all_channels"]
    once = frame[frame["row_id"] == frame["tested_as"]].copy()
    once["p_adjusted"] = _adjusted_p(once, family)
    of_family = once.assign(is_found=once["p_adjusted"] < rules.false_discovery_rate).groupby(
        family
    )
    n = of_family["p"].transform("size")
    # What one more change would have to fall below to be found.
    n_needed = np.minimum(of_family["is_found"].transform("sum") + 1, n)
    once["p_needed"] = rules.false_discovery_rate * n_needed / n
    of_figure = once[["is_year", "tested_as", "p_adjusted", "p_needed"]]
    frame = frame.merge(of_figure, on=["is_year", "tested_as"], how="left", validate="m:1")
    # Where all or nobody count in both, nothing is known of the error.
    error = np.where(error > 1e-9, error, np.nan)
    smallest = frame["minimum_change"].to_numpy()
    needed = stats.t.isf(frame["p_needed"].to_numpy() / 2, freedom) * error
    frame["detectable"] = np.maximum(needed, smallest) + stats.t.ppf(rules.power, freedom) * error
    frame["is_same"] = (
        frame["change"].abs().to_numpy() + stats.t.isf(0.05, freedom) * error < smallest
    )
    frame["widening"] = np.sqrt(1 + ratio) * stats.t.isf(0.025, freedom) / stats.norm.isf(0.025)
    columns = {
        "row_id": "int64",
        "is_year": "bool",
        "p_adjusted": "float64",
        "detectable": "float64",
        "is_same": "bool",
        "widening": "float64",
        "ratio": "float64",
        "history": "str",
    }
    fill_table(connection, "gate.tested", frame[list(columns)].astype(columns))


def _test_groups(connection: duckdb.DuckDBPyConnection, _: Rules) -> None:
    """The same for gaps between groups, whatever attribute (basis) groups people."""
    frame = connection.execute("""
        select row_id, z, metric, level, period_kind, period, is_all_channels
        from gate.group_pair
        where z is not null
    """).df()
    at_once = ["metric", "level", "period_kind", "period", "is_all_channels"]
    frame["p"] = 2 * stats.norm.sf(frame["z"].abs())
    frame["p_adjusted"] = _adjusted_p(frame, at_once)
    tested = frame[["row_id", "p_adjusted"]].astype({"row_id": "int64", "p_adjusted": "float64"})
    fill_table(connection, "gate.group_tested", tested)


def _plan(connection: duckdb.DuckDBPyConnection, _: Rules) -> None:
    """How many answers would settle what the figures cannot tell: the table planned. Weights
    ask for as many more as they widen the interval. What a series varies by beside sampling
    takes its part of the error that the plan allows; where it takes all, no number settles it."""
    frame = connection.execute("""
        select row_id, kind, value, minimum_change, variances, design_effect, ordinary_variance
        from gate.unclear
    """).df()
    planned = 2 * frame["minimum_change"]
    is_share = frame["kind"].eq("share")
    share, of_share = frame.loc[is_share, "value"], planned[is_share]
    alone = planner.answers_for_shares(planner.towards_half(share, of_share), share)
    frame.loc[is_share, "n_planned"] = alone * frame.loc[is_share, "design_effect"]
    frame.loc[~is_share, "n_planned"] = planner.answers_for_means(
        frame.loc[~is_share, "variances"], planned[~is_share]
    )
    allowed = (planned / (planner.Z_TEST + planner.Z_POWER)) ** 2
    left = 1 - frame["ordinary_variance"] / allowed
    n = np.ceil(frame["n_planned"].astype(float) / left.where(left > 0))
    frame["n_planned"] = n.where(np.isfinite(n) & (n < planner.MOST_ANSWERS))
    fill_table(connection, "gate.planned", frame[["row_id", "n_planned"]].astype("Int64"))


PYTHON_STEPS = (
    PythonStep("hidden", frozenset({"every_sum", "shown"}), _hide),
    PythonStep("tested", frozenset({"comparison", "grid", "like_for_like", "variation"}), _test),
    PythonStep("group_tested", frozenset({"group_pair"}), _test_groups),
    PythonStep("planned", frozenset({"unclear"}), _plan),
)


def _adjusted_p(frame: pd.DataFrame, at_once: list[str]) -> pd.Series:
    """Return the column p, adjusted by Benjamini and Hochberg (1995) within what is compared
    at once: the least of p times the number of tests by its rank, over all larger p. In one
    pass over all families, of which there are tens of thousands."""
    family = frame.groupby(at_once, sort=False).ngroup()
    order = pd.DataFrame({"family": family, "p": frame["p"]}).sort_values(["family", "p"])
    of_family = order.groupby("family")["p"]
    by_rank = order["p"] * of_family.transform("size") / (of_family.cumcount() + 1)
    from_largest = by_rank[::-1].groupby(order["family"][::-1]).cummin()
    return from_largest.clip(upper=1).reindex(frame.index)

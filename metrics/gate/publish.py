"""The gate between the warehouse and the dashboard: makes an edition.

All privacy, statistics and checks live here and in sql/publish, once; pages only
look rows up.
"""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from metrics import __version__
from metrics.base import planner
from metrics.base.duck import fill_table, first_row, first_value, sql_text, transaction
from metrics.base.errors import CxError
from metrics.base.settings import REFERENCE_FOLDER, REST_OF_GOVERNMENT, ROOT, SQL
from metrics.base.sqlfiles import file_hash, read_sql_folder
from metrics.define.catalog import (
    DIMENSIONS,
    HASH_SCHEME,
    Metric,
    definition_problems,
    drafts,
    read_catalog,
)
from metrics.define.cells import run_check_queries
from metrics.define.counted import counts_loads, counts_people
from metrics.define.fixtures import FIXTURES
from metrics.define.sandbox import Limits
from metrics.define.trial import tried
from metrics.edition.manifest import (
    building_folder,
    last_manifest,
    point_to,
    remove_leftovers,
    sealed_id,
)
from metrics.gate import disclosure, themes
from metrics.gate.lineage import make_lineage_table
from metrics.intake.declared import keep_declarations, refuse_changes
from metrics.warehouse.release import LOADS_HASH, record_release
from metrics.warehouse.store import (
    COUNTING_LOADS,
    PRIVATE_LOADS,
    PUBLIC_LOADS,
    build_aggregates,
    create_metric_view,
    create_table,
    definition_key,
    holds_demonstration,
    open_fresh,
)


@dataclass(frozen=True)
class Rules:
    """What the gate asks before it says up or down.

    Effects are differences of shares (0.02 is 2 points), of means (points of the
    five-point scale) and of rates (as a share of the earlier rate); `max_` are
    shares of answers, 0 to 1. Series get control limits from the minimum of quarters or
    months on.
    """

    false_discovery_rate: float = 0.05
    minimum_effect_share: float = 0.02
    minimum_effect_mean: float = 0.1
    minimum_effect_rate: float = 0.10
    minimum_quarters: int = 8
    minimum_months: int = 12
    max_mix: float = 0.10
    max_in_one_only: float = 0.05
    minimum_comments: int = 11


RULES = Rules()


@dataclass(frozen=True)
class Private:
    """A private edition: the folder to write it to instead of the home of the warehouse,
    the metric that it is made to look at, and whether its catalogue holds all metrics.
    Check queries hold over all metrics only: reference tables name others."""

    home: Path
    metric: str
    is_whole: bool


MAX_CELLS = 200
"""Cells of its metric that a private edition carries, before disclosure control."""

NOTHING_PUBLISHED = "Nothing was published; the last edition stays up."

SURVEY_FAMILIES = ("experience", "response")
PUBLIC_TABLES = (
    "component",
    "service",
    "channel",
    "instrument",
    "instrument_question",
    "annotation",
    "target",
    "external_benchmark",
    "segment",
    "segment_value",
    "response_survey",
    "activity",
    "category",
    "maturity_model",
    "maturity_level",
    "maturity_function",
    "maturity_practice",
    "maturity_level_count",
    "maturity_profile",
    "maturity_next",
    "time_step",
    "service_standard",
    "burden_goal",
    "wage",
    "burden_inventory",
    "burden_action",
    "burden_finding",
    "theme",
)
"""Tables that every edition carries along as they are: reference tables, what assessments
found, and what single information collection requests say, which is public."""

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


def make_metric_table(
    connection: duckdb.DuckDBPyConnection,
    catalog: dict[str, Metric],
    schema: str,
    since: dict[str, str] | None = None,
) -> None:
    """Write the catalogue as `<schema>.metric`, and which definition holds for which
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
        row = metric.model_dump(exclude={"path", "changelog", "comparable_with", "name"})
        row |= {
            "metric": metric.name,
            "definition_hash": metric.definition_hash,
            "changelog": json.dumps({v: c.change for v, c in metric.changelog.items()}),
            "since": (since or {}).get(metric.name),
            "file": f"sql/metrics/{metric.name}.sql",
            "is_survey": metric.family in SURVEY_FAMILIES,
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
    """Run sql/publish over gate.cell and gate.metric, disclosure control and tests
    between its steps. Leaves the tables gate.published, gate.benchmark,
    gate.group_gap, gate.control_limit and gate.answers_needed."""
    settings = ", ".join(f"{value} as {name}" for name, value in asdict(rules).items())
    connection.execute(f"create or replace table gate.setting as select {settings}")
    for file in read_sql_folder(SQL / "publish"):
        if file.name == "estimate":
            _hide(connection)
        if file.name == "comparison_call":
            _test(connection, rules)
        if file.name == "group_gap":
            _test_groups(connection)
        if file.name == "answers_needed":
            _plan(connection)
        create_table(connection, file, "gate")


def _hide(connection: duckdb.DuckDBPyConnection) -> None:
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


def _remember_hidden(connection: duckdb.DuckDBPyConnection) -> None:
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
    """Two-sided p-values, adjusted by Benjamini-Hochberg over everything of one
    family that a reader compares at once: same level, period and comparison."""
    frame = connection.execute(
        """
        select row_id, is_year, z, family, level, period_kind, period, is_all_channels
        from gate.comparison
        where z is not null
            and not is_suppressed and not is_before_suppressed
            and not is_redefined
            and mix <= ? and share_in_one_only <= ?
    """,
        [rules.max_mix, rules.max_in_one_only],
    ).df()
    at_once = ["is_year", "family", "level", "period_kind", "period", "is_all_channels"]
    frame["p_adjusted"] = _adjusted_p(frame, at_once)
    tested = frame[["row_id", "is_year", "p_adjusted"]].astype(
        {"row_id": "int64", "is_year": "bool", "p_adjusted": "float64"}
    )
    fill_table(connection, "gate.tested", tested)


def _test_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """The same for gaps between groups, whatever attribute (basis) groups people."""
    frame = connection.execute("""
        select row_id, z, family, level, period_kind, period, is_all_channels
        from gate.group_pair
        where z is not null
    """).df()
    at_once = ["family", "level", "period_kind", "period", "is_all_channels"]
    frame["p_adjusted"] = _adjusted_p(frame, at_once)
    tested = frame[["row_id", "p_adjusted"]].astype({"row_id": "int64", "p_adjusted": "float64"})
    fill_table(connection, "gate.group_tested", tested)


def _plan(connection: duckdb.DuckDBPyConnection) -> None:
    """How many answers would settle what is not clear. Weights ask for as many more as
    they widen the interval; a change too small to be called one is not planned for."""
    frame = connection.execute("""
        select row_id, kind, value, previous_value, change, minimum_change, variances, design_effect
        from gate.unclear
    """).df()
    is_share = frame["kind"].eq("share")
    shares, means = frame[is_share], frame[~is_share]
    smallest = planner.towards_half(shares["value"], shares["minimum_change"])
    for column, share, change in (
        ("n_for_minimum", smallest, means["minimum_change"]),
        ("n_for_change", shares["previous_value"], means["change"]),
    ):
        alone = planner.answers_for_shares(share, shares["value"])
        frame.loc[is_share, column] = np.ceil(alone * shares["design_effect"])
        frame.loc[~is_share, column] = planner.answers_for_means(means["variances"], change)
    frame["n_for_change"] = frame["n_for_change"].where(
        frame["change"].abs() >= frame["minimum_change"]
    )
    planned = frame[["row_id", "n_for_change", "n_for_minimum"]].astype("Int64")
    fill_table(connection, "gate.planned", planned)


def _adjusted_p(frame: pd.DataFrame, at_once: list[str]) -> pd.Series:
    """Two-sided p-values of the column z, adjusted within what is compared at once."""
    p = pd.Series(2 * stats.norm.sf(frame["z"].abs()), index=frame.index)
    return p.groupby([frame[name] for name in at_once]).transform(
        lambda values: stats.false_discovery_control(values, method="bh")
    )


def publish(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    build_key: str | None = None,
    title: str | None = None,
    catalog: dict[str, Metric] | None = None,
    *,
    is_demonstration: bool = False,
    limits: Limits | None = None,
    is_all_or_nothing: bool = False,
    rules: Rules = RULES,
    private: Private | None = None,
    fixtures: Path = FIXTURES,
) -> str:
    """Make an edition from an open warehouse and point `current` at it.

    `build_key` marks an edition that a build made from the project's own inputs;
    `title` names the data set (default: as the edition before). The edition
    says where figures were made up to show the dashboard: with `is_demonstration`, or
    where the warehouse holds such rows. `rules` are what the gate asks before it says up
    or down. A metric that takes more time or memory than `limits` is left out and named in
    the manifest, or stops everything with `is_all_or_nothing`; a draft of `new` is left out and
    named too. Every other metric must pass on its fixture, a file of the folder `fixtures`.
    Returns the edition's id. Raises CxError where a metric or check fails, or where a
    definition changed and its version did not; the last edition then stays up.

    `private` makes an edition to look at: over a connection of `open_fresh`, whose
    aggregates it takes as they are, without the files of teams. What check queries find is
    then written into the manifest. Nothing of `home` changes.
    """
    unfinished = drafts() if catalog is None else {}
    catalog = catalog if catalog is not None else read_catalog()
    last = last_manifest(home)
    published_at = datetime.now(UTC)
    since = _since(catalog, last, published_at)
    if private is None:
        with transaction(connection):
            build_aggregates(connection)
            refuse_changes(connection)
            keep_declarations(connection)
    with gate_schema(connection):
        # What is only looked at may wait for its fixture.
        proof = (fixtures, home) if private is None else (None, None)
        cells = make_cells(connection, catalog, "gate", limits, *proof)
        left_out = cells.left_out
        if private is None:
            _refuse_silent_change(catalog, last)
        if left_out and is_all_or_nothing:
            raise CxError("\n".join([*left_out.values(), NOTHING_PUBLISHED]))
        catalog = {name: metric for name, metric in catalog.items() if name not in left_out}
        # Reference tables alone give a cell too, so rows that were loaded are what counts.
        if not first_value(connection, f"select sum(n_accepted) {COUNTING_LOADS}"):
            raise CxError(
                "the warehouse holds no figures; load files (`python -m metrics load ...`) or run "
                "`python -m metrics build`. Nothing was published."
            )
        if private is not None:
            _refuse_nothing(connection, private.metric)
        elif not first_value(connection, "select count(*) from gate.cell"):
            raise CxError(
                "nothing that is loaded gives a cell of any metric; load files that a metric "
                f"counts (`python -m metrics load ...`). {NOTHING_PUBLISHED}"
            )
        make_metric_table(connection, catalog, "gate", since)
        make_lineage_table(connection, catalog, "gate", home / REFERENCE_FOLDER)
        run_gate(connection, rules)
        checks = run_check_queries(connection) if private is None or private.is_whole else []
        failed = [
            f"{check['file']}:1: {check['n_rows']} rows fail the check: "
            f"{check['comment']} First: {check['first']}"
            for check in checks
            if check["n_rows"]
        ]
        if failed and private is None:
            raise CxError("\n".join([*failed, NOTHING_PUBLISHED]))
        about = {
            "title": title or last.get("title") or "Loaded data",
            "is_demonstration": is_demonstration or holds_demonstration(connection),
            "build_key": build_key,
            "left_out": left_out | unfinished,
            "without_cells": cells.empty,
            "rules": asdict(rules),
        }
        definitions = {
            name: {
                "version": metric.version,
                "definition_hash": metric.definition_hash,
                "scheme": HASH_SCHEME,
                "since": since[name],
            }
            for name, metric in catalog.items()
        }
        if private is not None:
            about |= {"is_private": True, "metric": private.metric, "failed_checks": failed}
        return _write_edition(connection, home, published_at, definitions, checks, about, private)


def _refuse_nothing(connection: duckdb.DuckDBPyConnection, metric: str) -> None:
    """Refuse to draw a metric for which nothing is loaded."""
    if not first_value(connection, "select count(*) from gate.cell where metric = ?", [metric]):
        raise CxError(
            f"sql/metrics/{metric}.sql:1: nothing that is loaded gives a cell, so there is "
            "nothing to show; load such data, or look at a data set that has them, such as "
            "`--data demo`"
        )


def changed_since(
    home: Path, manifest: dict[str, Any], catalog: dict[str, Metric]
) -> dict[str, Metric]:
    """Return the metrics that an edition does not hold as they are now, by what its
    manifest says: all of them where loads or other SQL changed."""
    with open_fresh(home) as connection:
        is_same = bool(
            first_value(
                connection,
                f"select 1 from edition_made where edition = ? and loads = ({LOADS_HASH})",
                [manifest["edition"]],
            )
        )
    if not is_same or manifest.get("sql_key") != sql_key(home):
        return catalog
    published = {name: about["definition_hash"] for name, about in manifest["metrics"].items()}
    return {
        name: metric
        for name, metric in catalog.items()
        if published.get(name) != metric.definition_hash
    }


def sql_key(home: Path) -> str:
    """Hash of all SQL and reference tables but the metrics, 64 hexadecimal digits."""
    files = [path for name in ("publish", "checks") for path in (SQL / name).glob("*.sql")]
    tables = definition_key(home / REFERENCE_FOLDER)
    return hashlib.sha256((tables + file_hash(files, SQL)).encode()).hexdigest()


def query_problems(
    home: Path, changed: dict[str, Metric], catalog: dict[str, Metric]
) -> tuple[int, list[str]]:
    """Run the gate over some metrics of the catalog without publishing, and the check
    queries over that. Returns how many queries there are, and the problems they found, as
    `file:line: ...`."""
    with open_fresh(home) as connection, gate_schema(connection) as schema:
        left_out = make_cells(connection, changed, schema).left_out
        kept = {name: metric for name, metric in catalog.items() if name not in left_out}
        make_metric_table(connection, kept, schema)
        run_gate(connection)
        results = run_check_queries(connection)
    return len(results), [
        f"{result['file']}:1: {result['n_rows']} rows fail: {result['comment']} "
        f"First: {result['first']}"
        for result in results
        if result["n_rows"]
    ]


def _refuse_silent_change(catalog: dict[str, Metric], last: dict[str, Any]) -> None:
    """Raise CxError where a definition is another than in the last edition and the version
    is not: readers would take the two editions' numbers for the same thing. Editions that
    a build makes are held to it too."""
    before = last.get("metrics", {})
    problems = [
        problem
        for name, metric in catalog.items()
        if name in before
        for problem in definition_problems(metric, before[name], str(last["edition"]))
    ]
    if problems:
        raise CxError("\n".join(problems) + "\nNothing was published; the last edition stays up.")


def _since(
    catalog: dict[str, Metric], last: dict[str, Any], published_at: datetime
) -> dict[str, str]:
    """Day of the first edition with the version of each metric, as `2024-01-31` (UTC)."""
    before = last.get("metrics", {})
    today = published_at.date().isoformat()
    last_day = str(last.get("published_at", today))[:10]
    return {
        # Editions made before this was kept do not say since when.
        name: str(before[name].get("since", last_day))
        if name in before and before[name]["version"] == metric.version
        else today
        for name, metric in catalog.items()
    }


def _write_edition(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    published_at: datetime,
    definitions: dict[str, dict[str, Any]],
    checks: list[dict[str, Any]],
    about: dict[str, Any],
    private: Private | None = None,
) -> str:
    target = private.home if private else home
    editions = target / "editions"
    editions.mkdir(parents=True, exist_ok=True)
    stamp = published_at.strftime("%Y%m%dT%H%M%S%fZ")
    remove_leftovers(target)
    with building_folder(editions, stamp) as building:
        files = _write_databases(connection, building, private)
        content = first_value(
            connection,
            "select md5(string_agg(row_hash, '' order by row_hash)) "
            "from (select md5(published::varchar) as row_hash from gate.published as published)",
        )
        inputs = connection.execute(
            "select format, file_name, sha256, as_of, n_rows, n_accepted, n_duplicate, n_rejected "
            f"from ({PUBLIC_LOADS}) order by load_id"
        ).df()
        surveys = connection.execute(
            f"select format, survey from ({PRIVATE_LOADS}) order by all"
        ).df()
        # What is owed and when files were loaded reaches beyond what people said.
        counted = "where not metric.is_survey or metric.minimum_n > 0 and not metric.is_of_loads"
        families = _families(connection, counted) or _families(connection)
        bounds = _bounds(connection, families)
        manifest = {
            **about,
            "published_at": published_at.isoformat(timespec="seconds"),
            "as_of": str(
                first_value(
                    connection,
                    "select coalesce(max(as_of) filter (where fills in "
                    f"('report', 'response', 'volume')), max(as_of)) {COUNTING_LOADS}",
                )
            ),
            **bounds,
            "families": families,
            "code_version": __version__,
            "sql_key": sql_key(home),
            "code_commit": _commit(),
            "content_md5": content,
            "files": files,
            "n_published": first_value(connection, "select count(*) from gate.published"),
            "inputs": json.loads(inputs.astype(str).to_json(orient="records")),
            "surveys": surveys.to_dict("records"),
            "metrics": definitions,
            "checks": [{key: c[key] for key in ("check", "n_rows")} for c in checks],
        }
        edition_id = sealed_id(stamp, manifest)
        text = json.dumps({"edition": edition_id, **manifest}, indent=2)
        (building / "manifest.json").write_text(text + "\n", encoding="utf-8")
        if private is None:
            # Before anybody can read the edition: what is on record and was never shown only waits.
            record_release(connection, edition_id)
            _remember_hidden(connection)
        building.rename(editions / edition_id)
    point_to(target, edition_id)
    return edition_id


def _families(connection: duckdb.DuckDBPyConnection, where: str = "") -> dict[str, dict[str, str]]:
    """First and last quarter of the cells of each family."""
    rows = connection.execute(f"""
        select metric.family, min(cell.quarter), max(cell.quarter)
        from gate.cell as cell
        inner join gate.metric as metric on cell.metric = metric.metric
        {where}
        group by metric.family order by metric.family
    """).fetchall()
    return {family: {"from": first, "through": last} for family, first, last in rows}


def _bounds(
    connection: duckdb.DuckDBPyConnection, families: dict[str, dict[str, str]]
) -> dict[str, str]:
    """First and last quarter of the surveys (without surveys, of everything), and when
    the next quarter is due."""
    surveys = [families[name] for name in SURVEY_FAMILIES if name in families]
    spans = surveys or list(families.values())
    last = max(span["through"] for span in spans)
    following, due_on = first_row(
        connection,
        "select quarter_add($last, 1), report_due_on(quarter_add($last, 1))",
        {"last": last},
    ) or (None, None)
    return {
        "data_from": min(span["from"] for span in spans),
        "data_through": last,
        "next_quarter": str(following),
        "next_due_on": str(due_on),
    }


def _commit() -> str | None:
    """The commit of the code, where it runs from a git checkout."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() or None


def _write_databases(
    connection: duckdb.DuckDBPyConnection, folder: Path, private: Private | None
) -> list[dict[str, Any]]:
    """Write public.duckdb and one file per Component that has figures, or the one file of
    a private edition."""
    tables = _public_tables()
    components: list[tuple[str]] = []
    if private:
        tables |= {"cell": _private_cells(private.metric)}
    else:
        components = connection.execute(
            "select distinct component from gate.grid where level = 'component' order by 1"
        ).fetchall()
    _write_file(connection, folder / "public.duckdb", tables)
    for (component,) in components:
        _suggest_themes(connection, component)
        _write_file(connection, folder / f"component-{component}.duckdb", _team_tables(component))
    return [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.glob("*.duckdb"))
    ]


def _public_tables() -> dict[str, str]:
    """Tables of public.duckdb, each with the select that fills it; nothing raw."""
    dhs = f"component <> {sql_text(REST_OF_GOVERNMENT)}"
    return {
        "published": "from gate.published order by metric, level, component, service, channel, "
        "period_kind, period, basis, breakdown nulls first",
        "benchmark": "select * exclude (exact) from gate.benchmark order by all",
        "change_split": "from gate.change_split order by all",
        "change_leaf": "from gate.change_leaf order by all",
        "group_gap": "from gate.group_gap order by metric, level, component, service, channel, "
        "period_kind, period, basis, breakdown",
        "control_limit": "from gate.control_limit order by metric, level, component, service, "
        "channel, period_kind, period, basis, breakdown nulls first",
        "answers_needed": "from gate.answers_needed order by metric, level, component, service, "
        "channel, period_kind, period, basis",
        "metric": "from gate.metric order by metric",
        "definition": "from gate.definition order by metric, version",
        "lineage": "from gate.lineage order by all",
        **{name: f"from {name}" for name in PUBLIC_TABLES},
        # How many comments were read is a number of people.
        "comment_method": "select * replace (coarse_count(n_comments) as n_comments) "
        "from comment_method order by all",
        "reporting_board": "from reporting_board order by all",
        "finding": f"select * exclude (detail) from survey_finding where {dhs} order by all",
        "finding_count": "select rule, effect, "
        f"count(distinct survey_id) filter (where {dhs}) as n_reports_dhs, "
        f"count(distinct survey_id) filter (where not {dhs}) as n_reports_elsewhere "
        "from survey_finding group by rule, effect order by rule",
        "time_places": "from time_places order by all",
        "restated_activity": "from restated_activity order by all",
        "unmapped_label": "from unmapped_label order by all",
        "data_load": _public_loads(),
        "rejected_row": _public_rejections(),
    }


def _private_cells(metric: str) -> str:
    """Select of the newest cells of a metric, those of the Department first; `n_cells`
    says how many there are in all."""
    return f"""
        select * exclude (metric), count(*) over () as n_cells
        from gate.cell
        where metric = {sql_text(metric)}
        order by component = {sql_text(REST_OF_GOVERNMENT)}, quarter desc, month desc,
            component, service, channel, basis, breakdown
        limit {MAX_CELLS}
    """


def _public_loads() -> str:
    """Loads of public figures, and of which surveys single responses are loaded."""
    return f"""
        select * exclude (own_id) from ({PUBLIC_LOADS})
        union all by name
        select * from ({PRIVATE_LOADS})
        order by load_id nulls last, survey, format
    """


def _public_rejections() -> str:
    """Refused rows of public figures. A reason may quote what the row held, so nothing is
    told of single responses."""
    return f"""
        select
            load.load_id, rejected_row.line_number, rejected_row.column_name,
            rejected_row.reason, 1 as n_rows
        from rejected_row
        inner join ({PUBLIC_LOADS}) as load on rejected_row.load_id = load.own_id
        order by all
    """


def _team_tables(component: str) -> dict[str, str]:
    """Tables of a team's own file: its figures before disclosure control, its comments,
    and the answers of its assessments with their evidence."""
    own = f"component = {sql_text(component)}"
    return {
        "own_figure": f"from ({_own_figures(own)}) order by all",
        "finding": f"from survey_finding where {own} order by all",
        "maturity_status": f"from maturity_status where {own} order by all",
        "comment": f"from ({_team_comments(component)}) order by all",
        "suggested_theme": "from gate.suggested_theme order by number",
    }


def _own_figures(own: str) -> str:
    """Select of a Component's exact figures; `own` chooses its rows. Small groups that an
    answer defines have no row in public, so they come from the sums."""
    key = "metric, level, component, service, channel, period_kind, period, basis, breakdown"
    return f"""
        select {key}, value, numerator, denominator, n, low, high, is_suppressed
        from gate.estimate
        where scope = 'dhs' and {own}
        union all
        select
            {key}, numerator::double / nullif(denominator, 0) as value, numerator, denominator,
            n, null as low, null as high, true as is_suppressed
        from gate.every_sum as every_sum
        where scope = 'dhs' and {own} and is_known and is_private and kind = 'share'
            and row_id not in (select row_id from gate.grid)
    """


def _team_comments(component: str) -> str:
    """Select of a Component's comments: only those of services and channels that have
    enough comments in the quarter."""
    return f"""
        with enough as (
            from comment_text
            where component = {sql_text(component)}
            qualify count(*) over (partition by service, channel, quarter)
                >= {RULES.minimum_comments}
        ),
        themes as (
            select survey, quarter, response_id, list_sort(list(theme)) as themes
            from comment_theme
            group by survey, quarter, response_id
        )
        select
            enough.quarter, enough.month, enough.service, enough.channel, enough.survey,
            enough.family as basis, enough.comment, enough.n_redacted, enough.sentiment,
            enough.sentiment_score, themes.themes
        from enough
        inner join themes
            on enough.survey = themes.survey
            and enough.quarter = themes.quarter
            and enough.response_id = themes.response_id
    """


def _suggest_themes(connection: duckdb.DuckDBPyConnection, component: str) -> None:
    """Write gate.suggested_theme from the comments that a Component's file holds."""
    connection.execute("""
        create or replace table gate.suggested_theme (
            number integer, terms varchar[], n_comments bigint, examples varchar[],
            method varchar
        )
    """)
    rows = connection.execute(f"select comment from ({_team_comments(component)})").fetchall()
    for one in themes.suggest([row[0] for row in rows], RULES.minimum_comments):
        connection.execute(
            "insert into gate.suggested_theme values (?, ?, ?, ?, ?)",
            [*astuple(one), themes.method(RULES.minimum_comments)],
        )


def _write_file(connection: duckdb.DuckDBPyConnection, path: Path, tables: dict[str, str]) -> None:
    connection.execute(f"attach {sql_text(str(path))} as edition_file")
    try:
        with transaction(connection):
            for name, query in tables.items():
                connection.execute(f"create table edition_file.{name} as {query}")
            comments = connection.execute(
                "select table_name, comment from duckdb_tables() "
                "where database_name <> 'edition_file' and comment is not null"
            ).fetchall()
            for name, comment in comments:
                if name in tables:
                    connection.execute(
                        f"comment on table edition_file.{name} is {sql_text(comment)}"
                    )
            columns = connection.execute(
                "select published.table_name, published.column_name, own.comment "
                "from duckdb_columns() as published inner join duckdb_columns() as own "
                "on published.table_name = own.table_name "
                "and published.column_name = own.column_name "
                "where published.database_name = 'edition_file' "
                "and own.database_name <> 'edition_file' and own.comment is not null"
            ).fetchall()
            for name, column, comment in columns:
                connection.execute(
                    f"comment on column edition_file.{name}.{column} is {sql_text(comment)}"
                )
    finally:
        connection.execute("detach edition_file")

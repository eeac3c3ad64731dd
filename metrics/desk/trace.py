"""From the numbers of a metric down to the columns of raw tables: which expression of which
line of SQL makes each, and which lines of which file hold the rows."""

import csv
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, cast

import duckdb
import pandas as pd
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import MappingSchema

from metrics.base.duck import sql_text
from metrics.base.settings import PUBLISHED, REST_OF_GOVERNMENT, SHIPPED_FORMAT, SQL, shown_path
from metrics.base.sqlfiles import SqlFile, read_sql_folder
from metrics.define.catalog import ADDITIVE, WEIGHTED, Metric, select_line
from metrics.define.plausible import compared_texts

MAX_ROWS = 20
"""Raw rows that are shown of a table; the rest is counted."""


@dataclass(frozen=True)
class Step:
    """A column and what makes it: `expression` of the select at `where` (file:line), or None
    in a raw table. `depth` is how many selects lie between it and the cell."""

    column: str
    expression: str | None
    where: str
    depth: int


def column_steps(connection: duckdb.DuckDBPyConnection, metric: Metric) -> list[dict[str, Any]]:
    """Return what makes each number of a cell, from the metric's select down to raw and
    reference tables, each column once, as the keys of Step."""
    trace = _Trace(connection)
    numbers = (*ADDITIVE[metric.kind], *WEIGHTED.get(metric.kind, ()), "n")
    select = SqlFile(metric.name, "", metric.sql, metric.path)
    returned = _query(metric.sql).named_selects
    for number in dict.fromkeys(numbers):
        if number in returned:
            trace.follow(select, number, number, 0)
    return [asdict(step) for step in trace.steps]


def interval_macro(metric: Metric) -> str | None:
    """Return the macro that gives low and high of a metric, as name and file; None where
    there is no interval or another way to it."""
    if metric.interval == "none" or metric.kind not in ("share", "ratio"):
        return None
    if metric.kind == "ratio" and not metric.counts_events:
        return None
    name = "poisson" if metric.counts_events else "wilson"
    path = shown_path(SQL / "macros" / f"{name}_low.sql")
    return f"{name}_low and {name}_high, {path}"


class _Trace:
    """Follows columns from select to select, and keeps what it found."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.columns: dict[str, dict[str, str]] = {}
        for table, column, kind in connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where database_name = current_database() and schema_name = 'main' "
            "order by table_name, column_index"
        ).fetchall():
            self.columns.setdefault(table, {})[column] = kind
        self.schema = MappingSchema(dict(self.columns), dialect="duckdb")
        self.files = {file.name: file for file in read_sql_folder(SQL / "aggregates")}
        self.scopes: dict[str, Scope] = {}
        self.steps: list[Step] = []
        self.seen: set[str] = set()

    def follow(self, file: SqlFile, column: str, shown: str, depth: int) -> None:
        """Add the step of a column of a select, called `shown`, and those below it."""
        if shown in self.seen:
            return
        self.seen.add(shown)
        try:
            node = self._node(file, column)
            made, leaves = _expression(node), self._leaves(node, file)
            has_columns = node.expression.find(exp.Column) is not None
        except (SqlglotError, ValueError):  # such as a union of which one part is unpivoted
            made, leaves, has_columns = self._by_name(column, file)
        if not leaves and has_columns:
            made += f", unpivoted from columns of {', '.join(sorted(file.references))}"
        self.steps.append(Step(shown, made, _line(file, column), depth))
        for table, name in leaves:
            if table in self.files:
                self.follow(self.files[table], name, f"{table}.{name}", depth + 1)
            elif f"{table}.{name}" not in self.seen:
                self.seen.add(f"{table}.{name}")
                path = shown_path(SQL / "tables" / f"{table}.sql")
                self.steps.append(Step(f"{table}.{name}", None, path, depth + 1))

    def _node(self, file: SqlFile, column: str) -> Node:
        if file.name not in self.scopes:
            self.scopes[file.name] = self._scope(file.select)
        scope = self.scopes[file.name]
        return lineage(
            column, scope.expression, self.schema, dialect="duckdb", scope=scope, copy=False
        )

    def _scope(self, select: str) -> Scope:
        """What lineage asks of a select, worked out once for all its columns."""
        logger = logging.getLogger("sqlglot")
        level = logger.level
        logger.setLevel(logging.ERROR)  # it warns of each unpivot, which _leaves follows
        try:
            found = qualify(
                _query(select),
                dialect="duckdb",
                schema=self.schema,
                validate_qualify_columns=False,
                identify=False,
            )
            scope = build_scope(found)
        finally:
            logger.setLevel(level)
        if scope is None:
            raise SqlglotError("the select has no scope")
        return scope

    def _leaves(self, node: Node, file: SqlFile) -> list[tuple[str, str]]:
        """Tables and columns at the bottom of a column. What an unpivot turns into rows leads to
        the columns of that name in the tables that it reads."""
        found: dict[tuple[str, str], None] = {}
        for one in node.walk():
            if one.downstream:
                continue
            name = one.name.rpartition(".")[2].strip('"')
            source = one.source.find(exp.Table)
            table = source.name if source is not None else ""
            if table in self.columns:
                if name in self.columns[table]:  # a literal has a table too, and is no column
                    found[table, name] = None
                continue
            found |= dict.fromkeys(self._having(name, file))
        return sorted(found)  # sqlglot keeps no order

    def _having(self, column: str, file: SqlFile) -> list[tuple[str, str]]:
        """The tables that a select reads and that have a column of this name."""
        return [
            (table, column)
            for table in sorted(file.references)
            if column in self.columns.get(table, {})
        ]

    def _by_name(self, column: str, file: SqlFile) -> tuple[str, list[tuple[str, str]], bool]:
        """Expression and leaves by the names of columns, in the first select that has it."""
        named = [one for one in _query(file.select).selects if one.alias_or_name == column]
        found = named[0].unalias() if named else exp.column(column)
        names = dict.fromkeys(one.name for one in found.find_all(exp.Column))
        leaves = [leaf for name in names for leaf in self._having(name, file)]
        return _text(found), leaves, bool(names)


def _query(sql: str) -> exp.Query:
    return cast(exp.Query, parse_one(sql, dialect="duckdb"))


def _text(expression: exp.Expr) -> str:
    return str(expression.sql(dialect="duckdb", normalize_functions="lower"))


def _expression(node: Node) -> str:
    """The expression of a column in its select, or in the CTE that it is taken from unchanged."""
    while True:
        made = node.expression.unalias()
        if isinstance(made, exp.Column) and len(node.downstream) == 1:
            (below,) = node.downstream
            if below.downstream or not isinstance(below.expression, exp.Table):
                node = below
                continue
        return _text(made)


def _line(file: SqlFile, column: str) -> str:
    """`file:line` of the last line of a select that gives a column its name."""
    if file.path.parent.name == "metrics":
        first = select_line(file.path)
    else:
        text = file.path.read_text(encoding="utf-8")
        first = text[: text.rindex(file.select)].count("\n") + 1
    lines = list(enumerate(file.select.splitlines(), start=first))
    name = re.escape(column)
    for pattern in (rf"\bas {name}\b", rf"(\.|^\s*){name},?\s*$", rf"\b{name}\b"):
        named = [number for number, line in lines if re.search(pattern, line)]
        if named:
            return f"{shown_path(file.path)}:{named[-1]}"
    return f"{shown_path(file.path)}:{first}"


def raw_rows(
    connection: duckdb.DuckDBPyConnection,
    metric: Metric,
    tables: tuple[str, ...],
    row: Mapping[str, Any],
    quarters: list[str],
) -> list[dict[str, Any]]:
    """Return the rows of raw tables that a published number is made of, with the file and line
    on which each starts: quarterly reports, and counts of which small ones are told too. Of
    restated rows the last one counts. At most MAX_ROWS of a table.

    Each entry has `table`, `note` (what a reader must know of its rows, or ''), `n_rows` and
    `rows`; the first key of a row is `at`, its file:line. `quarters` are fiscal quarters that
    the number covers. Ask only of numbers in which no single person's response stands.
    """
    selects = _selects(metric, row, quarters)
    told = []
    for table in tables:
        if table not in selects:
            continue
        note, select = selects[table]
        frame = connection.execute(select).df()
        rows = []
        for one in frame.head(MAX_ROWS).to_dict("records"):
            shown = {str(name): plain(value) for name, value in one.items() if name not in _LOAD}
            rows.append({"at": _at(table, one), **shown})
        told.append({"table": table, "note": note, "n_rows": len(frame), "rows": rows})
    return told


_LOAD = ("file_name", "format", "line_number")
"""Columns that say where a raw row stands; shown as one, its file:line."""


def _selects(
    metric: Metric, row: Mapping[str, Any], quarters: list[str]
) -> dict[str, tuple[str, str]]:
    """A note and a select for each raw table whose rows may be shown for a number."""
    where = [f"component <> {sql_text(REST_OF_GOVERNMENT)}"]
    where += [
        f"{name} = {sql_text(str(row[name]))}"
        for name in ("component", "service", "channel")
        if row[name] != "all"
    ]
    where.append(f"quarter in ({', '.join(map(sql_text, quarters)) or 'null'})")
    literals = sorted(set(compared_texts(metric.sql)))
    measures = ", ".join(sql_text(text) for column, text in literals if column == "measure")
    activities = ", ".join(sql_text(text) for column, text in literals if column == "activity")
    of_measure = f"and answer.measure in ({measures})" if measures else ""
    # current_report holds each report as it was filed last.
    report = f"(from current_report where survey is null and {' and '.join(where)})"
    found = {
        "survey_report": (
            "",
            f"""
            select file_name, format, line_number, report.survey_id, report.service,
                report.channel, report.quarter, report.customers, report.offered,
                report.respondents
            from {report} as report
            inner join data_load using (load_id)
            order by load_id, line_number
            """,
        ),
        "survey_report_answer": (
            "",
            f"""
            select file_name, format, line_number, report.survey_id, answer.question,
                answer.n_1, answer.n_2, answer.n_3, answer.n_4, answer.n_5
            from {report} as report
            inner join data_load using (load_id)
            inner join current_answer as answer on report.survey_id = answer.survey_id
            where answer.measure is not null {of_measure} and not exists (
                from survey_finding as finding
                where finding.effect = 'quarantined'
                    and finding.applies_to in ('answers', 'all')
                    and finding.survey_id = report.survey_id
                    and coalesce(finding.question, answer.question) = answer.question
            )
            order by load_id, line_number, answer.question
            """,
        ),
    }
    if activities and metric.minimum_n == 0:
        in_month = ""
        if row["period_kind"] == "month":
            in_month = f"and strftime(starts_on, '%Y-%m') = {sql_text(str(row['period']))}"
        found["activity_count"] = (
            "a source may tell a count as total, by category and by place; one telling counts",
            f"""
            select file_name, format, line_number, component, channel,
                starts_on::varchar as starts_on, activity, category, place, n
            from (select *, fiscal_quarter(starts_on) as quarter from activity_count)
            inner join data_load using (load_id)
            where {" and ".join(where)} and activity in ({activities}) {in_month}
            qualify row_number() over (
                partition by component, service, channel, place, period_kind, starts_on,
                    activity, category
                order by load_id desc
            ) = 1
            order by load_id, line_number
            """,
        )
    return found


def _at(table: str, row: Mapping[str, Any]) -> str:
    """`file:line` of a raw row. The figures that ship lie in two files of one load; the line in
    that of the answers is looked up there."""
    names = str(row["file_name"]).split(", ")
    line: int | None = int(row["line_number"])
    own = f"{table}.csv"
    if row["format"] != SHIPPED_FORMAT or own not in names:
        return f"{names[0]}:{line}"
    if table == "survey_report_answer":
        # Nothing where the file was edited since it was loaded.
        line = _answer_lines().get((int(row["survey_id"]), int(row["question"])))
    return f"{shown_path(PUBLISHED / own)}:{line or '?'}"


@cache
def _answer_lines() -> dict[tuple[int, int], int]:
    """Lines of the file of shipped answers, by survey and question."""
    with (PUBLISHED / "survey_report_answer.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return {(int(row["survey_id"]), int(row["question"])): reader.line_num for row in reader}


def plain(value: Any) -> Any:
    """A looked-up value as JSON knows it; absent ones are None, whole numbers whole."""
    if isinstance(value, (list, dict)):
        return value
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value

"""From the numbers of a metric down to the columns of raw tables: which expression of which
line of SQL makes each, and which lines of which file hold the rows."""

import csv
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import duckdb
import pandas as pd
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import MappingSchema

from metrics.base.settings import PUBLISHED, ROOT, SQL, shown_path
from metrics.base.sqlfiles import SqlFile, read_sql_folder
from metrics.define.catalog import ADDITIVE, WEIGHTED, Metric, select_line
from metrics.define.plausible import compared_texts

MAX_ROWS = 20
"""Raw rows that are shown of a table; the rest is counted."""

PUBLIC_ROWS = ("survey_report", "survey_report_answer", "burden_request", "activity_count")
"""Raw tables whose rows are facts that an agency published."""


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
        """Tables and columns at the bottom of a column. What an
        unpivot turns into rows leads to the columns of that name in the tables that it reads."""
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
    is_metric = file.path.parent.name == "metrics"
    if is_metric:
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
    on which each starts: of public sources alone, and at most MAX_ROWS of a table.

    Each entry has `table`, `n_rows` and `rows`; the first key of a row is `at`, its file:line.
    """
    told = []
    for table in tables:
        select = _selects(metric, row, quarters).get(table)
        if select is None:
            continue
        frame = connection.execute(select).df()
        frame = frame.dropna(axis=1, how="all")
        rows = [
            {"at": _at(table, one), **{str(key): _shown(value) for key, value in one.items()}}
            for one in frame.head(MAX_ROWS).to_dict("records")
        ]
        for one in rows:
            for name in ("file_name", "format", "line_number"):
                one.pop(name, None)
        told.append({"table": table, "n_rows": len(frame), "rows": rows})
    return told


def _selects(metric: Metric, row: Mapping[str, Any], quarters: list[str]) -> dict[str, str]:
    where = ["true"]
    for name in ("component", "service", "channel"):
        if row[name] != "all":
            where.append(f"{name} = '{str(row[name]).replace(chr(39), chr(39) * 2)}'")
    in_quarters = ", ".join(f"'{quarter}'" for quarter in quarters) or "null"
    place = " and ".join(where)
    load = "inner join data_load using (load_id)"
    literals = set(compared_texts(metric.sql))
    measures = ", ".join(f"'{text}'" for column, text in literals if column == "measure")
    activities = ", ".join(f"'{text}'" for column, text in literals if column == "activity")
    of_measure = f"and asked.measure in ({measures})" if measures else ""
    found = {
        "survey_report": f"""
            select file_name, format, line_number, survey_id, service, channel, quarter,
                customers, offered, respondents
            from survey_report {load}
            where {place} and quarter in ({in_quarters})
            order by load_id, line_number
        """,
        "survey_report_answer": f"""
            select file_name, format, report.line_number, answer.survey_id, answer.question,
                answer.n_1, answer.n_2, answer.n_3, answer.n_4, answer.n_5
            from survey_report_answer as answer
            inner join (from survey_report where {place} and quarter in ({in_quarters})) as report
                using (load_id, survey_id)
            inner join data_load using (load_id)
            where exists (
                from instrument_question as asked
                where asked.instrument = report.instrument and asked.question = answer.question
                    and asked.wording = answer.wording {of_measure}
            )
            order by load_id, report.line_number, answer.question
        """,
    }
    if activities and metric.minimum_n == 0:
        found["activity_count"] = f"""
            select file_name, format, line_number, component, channel, starts_on::varchar as
                starts_on, activity, category, place, n
            from activity_count {load}
            where {place} and fiscal_quarter(starts_on) in ({in_quarters})
                and activity in ({activities})
            order by load_id, line_number
        """
    return found


def _at(table: str, row: Mapping[str, Any]) -> str:
    """`file:line` of a raw row. The figures that ship lie in two files of one load; the line in
    that of the answers is looked up there."""
    names = str(row["file_name"]).split(", ")
    own = f"{table}.csv"
    if row["format"] == "published-figures" and own in names:
        path = PUBLISHED / own
        line = int(row["line_number"])
        if table == "survey_report_answer":
            line = _answer_lines().get((int(row["survey_id"]), int(row["question"])), 1)
        return f"{path.relative_to(ROOT)}:{line}"
    return f"{names[0]}:{int(row['line_number'])}"


def _answer_lines() -> dict[tuple[int, int], int]:
    path: Path = PUBLISHED / "survey_report_answer.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return {(int(row["survey_id"]), int(row["question"])): reader.line_num for row in reader}


def _shown(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value.item() if hasattr(value, "item") else value

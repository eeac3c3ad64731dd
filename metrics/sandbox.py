"""Where the SQL of metrics runs: behind two walls.

`refusals` reads a select with DuckDB's own parser and refuses what is more than reading
the tables a metric may read. `Sandbox` runs selects in a process of its own
(`metrics/confined.py`) that sees a copy of those tables and nothing else: no file, no
setting, no network, with limits of time and memory.
"""

import difflib
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from metrics.errors import UsageError
from metrics.settings import SQL

MAX_LENGTH = 100_000
"""Characters of a select."""
MAX_DEPTH = 150
"""How deep the parts of a select may be nested, as DuckDB's parser counts them."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _words(
    """
    + - * / // % || ** ^ ~~ !~~ ~~* !~~*
    sum count count_star count_if countif min max avg median quantile_cont quantile_disc mode
    arg_min arg_max min_by max_by bool_and bool_or var_samp var_pop stddev_samp stddev_pop
    string_agg list
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value
    nth_value
    abs ceil ceiling floor round trunc sign sqrt ln log log10 exp power pow mod greatest least
    nullif if isnan isfinite
    lower upper trim ltrim rtrim left right substring substr length len replace split_part
    concat concat_ws starts_with ends_with contains position strpos regexp_matches
    regexp_full_match regexp_replace regexp_extract format
    year month quarter day date_part date_trunc date_diff datediff date_add make_date last_day
    strftime dayofweek to_days to_months to_years
    list_value list_contains list_sort unnest row struct_pack struct_extract array_extract
    """
)
"""Functions that a metric may use, beside the macros of sql/macros."""

CLASSES = _words(
    "COLUMN_REF CONSTANT FUNCTION COMPARISON CONJUNCTION OPERATOR CASE CAST TYPE STAR WINDOW "
    "BETWEEN SUBQUERY"
)
"""Kinds of expression that a metric may use."""

NODES = _words(
    "SELECT_NODE SET_OPERATION_NODE BASE_TABLE JOIN SUBQUERY EMPTY EXPRESSION_LIST PIVOT "
    "ORDER_MODIFIER DISTINCT_MODIFIER LIMIT_MODIFIER ASCENDING DESCENDING ORDER_DEFAULT"
)
"""Kinds of query, source and clause that a metric may use."""

_CLOCK = _words(
    """
    now today current_date current_time current_timestamp localtime localtimestamp
    get_current_time get_current_timestamp transaction_timestamp current_localtime
    current_localtimestamp age ago random uuid gen_random_uuid uuidv4 uuidv7 setseed
    any_value arbitrary first last nextval currval rowid
    """
)
_MACHINE = _words(
    """
    getenv current_setting current_user session_user user current_role current_catalog
    current_database current_schema current_schemas current_query version getvariable
    in_search_path inet_client_addr inet_server_addr write_log
    """
)
_FILES = ("read_", "parquet_", "sniff_", "glob", "copy_", "write_", "st_read", "delta_", "iceberg_")
_SIZES = _words("repeat lpad rpad range generate_series bar array_resize list_resize")
_TEXTS = _words("query query_table json_execute_serialized_sql")

_REFUSED_NODES = {
    "RECURSIVE_CTE_NODE": "a recursive query may never end; write it without `recursive`",
    "SHOW_REF": "the database is not described here; select from a table",
    "TABLE_FUNCTION": "a function that gives a table is not allowed; select from a table of "
    "docs/metrics.md",
}
_REFUSED_CLASSES = {
    "PARAMETER": "there is no one to give the parameter; write the value",
    "POSITIONAL_REFERENCE": "columns are not named by position; write the column's name",
    "LAMBDA": "lambda functions are not allowed; write the calculation with columns",
    "COLLATE": "collations are not allowed; compare with lower(...)",
}


@dataclass(frozen=True)
class Refusal:
    """What a select may not do: the line within it (from 1), and what to do instead."""

    line: int
    message: str


@dataclass(frozen=True)
class Limits:
    """What one select may take: seconds of time, megabytes of memory and of result."""

    seconds: float = 60.0
    megabytes: int = 1024


def limits_set() -> Limits:
    """Return the limits that CX_METRIC_SECONDS and CX_METRIC_MEGABYTES set.

    Raises UsageError where one is no positive number.
    """
    values = {}
    for name, default in (
        ("CX_METRIC_SECONDS", Limits.seconds),
        ("CX_METRIC_MEGABYTES", Limits.megabytes),
    ):
        text = os.environ.get(name) or str(default)
        try:
            values[name] = float(text)
        except ValueError:
            values[name] = 0.0
        if not 0 < values[name] < 1_000_000:
            raise UsageError(f"{name} is {text!r}; set it to a number above 0, or leave it out")
    return Limits(values["CX_METRIC_SECONDS"], int(values["CX_METRIC_MEGABYTES"]) or 1)


@dataclass(frozen=True)
class Outcome:
    """What became of a select: seconds it took, rows scanned (where asked for), or the
    error; `is_excess` where it hit a limit."""

    seconds: float = 0.0
    n_scanned: int | None = None
    error: str | None = None
    is_excess: bool = False


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"enable_external_access": False})


@cache
def macro_names() -> frozenset[str]:
    """Names of the macros of sql/macros."""
    return frozenset(path.stem for path in (SQL / "macros").glob("*.sql"))


@cache
def _tables() -> tuple[frozenset[str], frozenset[str]]:
    """Tables that a metric may read, and the raw tables, which it may not."""
    open_tables = {path.stem for path in (SQL / "aggregates").glob("*.sql")}
    raw: set[str] = set()
    for path in (SQL / "tables").glob("*.sql"):
        is_raw = "create table if not exists" in path.read_text(encoding="utf-8")
        is_raw |= path.stem == "warehouse_state"
        (raw if is_raw else open_tables).add(path.stem)
    return frozenset(open_tables), frozenset(raw)


@cache
def taken_names() -> frozenset[str]:
    """Names that no metric may have: tables, macros, and the steps of publishing."""
    steps = {path.stem for path in (SQL / "publish").glob("*.sql")}
    own = {"cell", "metric", "setting", "hidden", "tested", "group_tested"}
    return frozenset().union(*_tables(), macro_names(), steps, own)


def readable_tables() -> frozenset[str]:
    """Names of the tables that a metric may read: aggregates and reference tables."""
    return _tables()[0]


def parsed(sql: str) -> dict[str, Any]:
    """Return what DuckDB's parser makes of a text: `error` and its message, or
    `statements`. Only selects are read."""
    with _parser().cursor() as cursor:
        rows = cursor.execute("select json_serialize_sql(?)", [sql]).fetchall()
    return dict(json.loads(rows[0][0]))


def refusals(sql: str, tables: frozenset[str] | None = None) -> list[Refusal]:
    """Return everything that keeps a text from being one select that only reads.

    `tables` are the names it may read (default: aggregates and reference tables).
    """
    return list(_refusals(sql, tables))


@cache
def _refusals(sql: str, tables: frozenset[str] | None) -> tuple[Refusal, ...]:
    return tuple(_find_refusals(sql, tables))


def _find_refusals(sql: str, tables: frozenset[str] | None) -> list[Refusal]:
    if len(sql) > MAX_LENGTH:
        return [Refusal(1, f"the select is longer than {MAX_LENGTH:,} characters; shorten it")]
    try:
        tree = parsed(sql)
    except (RecursionError, duckdb.Error) as error:
        return [Refusal(1, f"the SQL cannot be read ({_first(error)}); mend the select")]
    if tree["error"]:
        return [_parse_refusal(sql, tree)]
    statements = tree["statements"]
    if not statements:
        return [Refusal(1, "there is no select after the comment; add one")]
    if len(statements) > 1:
        return [Refusal(1, "there must be exactly one select; remove the rest")]
    return _Reader(sql, tables).read(statements[0]["node"])


def _first(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else "too deeply nested"


def _parse_refusal(sql: str, tree: dict[str, Any]) -> Refusal:
    if tree["error_type"] == "not implemented":
        return Refusal(1, "there must be exactly one select; remove the rest")
    line = _line_at(sql, int(tree.get("position") or 0))
    return Refusal(
        line, f"the SQL cannot be parsed ({_first(tree['error_message'])}); mend the select"
    )


def _line_at(sql: str, offset: int) -> int:
    """Line of a byte of the text; positions that DuckDB does not know are line 1."""
    data = sql.encode()
    return data[:offset].count(b"\n") + 1 if offset <= len(data) else 1


class _Reader:
    """Walks one parsed select and collects what is not allowed in it."""

    def __init__(self, sql: str, tables: frozenset[str] | None) -> None:
        self.sql = sql
        self.tables = readable_tables() if tables is None else tables
        self.found: list[Refusal] = []

    def read(self, root: dict[str, Any]) -> list[Refusal]:
        """Return the refusals of the select, in the order of lines."""
        ctes: set[str] = set()
        nodes: list[dict[str, Any]] = []
        waiting: list[tuple[Any, int]] = [(root, 0)]
        while waiting:
            part, depth = waiting.pop()
            if depth > MAX_DEPTH:
                return [Refusal(1, "the select is nested too deeply; write it in steps (with ...)")]
            if isinstance(part, dict):
                nodes.append(part)
                if "cte_map" in part:
                    ctes |= {entry["key"].lower() for entry in part["cte_map"]["map"]}
                waiting += [(value, depth + 1) for value in part.values()]
            elif isinstance(part, list):
                waiting += [(value, depth + 1) for value in part]
        for node in nodes:
            self._look_at(node, ctes)
        return sorted(set(self.found), key=lambda one: (one.line, one.message))

    def _refuse(self, node: dict[str, Any], message: str) -> None:
        self.found.append(Refusal(_line_at(self.sql, int(node.get("query_location", 0))), message))

    def _look_at(self, node: dict[str, Any], ctes: set[str]) -> None:
        kind = node.get("type")
        if not isinstance(kind, str):
            return
        in_class = node.get("class")
        if in_class is not None:
            if in_class not in CLASSES:
                what = _REFUSED_CLASSES.get(
                    in_class, f"{in_class.lower()} is not allowed here; write it with plain columns"
                )
                self._refuse(node, what)
            elif in_class in ("FUNCTION", "WINDOW"):
                self._function(node)
            elif in_class == "COLUMN_REF":
                name = str(node["column_names"][-1]).lower()
                if len(node["column_names"]) == 1 and name in _CLOCK | _MACHINE:
                    self._refuse(node, _why(name))
        elif kind == "TABLE_FUNCTION":
            # What is no allowed function at all is refused as one.
            name = str(node["function"].get("function_name") or "").lower()
            if name != "unnest" and name in FUNCTIONS:
                self._refuse(node, _REFUSED_NODES["TABLE_FUNCTION"])
        elif kind == "BASE_TABLE":
            self._table(node, ctes)
        elif kind.startswith(("INSERT", "UPDATE", "DELETE", "MERGE")):
            self._refuse(node, "a metric changes nothing; remove the statement that writes")
        elif kind not in NODES:
            self._refuse(
                node, _REFUSED_NODES.get(kind, f"{kind.lower()} is not allowed; write a select")
            )
        if node.get("sample") is not None:
            self._refuse(node, "a sample differs each time; remove it")

    def _function(self, node: dict[str, Any]) -> None:
        name = str(node.get("function_name") or "").lower()
        if node.get("schema") or node.get("catalog"):
            self._refuse(node, f"function {name} is called without a schema; remove the prefix")
        elif name and name not in FUNCTIONS and name not in macro_names():
            self._refuse(node, _why(name))

    def _table(self, node: dict[str, Any], ctes: set[str]) -> None:
        name = str(node["table_name"])
        if node["schema_name"] or node["catalog_name"]:
            self._refuse(node, f"table {name} is named without a schema; remove the prefix")
        elif node.get("at_clause") is not None:
            self._refuse(node, "a table has no earlier versions here; remove `at (...)`")
        elif name.lower() in ctes or name.lower() in self.tables:
            return
        elif name.lower() in _tables()[1]:
            self._refuse(
                node,
                f"{name} is a raw table; select from {_made_of(name)}",
            )
        elif "." in name or "/" in name or "*" in name:
            self._refuse(node, f"{name!r} is a file; a metric reads tables only")
        else:
            close = _closest(name, self.tables | ctes)
            hint = f"did you mean {close}?" if close else "see docs/metrics.md for the tables"
            self._refuse(node, f"there is no table {name!r} for metrics; {hint}")


@cache
def _made_of(raw: str) -> str:
    """Say which aggregates are made of a raw table."""
    texts = {path.stem: path.read_text("utf-8") for path in (SQL / "aggregates").glob("*.sql")}
    names: set[str] = set()
    waiting = {raw}
    while waiting:
        source = waiting.pop()
        more = {
            name for name, text in texts.items() if re.search(rf"\b(from|join) {source}\b", text)
        }
        waiting |= more - names
        names |= more
    return f"what is made of it: {', '.join(sorted(names))}" if names else "an aggregate"


def _closest(name: str, known: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(name.lower(), sorted(known), 1, 0.7)
    return found[0] if found else None


def _why(name: str) -> str:
    """Say why a function is not allowed, and what to do."""
    if name in _CLOCK:
        return (
            f"{name} may give another result each time; what is due or late is judged in "
            "the aggregates, at the date of the data"
        )
    if name.startswith(_FILES):
        return f"{name} reads files; a metric reads tables only"
    if name in _MACHINE or name.startswith(("duckdb_", "pragma_", "pg_", "has_")):
        return f"{name} asks the machine or the database about itself; remove it"
    if name in _SIZES:
        return f"{name} makes values of any size; remove it"
    if name in _TEXTS:
        return f"{name} runs SQL from a text; write the select itself"
    close = _closest(name, FUNCTIONS | macro_names())
    hint = f"did you mean {close}? " if close else ""
    return f"function {name} is not in the list of functions for metrics; {hint}see docs/metrics.md"


class Sandbox:
    """Runs selects away from everything, over a copy of the tables that they read.

    Use it as a context manager. Inside, results are tables of the connection, named by
    `table(into, name)`; afterwards they are gone. `connection` must hold the tables that
    `copy` names; it takes part in nothing that runs.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, macros: Iterable[str], limits: Limits
    ) -> None:
        self.connection = connection
        self.macros = list(macros)
        self.limits = limits
        self._attached: list[str] = []
        self._where: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="cx-sandbox-")
        self._database = f"sandbox_{id(self):x}"
        self.connection.execute(f"attach '{self._tables_file}' as {self._database}")
        self._is_open = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close_tables()
        for name in self._attached:
            self.connection.execute(f"detach {name}")
        self._folder.cleanup()

    @cached_property
    def _tables_file(self) -> Path:
        return Path(self._folder.name) / "given.duckdb"

    def _close_tables(self) -> None:
        if self._is_open:
            self.connection.execute(f"detach {self._database}")
            self._is_open = False

    def copy(self, tables: Iterable[str]) -> None:
        """Copy tables of the connection, for selects that run on schema `main`."""
        for name in sorted(tables):
            self.connection.execute(f"create table {self._database}.main.{name} as from {name}")

    def give(self, schema: str, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        """Make tables with the given rows alone, in a schema of their own. They take the
        columns of the connection's tables; a column left out of a row is null."""
        self.connection.execute("begin")
        try:
            self.connection.execute(f"create schema {self._database}.{schema}")
            for table, given in rows.items():
                target = f"{self._database}.{schema}.{table}"
                self.connection.execute(f"create table {target} as from {table} limit 0")
                columns = list(dict.fromkeys(name for row in given for name in row))
                if columns:  # all rows at once: to plan an insert takes longer than a row
                    marks = ", ".join(["(" + ", ".join("?" for _ in columns) + ")"] * len(given))
                    self.connection.execute(
                        f"insert into {target} ({', '.join(columns)}) values {marks}",
                        [row.get(name) for row in given for name in columns],
                    )
            self.connection.execute("commit")
        except duckdb.Error:
            self.connection.execute("rollback")
            raise

    def table(self, into: str, name: str) -> str:
        """Name of the table that holds the result of a select."""
        return f"{self._where[into, name]}.{into}.{name}"

    def run(
        self, selects: Iterable[dict[str, Any]], explain: bool = False
    ) -> dict[tuple[str, str], Outcome]:
        """Run selects, each a dict of `name`, `into` (schema of the result), `schema`
        (whose tables it sees) and `sql`. Returns an outcome for each (into, name).

        A select that exceeds a limit is ended and named; the others run all the same.
        """
        self._close_tables()
        waiting = [{**one, "explain": explain} for one in selects]
        outcomes: dict[tuple[str, str], Outcome] = {}
        while waiting:
            done = self._one_process(waiting)
            outcomes |= done
            waiting = [one for one in waiting if (one["into"], one["name"]) not in outcomes]
            if not done:
                raise RuntimeError("the process that runs metrics did not start")
        return outcomes

    def _one_process(self, selects: list[dict[str, Any]]) -> dict[tuple[str, str], Outcome]:
        """Run selects until the process ends or one exceeds a limit."""
        number = len(self._attached)
        results = Path(self._folder.name) / f"results{number}" / "results.duckdb"
        results.parent.mkdir()
        job = {
            "results": str(results),
            "tables": str(self._tables_file),
            "macros": self.macros,
            "megabytes": self.limits.megabytes,
            "seconds": self.limits.seconds * len(selects),
            "selects": selects,
        }
        process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("confined.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder.name,
            env={},
        )
        try:
            outcomes = self._listen(process, job)
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if results.exists():
            database = f"{self._database}_{number}"
            self.connection.execute(f"attach '{results}' as {database}")
            self._attached.append(database)
            self._where |= {key: database for key, one in outcomes.items() if one.error is None}
        return outcomes

    def _listen(
        self, process: "subprocess.Popen[bytes]", job: dict[str, Any]
    ) -> dict[tuple[str, str], Outcome]:
        assert process.stdin is not None and process.stdout is not None
        outcomes: dict[tuple[str, str], Outcome] = {}
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return outcomes
        running: tuple[str, str] | None = None
        # Starting takes as long as the machine is busy; only then does the time of a select run.
        deadline = time.monotonic() + 120
        buffer = b""
        while True:
            ready, _, _ = select.select(
                [process.stdout], [], [], max(deadline - time.monotonic(), 0)
            )
            chunk = os.read(process.stdout.fileno(), 65536) if ready else b""
            if not chunk:
                if running is not None:
                    outcomes[running] = self._excess(is_time=not ready)
                return outcomes
            buffer += chunk
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                said = json.loads(line)
                if "starts" in said:
                    running = (said["starts"]["into"], said["starts"]["name"])
                else:
                    outcomes[(said["ends"]["into"], said["ends"]["name"])] = self._outcome(said)
                    running = None
                deadline = time.monotonic() + self.limits.seconds
            if len(outcomes) == len(job["selects"]):
                deadline = time.monotonic() + 120  # for writing the results down

    def _excess(self, is_time: bool) -> Outcome:
        what = (
            f"took longer than {self.limits.seconds:g} seconds"
            if is_time
            else f"needed more than {self.limits.megabytes:,} megabytes of memory"
        )
        return Outcome(
            error=f"the select {what}; select from a smaller aggregate, or group before joining",
            is_excess=True,
        )

    def _outcome(self, said: dict[str, Any]) -> Outcome:
        if "error" not in said:
            return Outcome(seconds=said["seconds"], n_scanned=said.get("n_scanned"))
        return self._excess(is_time=False) if said["is_memory"] else Outcome(error=said["error"])

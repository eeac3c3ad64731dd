"""Where the SQL of metrics runs: in a process that holds nothing else.

`Sandbox` runs selects in a process of its own (`metrics/define/confined.py`). Copies of tables
that a metric may read go in through a pipe, results come out through one; there is no
file, no setting, no network, no other table, and there are limits of time and memory. That
is the wall. `refusals` comes before it for the sake of people: it reads a select with
DuckDB's own parser and says, with line and remedy, what would not work there.
"""

import difflib
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb

from metrics.base.errors import CxError, UsageError
from metrics.base.reading import (
    Visited,
    check_readable,
    folded,
    is_cte,
    parsed,
    personal_tables,
    raw_tables,
    readable_tables,
    too_deep,
    unfit,
    visit,
)
from metrics.base.settings import SQL

if TYPE_CHECKING:  # loads slowly, and only what runs selects needs it
    import pyarrow as pa

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
def macro_names() -> frozenset[str]:
    """Names of the macros of sql/macros."""
    return frozenset(path.stem for path in (SQL / "macros").glob("*.sql"))


@cache
def taken_names() -> frozenset[str]:
    """Names that no metric may have: tables, macros, and the steps of publishing."""
    steps = {path.stem for path in (SQL / "publish").glob("*.sql")}
    own = {"cell", "metric", "setting", "hidden", "tested", "group_tested"}
    tables = readable_tables() | personal_tables() | raw_tables()
    return tables | macro_names() | steps | own


def refusals(sql: str, tables: frozenset[str] | None = None) -> list[Refusal]:
    """Return everything that keeps a text from being one select that only reads.

    `tables` are the names it may read (default: aggregates and reference tables).
    """
    return list(_refusals(sql, tables))


@cache
def _refusals(sql: str, tables: frozenset[str] | None) -> tuple[Refusal, ...]:
    return tuple(_find_refusals(sql, tables))


def _find_refusals(sql: str, tables: frozenset[str] | None) -> list[Refusal]:
    found = unfit(sql)
    if found:
        return [Refusal(*found)]
    try:
        tree = parsed(sql)
    except RecursionError:
        return [Refusal(1, too_deep())]
    except duckdb.Error as error:
        return [Refusal(1, f"the SQL cannot be read ({_first(error)}); fix the select")]
    if tree["error"]:
        return [_parse_refusal(sql, tree)]
    statements = tree["statements"]
    if not statements:
        return [Refusal(1, "there is no select after the comment; add one")]
    if len(statements) > 1:
        return [Refusal(1, "there must be exactly one select; remove the rest")]
    return _Reader(sql, tables).read(statements[0]["node"])


def _first(error: object) -> str:
    """The first line of a message, as much of it as a person reads."""
    first = str(error).strip().splitlines()[0].rstrip(".")
    return _shown(first, 200)


def _shown(text: str, length: int = 60) -> str:
    """A text cut to a length, in characters that can be seen."""
    seen = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    return seen if len(seen) <= length else seen[:length] + "..."


def _parse_refusal(sql: str, tree: dict[str, Any]) -> Refusal:
    if tree["error_type"] == "not implemented":
        return Refusal(1, "there must be exactly one select; remove the rest")
    message = str(tree["error_message"])
    if "Max expression depth" in message:
        return Refusal(1, too_deep())
    line = _line_at(sql, int(tree.get("position") or 0))
    return Refusal(line, f"the SQL cannot be parsed ({_first(message)}); fix the select")


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
        for one in visit(root):
            if one.depth > MAX_DEPTH:
                return [Refusal(1, too_deep())]
            self._look_at(one)
        return sorted(set(self.found), key=lambda one: (one.line, one.message))

    def _refuse(self, node: dict[str, Any], message: str) -> None:
        self.found.append(Refusal(_line_at(self.sql, int(node.get("query_location", 0))), message))

    def _look_at(self, one: Visited) -> None:
        node = one.node
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
            self._table(one)
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
            self._refuse(
                node, f"function {_shown(name)} is called without a schema; remove the prefix"
            )
        elif name and name not in FUNCTIONS and name not in macro_names():
            self._refuse(node, _why(name))

    def _table(self, one: Visited) -> None:
        node = one.node
        name = folded(node["table_name"])
        shown = _shown(node["table_name"])
        if node["schema_name"] or node["catalog_name"]:
            self._refuse(node, f"table {shown} is named without a schema; remove the prefix")
        elif node.get("at_clause") is not None:
            self._refuse(node, "a table has no earlier versions here; remove `at (...)`")
        elif is_cte(one) or name in self.tables:
            return
        elif name in raw_tables():
            self._refuse(node, f"{name} is a raw table; select from {_made_of(name)}")
        elif name in personal_tables():
            self._refuse(
                node,
                f"{name} holds single responses or comments; select from {_made_of(name)}",
            )
        elif "." in name or "/" in name or "*" in name:
            self._refuse(node, f"{shown!r} is a file; a metric reads tables only")
        else:
            close = _closest(name, self.tables | one.ctes)
            hint = f"did you mean {close}?" if close else "see docs/metrics.md for the tables"
            self._refuse(node, f"there is no table {shown!r} for metrics; {hint}")


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
    names &= readable_tables()
    return f"what is made of it: {', '.join(sorted(names))}" if names else "an aggregate"


def _closest(name: str, known: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(folded(name[:100]), sorted(known), 1, 0.7)
    return found[0] if found else None


def _why(name: str) -> str:
    """Say why a function is not allowed, and what to do."""
    if name in _CLOCK:
        return (
            f"{name} may give another result each time; what is due or late is judged in "
            "the aggregates, at the date of the data"
        )
    if name.startswith(_FILES):
        return f"{_shown(name)} reads files; a metric reads tables only"
    if name in _MACHINE or name.startswith(("duckdb_", "pragma_", "pg_", "has_")):
        return f"{_shown(name)} asks the machine or the database about itself; remove it"
    if name in _SIZES:
        return f"{name} makes values of any size; remove it"
    if name in _TEXTS:
        return f"{name} runs SQL from a text; write the select itself"
    close = _closest(name, FUNCTIONS | macro_names())
    hint = f"did you mean {close}? " if close else ""
    shown = _shown(name)
    return (
        f"function {shown} is not in the list of functions for metrics; {hint}see docs/metrics.md"
    )


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
        self._given: dict[tuple[str, str], pa.Table] = {}
        self._database = f"sandbox_{id(self):x}"

    def __enter__(self) -> Self:
        self.connection.execute(f"attach ':memory:' as {self._database}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.execute(f"detach {self._database}")

    @contextmanager
    def _exactly(self) -> Iterator[None]:
        """Hand tables on with types of their own that Arrow does not know, such as sums."""
        self.connection.execute("set arrow_lossless_conversion = true")
        try:
            yield
        finally:
            self.connection.execute("reset arrow_lossless_conversion")

    def _columns(self, table: str) -> list[str]:
        """Columns of a table of the connection, which must be one that is readable."""
        columns: list[str] = []
        if table in readable_tables():  # what is not may be anything, also SQL
            rows = self.connection.execute(f"describe from {table}").fetchall()
            columns = [row[0] for row in rows]
        check_readable(table, columns)
        return columns

    def copy(self, tables: Iterable[str]) -> None:
        """Copy tables of the connection, for selects that run on schema `main`.

        Raises ValueError where one is no readable table: a raw table, one of single
        responses or comments, or none that sql/ defines.
        """
        with self._exactly():
            for name in sorted(tables):
                self._columns(name)
                self._given["main", name] = self.connection.sql(f"from {name}").to_arrow_table()

    def give(self, schema: str, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        """Make tables with the given rows alone, in a schema of their own. They take the
        columns of the connection's tables; a column left out of a row is null.

        Raises ValueError where one is no readable table or has no such column.
        """
        with self._exactly():
            for table, given in rows.items():
                if table not in readable_tables():
                    raise ValueError(f"{_shown(table)} is no table that a metric may read")
                columns = self._columns(table)
                for name in sorted({name for row in given for name in row} - set(columns)):
                    close = _closest(name, columns)
                    hint = f" (did you mean {close}?)" if close else ""
                    raise ValueError(f"{table} has no column {_shown(name)!r}{hint}")
                target = f"{self._database}.main.{table}"
                self.connection.execute(f"create table {target} as from {table} limit 0")
                given_columns = list(dict.fromkeys(name for row in given for name in row))
                try:
                    if given_columns:  # all at once: to plan an insert takes longer than a row
                        marks = ", ".join("?" for _ in given_columns)
                        self.connection.execute(
                            f"insert into {target} ({', '.join(given_columns)}) values "
                            + ", ".join([f"({marks})"] * len(given)),
                            [row.get(name) for row in given for name in given_columns],
                        )
                    self._given[schema, table] = self.connection.sql(
                        f"from {target}"
                    ).to_arrow_table()
                finally:
                    self.connection.execute(f"drop table {target}")

    def table(self, into: str, name: str) -> str:
        """Name of the table that holds the result of a select."""
        return f"{self._database}.{into}.{name}"

    def run(
        self,
        selects: Iterable[dict[str, Any]],
        explain: bool = False,
        n_rows: int | None = None,
    ) -> dict[tuple[str, str], Outcome]:
        """Run selects, each a dict of `name`, `into` (schema of the result), `schema`
        (whose tables it sees) and `sql`. Returns an outcome for each (into, name). With
        `n_rows` only so many first rows of each result are kept.

        A select that exceeds a limit is ended and named; the others run all the same.
        Raises CxError where the tables alone take more memory than there may be.
        """
        waiting = [{**one, "explain": explain, "n_rows": n_rows} for one in selects]
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
        process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("confined.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # One arena of memory, so that the limit of addresses is one of memory.
            env={"MALLOC_ARENA_MAX": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"},
        )
        try:
            return self._listen(process, selects)
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:
                        continue  # what it still held was for the process that has ended

    def _send(self, process: "subprocess.Popen[bytes]", selects: list[dict[str, Any]]) -> None:
        """Write the job and the tables. The pipe stays open: it ends when this process does,
        and then the other one ends too."""
        assert process.stdin is not None
        tables = {key: _as_bytes(table) for key, table in self._given.items()}
        job = {
            "macros": self.macros,
            "megabytes": self.limits.megabytes,
            "seconds": self.limits.seconds * len(selects),
            "selects": selects,
            "tables": [[schema, name, len(data)] for (schema, name), data in tables.items()],
        }
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
            for data in tables.values():
                process.stdin.write(data)
            process.stdin.flush()
        except BrokenPipeError:
            return  # it has said why, or it never started

    def _listen(
        self, process: "subprocess.Popen[bytes]", selects: list[dict[str, Any]]
    ) -> dict[tuple[str, str], Outcome]:
        self._send(process, selects)
        assert process.stdout is not None
        outcomes: dict[tuple[str, str], Outcome] = {}
        running: tuple[str, str] | None = None
        # Starting takes as long as the machine is busy; only then does the time of a select run.
        deadline = time.monotonic() + 120
        held = bytearray()
        while len(outcomes) < len(selects):
            ready, _, _ = select.select(
                [process.stdout], [], [], max(deadline - time.monotonic(), 0)
            )
            chunk = os.read(process.stdout.fileno(), 1 << 20) if ready else b""
            if not chunk:
                if running is not None:
                    outcomes[running] = self._excess(is_time=not ready)
                break
            held += chunk
            while (message := _next_message(held)) is not None:
                said, data = message
                if "starts" in said:
                    running = (said["starts"]["into"], said["starts"]["name"])
                elif "ends" in said:
                    key = (said["ends"]["into"], said["ends"]["name"])
                    outcomes[key] = self._outcome(said)
                    if data:
                        self._keep(key, data)
                    running = None
                else:
                    raise CxError(
                        "the tables that metrics read need more than "
                        f"{self.limits.megabytes:,} megabytes of memory; set "
                        "CX_METRIC_MEGABYTES higher"
                    )
                deadline = time.monotonic() + self.limits.seconds
        return outcomes

    def _keep(self, key: tuple[str, str], data: bytes) -> None:
        """Make the table of a result."""
        import pyarrow as pa

        into, name = key
        rows = pa.ipc.open_stream(data).read_all()
        self.connection.execute(f"create schema if not exists {self._database}.{into}")
        self.connection.register("sandbox_rows", rows)
        self.connection.execute(f"create table {self.table(into, name)} as from sandbox_rows")
        self.connection.unregister("sandbox_rows")

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


def _as_bytes(table: "pa.Table") -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _next_message(held: bytearray) -> tuple[dict[str, Any], bytes] | None:
    """Take the first whole message from what was read: a line of JSON, and as many bytes
    after it as its `n_bytes` says. None where it has not come whole yet."""
    end = held.find(b"\n")
    if end < 0:
        return None
    said = json.loads(held[:end])
    whole = end + 1 + said.get("n_bytes", 0)
    if len(held) < whole:
        return None
    data = bytes(held[end + 1 : whole])
    del held[:whole]
    return said, data

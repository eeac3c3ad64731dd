"""What a select reads, as DuckDB's own parser sees it, and which tables a metric may read.

One function says which tables a select names (`referenced_tables`), one which tables may
be seen where the SQL of metrics runs (`readable_tables`). The second is decided by what a
table is, never by what a select says.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from metrics.base.errors import CxError
from metrics.base.settings import SQL

Node = dict[str, Any]

MAX_LENGTH = 100_000
"""Characters of a select."""
MAX_BRACKETS = 100
"""How many brackets may be open at once; the parser takes ages over thousands."""

PERSONAL = frozenset({"response_id", "comment", "raw_text"})
"""Columns of raw tables that name one respondent or hold that person's own words. A table
with one of them, or with what was made of one by anything but counting, is not readable."""

SINGLE = re.compile(r"\bOne row per (?:single )?(?:response|comment|answer|respondent|person)\b")
"""How the comment of a table of single responses or comments states its grain."""

_COUNTING = frozenset({"count", "count_star", "count_if", "countif", "sum", "avg"})
"""Functions whose result no longer holds what they are given."""


@dataclass(frozen=True)
class Visited:
    """One part of a parsed select, the names of CTEs that are in scope there, and how deep
    it lies."""

    node: Node
    ctes: frozenset[str]
    depth: int


def folded(name: str) -> str:
    """Return a name as DuckDB compares names: only A to Z have another case."""
    return "".join(chr(ord(letter) + 32) if "A" <= letter <= "Z" else letter for letter in name)


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={"enable_external_access": False})


def parsed(sql: str) -> dict[str, Any]:
    """Return what DuckDB's parser makes of a text: `error` and its message, or
    `statements`. Only selects are read. The text must be fit to parse (`unfit`)."""
    with _parser().cursor() as cursor:
        rows = cursor.execute("select json_serialize_sql(?)", [sql]).fetchall()
    return dict(json.loads(rows[0][0]))


def unfit(sql: str) -> tuple[int, str] | None:
    """Return line (from 1) and reason where a text must not even be parsed, or None: it is
    too long, too deeply nested, or holds a character that cannot be seen."""
    if len(sql) > MAX_LENGTH:
        return 1, f"the select is longer than {MAX_LENGTH:,} characters; shorten it"
    for line, text in enumerate(sql.split("\n"), start=1):
        for letter in text:
            if not letter.isprintable() and letter not in "\t\r" and not letter.isspace():
                return line, (
                    f"the select holds U+{ord(letter):04X}, a character that cannot be seen; "
                    "remove it"
                )
    data, n_open = sql.encode(), 0
    for offset, kind in duckdb.tokenize(sql):  # what is in texts and comments opens nothing
        if kind == duckdb.token_type.operator:
            n_open += (data[offset] in b"([{") - (data[offset] in b")]}")
        if n_open > MAX_BRACKETS:
            return 1, too_deep()
    return None


def too_deep() -> str:
    """Say that a select is nested too deeply, and what to do."""
    return "the select is nested too deeply; write it in steps (with ...)"


def visit(root: Node) -> Iterator[Visited]:
    """Walk over all parts of a parsed select, each with the CTEs that are in scope there.

    A CTE is seen by those after it and by the select that it belongs to, not by itself:
    `with t as (select * from t)` reads the table t. Only a recursive one sees itself.
    """
    waiting: list[tuple[Any, frozenset[str], int]] = [(root, frozenset(), 0)]
    while waiting:
        part, ctes, depth = waiting.pop()
        if isinstance(part, list):
            waiting += [(value, ctes, depth + 1) for value in part]
        if not isinstance(part, dict):
            continue
        for entry in (part.get("cte_map") or {}).get("map", ()):
            waiting.append((entry["value"], ctes, depth + 3))
            ctes |= {folded(entry["key"])}
        yield Visited(part, ctes, depth)
        inside = ctes
        if part.get("type") == "RECURSIVE_CTE_NODE":
            inside |= {folded(part["cte_name"])}
        waiting += [
            (value, inside if key == "right" else ctes, depth + 1)
            for key, value in part.items()
            if key != "cte_map"
        ]


def tables_in(root: Node) -> frozenset[str]:
    """Return the names of the tables that a parsed select reads, in lower case."""
    return frozenset(
        folded(one.node["table_name"])
        for one in visit(root)
        if one.node.get("type") == "BASE_TABLE" and not is_cte(one)
    )


def is_cte(one: Visited) -> bool:
    """Whether the source of rows is a CTE; a name with a schema never is."""
    is_plain = not one.node["schema_name"] and not one.node["catalog_name"]
    return is_plain and folded(one.node["table_name"]) in one.ctes


@cache
def root_of(sql: str) -> Node:
    """Return the parsed form of one select; nobody changes it. Raises CxError where the
    text is none."""
    found = unfit(sql)
    if found:
        raise CxError(f"line {found[0]}: {found[1]}")
    try:
        tree = parsed(sql)
    except RecursionError as error:
        raise CxError(f"line 1: {too_deep()}") from error
    if tree["error"] or len(tree["statements"]) != 1:
        what = str(tree.get("error_message") or "there must be exactly one select")[:200]
        raise CxError(f"line 1: the SQL cannot be parsed ({what}); fix the select")
    return dict(tree["statements"][0]["node"])


@cache
def referenced_tables(sql: str) -> frozenset[str]:
    """Return the names of the tables a select reads, in lower case, its CTEs left out.

    Raises CxError where the text is not one select.
    """
    return tables_in(root_of(sql))


def is_raw(path: Path) -> bool:
    """Whether a file of sql/tables makes a table that is kept from load to load: rows as
    they were loaded, or the warehouse's own books."""
    text = path.read_text(encoding="utf-8")
    return "create table if not exists" in text or path.stem == "warehouse_state"


@cache
def raw_tables() -> frozenset[str]:
    """Names of the raw tables."""
    return frozenset(path.stem for path in (SQL / "tables").glob("*.sql") if is_raw(path))


@cache
def personal_tables() -> frozenset[str]:
    """Names of the aggregates that hold single responses or comments."""
    grain = {
        name
        for name, text in _aggregates().items()
        if SINGLE.search(" ".join(text.partition("*/")[0].split()))
    }
    return frozenset(grain | (_personal_columns().keys() & _aggregates().keys()))


@cache
def readable_tables() -> frozenset[str]:
    """Names of the tables that a metric may read: aggregates that count, and reference
    tables."""
    made_anew = {path.stem for path in (SQL / "tables").glob("*.sql")} - raw_tables()
    return (
        frozenset(made_anew | _aggregates().keys()) - _personal_columns().keys() - personal_tables()
    )


def check_readable(name: str, columns: Iterable[str]) -> None:
    """Raise ValueError where a table, with the columns that it really has, must not be
    where the SQL of metrics runs."""
    personal = PERSONAL & {folded(column) for column in columns}
    if name not in readable_tables() or personal:
        why = f"it has the column {min(personal)}" if personal else "it is not readable"
        raise ValueError(f"table {name!r} never goes into the sandbox: {why}")


@cache
def _aggregates() -> dict[str, str]:
    """Text of each file of sql/aggregates."""
    return {path.stem: path.read_text("utf-8") for path in (SQL / "aggregates").glob("*.sql")}


@cache
def _personal_columns() -> dict[str, frozenset[str]]:
    """Columns that name or quote a person, of each table that has some."""
    found: dict[str, frozenset[str]] = {}
    for path in (SQL / "tables").glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        columns = re.findall(rf"comment on column {path.stem}\.(\w+) is", text)
        if PERSONAL & set(columns):
            found[path.stem] = PERSONAL & set(columns)
    selects = {name: text.partition("*/")[2] for name, text in _aggregates().items()}
    words = {name: set(re.findall(r"\w+", select.lower())) for name, select in selects.items()}
    while True:
        # A select that names no such column and no such table cannot hold one.
        near = [name for name in selects if words[name] & (PERSONAL | found.keys())]
        more = {name: personal_columns(selects[name], found) for name in near}
        more = {name: columns for name, columns in more.items() if columns}
        if more.items() <= found.items():
            return found
        found |= more


def personal_columns(select: str, of_tables: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the columns of a select's result that hold what names or quotes a person:
    such columns of the tables it reads, and what is made of them by anything but counting.

    It would rather call one too many personal: a name counts in the whole select.
    """
    root = root_of(select)
    known = set().union(*(of_tables.get(table, ()) for table in tables_in(root)))
    nodes = [one.node for one in visit(root)]
    items = [item for node in nodes for item in node.get("select_list") or ()]
    while True:
        more = {folded(item["alias"]) for item in items if item["alias"] and _holds(item, known)}
        if more <= known:
            break
        known |= more
    return frozenset(_results(root, known))


def _holds(item: Any, known: set[str]) -> bool:
    """Whether an expression holds a column of these names outside of counting functions."""
    waiting = [item]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            if part.get("class") == "FUNCTION" and part["function_name"] in _COUNTING:
                continue
            if part.get("class") == "COLUMN_REF" and folded(part["column_names"][-1]) in known:
                return True
            waiting += part.values()
    return False


def _results(node: Node, known: set[str]) -> set[str]:
    """Columns of these names in the result of a query node; a star may hold all of them."""
    if node["type"] == "SET_OPERATION_NODE":
        sides = node.get("children") or [node["left"], node["right"]]
        return set().union(*(_results(side, known) for side in sides))
    if node["type"] != "SELECT_NODE":
        return known
    found: set[str] = set()
    for item in node["select_list"]:
        if item["class"] == "STAR":
            found |= known - {folded(str(name)) for name in item["exclude_list"]}
        elif _holds(item, known):
            found.add(folded(item["alias"] or item.get("column_names", [""])[-1]))
    return found

"""Files of sql/: one select or macro each, read in the order their references need."""

import hashlib
import re
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.base.errors import CxError
from metrics.base.reading import referenced_tables
from metrics.base.settings import SQL, shown_path

if TYPE_CHECKING:  # loads slowly, and most commands never need it
    pass


from functools import cache

import sqlglot
from sqlglot import exp

from metrics.base.reading import too_deep


@cache
def statements(sql: str) -> tuple[exp.Expr, ...]:
    """Parse SQL once for everybody; nobody changes what comes back."""
    parts = sqlglot.parse(sql, dialect="duckdb")
    # A comment after the last semicolon is no statement.
    return tuple(one for one in parts if one is not None and not isinstance(one, exp.Semicolon))


def sql_problems(where: str, text: str, sql: str) -> list[str]:
    """Return what keeps the SQL at the end of a file's text from being one select."""
    line = text[: text.rindex(sql)].count("\n") + 1 if sql else text.count("\n") + 1
    if not sql:
        return [f"{where}:{line}: there is no select after the comment; add one"]
    try:
        found = statements(sql)
    except RecursionError:
        return [f"{where}:{line}: {too_deep()}"]
    except sqlglot.errors.ParseError as error:
        detail = error.errors[0] if error.errors else {}
        at = line + int(detail.get("line") or 1) - 1
        what = re.sub(r"<Token [^>]*>", "the end", str(detail.get("description") or error))
        return [f"{where}:{at}: the SQL cannot be parsed ({what.rstrip('.')}); fix the select"]
    except sqlglot.errors.TokenError as error:
        what = str(error).splitlines()[0].rstrip(".")
        return [f"{where}:{line}: the SQL cannot be read ({what}); fix the select"]
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        return [f"{where}:{line}: there must be exactly one select; remove the rest"]
    return []


@dataclass(frozen=True)
class SqlFile:
    """One select of sql/aggregates or sql/publish; its file name is the table's
    name. The comment is the text of its first block comment."""

    name: str
    comment: str
    select: str
    path: Path

    @property
    def references(self) -> frozenset[str]:
        """Names of the tables that the select reads, its own CTEs left out."""
        return referenced_tables(self.select)


def read_sql_folder(folder: Path) -> list[SqlFile]:
    """Read the selects of a folder in the order their references need.

    Raises CxError where a file has no comment or is not one select, or where
    references form a circle.
    """
    files = {}
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        match = re.match(r"\A\s*/\*(?P<comment>.*?)\*/(?P<sql>.*)\Z", text, re.DOTALL)
        if match is None:
            raise CxError(
                f"{shown_path(path)}:1: the file does not start with a comment; "
                "say between /* and */ what the table holds"
            )
        comment = " ".join(match["comment"].split())
        select = match["sql"].strip()
        problems = sql_problems(shown_path(path), text, select)
        if problems:
            raise CxError("\n".join(problems))
        files[path.stem] = SqlFile(path.stem, comment, select, path)
    graph = {name: file.references & files.keys() for name, file in files.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise CxError(f"{shown_path(folder)}: the files refer to each other: {circle}") from error
    return [files[name] for name in order]


def macro_statements() -> list[str]:
    """Return the macro definitions of sql/macros in the order they need."""
    files = {path.stem: path.read_text("utf-8") for path in sorted((SQL / "macros").glob("*.sql"))}
    graph = {
        name: {
            other for other in files if other != name and re.search(rf"\b{other}\(", _code(text))
        }
        for name, text in files.items()
    }
    return [files[name] for name in TopologicalSorter(graph).static_order()]


def _code(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def sql_failure(path: Path, select: str, message: str, first_line: int | None = None) -> str:
    """Turn the message of a DuckDB error into `file:line: what; how to fix it`. `first_line` is
    where the select begins, if the file does not hold it word by word."""
    what = re.sub(r"^[A-Z]\w+ Error: ", "", message.splitlines()[0]).rstrip("!.")
    if first_line is None:
        text = path.read_text(encoding="utf-8")
        first_line = text[: text.rindex(select)].count("\n") + 1 if select in text else 1
    match = re.search(r"LINE (\d+):", message)
    line = first_line - 1 + (int(match[1]) if match else 1)
    hint = re.search(r"(Candidate bindings: .*|Did you mean .*)", message)
    fix = hint[0].rstrip("?") if hint else "fix the select"
    return f"{shown_path(path)}:{line}: {what}; {fix}"


def file_hash(paths: list[Path], root: Path) -> str:
    """SHA-256 over names and contents of files, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(root)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()

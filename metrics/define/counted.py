"""What tables count: the declaration that closes the comment of a table.

A table says what may be added up in it, once, in the sentences after its grain:

    Counts answers in n_answers with n_1, n_2; people asked in n_shown; for each measure.
    Counts events in n where is_total or is_by_category; for each activity.
    Counts reports.
    Counts nothing.

A part without `in` counts rows. Columns after `with` hold parts of the same count. `where` says
which rows may be added up, `for each` which of its columns repeat the same people or events. More
sentences may follow: `A stock.` (as it stands in a quarter, so quarters are never added up) or
`A stock for <column> <value>, ...`, `Keyed by <column>, ...` (no two rows alike in these), and
`Prices at <expression>.` (counts of another table may be multiplied by it).
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from metrics.base.errors import CxError
from metrics.base.reading import referenced_tables
from metrics.base.settings import SQL, shown_path
from metrics.define.catalog import Metric

OF_LOADS = frozenset({"rows of responses", "duplicate responses", "rejected responses"})
"""What is counted of loads of single responses, in the quarter of the load."""

PEOPLE = OF_LOADS | {"answers", "comments", "people asked", "respondents", "responses"}
"""What is counted where a person who answered a survey stands behind each one."""


@dataclass(frozen=True)
class Unit:
    """One thing that a table counts: `amount` is the SQL that is added up (None where
    rows are counted), `columns` are all patterns of columns that hold some of it."""

    what: str
    amount: str | None
    columns: tuple[str, ...] = ()

    def holds(self, column: str) -> bool:
        """Whether a column holds some of this count."""
        return any(fnmatchcase(column, pattern) for pattern in self.columns)


@dataclass(frozen=True)
class Counted:
    """What a table counts. `what` and `column` are those of its first unit (column None
    where rows are counted); `condition` is the SQL of rows that may be added up, None for
    all; `each` the columns that repeat the same count; `key` the columns in which no two
    rows are alike, empty where not declared."""

    table: str
    what: str | None
    column: str | None
    condition: str | None
    units: tuple[Unit, ...] = ()
    each: tuple[str, ...] = ()
    is_stock: bool = False
    stock_column: str | None = None
    stock_values: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    price: str | None = None

    @property
    def counts_people(self) -> bool:
        """Whether people who answered a survey are counted."""
        return any(unit.what in PEOPLE for unit in self.units)

    @property
    def flags(self) -> tuple[tuple[str, bool], ...]:
        """Columns of the condition, and whether they are true in a row that counts."""
        words = re.findall(r"(not )?\b(is_\w+)", self.condition or "")
        return tuple((column, not negated) for negated, column in words)


_COUNTS = re.compile(
    r"\bCounts (?P<units>[^.]*?)"
    r"(?:;? where (?P<where>[^.;]+))?"
    r"(?:;? for each (?P<each>[^.;]+))?\.(?P<rest>.*)\Z"
)
_UNIT = re.compile(
    r"(?P<what>[a-z][a-z ]*?)"
    r"(?: in (?P<amount>\w+(?: \+ \w+)*)(?: with (?P<with>[\w*?, ]+))?)?"
)
_REST = re.compile(
    r"\A(?: A stock(?: for (?P<column>\w+) (?P<values>[\w, ]+))?\.(?P<stock>))?"
    r"(?: Keyed by (?P<key>[\w, ]+)\.)?"
    r"(?: Prices at (?P<price>[\w* ]+)\.)?\Z"
)


def read_declaration(table: str, comment: str) -> Counted | None:
    """Read what a table says it counts; None where its comment says nothing of it.

    Raises ValueError where the sentence cannot be read.
    """
    if not re.search(r"\bCounts\b[^.]*\.( (A stock|Keyed by|Prices at)\b[^.]*\.)*\Z", comment):
        return None
    found = _COUNTS.search(comment, comment.rindex("Counts "))
    rest = _REST.match(found["rest"]) if found else None
    if found is None or rest is None:
        raise ValueError("the sentence `Counts ...` cannot be read")
    units = []
    if found["units"] != "nothing":
        for part in found["units"].split("; "):
            one = _UNIT.fullmatch(part)
            if one is None:
                raise ValueError(f"the count {part!r} cannot be read")
            amount = one["amount"]
            columns = [*(amount.split(" + ") if amount else []), *_names(one["with"])]
            units.append(Unit(one["what"], amount, tuple(columns)))
    return Counted(
        table,
        units[0].what if units else None,
        units[0].amount if units else None,
        found["where"],
        tuple(units),
        _names((found["each"] or "").replace(" and ", ", ")),
        rest["stock"] is not None and rest["column"] is None,
        rest["column"],
        _names(rest["values"]),
        _names(rest["key"]),
        rest["price"],
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


@cache
def counted_tables() -> dict[str, Counted]:
    """Return what each table that metrics may read counts, by name: aggregates, which all
    say it, and the reference tables that do.

    Raises CxError with the file where an aggregate does not say it, or not so that it
    can be read.
    """
    found, problems = {}, []
    for path in sorted((SQL / "aggregates").glob("*.sql")):
        comment = " ".join(path.read_text("utf-8").partition("*/")[0].split())
        try:
            one = read_declaration(path.stem, comment)
        except ValueError as error:
            problems.append(f"{shown_path(path)}:1: {error}; see docs/metrics.md")
            continue
        if one is None:
            problems.append(
                f"{shown_path(path)}:1: the comment does not say what the table counts; close it "
                "with `Counts ... in <column>.`, `Counts <rows>.` or `Counts nothing.`"
            )
        else:
            found[path.stem] = one
    for path in sorted((SQL / "tables").glob("*.sql")):
        text = path.read_text("utf-8")
        said = re.search(rf"comment on table {path.stem} is '((?:[^']|'')*)';", text)
        try:
            one = read_declaration(path.stem, said[1]) if said else None
        except ValueError as error:
            problems.append(f"{shown_path(path)}:1: {error}; see docs/metrics.md")
            continue
        if one is not None:
            found[path.stem] = one
    if problems:
        raise CxError("\n".join(problems))
    return found


def counts_people(metric: Metric) -> bool:
    """Return whether a table that the select of the metric reads, itself, counts people who
    answered a survey: respondents, responses, answers or comments."""
    known = counted_tables()
    return any(
        known[table].counts_people for table in referenced_tables(metric.sql) if table in known
    )


def counts_loads(metric: Metric) -> bool:
    """Return whether the metric counts rows of loads of single responses: whatever service
    and quarter its cells are of, people of a private source stand behind them."""
    known = counted_tables()
    return any(
        unit.what in OF_LOADS
        for table in referenced_tables(metric.sql)
        if table in known
        for unit in known[table].units
    )


def declaration_files() -> list[Path]:
    """Files that hold declarations, which a cached verdict depends on."""
    return [path for name in ("aggregates", "tables") for path in (SQL / name).glob("*.sql")]

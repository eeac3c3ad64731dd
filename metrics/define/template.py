"""One definition for several metrics: a metric file with the key `for_each` makes one of
each row of a reference table.

The first column of the table names the member; as a word of the file name it stands for
that name: `measure_mean.sql` makes `trust_mean` and `ease_mean`. A column in braces, such as
`{title}`, stands for its value, in the header and inside texts of the select.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from metrics.base.errors import CxError
from metrics.base.settings import REFERENCE, shown_path

_KEY = re.compile(r"(?m)^for_each:[ \t]*(?P<table>[^\s#]*)")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z0-9_/-]+")
"""What may be written into the select: it ends no text and begins no other."""


@dataclass(frozen=True)
class Member:
    """A row of the table that `for_each` names: its values by column, the name first, and
    where it stands, as `file:line`."""

    values: dict[str, str]
    where: str

    @property
    def word(self) -> str:
        """The word of a file name that stands for the member: the first column."""
        return next(iter(self.values))

    @property
    def name(self) -> str:
        """What the word stands for."""
        return self.values[self.word]

    def metric_name(self, stem: str) -> str:
        """Name of the metric that a file of this name makes for the member."""
        return re.sub(rf"(?<![a-z0-9]){self.word}(?![a-z0-9])", self.name, stem)


def table_of(text: str) -> str | None:
    """Return the table that the header of a metric file is for each row of, or None; '' where
    the key names none."""
    found = _KEY.search(text.partition("*/")[0])
    return found["table"] if found else None


def members(path: Path, text: str) -> list[Member]:
    """Return the rows of the table that a metric file is for each of; none where it is for
    itself alone.

    Raises CxError with file and line where there is no such table, where the file name lacks
    the word, or where a row cannot be written into a metric.
    """
    table = table_of(text)
    if table is None:
        return []
    line = text[: text.index("for_each:")].count("\n") + 1
    where = f"{shown_path(path)}:{line}"
    file = REFERENCE / f"{table}.csv"
    if not _NAME.fullmatch(table) or not file.exists():
        known = ", ".join(sorted(one.stem for one in REFERENCE.glob("*.csv")))
        raise CxError(
            f"{where}: for_each names {table!r}, of which there is no table in data/reference; "
            f"name one of {known}"
        )
    found = _rows(file)
    word = found[0].word if found else table
    if found and found[0].metric_name(path.stem) == path.stem != found[0].name:
        raise CxError(
            f"{where}: the file is for each {word}, but its name has no word {word}; rename it, "
            f"such as {word}_{path.stem}.sql"
        )
    _check_places(path, text, found)
    return found


def rendered(text: str, member: Member) -> str:
    """Return a metric file as it reads for one member, line by line the same."""
    return _PLACE.sub(lambda place: member.values.get(place[1], place[0]), text)


def own_text(text: str, member: Member | None) -> str:
    """Return a metric file for one member as a file of its own would read."""
    if member is None:
        return text
    head, end, select = rendered(text, member).partition("*/")
    head = re.sub(r"(?m)^for_each:.*\n", "", head)
    return head + end + select


def member_for(path: Path, name: str) -> Member | None:
    """Return the member for which a file makes the metric of this name; None where the file
    is for itself alone."""
    text = path.read_text(encoding="utf-8-sig")
    return next((one for one in members(path, text) if one.metric_name(path.stem) == name), None)


def columns_in_select(text: str) -> set[str]:
    """Return the columns whose values are written into the select."""
    return set(_PLACE.findall(text.partition("*/")[2]))


def names_in(path: Path) -> list[str]:
    """Return the names of the metrics that a file makes, its own where it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return [path.stem]
    return [name for name, _ in written_out(path, text, "")]


def written_out(path: Path, text: str, part: str) -> list[tuple[str, str]]:
    """Return the names of the metrics that a file makes, each with a part of its text as it reads
    for that metric; of a file that cannot be written out its own name and the part as it is."""
    try:
        found = members(path, text)
    except CxError:
        found = []
    return [(one.metric_name(path.stem), rendered(part, one)) for one in found] or [
        (path.stem, part)
    ]


def file_of(name: str, folder: Path) -> Path | None:
    """Return the file of a folder that makes the metric of this name, or None."""
    path = folder / f"{name}.sql"
    if _NAME.fullmatch(name) and path.exists() and names_in(path) == [name]:
        return path
    return next((one for one in sorted(folder.glob("*.sql")) if name in names_in(one)), None)


def _rows(file: Path) -> list[Member]:
    where = shown_path(file)
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened, strict=True)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CxError(f"{where}:1: cannot be read ({error}); save it as 'CSV UTF-8'") from error
    found: list[Member] = []
    for line, row in rows:
        at = f"{where}:{line}"
        values = {str(column): value or "" for column, value in row.items() if column is not None}
        if None in row or None in row.values():
            raise CxError(f"{at}: the row has not one value for each column; fix the commas")
        one = Member(values, at)
        if not _NAME.fullmatch(one.name):
            raise CxError(
                f"{at}: {one.word} {one.name!r} cannot be part of a metric's name; use lower-case "
                "letters, digits and _"
            )
        if one.name in {other.name for other in found}:
            raise CxError(f"{at}: {one.word} {one.name!r} is there twice; remove one")
        for column, value in values.items():
            if not value.isprintable() or '"' in value or "*/" in value:
                raise CxError(
                    f"{at}: column {column!r} holds a line break, a straight quote or the end of a "
                    "comment, which no header can take; write it without"
                )
        found.append(one)
    return found


def _check_places(path: Path, text: str, found: list[Member]) -> None:
    if not found:
        return
    known = found[0].values.keys()
    in_select = columns_in_select(text)
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        problems += [
            f"{shown_path(path)}:{number}: {{{name}}} stands for no column of "
            f"{found[0].where.rpartition(':')[0]}; write one of {', '.join(known)}"
            for name in _PLACE.findall(line)
            if name not in known
        ]
    problems += [
        f"{one.where}: column {column!r} is written into the select of {shown_path(path)}, so it "
        "may hold only letters, digits, _, - and /; change the value"
        for one in found
        for column in sorted(in_select & known)
        if not _PLAIN.fullmatch(one.values[column])
    ]
    if problems:
        raise CxError("\n".join(problems))

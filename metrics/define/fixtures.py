"""Fixtures: a few made-up rows, and the cells that a metric must give for them."""

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from metrics.base.errors import CxError
from metrics.base.reading import referenced_tables
from metrics.base.settings import ROOT, shown_path
from metrics.define import template
from metrics.define.catalog import TO_FILL, Metric

FIXTURES = ROOT / "tests" / "metrics"
MAX_BYTES = 200_000
"""Size of a fixture: a few rows that a person worked out."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Fixture:
    """Rows given, by table, and cells expected; `where` is the file, `line` the line of
    the key `expected`."""

    where: str
    line: int
    given: dict[str, list[Row]]
    expected: list[Row]


def fixture_path(metric: Metric, folder: Path = FIXTURES) -> Path:
    """Return the fixture of a metric."""
    return fixture_for(metric.name, metric.path, folder)


def fixture_for(name: str, file: Path, folder: Path = FIXTURES) -> Path:
    """Return the fixture of a metric that a file makes. Where the file makes one for each row
    of a table, and this one has no fixture of its own, it stands on the first that there is."""
    own = folder / f"{name}.yaml"
    if own.exists() or not file.exists():
        return own
    others = [folder / f"{other}.yaml" for other in template.names_in(file)]
    return next((path for path in others if path.exists()), own)


def unfilled(path: Path) -> list[str]:
    """Say, as `file:line: ...`, that a metric has no fixture or that it is not filled."""
    where = shown_path(path)
    if not path.exists():
        return [f"{where}:1: the metric has no fixture; add given rows and expected cells"]
    if path.stat().st_size > MAX_BYTES:
        return [
            f"{where}:1: the fixture has {path.stat().st_size:,} bytes; give a few rows, which fit "
            f"into {MAX_BYTES:,}"
        ]
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        if re.search(rf"\b{TO_FILL}\b", line, re.IGNORECASE):
            return [
                f"{where}:{number}: the fixture is not filled yet; write numbers that you "
                f"worked out by hand where it says {TO_FILL}"
            ]
    return []


def read_fixture(metric: Metric, folder: Path = FIXTURES) -> Fixture:
    """Read `<folder>/<name>.yaml`: `given` (table to rows) and `expected` (cells, every
    column of the select). A column left out of a given row is null. In the fixture of another
    member of the same table the two members change places, so that rows of each are there.

    Raises CxError with file and line where the metric has no usable fixture.
    """
    path = fixture_path(metric, folder)
    where = shown_path(path)
    for problem in unfilled(path):
        raise CxError(problem)
    try:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        fixture = yaml.load(text, Loader=yaml.CSafeLoader)
        swap = _swap(metric, path)
        given = {str(table): _rows(rows, swap) for table, rows in fixture["given"].items()}
        expected = _rows(fixture["expected"], swap)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = " ".join(str(error).split())
        raise CxError(
            f"{where}:{mark.line + 1 if mark else 1}: cannot be read ({problem}); fix the YAML"
        ) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CxError(
            f"{where}:1: the rows cannot be read; write `given:` as tables with lists of rows, "
            "`expected:` as a list of rows"
        ) from error
    left_out = sorted(referenced_tables(metric.sql) - given.keys())
    if left_out:
        raise CxError(
            f"{where}:1: the metric reads {', '.join(left_out)}, which is not given; add it, "
            "an empty list where it has no row"
        )
    scalars = (str, int, float, date, type(None))
    for rows in (*given.values(), expected):
        for row in rows:
            for name, value in row.items():
                if not isinstance(name, str) or not isinstance(value, scalars):
                    raise CxError(
                        f"{where}:1: {name!r} holds {type(value).__name__}; write one text, "
                        "number, day, true or false for each column"
                    )
    keys = [at for at, text in enumerate(lines, start=1) if text.startswith("expected")]
    return Fixture(where, keys[0] if keys else 1, given, expected)


def _rows(value: Any, swap: Callable[[Any], Any]) -> list[Row]:
    return [{name: swap(one) for name, one in dict(row).items()} for row in value or []]


def _swap(metric: Metric, path: Path) -> Callable[[Any], Any]:
    """What turns the values of a fixture into those of the metric: in texts, what its file
    writes into the select for this member and for the fixture's change places."""
    mine = template.member_for(metric.path, metric.name) if metric.for_each else None
    other = template.member_for(metric.path, path.stem) if mine else None
    if mine is None or other is None or mine == other:
        return lambda value: value
    columns = template.columns_in_select(metric.path.read_text(encoding="utf-8-sig"))
    words: dict[str, str] = {}
    for column in sorted(columns & mine.values.keys()):
        one, two = mine.values[column], other.values[column]
        words |= {one: two, two: one}
    if not words:  # all members share one select
        return lambda value: value
    pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in words))
    return lambda value: (
        pattern.sub(lambda found: words[found[0]], value) if isinstance(value, str) else value
    )


def differences(fixture: Fixture, found: list[Row]) -> list[str]:
    """Return the cells that were expected and did not come, and the reverse, each as
    `file:line: ...`."""
    where = f"{fixture.where}:{fixture.line}"
    got, want = _texts(found), _texts(fixture.expected)
    return [
        f"{where}: expected but not returned: {row}; fix the select or the fixture"
        for row in sorted((want - got).elements())
    ] + [
        f"{where}: returned but not expected: {row}; fix the select or the fixture"
        for row in sorted((got - want).elements())
    ]


def _texts(rows: list[Row]) -> Counter[str]:
    return Counter(", ".join(f"{key}={_plain(row[key])}" for key in sorted(row)) for row in rows)


def _plain(value: Any) -> str:
    """A value as text: numbers of equal value read alike whatever their type, to
    12 digits; null differs from the word."""
    if value is None:
        return "null"
    if isinstance(value, float | Decimal):
        is_whole = math.isfinite(value) and value == int(value)
        return str(int(value)) if is_whole else f"{float(value):.12g}"
    return repr(value) if value in ("", "null") else str(value)

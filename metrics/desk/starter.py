"""`new`: a metric file and its fixture to start from, filled as far as a machine can."""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

import duckdb
import yaml

from metrics.base.errors import CxError, UsageError
from metrics.base.reading import readable_tables
from metrics.base.settings import SQL, shown_path
from metrics.define import sandbox, template
from metrics.define.catalog import ADDITIVE, DIMENSIONS, TO_FILL, Family, Kind
from metrics.define.fixtures import FIXTURES
from metrics.warehouse.store import build_aggregates, prepare

METRICS = SQL / "metrics"

TABLES = {
    "experience": "survey_answers",
    "response": "survey_volumes",
    "feedback": "current_activity",
    "burden": "burden_inventory",
    "operations": "current_activity",
    "maturity": "maturity_profile",
}
"""Aggregate that a metric of a family starts from."""

BASES = {
    "experience": "Instrument family, scale and wording of the question; answers to different "
    "wordings are never added up.",
    "response": "Instrument family; people asked by different surveys are never added up.",
}
OTHER_BASIS = f"{TO_FILL}: what may be added up, and what never."
NUMBERS = {
    "numerator": ("n_favourable", "respondents_offered", "value"),
    "denominator": ("n_answers", "offered_counted", "customers"),
    "n": ("n_answers", "respondents", "n"),
    "total": ("total",),
    "total_of_squares": ("total_of_squares",),
    "value": ("value", "n_answers", "respondents"),
}
"""Columns of aggregates that an additive column of a cell often comes from."""
UNITS = {"share": "share of answers", "mean": "points", "ratio": "per 100,000 customers"}
EXAMPLE = {
    "component": "TSA",
    "service": "tsa-contact-center",
    "channel": "email",
    "quarter": "2021Q2",
    "basis": "a11/agree5/easy-to-complete",
    "family": "a11",
    "measure": "ease",
}


@dataclass(frozen=True)
class Wish:
    """What somebody said of a metric to be."""

    name: str
    kind: str = "share"
    family: str = "experience"
    better: str = "higher"
    title: str | None = None
    unit: str | None = None
    table: str | None = None
    breakdown: str | None = None
    owner: str | None = None


def start(
    wish: Wish,
    like: str | None = None,
    folder: Path = METRICS,
    fixtures: Path = FIXTURES,
) -> tuple[Path, Path]:
    """Write the metric file and its fixture; nothing is ever overwritten. Returns both.

    `like` names a metric to copy instead. Raises UsageError where the wish cannot be
    met.
    """
    sql_path, fixture_path = _free_paths(wish.name, folder, fixtures)
    if like is not None:
        sql, fixture = _copied(wish, like, folder, fixtures)
    else:
        sql, fixture = _made(wish)
    for path, text in ((sql_path, sql), (fixture_path, fixture)):
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    return sql_path, fixture_path


def _free_paths(name: str, folder: Path, fixtures: Path) -> tuple[Path, Path]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "my_metric"
        raise UsageError(
            f"{name!r} cannot name a metric: use lower-case letters, digits and _, such as {plain}"
        )
    if name in sandbox.taken_names():
        raise UsageError(f"{name} is the name of a table or macro already; choose another")
    paths = folder / f"{name}.sql", fixtures / f"{name}.yaml"
    for path in paths:
        if path.exists():
            raise UsageError(
                f"{shown_path(path)} is there already; choose another name, or edit it"
            )
    return paths


def _copied(wish: Wish, like: str, folder: Path, fixtures: Path) -> tuple[str, str]:
    source = template.file_of(like, folder)
    names = template.names_in(source) if source else []
    given = [
        fixtures / f"{name}.yaml"
        for name in (like, *names)
        if name in names and (fixtures / f"{name}.yaml").exists()
    ]
    if source is None or not given:
        known = sorted(name for path in folder.glob("*.sql") for name in template.names_in(path))
        raise UsageError(
            f"there is no metric {like!r} to start from; there are: {', '.join(known)}"
        )
    text = source.read_text(encoding="utf-8")
    text = template.own_text(text, template.member_for(source, like))
    header, select = text.split("*/", 1)
    header = re.sub(r"(?m)^was:.*\n", "", header)
    header = re.sub(r"(?m)^title:.*$", f"title: {_yaml(_title(wish))}", header)
    header = re.sub(r"(?m)^version:.*$", "version: 1", header)
    header = re.sub(r"(?ms)^changelog:.*", "changelog:\n  1: First version.\n", header)
    note = f"# {TO_FILL}: fix the rows and cells of {like}, and show the arithmetic here.\n"
    return f"{header}*/{select}", note + given[0].read_text(encoding="utf-8")


def _title(wish: Wish) -> str:
    return wish.title or wish.name.replace("_", " ").capitalize()


def _yaml(text: str) -> str:
    return yaml.safe_dump(text, width=1000, allow_unicode=True).strip().removesuffix("\n...")


def _made(wish: Wish) -> tuple[str, str]:
    for value, allowed, flag in (
        (wish.kind, get_args(Kind), "--kind"),
        (wish.family, get_args(Family), "--family"),
        (wish.better, ("higher", "lower", "neither"), "--better"),
    ):
        if value not in allowed:
            raise UsageError(f"{flag} {value!r} is none of {', '.join(allowed)}")
    table = wish.table or TABLES[wish.family]
    columns = _columns(table)
    breakdown = wish.breakdown
    if wish.kind == "quantile" and breakdown is None:
        breakdown = "band"
    cell = _cell(wish, columns, breakdown)
    return _sql(wish, table, columns, breakdown, cell), _fixture(wish, table, columns, cell)


def _columns(table: str) -> dict[str, str]:
    """Columns of an aggregate or reference table, with their types."""
    if table not in readable_tables():
        known = ", ".join(sorted(path.stem for path in (SQL / "aggregates").glob("*.sql")))
        raise UsageError(f"--from {table!r} is no table that a metric reads; there are: {known}")
    return _all_columns()[table]


@cache
def _all_columns() -> dict[str, dict[str, str]]:
    with duckdb.connect(":memory:") as connection:
        prepare(connection)
        build_aggregates(connection)
        return {
            table: {
                str(row[0]): str(row[1])
                for row in connection.execute(f"describe {table}").fetchall()
            }
            for table in readable_tables()
        }


def _cell(wish: Wish, columns: Mapping[str, str], breakdown: str | None) -> dict[str, str]:
    """Columns of the cell, each with the expression that gives it."""
    cell = {}
    for name in DIMENSIONS:
        if name in columns:
            cell[name] = name
        elif name == "basis":
            cell[name] = "family" if "family" in columns else f"'{TO_FILL}'"
        else:
            cell[name] = f"null::{'date' if name == 'month' else 'varchar'}"
    if breakdown:
        cell[breakdown] = breakdown if breakdown in columns else TO_FILL.lower()
    for name in ADDITIVE[wish.kind]:
        found = [column for column in NUMBERS[name] if column in columns]
        cell[name] = f"sum({found[0] if found else TO_FILL.lower()})"
    return cell


def _sql(
    wish: Wish,
    table: str,
    columns: Mapping[str, str],
    breakdown: str | None,
    cell: Mapping[str, str],
) -> str:
    grain = [name for name in DIMENSIONS if not cell[name].startswith("null")]
    named = [
        {"component": "Component"}.get(name, name)
        for name in [*grain, *([breakdown] if breakdown else [])]
        if name != "month"
    ]
    description = (
        f"{TO_FILL}: what the number tells, for a reader who knows no acronym. One row per "
        f"{', '.join(named[:-1])} and {named[-1]}."
    )
    keys = {
        "title": _yaml(_title(wish)),
        "description": _folded(description),
        "question": "null  # or the question as it was asked, word for word",
        "kind": wish.kind,
        "unit": _yaml(wish.unit or UNITS.get(wish.kind, TO_FILL)),
        "better": f"{wish.better}  # higher, lower or neither",
        "family": wish.family,
        "basis": _folded(BASES.get(wish.family, OTHER_BASIS)),
        "over_time": "sum  # last, where the last quarter stands for the year",
        "breakdown": breakdown or "null",
        **({"quantile": "0.5"} if wish.kind == "quantile" else {}),
        "minimum_n": "11  # 0 only where no people are counted",
        "source": f"{TO_FILL}, the paragraph or document that asks for it",
        "owner": _yaml(wish.owner or TO_FILL),
        "version": "1",
    }
    header = "".join(
        f"{key}:{'' if value[0] == chr(10) else ' '}{value}\n" for key, value in keys.items()
    )
    select = ",\n".join(
        f"    {name}" if expression == name else f"    {expression} as {name}"
        for name, expression in cell.items()
    )
    groups = [*DIMENSIONS, *([breakdown] if breakdown else [])]
    grouped = [cell[name] for name in groups if not cell[name].startswith(("null", "'"))]
    where = f"where measure = '{TO_FILL}'\n" if "measure" in columns else ""
    notes = textwrap.wrap(
        f"{table} has: {', '.join(columns)}.", 77, break_long_words=False, break_on_hyphens=False
    )
    notes += [
        "Numbers here are only added up; the gate divides, so no average and no",
        "percentage. A row without a number is left out: null is not zero.",
    ]
    return (
        f"/*\n{header}changelog:\n  1: First version.\n*/\n"
        + "".join(f"-- {line}\n" for line in notes)
        + f"select\n{select}\nfrom {table}\n{where}group by {', '.join(grouped)}\n"
    )


def _folded(text: str) -> str:
    lines = textwrap.wrap(text, 76, break_long_words=False)
    return ">-\n" + "\n".join(f"  {line}" for line in lines)


def _fixture(wish: Wish, table: str, columns: Mapping[str, str], cell: Mapping[str, str]) -> str:
    used = set(re.findall(r"\w+", " ".join(cell.values())))
    given = {
        name: EXAMPLE.get(name, TO_FILL)
        for name in columns
        if (name in used or name in ("component", "measure")) and name != "month"
    }
    expected = {
        name: "null"
        if name == "month" or expression.startswith("null")
        else given.get(expression, TO_FILL)
        for name, expression in cell.items()
    }
    rows = [
        f"# {TO_FILL}: work the expected numbers out by hand and show how, such as",
        "# TSA: 5 + 9 = 14 good answers of 20. Give an ordinary row, a row that must be left",
        "# out, and a row of FED (the rest of the government), if the table has them.",
        "given:",
        f"  {table}:",
        *_flow(given, "    "),
        "expected:",
        *_flow(expected, "  "),
    ]
    return "\n".join(rows) + "\n"


def _flow(row: Mapping[str, str], indent: str) -> list[str]:
    # A pair is never broken over two lines.
    pairs = ", ".join(f"{key}:\0{value}" for key, value in row.items())
    lines = textwrap.wrap(
        f"-\0{{{pairs}}}",
        98,
        initial_indent=indent,
        subsequent_indent=indent + "   ",
        break_on_hyphens=False,
    )
    return [line.replace("\0", " ") for line in lines]


def asked(wish: Wish, given: Mapping[str, object]) -> Wish:
    """Ask on the terminal for what was not given, each with its default."""
    questions = {
        "title": ("Title", _title(wish)),
        "kind": (f"Kind ({', '.join(get_args(Kind))})", wish.kind),
        "family": (f"Family ({', '.join(get_args(Family))})", wish.family),
        "better": ("Better (higher, lower, neither)", wish.better),
        "table": ("From table", None),
        "breakdown": ("Breakdown (a column, or nothing)", ""),
    }
    answers: dict[str, str | None] = {}
    try:
        for key, (question, default) in questions.items():
            if given.get(key) is not None:
                continue
            if key == "table":
                default = TABLES.get(answers.get("family") or wish.family, "survey_answers")
            said = input(f"{question} [{default}]: " if default else f"{question}: ").strip()
            answers[key] = said or default or None
    except EOFError as error:
        raise CxError("the answers ended early; give what is missing as options") from error
    return Wish(**{**wish.__dict__, **{key: value for key, value in answers.items() if value}})

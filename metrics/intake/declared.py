"""Loaded rows and the reference tables that declare them must agree.

A stored code says nothing by itself: 1 is a thumb up in one survey and strong
disagreement in another. Each load therefore keeps the declaration that its rows were read
by, and every later load and every publish holds it against the reference tables as they
are now.

What counts: of a survey its service, the service's Component, its channel and its
instrument; of every question that rows answer the measure, wording, scale, direction,
value map and who was asked. Free to change: titles, verbatim texts and patterns, sources,
numbers of questions, OMB control numbers, families, when customers are asked; questions
that no row answers; further raw codes in a value map, because rows that had them were
rejected.
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from metrics.base.duck import first_row, first_value
from metrics.base.errors import CxError
from metrics.base.settings import REFERENCE_FOLDER, shown_path
from metrics.intake.sources.staging import MAX_WEIGHT, MIN_WEIGHT
from metrics.intake.sources.survey import MEASURES, SCALES, read_value_map
from metrics.warehouse.store import reference_files

Declaration = dict[str, Any]
"""A text or null for each of PLACE, and `answers`: for each answer column of a survey
(question and wording of an instrument) a list of what its questions say."""

PLACE = ("service", "component", "channel", "instrument")

LIVE = {
    "response": ("survey", """
        select survey as name, load_id, count(*) as n_rows
        from survey_response
        where superseded_by is null
        group by survey, load_id"""),
    "volume": ("survey", """
        select survey as name, load_id, count(*) as n_rows
        from (from survey_volume qualify row_number() over (
            partition by survey, channel, quarter order by load_id desc) = 1)
        group by survey, load_id"""),
    "report": ("instrument", """
        select instrument as name, load_id, count(*) as n_rows
        from (from survey_report qualify row_number() over (
            partition by survey_id order by load_id desc) = 1)
        where instrument is not null
        group by instrument, load_id"""),
}  # fmt: skip
"""For each `fills` that is declared: what declares it, and the select of the loads whose
rows count."""


@dataclass(frozen=True)
class _Held:
    """Rows of a load that count, with the declaration they were read by (None where it was
    not kept)."""

    fills: str
    kind: str
    name: str
    load_id: int
    n_rows: int
    file_name: str
    kept: Declaration | None


def keep_declarations(connection: duckdb.DuckDBPyConnection) -> None:
    """Write down how rows are declared now, of all loads that have no such record yet: the
    load that is being made, and those of earlier versions."""
    for held in _held(connection, None):
        now = None if held.kept else _declaration(connection, held.fills, held.name)
        if now is not None:
            connection.execute(
                "insert into load_declaration values (?, ?, ?, ?)",
                [held.load_id, held.kind, held.name, json.dumps(now, sort_keys=True)],
            )


def refuse_changes(
    connection: duckdb.DuckDBPyConnection,
    names: Iterable[str] | None = None,
    outcome: str = "Nothing was published; the last edition stays up.",
) -> None:
    """Raise CxError where rows that count were read by another declaration than the tables
    make now, or hold what the declaration cannot give. `names` are the surveys and
    instruments to look at; without it all are, with their codes, which needs the
    aggregates. `outcome` ends the message.
    """
    tables = reference_files(_own_reference(connection))
    files = {path.stem: path for path in tables}
    problems = []
    by_name: dict[tuple[str, str, str], list[_Held]] = {}
    for held in _held(connection, names):
        by_name.setdefault((held.kind, held.name, held.fills), []).append(held)
    for (kind, name, fills), loads in by_name.items():
        now = _declaration(connection, fills, name)
        if now is None:
            where = _where(files["response_survey" if kind == "survey" else "instrument"])
            what = f"{kind} {name!r} is not declared, but {_loads(loads)} hold rows of it"
            problems.append(f"{where}: {what}; {_remedy(loads)}")
            continue
        for held in loads:
            if held.kept and (found := _differences(connection, held, held.kept, now)):
                where = _line(files, kind, name, now, found[0][0])
                said = "; ".join(text for _, text in found)
                alike = [one for one in loads if one.kept == held.kept]
                problem = (
                    f"{where}: {kind} {name!r} is declared otherwise than when the rows of "
                    f"{_loads(alike)} were read: {said}; {_remedy(alike)}"
                )
                if problem not in problems:
                    problems.append(problem)
    if names is None and not problems:
        problems = _misfits(connection, files, by_name)
    if problems:
        raise CxError("\n".join([*problems, outcome]))


def _own_reference(connection: duckdb.DuckDBPyConnection) -> Path | None:
    """Folder of the reference tables beside the warehouse; None for one in memory."""
    path = first_value(
        connection,
        "select path from duckdb_databases() where path is not null and not internal "
        "order by database_name = current_database() desc, database_name = 'warehouse' desc",
    )
    return Path(path).parent / REFERENCE_FOLDER if path else None


def _held(connection: duckdb.DuckDBPyConnection, names: Iterable[str] | None) -> list[_Held]:
    wanted = None if names is None else set(names)
    found = []
    for fills, (kind, live) in LIVE.items():
        rows = connection.execute(f"""
            select live.name, live.load_id, live.n_rows, data_load.file_name, kept.declaration
            from ({live}) as live
            inner join data_load on live.load_id = data_load.load_id
            left join load_declaration as kept
                on
                    live.load_id = kept.load_id
                    and live.name = kept.name
                    and kept.kind = '{kind}'
            order by live.name, live.load_id
        """).fetchall()
        found += [
            _Held(fills, kind, name, load_id, n, file_name, json.loads(kept) if kept else None)
            for name, load_id, n, file_name, kept in rows
            if wanted is None or name in wanted
        ]
    return found


def _declaration(
    connection: duckdb.DuckDBPyConnection, fills: str, name: str
) -> Declaration | None:
    """How a survey or instrument is declared now; None where it is not."""
    if fills == "report":
        known = first_row(connection, "select 1 from instrument where instrument = ?", [name])
        return {"answers": _answers(connection, name, is_report=True)} if known else None
    row = first_row(
        connection,
        "select response_survey.service, service.component, channel, instrument "
        "from response_survey left join service on response_survey.service = service.service "
        "where survey = ?",
        [name],
    )
    if row is None:
        return None
    now: Declaration = dict(zip(PLACE, row, strict=True))
    if fills == "volume":  # Volumes are of a service; no question says anything of them.
        return now | {"instrument": None, "answers": {}}
    return now | {"answers": _answers(connection, str(now["instrument"]), is_report=False)}


def _answers(
    connection: duckdb.DuckDBPyConnection, instrument: str, is_report: bool
) -> dict[str, list[Declaration]]:
    answers: dict[str, list[Declaration]] = {}
    names = ("measure", "wording", "scale", "direction", "asked_of")
    for number, value_map, *said in connection.execute(
        f"select question, value_map, {', '.join(names)} "
        "from instrument_question where instrument = ? order by all",
        [instrument],
    ).fetchall():
        question: Declaration = dict(zip(names, said, strict=True))
        if question["scale"] in SCALES:
            where = f"data/reference/instrument_question.csv: question {number} of {instrument!r}"
            question["value_map"] = read_value_map(value_map, question["scale"], where)
        if is_report:
            answers[f"question {number} ({question['wording']})"] = [question]
            continue
        measure, asked_of = question["measure"], question["asked_of"]
        if question["scale"] == "mention":
            measure = measure or question["wording"]
        if measure is not None:
            column = measure if asked_of == "everyone" else f"{asked_of}_{measure}"
            answers.setdefault(column, []).append(question)
    return answers


def _differences(
    connection: duckdb.DuckDBPyConnection, held: _Held, kept: Declaration, now: Declaration
) -> list[tuple[str, str]]:
    """What differs, as the key or answer column and a text."""
    found = [
        (key, f"{key} is {_text(now[key])}, was {_text(kept[key])}")
        for key in PLACE
        if key in kept and kept[key] != now[key]
    ]
    for column, before in kept["answers"].items():
        after = now["answers"].get(column, [])
        differing = _question_differences(before, after)
        if differing and _is_answered(connection, held, column):
            found.append((column, f"{column}: {', '.join(differing)}"))
    return found


def _text(value: object) -> str:
    return "blank" if value is None else str(value)


def _question_differences(before: list[Declaration], after: list[Declaration]) -> list[str]:
    if not after:
        return ["no question asks it now"]
    if len(before) != len(after):
        return [f"{len(after)} questions ask it, was {len(before)}"]
    found = []
    for old, new in zip(before, after, strict=True):
        for key, value in old.items():
            if key == "value_map":
                codes = new.get(key, {})
                found += [
                    f"code {raw} reads {_text(codes.get(raw, 'no code'))}, was {_text(code)}"
                    for raw, code in value.items()
                    if (raw, code) not in codes.items()
                ]
            elif new[key] != value:
                found.append(f"{key} is {_text(new[key])}, was {_text(value)}")
    return found


def _is_answered(connection: duckdb.DuckDBPyConnection, held: _Held, column: str) -> bool:
    """Say whether a row of the load that counts answers a question."""
    if held.fills == "report":
        select = """
            select 1
            from survey_report as report
            inner join survey_report_answer as answer
                on report.load_id = answer.load_id and report.survey_id = answer.survey_id
            where report.load_id = ? and report.instrument = ?
                and 'question ' || answer.question || ' (' || answer.wording || ')' = ?
            limit 1"""
        return first_row(connection, select, [held.load_id, held.name, column]) is not None
    select = (
        f"select 1 from survey_response where load_id = ? and survey = ? and {column} is not null "
        "and superseded_by is null limit 1"
    )
    return first_row(connection, select, [held.load_id, held.name]) is not None


def _loads(loads: list[_Held]) -> str:
    """Name loads, with file and rows."""
    said = [f"{one.load_id} ({one.file_name}, {one.n_rows} rows)" for one in loads]
    return f"load{'s' if len(said) > 1 else ''} {', '.join(said)}"


def _remedy(loads: list[_Held]) -> str:
    ids = " ".join(str(one.load_id) for one in loads)
    return (
        "put it back and declare what is asked now as a new survey, or, where it was declared "
        f"wrongly, read the files again with `python -m metrics loads redo {ids}`"
    )


def _line(files: dict[str, Path], kind: str, name: str, now: Declaration, key: str) -> str:
    """File and line of what a difference is about."""
    if key == "component":
        return _where(files["service"], service=now["service"])
    if key in PLACE:
        return _where(files["response_survey"], survey=name)
    path = files["instrument_question"]
    instrument = name if kind == "instrument" else now["instrument"]
    if kind == "instrument":
        number, wording = key.removeprefix("question ").rstrip(")").split(" (", 1)
        return _where(path, instrument=instrument, question=number, wording=wording)
    branch, _, driver = key.partition("_")
    if branch not in ("positive", "negative"):
        return _where(path, instrument=instrument, measure=key, asked_of="everyone")
    measure = "" if driver == "other" else driver
    return _where(path, instrument=instrument, measure=measure, asked_of=branch)


def _where(path: Path, **values: Any) -> str:
    """Return `file:line` of the first row with these values, or of the header."""
    if values:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for row in reader:
                if all(row[key] == str(value) for key, value in values.items()):
                    return f"{shown_path(path)}:{reader.line_num}"
    return f"{shown_path(path)}:1"


def _misfits(
    connection: duckdb.DuckDBPyConnection,
    files: dict[str, Path],
    by_name: dict[tuple[str, str, str], list[_Held]],
) -> list[str]:
    """Rows that hold what their declaration cannot give, whether or not it was kept: codes
    outside the scale, answers nobody is asked for, channels, groups and weights that are
    none."""
    problems = []
    for (kind, name, fills), loads in by_name.items():
        if fills != "response":
            continue
        now = _declaration(connection, fills, name) or {}
        said = f"survey {name!r}"
        for measure in MEASURES:
            questions = now["answers"].get(measure, [])
            where = _line(files, kind, name, now, measure if questions else "instrument")
            if len(questions) > 1:
                problems.append(
                    f"{where}: {len(questions)} rows of {now['instrument']!r} ask about "
                    f"{measure}, so every answer of {said} would count {len(questions)} times; "
                    "keep one"
                )
                continue
            scale = questions[0]["scale"] if questions else None
            good = list(SCALES.get(str(scale), ()))
            bad = [code for code in range(6) if code not in good]
            counts = " + ".join(f"sum({measure}_{code})" for code in bad)
            n_bad = first_value(
                connection, f"select {counts} from response_count where survey = ?", [name]
            )
            if n_bad:
                scale_said = f"is on the scale {scale}" if scale else "is not asked"
                problems.append(
                    f"{where}: {measure} {scale_said}, but {n_bad} answers of {said} read "
                    f"otherwise ({_loads(loads)}); {_remedy(loads)}"
                )
    problems += _unknown_places(connection, files)
    return problems


def _unknown_places(connection: duckdb.DuckDBPyConnection, files: dict[str, Path]) -> list[str]:
    problems = []
    for table, what, select in (
        ("channel", "channel", "select survey, channel as value from response_count"),
        ("segment", "segment", "select survey, segment as value from segment_count"),
        ("segment_value", "group", "select survey, segment || ',' || segment_value as value "
         "from segment_count"),
    ):  # fmt: skip
        known = "segment || ',' || segment_value" if table == "segment_value" else table
        rows = connection.execute(
            f"select value, min(survey) from ({select}) "
            f"where value not in (select {known} from {table}) group by value order by value"
        ).fetchall()
        problems += [
            f"{_where(files[table])}: there is no {what} {value!r}, but responses of survey "
            f"{survey!r} have it; add its line"
            for value, survey in rows
        ]
    rows = connection.execute(f"""
        select load_id, file_name, count(*)
        from survey_response
        inner join data_load using (load_id)
        where superseded_by is null and not weight between {MIN_WEIGHT} and {MAX_WEIGHT}
        group by all
        order by all
    """).fetchall()
    problems += [
        f"load {load_id} ({file_name}): {n} weights are not between {MIN_WEIGHT:f} and "
        f"{MAX_WEIGHT:,.0f}; correct them in the file and read it again with "
        f"`python -m metrics loads redo {load_id}`"
        for load_id, file_name, n in rows
    ]
    return problems

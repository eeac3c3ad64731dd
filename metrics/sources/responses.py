"""What all sources of single survey responses share.

A source says in a `Plan` which column of its file holds which answer; this module
turns the plan into set-based SQL. A file without a fault is read in one parallel
pass (`_stage_clean`). Where anything is amiss, the file is read again as numbered
rows of text, so that each fault gets its line, column and reason (`_stage_checked`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from metrics.errors import CxError
from metrics.sources.base import (
    FileFacts,
    csv_scan,
    file_facts,
    read_csv_text,
    read_header,
    read_records,
)
from metrics.warehouse import first_row, first_value, sql_text

MEASURES = (
    "trust",
    "satisfaction",
    "effectiveness",
    "ease",
    "efficiency",
    "transparency",
    "humanity",
    "employee",
)
DRIVERS = (
    "effectiveness",
    "ease",
    "efficiency",
    "transparency",
    "humanity",
    "employee",
    "other",
)
FLAGS = tuple(f"{branch}_{driver}" for branch in ("positive", "negative") for driver in DRIVERS)
ANSWERS = (*MEASURES, *FLAGS)

HOME_ZONE = "America/New_York"
"""Time zone in which a response has its day, and so its fiscal quarter."""

NO_ANSWER = ("", "null")
ILLEGAL = -1
"""Marks a code that the instrument does not have until the row is rejected."""

Codes = dict[str, int | None]
"""Raw text, lower case, to standard code; None where the text is no answer."""


@dataclass(frozen=True)
class Question:
    """A question of an instrument: number, measure (None where it is no standard
    measure), verbatim text, scale, and raw to standard codes."""

    number: int
    measure: str | None
    text: str
    scale: str
    codes: Codes
    asked_of: str


@dataclass(frozen=True)
class Survey:
    """A survey with its service and instrument, as the reference tables declare them.

    `has_twin` is true where the instrument's family asks the trust question on more
    than one scale, so that a code alone does not tell the scale.
    """

    survey: str
    channel: str | None
    instrument: str
    family: str
    has_twin: bool
    questions: tuple[Question, ...]

    def scale_of(self, measure: str) -> str | None:
        """Return the scale on which everyone is asked about a measure."""
        for question in self.questions:
            if question.measure == measure and question.asked_of == "everyone":
                return question.scale
        return None

    def standard_codes(self, target: str) -> Codes:
        """Return the standard codes of a measure or driver flag, as texts."""
        if target in FLAGS:
            return {"0": 0, "1": 1}
        codes = {"thumbs": (0, 1), "yes_no": (0, 1)}.get(str(self.scale_of(target)), range(1, 6))
        return {str(code): code for code in codes}


def find_survey(connection: duckdb.DuckDBPyConnection, survey: str | None, what: str) -> Survey:
    """Return the survey of an id. Raises CxError where none is named or known, or
    where its instrument is not; `what` names the file."""
    known = [
        row[0]
        for row in connection.execute("select survey from response_survey order by all").fetchall()
    ]
    if survey is None:
        raise CxError(
            f"{what}: which survey do the responses answer? The codes alone do not tell: 1 is a "
            "thumb up in one survey and strong disagreement in another. Name it with --survey, "
            f"one of {', '.join(known)}"
        )
    row = first_row(
        connection,
        """
        with twins as (
            select instrument.family, count(distinct question.scale) > 1 as has_twin
            from instrument_question as question
            inner join instrument on question.instrument = instrument.instrument
            where question.measure = 'trust' and question.asked_of = 'everyone'
            group by instrument.family
        )
        select response_survey.channel, response_survey.instrument, instrument.family,
            coalesce(twins.has_twin, false)
        from response_survey
        left join instrument on response_survey.instrument = instrument.instrument
        left join twins on instrument.family = twins.family
        where response_survey.survey = ?
        """,
        [survey],
    )
    if row is None:
        raise CxError(
            f"{what}: there is no survey {survey!r} in data/reference/response_survey.csv; add a "
            f"line, or name one of {', '.join(known)}"
        )
    questions = connection.execute(
        "select question, measure, text, scale, value_map, asked_of, wording "
        "from instrument_question where instrument = ? order by question, wording",
        [row[1]],
    ).fetchall()
    if row[2] is None or not questions:
        raise CxError(
            f"{what}: instrument {row[1]!r} of survey {survey!r} has no entry in "
            f"data/reference/instrument{'_question' if row[2] else ''}.csv; add its lines"
        )
    return Survey(
        survey,
        row[0],
        row[1],
        row[2],
        row[3],
        tuple(
            # The driver "something else" is no measure; its wording names it.
            Question(q[0], q[1] or (q[6] if q[3] == "mention" else None), q[2], q[3],
                     read_value_map(q[4], str(row[1])), q[5])
            for q in questions
        ),
    )  # fmt: skip


def read_value_map(text: str, instrument: str) -> Codes:
    """Read a value map such as '1=5;2=4;6=-', where - is no answer."""
    codes: Codes = {}
    for part in text.split(";"):
        raw, _, code = part.partition("=")
        if not raw or not re.fullmatch(r"-|[0-5]", code):
            raise CxError(
                f"data/reference/instrument_question.csv: value map {text!r} of {instrument!r} "
                "cannot be read; write raw=standard such as 1=1;2=2;6=-"
            )
        codes[raw.strip().lower()] = None if code == "-" else int(code)
    return codes


@dataclass(frozen=True)
class Text:
    """A column of the file with what its texts stand for (- is nothing); `values` None:
    as it is."""

    column: str
    values: dict[str, str] | None = None


@dataclass(frozen=True)
class Choices:
    """A column of the file that lists the drivers ticked, separated by commas.

    `options` maps the lower-case text of an option to its driver.
    """

    column: str
    branch: str
    options: dict[str, str]


@dataclass(frozen=True)
class Exclusion:
    """Rows to leave out: lower-case texts of a column, and why."""

    column: str
    texts: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Plan:
    """Which column of a file holds what; columns by their name in the file.

    `skipped` is the number of rows below the header that are no responses. Columns
    that the plan does not name are not kept, not even of rejected rows: what a
    survey tool exports beside the answers is mostly personal data.
    """

    survey: Survey
    answers: dict[str, tuple[str, Codes]] = field(default_factory=dict)
    choices: tuple[Choices, ...] = ()
    required: tuple[str, ...] = ()
    response_id: str | None = None
    quarter: str | None = None
    submitted_at: str | None = None
    time_format: str | None = None
    time_zone: str = HOME_ZONE
    channel: Text | None = None
    comment: str | None = None
    weight: str | None = None
    segments: dict[str, Text] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    skipped: int = 0


@dataclass(frozen=True)
class Faults:
    """What keeps rows from being read: condition and reason in SQL, by column."""

    column: str
    condition: str
    reason: str


def stage_csv(connection: duckdb.DuckDBPyConnection, path: Path, plan: Plan) -> tuple[int, str]:
    """Stage the responses of a CSV file; return its rows and its SHA-256."""
    facts = file_facts(path, may_end_open=True)
    header = [name.strip() for name in read_records(path, 1)[0]]
    names = {name: f"c{number}" for number, name in reversed(list(enumerate(header)))}
    columns = [f"c{number}" for number in range(len(header))]
    if not plan.skipped and _stage_clean(connection, path, plan, names, columns, facts):
        n_rows = first_value(connection, "select count(*) from stage_response")
    else:
        n_rows = read_csv_text(connection, path, columns, "stage_raw", facts)
        if plan.skipped:
            connection.execute(f"""
                delete from stage_raw where line_number in (
                    select line_number from stage_raw order by line_number limit {plan.skipped}
                )
            """)
            n_rows = first_value(connection, "select count(*) from stage_raw")
        _stage_checked(connection, plan, names, str(path), facts.sha256)
    return int(n_rows), facts.sha256


def stage_table(
    connection: duckdb.DuckDBPyConnection,
    select: str,
    header: list[str],
    plan: Plan,
    where: str,
    sha256: str,
) -> int:
    """Stage the responses that a select returns, numbered in its order; return its
    rows. `where` names the source in errors; the first row is line 1."""
    names = {name.strip(): f"c{number}" for number, name in reversed(list(enumerate(header)))}
    columns = ", ".join(
        f"nullif({sql_name(name)}::varchar, '') as c{number}" for number, name in enumerate(header)
    )
    connection.execute(f"create or replace temp view stage_input as {select}")
    if _is_clean(connection, f"(select {columns} from stage_input)", plan, names):
        n_rows = first_value(connection, "select count(*) from stage_response")
    else:
        connection.execute(f"""
            create or replace temp table stage_raw as
            select {columns}, row_number() over () as line_number from stage_input
        """)
        n_rows = first_value(connection, "select count(*) from stage_raw")
        _stage_checked(connection, plan, names, where, sha256)
    return int(n_rows)


def sql_name(name: str) -> str:
    """Return a column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _at(names: dict[str, str], column: str) -> str:
    return names[column]


def require_columns(names: Iterable[str], plan_columns: Iterable[str], where: str) -> None:
    """Raise CxError where a file lacks columns that a plan needs."""
    known = {name.strip() for name in names}
    missing = [name for name in dict.fromkeys(plan_columns) if name not in known]
    if missing:
        raise CxError(
            f"{where}:1: column {', '.join(repr(name) for name in missing)} is missing; there are: "
            + ", ".join(repr(name) for name in names)
        )


def plan_columns(plan: Plan) -> list[str]:
    """Return the columns that a plan reads."""
    columns = [column for column, _ in plan.answers.values()]
    columns += [choice.column for choice in plan.choices]
    columns += [exclusion.column for exclusion in plan.exclusions]
    columns += [text.column for text in plan.segments.values()]
    columns += [plan.channel.column] if plan.channel else []
    single = (plan.response_id, plan.submitted_at, plan.comment, plan.weight)
    return list(dict.fromkeys(columns + [name for name in single if name]))


def _case(text: str, values: dict[str, str], otherwise: str) -> str:
    arms = " ".join(f"when {sql_text(raw)} then {value}" for raw, value in values.items())
    return f"case {text} {arms} else {otherwise} end" if values else otherwise


def _code(text: str, codes: Codes) -> str:
    none = dict.fromkeys(NO_ANSWER, "null")
    known = {raw: "null" if code is None else f"{code}::tinyint" for raw, code in codes.items()}
    return _case(f"coalesce({text}, '')", none | known, f"{ILLEGAL}::tinyint")


def _moment(text: str, plan: Plan) -> str:
    """SQL for the local time of a text; the session's time zone is the file's."""
    parsed = (
        f"try_cast({text} as timestamptz)"
        if plan.time_format is None
        else f"try_strptime({text}, {sql_text(plan.time_format)})::timestamptz"
    )
    return f"({parsed} at time zone {sql_text(HOME_ZONE)})"


def _channel(
    connection: duckdb.DuckDBPyConnection, plan: Plan, names: dict[str, str], text: str
) -> str:
    """SQL for the channel of a response; null where it is none."""
    if plan.channel is None:
        return sql_text(plan.survey.channel or "unmapped")
    column = text.format(_at(names, plan.channel.column))
    if plan.channel.values is not None:
        return _case(column, {k: sql_text(v) for k, v in plan.channel.values.items()}, "null")
    rows = connection.execute(
        "select channel, channel from channel union all select alias, channel from channel_alias"
    ).fetchall()
    return _case(f"coalesce({column}, '')", {k: sql_text(v) for k, v in rows}, "null")


def _segments(
    connection: duckdb.DuckDBPyConnection, plan: Plan, names: dict[str, str], text: str
) -> dict[str, str]:
    """SQL for the group of a response, segment by segment; '?' where it is unknown."""
    found = {}
    for segment, item in plan.segments.items():
        values = item.values
        if values is None:
            rows = connection.execute(
                "select segment_value from segment_value where segment = ?", [segment]
            ).fetchall()
            values = {row[0]: row[0] for row in rows}
        arms = dict.fromkeys(NO_ANSWER, "null")
        arms |= {raw: "null" if value == "-" else sql_text(value) for raw, value in values.items()}
        column = text.format(_at(names, item.column))
        found[segment] = _case(f"coalesce({column}, '')", arms, "'?'")
    return found


def _expressions(
    connection: duckdb.DuckDBPyConnection, plan: Plan, names: dict[str, str], text: str
) -> dict[str, str]:
    """SQL for each column of stage_response over a relation of texts c0, c1, ...

    `text` is how a code is read: '{}' as it is, or trimmed and in lower case.
    """
    exact = dict.fromkeys(ANSWERS, "null::tinyint")
    for target, (column, codes) in plan.answers.items():
        exact[target] = _code(text.format(_at(names, column)), codes)
    for choice in plan.choices:
        ticked = _ticked(_at(names, choice.column), choice.options)
        for driver in dict.fromkeys(choice.options.values()):
            exact[f"{choice.branch}_{driver}"] = (
                f"coalesce(list_contains({ticked}, {sql_text(driver)}), false)::tinyint"
            )
    single = {"response_id": plan.response_id, "comment": plan.comment, "weight": plan.weight}
    raw = {key: _at(names, name) if name else "null" for key, name in single.items()}
    submitted = (
        _moment(f"trim({_at(names, plan.submitted_at)})", plan)
        if plan.submitted_at
        else "null::timestamp"
    )
    segments = _segments(connection, plan, names, text)
    entries = ", ".join(
        f"case when {sql} is not null then {{'key': {sql_text(segment)}, 'value': {sql}}} end"
        for segment, sql in segments.items()
    )
    filled = " or ".join(f"{sql} is not null" for sql in segments.values())
    return {
        "response_id": f"{raw['response_id']}::varchar",
        "channel": _channel(connection, plan, names, text),
        "submitted_at": f"{submitted}::timestamp",
        "quarter": f"fiscal_quarter({submitted}::date)"
        if plan.submitted_at
        else sql_text(plan.quarter or ""),
        **exact,
        "comment": f"{raw['comment']}::varchar",
        "weight": f"coalesce(try_cast({raw['weight']} as double), -1)"
        if plan.weight
        else "null::double",
        "segments": f"case when {filled} then map_from_entries(list_filter([{entries}], "
        "x -> x is not null)) end"
        if segments
        else "null::map(varchar, varchar)",
    }


def _ticked(column: str, options: dict[str, str]) -> str:
    """SQL for the list of drivers in a text such as 'ease,other'; unknown ones read
    null."""
    known = _case("trim(x)", {raw: sql_text(driver) for raw, driver in options.items()}, "null")
    return f"list_transform(string_split(lower({column}), ','), x -> {known})"


def _stage_clean(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    plan: Plan,
    names: dict[str, str],
    columns: list[str],
    facts: FileFacts,
) -> bool:
    """Stage a CSV file in one pass; False where a row has a fault or where what was
    read does not account for every comma and line of the file."""
    try:
        if not _is_clean(connection, csv_scan(path, columns, is_parallel=True), plan, names):
            return False
    except duckdb.Error:
        return False
    signs = "coalesce(length({0}) - length(replace({0}, {1}, '')), 0)"
    found = first_row(
        connection,
        "select count(*), "
        + ", ".join(
            f"coalesce(sum({signs.format('comment', sign)} "
            f"+ {signs.format('response_id', sign)}), 0)"
            for sign in ("','", "chr(10)")
        )
        + " from stage_response",
    )
    n_rows, n_commas, n_breaks = found or (0, 0, 0)
    is_plain = not any("," in name or "\n" in name for name in read_header(path))
    return bool(
        is_plain
        and n_commas + (n_rows + 1) * (len(columns) - 1) == facts.n_commas
        and n_rows + 1 + n_breaks == facts.n_lines
    )


def _is_clean(
    connection: duckdb.DuckDBPyConnection, relation: str, plan: Plan, names: dict[str, str]
) -> bool:
    """Stage a relation of texts; False where it needs a closer look."""
    if plan.response_id is None or plan.exclusions or plan.choices:
        return False
    connection.execute(f"set timezone = {sql_text(plan.time_zone)}")
    values = _expressions(connection, plan, names, "{}")
    select = ", ".join(f"{sql} as {name}" for name, sql in values.items())
    connection.execute(
        f"create or replace temp table stage_response as "
        f"select {select}, null::bigint as line_number from {relation}"
    )
    used = list(plan.answers)
    faults = [
        "response_id is null",
        "response_id <> trim(response_id)",
        "channel is null",
        "quarter is null",
        "weight <= 0 or not isfinite(weight)",
        *(f"{target} = {ILLEGAL}" for target in used),
        *(f"{target} is null" for target in plan.required),
    ]
    if used:
        faults.append(f"coalesce({', '.join(used)}) is null")
    if plan.quarter:
        faults.append(f"quarter <> {sql_text(plan.quarter)}")
    if plan.segments:
        faults.append("list_contains(map_values(segments), '?')")
    is_faulty = first_value(
        connection, f"select bool_or({' or '.join(f'({fault})' for fault in faults)}) "
        "from stage_response"
    )  # fmt: skip
    is_unique = first_value(
        connection,
        "select count(*) = count(distinct hash(quarter, response_id)) from stage_response",
    )
    return not is_faulty and bool(is_unique) and not _is_other_scale(connection, plan)


def _is_other_scale(connection: duckdb.DuckDBPyConnection, plan: Plan) -> bool:
    """Say whether a five-point trust question was answered with 1 alone although its
    family also asks with thumbs."""
    if not plan.survey.has_twin or plan.survey.scale_of("trust") != "agree5":
        return False
    return bool(first_value(connection, "select min(trust) = 1 and max(trust) = 1 from stage_response"))  # fmt: skip  # noqa: E501


def _stage_checked(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    names: dict[str, str],
    where: str,
    sha256: str,
) -> None:
    """Stage stage_raw row by row: faults into stage_reject, the rest into
    stage_response."""
    _refuse_other_scale(connection, plan, names, where)
    connection.execute(f"set timezone = {sql_text(plan.time_zone)}")
    # A number that went through a spreadsheet or a data frame reads 5.0.
    text = r"regexp_replace(lower(trim({}, e' \t\r\n')), '^(-?[0-9]+)\.0+$', '\1')"
    values = _expressions(connection, plan, names, text)
    prefix = sql_text(f"row-{sha256[:12]}-")
    values["response_id"] = (
        f"coalesce(nullif(trim({values['response_id']}, e' \\t\\r\\n'), ''), "
        f"{prefix} || line_number)"
    )
    select = ", ".join(f"{sql} as {name}" for name, sql in values.items())
    connection.execute(
        f"create or replace temp table stage_response as select {select}, line_number "
        "from stage_raw"
    )
    arms = "\nunion all\n".join(
        f"select raw.line_number, {sql_text(fault.column)} as column_name, {fault.reason} as reason"
        f" from stage_raw as raw inner join stage_response as staged using (line_number)"
        f" where {fault.condition}"
        for fault in _faults(plan, names)
    )
    kept = [name for name in plan_columns(plan) if name != plan.comment]
    row = ", ".join(f"{sql_text(name)}: raw.{_at(names, name)}" for name in kept)
    connection.execute(f"""
        insert into stage_reject
        with reasons as ({arms})
        select reasons.line_number, reasons.column_name, reasons.reason,
            to_json({{{row}}})::varchar
        from reasons
        inner join stage_raw as raw on reasons.line_number = raw.line_number
    """)
    connection.execute(
        "delete from stage_response where line_number in (select line_number from stage_reject)"
    )


def _quoted(sql: str) -> str:
    """SQL for a text in quotes, shortened, for a reason."""
    return f"chr(39) || left({sql}, 60) || chr(39)"


def _said(codes: Codes) -> str:
    said = list(dict.fromkeys(raw for raw in codes if raw not in NO_ANSWER))
    return f"{', '.join(said[:-1])} or {said[-1]}" if len(said) > 1 else "".join(said)


def _faults(plan: Plan, names: dict[str, str]) -> list[Faults]:
    faults = [
        Faults(item.column, f"lower(trim(raw.{_at(names, item.column)})) in "
               f"({', '.join(sql_text(text) for text in item.texts)})",
               sql_text(item.reason))
        for item in plan.exclusions
    ]  # fmt: skip
    for target, (column, codes) in plan.answers.items():
        value = _quoted(f"raw.{_at(names, column)}")
        must = sql_text(f" is no answer to {target.replace('_', ' ')}; it must be {_said(codes)}")
        blank = "" if target in plan.required else " || ', or blank'"
        faults.append(
            Faults(column, f"staged.{target} = {ILLEGAL}",
                   f"'The value ' || {value} || {must}{blank} || '.'")
        )  # fmt: skip
    for target in plan.required:
        column = plan.answers[target][0]
        must = f"The value is blank; the answer to {target} is required."
        faults.append(Faults(column, f"staged.{target} is null", sql_text(must)))
    for choice in plan.choices:
        text = f"raw.{_at(names, choice.column)}"
        must = f" holds an option that is none of {', '.join(choice.options)}."
        condition = (
            f"nullif(trim({text}), '') is not null "
            f"and list_contains(list_transform({_ticked(text, choice.options)}, "
            "y -> y is null), true)"
        )
        reason = f"'The value ' || {_quoted(text)} || {sql_text(must)}"
        faults.append(Faults(choice.column, condition, reason))
    faults += _context_faults(plan, names)
    answered = list(plan.answers)
    first = plan.answers[answered[0]][0] if answered else "answers"
    faults.append(
        Faults(first, f"coalesce({', '.join('staged.' + target for target in answered)}) is null"
               if answered and not plan.required else "false",
               "'The row has no answer to any question.'")
    )  # fmt: skip
    return faults


def _context_faults(plan: Plan, names: dict[str, str]) -> list[Faults]:
    """Faults of everything beside the answers."""
    faults = []
    if plan.submitted_at:
        text = f"raw.{_at(names, plan.submitted_at)}"
        shape = plan.time_format or "2024-10-01 15:30:00"
        shown = f"coalesce({_quoted(text)}, 'blank')"
        faults.append(
            Faults(plan.submitted_at, "staged.submitted_at is null", f"'The value is ' || {shown} "
                   f"|| {sql_text(f'; it must be a date or time such as {shape}.')}")
        )  # fmt: skip
        if plan.quarter:
            faults.append(
                Faults(plan.submitted_at, f"staged.quarter <> {sql_text(plan.quarter)}",
                       "'The response of ' || staged.submitted_at::date || ' belongs to ' "
                       f"|| staged.quarter || {sql_text(f', not to {plan.quarter}.')}")
            )  # fmt: skip
    if plan.channel:
        text = f"raw.{_at(names, plan.channel.column)}"
        must = " is no known channel; add it to data/reference/channel_alias.csv or the mapping."
        shown = f"coalesce({_quoted(text)}, 'blank')"
        faults.append(
            Faults(plan.channel.column, "staged.channel is null",
                   f"'The value ' || {shown} || {sql_text(must)}")
        )  # fmt: skip
    if plan.weight:
        text = f"raw.{_at(names, plan.weight)}"
        shown = f"coalesce({_quoted(text)}, 'blank')"
        faults.append(
            Faults(plan.weight, "staged.weight <= 0 or not isfinite(staged.weight)",
                   f"'The weight is ' || {shown} || '; it must be a number above 0.'")
        )  # fmt: skip
    for segment, item in plan.segments.items():
        text = f"raw.{_at(names, item.column)}"
        must = (
            f" is no group of {segment}; add it to data/reference/segment_value.csv "
            "or to the mapping."
        )
        faults.append(
            Faults(item.column, f"staged.segments[{sql_text(segment)}] = '?'",
                   f"'The value ' || {_quoted(text)} || {sql_text(must)}")
        )  # fmt: skip
    return faults


def _refuse_other_scale(
    connection: duckdb.DuckDBPyConnection, plan: Plan, names: dict[str, str], where: str
) -> None:
    """Refuse a file whose trust answers are of the other scale than the survey's."""
    scale = plan.survey.scale_of("trust")
    if "trust" not in plan.answers or scale not in ("thumbs", "agree5"):
        return
    column, codes = plan.answers["trust"]
    if codes != plan.survey.standard_codes("trust"):
        return
    value = f"trim({_at(names, column)})"
    row = first_row(
        connection,
        f"""
        select count(*) filter (where {value} in ('2', '3', '4', '5')),
            count(*) filter (where {value} in ('0', '1')),
            min(line_number) filter (where {value} in ('2', '3', '4', '5')),
            min(line_number) filter (where {value} in ('0', '1'))
        from stage_raw
        """,
    )
    n_points, n_thumbs, first_point, first_thumb = row or (0, 0, None, None)
    if scale == "thumbs" and n_points:
        raise CxError(
            f"{where}:{first_point}: {column}: {n_points} answers are 2 to 5, but survey "
            f"{plan.survey.survey} asks with thumbs (0 or 1). The file is of another survey; "
            "nothing was loaded"
        )
    if scale == "agree5" and plan.survey.has_twin and n_thumbs and not n_points:
        raise CxError(
            f"{where}:{first_thumb}: {column}: every answer is 0 or 1, but survey "
            f"{plan.survey.survey} asks on a scale from 1 to 5. The file looks like one of a "
            "survey with thumbs; nothing was loaded"
        )


def with_quarter(plan: Plan, quarter: str | None, where: str) -> Plan:
    """Set the fiscal quarter that the user names. Raises CxError where neither the
    user nor a date in the file tells it."""
    if quarter is not None and not re.fullmatch(r"20\d\dQ[1-4]", quarter):
        raise CxError(f"{quarter!r} is no fiscal quarter; write it like 2024Q4")
    plan = replace(plan, quarter=quarter or plan.quarter)
    if plan.quarter is None and plan.submitted_at is None:
        raise CxError(
            f"{where}: the responses carry no date; name their fiscal quarter with --quarter, "
            "such as --quarter 2024Q4"
        )
    return plan

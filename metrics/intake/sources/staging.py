"""What all sources of single survey responses share.

A source says in a `Plan` which column of its file holds which answer; this module
turns the plan into set-based SQL. A file without a fault is read in one parallel
pass (`_stage_clean`). Where anything is amiss, the file is read again as numbered
rows of text, so that each fault gets its line, column and reason (`_stage_checked`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from metrics.base.duck import first_row, first_value, sql_text
from metrics.base.errors import CxError
from metrics.intake.erasure import erased_condition
from metrics.intake.sources.base import (
    FileFacts,
    csv_scan,
    read_csv_text,
    read_header,
    require_rows,
)
from metrics.intake.sources.plan import HOME_ZONE, Plan, plan_columns
from metrics.intake.sources.survey import ANSWERS, FIVE_POINT, Codes
from metrics.intake.sources.texts import (
    FOLDED,
    ILLEGAL,
    NO_ANSWER,
    TRIMMED,
    fold,
    quoted,
    sql_name,
)

MIN_WEIGHT, MAX_WEIGHT = 0.000001, 1_000_000
"""Least and largest survey weight of a response. Beyond them, sums of weights and of their
squares lose the weights of the others."""

WEIGHT_FAULT = f"weight is not null and not weight between {MIN_WEIGHT:f} and {MAX_WEIGHT}"
"""SQL for a weight that is none; not a number compares above every number."""


_NO_DAY = "quarter is null or quarter not like '20__Q_'"
_TO_COME = (
    "quarter like '20__Q_' "
    f"and submitted_at > (now() at time zone {sql_text(HOME_ZONE)}) + interval 1 day"
)


@dataclass(frozen=True)
class Faults:
    """What keeps rows from being read: condition and reason in SQL, by column."""

    column: str
    condition: str
    reason: str


def stage_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, facts: FileFacts, plan: Plan
) -> int:
    """Stage the responses of a CSV file; return its rows."""
    header = read_header(path)
    names = {name: f"c{number}" for number, name in enumerate(header)}
    columns = [f"c{number}" for number in range(len(header))]
    if not plan.skipped and _stage_clean(connection, path, plan, names, columns, facts):
        n_rows = int(first_value(connection, "select count(*) from stage_response"))
    else:
        n_rows = read_csv_text(connection, path, columns, "stage_raw", facts) - plan.skipped
        if plan.skipped:
            connection.execute(f"""
                delete from stage_raw where line_number in (
                    select line_number from stage_raw order by line_number limit {plan.skipped}
                )
            """)
        _stage_checked(connection, plan, names, str(path), facts.sha256)
    require_rows(n_rows, f"{path}:{facts.n_lines + 1}")
    return n_rows


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
    names = {name.strip(): f"c{number}" for number, name in enumerate(header)}
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


def _case(text: str, values: dict[str, str], otherwise: str) -> str:
    arms = " ".join(f"when {sql_text(raw)} then {value}" for raw, value in values.items())
    return f"case {text} {arms} else {otherwise} end" if values else otherwise


def _code(text: str, codes: Codes) -> str:
    none = dict.fromkeys(NO_ANSWER, "null")
    known = {raw: "null" if code is None else f"{code}::tinyint" for raw, code in codes.items()}
    return _case(f"coalesce({text}, '')", none | known, f"{ILLEGAL}::tinyint")


def _moment(text: str, plan: Plan) -> str:
    """SQL for the time in Washington of a text; the session's time zone is the file's.
    A day without a time is that day everywhere."""
    home = sql_text(HOME_ZONE)
    if plan.time_format is not None:
        parsed = f"try_strptime({text}, {sql_text(plan.time_format)})"
        has_time = re.search(r"%-?[HIcTRX]", plan.time_format)
        return f"({parsed}::timestamptz at time zone {home})" if has_time else parsed
    # Ruby writes an offset as -0400, which DuckDB does not read.
    ruby = rf"regexp_replace({text}, ' ?([+-]\d\d)(\d\d)$', '\1:\2')"
    parsed = (
        f"(coalesce(try_cast({text} as timestamptz), try_cast({ruby} as timestamptz)) "
        f"at time zone {home})"
    )
    if plan.time_zone == HOME_ZONE:
        return parsed
    day = f"try_cast({text} as date)::timestamp"
    return f"case when contains({text}, ':') then {parsed} else {day} end"


def _channel(
    connection: duckdb.DuckDBPyConnection, plan: Plan, names: dict[str, str], text: str
) -> str:
    """SQL for the channel of a response; null where it is none."""
    if plan.channel is None:
        return sql_text(plan.survey.channel or "unmapped")
    column = text.format(names[plan.channel.column])
    if plan.channel.values is not None:
        values = {raw: sql_text(name) for raw, name in plan.channel.values.items()}
        return _case(f"coalesce({column}, '')", values, "null")
    rows = connection.execute(
        "select channel, channel from channel union all select alias, channel from channel_alias"
    ).fetchall()
    return _case(f"coalesce({column}, '')", {k: sql_text(v) for k, v in rows}, "null")


def _segments(
    connection: duckdb.DuckDBPyConnection, plan: Plan, names: dict[str, str], text: str
) -> dict[str, str]:
    """SQL for the group of a response, segment by segment; '?' where it is unknown."""
    found = {}
    for segment, item in sorted(plan.segments.items()):
        values = item.values
        if values is None:
            rows = connection.execute(
                "select segment_value from segment_value where segment = ?", [segment]
            ).fetchall()
            values = {fold(row[0]): row[0] for row in rows}
        arms = dict.fromkeys(NO_ANSWER, "null")
        arms |= {raw: "null" if value == "-" else sql_text(value) for raw, value in values.items()}
        column = text.format(names[item.column])
        found[segment] = _case(f"coalesce({column}, '')", arms, "'?'")
    return found


def _expressions(
    connection: duckdb.DuckDBPyConnection, plan: Plan, names: dict[str, str], text: str
) -> dict[str, str]:
    """SQL for each column of stage_response over a relation of texts c0, c1, ...

    `text` names the text of a code by its column: '{}' as it is, or a folded one.
    """
    exact = dict.fromkeys(ANSWERS, "null::tinyint")
    for target, (column, codes) in plan.answers.items():
        exact[target] = _code(text.format(names[column]), codes)
    for choice in plan.choices:
        ticked = _ticked(names[choice.column], choice.options)
        for driver in dict.fromkeys(choice.options.values()):
            exact[f"{choice.branch}_{driver}"] = (
                f"coalesce(list_contains({ticked}, {sql_text(driver)}), false)::tinyint"
            )
    single = {"response_id": plan.response_id, "comment": plan.comment, "weight": plan.weight}
    raw = {key: names[name] if name else "null" for key, name in single.items()}
    submitted = (
        _moment(f"trim({names[plan.submitted_at]})", plan)
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
        "lambda x: x is not null)) end"
        if segments
        else "null::map(varchar, varchar)",
    }


def _ticked(column: str, options: dict[str, str]) -> str:
    """SQL for the list of drivers in a text such as 'ease,other'; unknown ones read
    null."""
    known = _case("trim(x)", {raw: sql_text(driver) for raw, driver in options.items()}, "null")
    return f"list_transform(string_split(lower({column}), ','), lambda x: {known})"


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
        f"response_id <> {TRIMMED.format('response_id')}",
        "length(response_id) = 4 and lower(response_id) = 'null'",
        "channel is null",
        WEIGHT_FAULT,
        *(f"{target} = {ILLEGAL}" for target in used),
        *(f"{target} is null" for target in plan.required),
    ]
    if used:
        faults.append(f"coalesce({', '.join(used)}) is null")
    if plan.submitted_at:
        faults += [_NO_DAY, _TO_COME]
    if plan.quarter:
        faults.append(f"quarter <> {sql_text(plan.quarter)}")
    faults.append(erased_condition(connection, plan.survey.survey, "response_id"))
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
    """Say whether a five-point trust question was answered with the raw code 1 alone
    although it is also asked with thumbs."""
    if not plan.survey.has_twin or plan.survey.scale_of("trust") not in FIVE_POINT:
        return False
    code = plan.answers.get("trust", ("", {}))[1].get("1")
    return code is not None and bool(
        first_value(
            connection,
            f"select min(trust) = {code} and max(trust) = {code} from stage_response",
        )
    )


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
    values = _expressions(connection, plan, names, "folded_{}")
    given = TRIMMED.format(values["response_id"])
    values["response_id"] = (
        f"case when coalesce(lower({given}), '') in {NO_ANSWER} "
        f"then {_made_id(plan, names, sha256)} else {given} end"
    )
    select = ", ".join(f"{sql} as {name}" for name, sql in values.items())
    folded = ", ".join(f"{FOLDED.format(name)} as folded_{name}" for name in names.values())
    connection.execute(
        f"create or replace temp table stage_response as select {select}, line_number "
        f"from (select *, {folded} from stage_raw)"
    )
    faults = ", ".join(
        f"case when {fault.condition} then "
        f"{{column_name: {sql_text(fault.column)}, reason: {fault.reason}}} end"
        for fault in _faults(plan, names)
    )
    kept = [name for name in plan_columns(plan) if name != plan.comment]
    row = ", ".join(f"{sql_text(name)}: raw.{names[name]}" for name in kept)
    connection.execute(f"""
        insert into stage_reject
        with judged as (
            select raw.line_number, unnest(list_filter(
                [{faults}], lambda fault: fault is not null
            )) as fault
            from stage_raw as raw
            inner join stage_response as staged on raw.line_number = staged.line_number
        )
        select judged.line_number, fault.column_name, fault.reason, to_json({{{row}}})::varchar
        from judged
        inner join stage_raw as raw on judged.line_number = raw.line_number
    """)
    is_erased = erased_condition(connection, plan.survey.survey, "staged.response_id")
    erased = (
        "select staged.line_number from stage_response as staged "
        f"where staged.response_id is not null and {is_erased}"
    )
    connection.execute(f"delete from stage_reject where line_number in ({erased})")
    connection.execute(
        f"insert into stage_reject select line_number, ?, ?, '{{}}' from ({erased})",
        [plan.response_id or "response", ERASED],
    )
    if left_out := " or ".join(f"({fault.condition})" for fault in _exclusions(plan, names)):
        connection.execute(f"""
            insert into stage_withdrawn
            select distinct staged.quarter, staged.response_id
            from stage_raw as raw
            inner join stage_response as staged on raw.line_number = staged.line_number
            where {left_out}
        """)
    connection.execute(
        "delete from stage_response where line_number in (select line_number from stage_reject)"
    )


ERASED = (
    "The response was erased at its respondent's request and is not loaded again; take it out of "
    "the file."
)
"""Reason for which a row is refused. Nothing of the row is kept."""


def _made_id(plan: Plan, names: dict[str, str], sha256: str) -> str:
    """SQL for the identifier of a row that has none: its place in the file or upload."""
    if plan.upload is None:
        return f"{sql_text(f'row-{sha256[:12]}-')} || line_number"
    upload, job = (f"coalesce({names[column]}, '')" for column in plan.upload)
    place = f"row_number() over (partition by {upload}, {job} order by line_number)"
    return f"'upload-' || {upload} || '-' || {place}"


def _said(codes: Iterable[str]) -> str:
    said = list(dict.fromkeys(raw for raw in codes if raw not in NO_ANSWER))
    return f"{', '.join(said[:-1])} or {said[-1]}" if len(said) > 1 else "".join(said)


def _exclusions(plan: Plan, names: dict[str, str]) -> list[Faults]:
    return [
        Faults(item.column,
               f"coalesce({FOLDED.format(f'raw.{names[item.column]}')}, '') in "
               f"({', '.join(sql_text(text) for text in item.texts)})",
               sql_text(item.reason))
        for item in plan.exclusions
    ]  # fmt: skip


def _faults(plan: Plan, names: dict[str, str]) -> list[Faults]:
    faults = _exclusions(plan, names)
    for target, (column, codes) in plan.answers.items():
        value = quoted(f"raw.{names[column]}")
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
        text = f"raw.{names[choice.column]}"
        must = f" holds an option that is none of {', '.join(choice.options)}."
        condition = (
            f"lower({TRIMMED.format(text)}) not in {NO_ANSWER} "
            f"and list_contains(list_transform({_ticked(text, choice.options)}, "
            "lambda y: y is null), true)"
        )
        reason = f"'The value ' || {quoted(text)} || {sql_text(must)}"
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
        text = f"raw.{names[plan.submitted_at]}"
        shape = plan.time_format or "2024-10-01 15:30:00"
        shown = f"coalesce({quoted(text)}, 'blank')"
        faults.append(
            Faults(plan.submitted_at, f"staged.{_NO_DAY}", f"'The value is ' || {shown} "
                   f"|| {sql_text(f'; it must be a date or time such as {shape}.')}")
        )  # fmt: skip
        to_come = "; that is still to come, so the date or its format is wrong."
        faults.append(
            Faults(plan.submitted_at, f"staged.{_TO_COME}",
                   f"'The value is ' || {shown} || {sql_text(to_come)}")
        )  # fmt: skip
        if plan.quarter:
            faults.append(
                Faults(plan.submitted_at, f"staged.quarter <> {sql_text(plan.quarter)}",
                       "'The response of ' || staged.submitted_at::date || ' belongs to ' "
                       f"|| staged.quarter || {sql_text(f', not to {plan.quarter}.')}")
            )  # fmt: skip
    if plan.channel:
        text = f"raw.{names[plan.channel.column]}"
        must = " is no known channel; add it to data/reference/channel_alias.csv or the mapping."
        shown = f"coalesce({quoted(text)}, 'blank')"
        faults.append(
            Faults(plan.channel.column, "staged.channel is null",
                   f"'The value ' || {shown} || {sql_text(must)}")
        )  # fmt: skip
    if plan.weight:
        text = f"raw.{names[plan.weight]}"
        shown = f"coalesce({quoted(text)}, 'blank')"
        faults.append(
            Faults(plan.weight, WEIGHT_FAULT.replace("weight", "staged.weight"),
                   f"'The weight is ' || {shown} || '; it must be a number from "
                   f"{MIN_WEIGHT:f} to {MAX_WEIGHT:,}.'")
        )  # fmt: skip
    for segment, item in plan.segments.items():
        text = f"raw.{names[item.column]}"
        must = (
            f" is no group of {segment}; add the line {segment},GROUP,NAME,NUMBER to "
            "data/reference/segment_value.csv, or the value to the mapping."
        )
        faults.append(
            Faults(item.column, f"staged.segments[{sql_text(segment)}] = '?'",
                   f"'The value ' || {quoted(text)} || {sql_text(must)}")
        )  # fmt: skip
    return faults


def _refuse_other_scale(
    connection: duckdb.DuckDBPyConnection, plan: Plan, names: dict[str, str], where: str
) -> None:
    """Refuse a file whose trust answers are of another scale than the survey's: a code
    of both, such as 1, would be read as something else than was meant."""
    scale = plan.survey.scale_of("trust")
    if "trust" not in plan.answers or scale is None:
        return
    column, codes = plan.answers["trust"]
    value = FOLDED.format(names[column])
    foreign = [code for code in ("2", "3", "4", "5") if code not in codes]
    row = first_row(
        connection,
        f"""
        select
            count(*) filter (where list_contains({foreign}::varchar[], {value})),
            min(line_number) filter (where list_contains({foreign}::varchar[], {value})),
            count(*) filter (where {value} in ('2', '3', '4', '5')),
            count(*) filter (where {value} = '0'),
            min(line_number) filter (where {value} in ('0', '1'))
        from stage_raw
        """,
    )
    n_foreign, first_foreign, n_points, n_zeros, first_thumb = row or (0, None, 0, 0, None)
    if scale in ("thumbs", "yes_no") and n_foreign:
        raise CxError(
            f"{where}:{first_foreign}: {column}: {n_foreign} answers are {_said(foreign)}, but "
            f"survey {plan.survey.survey} is answered with {_said(codes)}. The file is of another "
            "survey; nothing was loaded"
        )
    is_five_point = scale in FIVE_POINT and not foreign and "0" not in codes
    if is_five_point and first_thumb and not n_points and (n_zeros or plan.survey.has_twin):
        raise CxError(
            f"{where}:{first_thumb}: {column}: every answer is 0 or 1, but survey "
            f"{plan.survey.survey} asks on a scale from 1 to 5. The file looks like one of a "
            "survey with thumbs; nothing was loaded"
        )

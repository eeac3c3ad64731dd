"""Answers of assessments of CX maturity: one row per practice."""

from datetime import date
from pathlib import Path

import duckdb

from metrics.base.duck import sql_text
from metrics.base.errors import CxError
from metrics.intake.answer_file import FOR_PEOPLE, METHODS, OPTIONAL, REQUIRED, STATUSES
from metrics.intake.sources.base import (
    STAGING,
    LoadOptions,
    Staged,
    existing,
    file_facts,
    read_csv_text,
    read_header,
    require_rows,
    value_reasons,
)
from metrics.intake.sources.plan import require_columns
from metrics.intake.sources.texts import FOLDED, NO_ANSWER, TRIMMED

COLUMNS = (*REQUIRED, *OPTIONAL)

UNIT = r"[\p{L}\p{N}][\p{L}\p{N} &'(),./-]{0,79}"
EVIDENCE = r"(?i)https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][!-~]{0,900})?"
"""What a link looks like: an address without blanks, and without a name or password
before the host."""

_ASSESSMENT = "component, unit, model, assessed_on"
_KEPT = ("component", "model", "assessed_on", "practice", "status")
"""Columns of which rejected rows are kept; the others may hold names."""


class Maturity:
    """Source `maturity`."""

    name = "maturity"
    title = "CX maturity: the answers of an assessment"
    fills = "maturity"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has every column that an assessment needs."""
        path = Path(location)
        return path.is_file() and set(REQUIRED) <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the answers; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path, may_end_open=True)
        header = read_header(path)
        known = [name for name in header if name in COLUMNS]
        require_columns(header, [*REQUIRED, *known], f"{location}:1")
        if extra := [name for name in header if name not in (*COLUMNS, *FOR_PEOPLE)]:
            raise CxError(
                f"{location}:1: column {extra[0]!r} is not expected; the columns are "
                f"{', '.join(COLUMNS)}"
            )
        n_rows = read_csv_text(connection, path, header, "stage_raw", facts)
        require_rows(n_rows, f"{path}:{facts.n_lines + 1}")
        for name in set(COLUMNS) - set(header):
            connection.execute(f"alter table stage_raw add column {name} varchar")
        trimmed = {name: TRIMMED.format(name) for name in COLUMNS}
        trimmed |= {name: f"lower({trimmed[name]})" for name in ("model", "practice", "method")}
        trimmed["component"] = f"upper({trimmed['component']})"
        trimmed["status"] = rf"regexp_replace(lower({trimmed['status']}), '[ -]', '_', 'g')"
        trimmed["participants"] = FOLDED.format("participants")
        texts = ", ".join(
            f"case when lower({text}) not in {NO_ANSWER} then {text} end as {name}"
            for name, text in trimmed.items()
        )
        connection.execute(f"""
            create or replace temp table stage_text as
            select line_number, {texts}
            from stage_raw
        """)
        connection.execute("update stage_text set status = 'unanswered' where status is null")
        _reject(connection, options.as_of or date.today())
        connection.execute("""
            insert into stage_maturity by name
            select
                line_number, component, unit, model, assessed_on::date as assessed_on,
                method, participants::integer as participants, practice, status, evidence_url
            from stage_text
            where line_number not in (select line_number from stage_reject)
        """)
        return Staged(n_rows, None, path.name, facts.sha256)


def _reject(connection: duckdb.DuckDBPyConnection, today: date) -> None:
    """Refuse what does not fit the reference tables or itself. Reasons are published, so
    they never repeat what may hold the name of a person."""
    day = "try_cast(assessed_on as date)"
    date_pattern = "'[0-9]{4}-[0-9]{2}-[0-9]{2}'"
    quoted = [
        ("component", "coalesce(component not in (select component from component), true)",
         "must be a Component of data/reference/component.csv"),
        ("model", "coalesce(model not in (select model from maturity_practice), true)",
         "must be a model that has practices in data/reference/maturity_practice.csv"),
        ("practice",
         "model in (select model from maturity_practice) "
         "and coalesce((model, practice) not in (select (model, practice) "
         "from maturity_practice), true)",
         "must be a practice of the model in data/reference/maturity_practice.csv"),
        ("assessed_on",
         f"not coalesce(regexp_full_match(assessed_on, {date_pattern}) "
         f"and {day} between date '2000-01-01' and date '{today}', false)",
         f"must be a date such as 2024-03-26, not after {today}"),
        ("status", f"status not in {STATUSES}", f"must be {', '.join(STATUSES)}, or blank"),
    ]  # fmt: skip
    unquoted = [
        ("method", f"coalesce(method not in {METHODS}, true)",
         f"The method must be {' or '.join(METHODS)}."),
        ("unit", f"not regexp_full_match(unit, {sql_text(UNIT)})",
         "The name of the unit must have at most 80 letters, digits, blanks and marks such as "
         "hyphen or comma, or be blank."),
        ("participants", "not regexp_full_match(participants, '[1-9][0-9]{0,3}')",
         "The participants must be their number, 1 to 9999, or blank; never who they were."),
        ("evidence_url", f"not regexp_full_match(evidence_url, {sql_text(EVIDENCE)})",
         "The evidence must be a link that begins with http:// or https://, without a name or "
         "password in it, or be blank."),
    ]  # fmt: skip
    arms = [value_reasons(quoted)]
    arms += [
        f"select line_number, '{column}', {sql_text(reason)} from stage_text where {condition}"
        for column, condition, reason in unquoted
    ]
    arms += [
        "select line_number, 'practice', 'The practice appears more than once in this "
        "assessment; keep one row.' from stage_text qualify count(*) over "
        f"(partition by {_ASSESSMENT}, practice) > 1"
    ]
    arms += [
        f"select line_number, '{column}', 'The rows of this assessment differ in {column}; it "
        f"is one of the whole assessment.' from stage_text qualify "
        f"min(coalesce({column}, '')) over (partition by {_ASSESSMENT}) "
        f"<> max(coalesce({column}, '')) over (partition by {_ASSESSMENT})"
        for column in ("method", "participants")
    ]
    row = ", ".join(f"{name}: {name}" for name in _KEPT)
    union = "\nunion all\n".join(arms)
    connection.execute(f"""
        insert into stage_reject
        with reasons as (
            {union}
        )
        select reasons.line_number, reasons.column_name, reasons.reason,
            to_json({{{row}}})::varchar
        from reasons
        inner join stage_text using (line_number)
    """)

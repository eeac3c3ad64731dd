"""The response export of a Touchpoints form: one column per question, its header the
question as respondents saw it.

The export also holds IP address, user agent, query string and referrer of every
respondent; they are not read. Flagged, deleted and spam responses are left out, as
in the reports that Touchpoints makes itself; archived ones count.
"""

import re
from dataclasses import replace
from pathlib import Path

import duckdb

from metrics.base.errors import CxError
from metrics.intake.sources.base import (
    STAGING,
    LoadOptions,
    Staged,
    existing,
    file_facts,
    read_header,
)
from metrics.intake.sources.mapping import mapped_plan, read_mapping
from metrics.intake.sources.plan import (
    Choices,
    Exclusion,
    Plan,
    plan_columns,
    require_columns,
    with_quarter,
)
from metrics.intake.sources.staging import stage_csv
from metrics.intake.sources.survey import Codes, Survey, find_survey

_SIGNS = {"UUID", "Created at", "Flagged"}
_BRANCHES = {
    "what went well": "positive",
    "what didn't go so well": "negative",
}
_COMMENT = "additional comments"
_MARKS = ("Flagged", "Deleted")
"""Columns without which responses that do not count could not be told from others."""
_TRUE = ("true", "t", "1", "yes")


def plain(text: str) -> str:
    """Fold white space, case, quotes and closing marks of a question."""
    folded = " ".join(text.replace("\u2019", "'").lower().split())
    return folded.strip(" .?!:*")


def question_columns(
    survey: Survey, labels: dict[str, str], mapped: dict[str, tuple[str, Codes]], where: str
) -> dict[str, tuple[str, Codes]]:
    """Return the column of each question that an instrument asks everyone: what a mapping
    says, else the one that has its text.

    `labels` is column to question text. A placeholder such as [service] stands for
    any words. Raises CxError where two columns have the text.
    """
    found: dict[str, tuple[str, Codes]] = {}
    for question in survey.questions:
        if question.asked_of != "everyone" or question.measure in (None, *mapped):
            continue
        parts = re.split(r"\[[^\]]*\]", question.text)
        pattern = ".+".join(re.escape(plain(part)) if part.strip() else "" for part in parts)
        pattern = pattern.replace(".+", r"\s*.+\s*")
        for column, label in labels.items():
            if re.fullmatch(pattern, plain(label)):
                measure = str(question.measure)
                known, _ = found.setdefault(measure, (column, dict(question.codes)))
                if known != column:
                    raise CxError(
                        f"{where}:1: columns {known!r} and {column!r} both ask about {measure}; "
                        "name the one that counts in a mapping file under `answers`"
                    )
    return found | mapped


def choice_columns(survey: Survey, labels: dict[str, str]) -> tuple[Choices, ...]:
    """Match columns to the two questions on drivers."""
    found = []
    for column, label in labels.items():
        branch = _BRANCHES.get(plain(label))
        drivers = [q for q in survey.questions if q.asked_of == branch and q.measure]
        if branch and drivers:
            options = {str(q.measure): str(q.measure) for q in drivers}
            options |= {q.text.lower(): str(q.measure) for q in drivers}
            found.append(Choices(column, branch, options))
    return tuple(found)


class TouchpointsForm:
    """Source `touchpoints-form`."""

    name = "touchpoints-form"
    title = "Touchpoints form response export"
    fills = "response"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has the columns beside the questions."""
        path = Path(location)
        return path.is_file() and set(read_header(path)) >= _SIGNS

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the responses; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path, may_end_open=True)
        header = read_header(path)
        mapping = read_mapping(options.mapping)
        survey = find_survey(connection, options.survey or mapping.survey, location)
        plan = mapped_plan(connection, survey, mapping, location)
        labels = {name: name for name in header}
        plan = replace(
            plan,
            answers=question_columns(survey, labels, plan.answers, location),
            choices=choice_columns(survey, labels),
            response_id=plan.response_id or "UUID",
            submitted_at=plan.submitted_at or "Created at",
            time_zone=plan.time_zone if plan.submitted_at else "UTC",
            comment=plan.comment or _comment(header),
            exclusions=(*plan.exclusions, *_exclusions(header)),
        )
        if not plan.answers:
            raise CxError(
                f"{location}:1: no column asks a question of instrument {survey.instrument}; name "
                'them in a mapping file under `answers`, such as "I trust it": 1'
            )
        require_columns(header, [*plan_columns(plan), *_MARKS], f"{location}:1")
        plan = with_quarter(_with_required(plan), options.quarter, location)
        n_rows = stage_csv(connection, path, facts, plan)
        return Staged(n_rows, None, path.name, facts.sha256, survey.survey)


def _comment(header: list[str]) -> str | None:
    return next((name for name in header if plain(name) == _COMMENT), None)


def _with_required(plan: Plan) -> Plan:
    """The trust answer is required wherever drivers depend on it."""
    is_needed = bool(plan.choices) and "trust" in plan.answers
    return replace(plan, required=("trust",)) if is_needed else plan


def _exclusions(header: list[str]) -> tuple[Exclusion, ...]:
    return tuple(
        Exclusion(name, _TRUE, f"Left out: the response is marked {name.lower()} in Touchpoints.")
        for name in (*_MARKS, "Spam")
        if name in header
    )

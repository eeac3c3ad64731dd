"""Qualtrics exports of responses: today's with three header rows, the legacy one with
two.

Names, e-mail, IP address, coordinates and outside references are not read. Previews,
tests and spam are left out; unfinished responses count for what they answered.
"""

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
    read_records,
)
from metrics.intake.sources.mapping import mapped_plan, read_mapping
from metrics.intake.sources.plan import Exclusion, plan_columns, require_columns, with_quarter
from metrics.intake.sources.staging import stage_csv
from metrics.intake.sources.survey import find_survey
from metrics.intake.sources.touchpoints_form import question_columns

_SIGNS = {"ResponseId", "RecordedDate", "Status"}
_LEGACY_SIGNS = {"ResponseID", "ResponseSet", "EndDate"}
_IMPORT_ID = '"ImportId"'
_STATUSES = {
    "a preview": ("1", "survey preview", "17", "offline survey preview"),
    "a test": ("2", "survey test"),
    "spam": ("8", "spam", "possible spam", "9", "12", "40"),
}


class Qualtrics:
    """Source `qualtrics`."""

    name = "qualtrics"
    title = "Qualtrics response export"
    fills = "response"

    def recognizes(self, location: str) -> bool:
        """Say whether one of the header rows has the columns of every export."""
        path = Path(location)
        if not path.is_file():
            return False
        records = read_records(path, 2)
        return any(set(r) >= _SIGNS for r in records[:1]) or any(
            set(r) >= _LEGACY_SIGNS for r in records[1:]
        )

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the responses; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path, may_end_open=True)
        header = read_header(path)
        is_legacy = not set(header) >= _SIGNS
        records = read_records(path, 3)
        # Without its header rows, responses would be taken for them.
        if (
            not (len(records) > 1 and set(records[1]) >= _LEGACY_SIGNS)
            if is_legacy
            else not (len(records) > 2 and any(_IMPORT_ID in text for text in records[2]))
        ):
            raise CxError(
                f"{location}:1: the header rows of a Qualtrics export are missing; export the "
                "responses again as CSV"
            )
        labels = {
            name: label for name, label in zip(header, records[1], strict=False) if name.strip()
        }
        names = {label: name for name, label in labels.items()} if is_legacy else {}
        mapping = read_mapping(options.mapping)
        survey = find_survey(connection, options.survey or mapping.survey, location)
        plan = mapped_plan(connection, survey, mapping, location)
        status = names.get("Status", "Status")
        plan = replace(
            plan,
            answers=question_columns(survey, labels, plan.answers, location),
            response_id=plan.response_id or names.get("ResponseID", "ResponseId"),
            submitted_at=plan.submitted_at or names.get("EndDate", "RecordedDate"),
            exclusions=(
                *plan.exclusions,
                *(
                    Exclusion(status, texts, f"Left out: the response is {what} in Qualtrics.")
                    for what, texts in _STATUSES.items()
                ),
            ),
            skipped=1 if is_legacy else 2,
        )
        if not plan.answers:
            asked = ", ".join(repr(label) for label in labels.values())
            raise CxError(
                f"{location}:2: none of the questions ({asked}) is one of instrument "
                f"{survey.instrument}; name the columns in a mapping file under `answers`"
            )
        require_columns(header, plan_columns(plan), f"{location}:1")
        plan = with_quarter(plan, options.quarter, location)
        n_rows = stage_csv(connection, path, facts, plan)
        return Staged(n_rows, None, path.name, facts.sha256, survey.survey)

"""The 17-column upload of survey responses to GSA Touchpoints, and its export.

Columns come in any order. Nothing in the file says which survey it is of, on which
scale it asked, or when: the user names survey and fiscal quarter.
"""

from pathlib import Path

import duckdb

from metrics.base.duck import first_value
from metrics.base.errors import CxError
from metrics.intake.sources.base import (
    STAGING,
    LoadOptions,
    Staged,
    check_header,
    csv_scan,
    existing,
    file_facts,
    read_header,
)
from metrics.intake.sources.plan import Plan, with_quarter
from metrics.intake.sources.staging import stage_csv
from metrics.intake.sources.survey import FLAGS, Survey, find_survey

COLUMNS = ["external_id", "question_1", *FLAGS, "question_4"]
DETAIL, UPLOAD, JOB = "cx_collection_detail_id", "cx_collection_detail_upload_id", "job_id"
EXPORT_COLUMNS = [DETAIL, UPLOAD, JOB]


def survey_plan(survey: Survey, is_export: bool = False) -> Plan:
    """Return the plan of the 17 columns, whose values are standard codes. An upload that
    was processed again is in an export twice; its last rows count."""
    answers = {"trust": ("question_1", survey.standard_codes("trust"))}
    answers |= {flag: (flag, survey.standard_codes(flag)) for flag in FLAGS}
    return Plan(
        survey,
        answers=answers,
        required=("trust",),
        response_id="external_id",
        comment="question_4",
        upload=(UPLOAD, JOB) if is_export else None,
    )


class TouchpointsCx:
    """Source `touchpoints-cx`."""

    name = "touchpoints-cx"
    title = "Touchpoints CX response upload (17 columns)"
    fills = "response"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has the 17 columns."""
        path = Path(location)
        return path.is_file() and set(COLUMNS) <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the responses; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path, may_end_open=True)
        header = read_header(path)
        is_export = bool(set(header) & set(EXPORT_COLUMNS))
        check_header(path, [*COLUMNS, *(EXPORT_COLUMNS if is_export else [])])
        survey = find_survey(connection, options.survey, location)
        if survey.scale_of("trust") is None:
            raise CxError(
                f"{location}: survey {survey.survey} has no trust question, which this format is "
                "about; name another survey or load the file with a mapping"
            )
        if is_export:
            _refuse_several(connection, path, header)
        plan = with_quarter(survey_plan(survey, is_export), options.quarter, location)
        n_rows = stage_csv(connection, path, facts, plan)
        return Staged(n_rows, None, path.name, facts.sha256, survey.survey)


def _refuse_several(connection: duckdb.DuckDBPyConnection, path: Path, header: list[str]) -> None:
    """Refuse an export that holds more than one survey or quarter."""
    try:
        n_details = first_value(
            connection, f"select count(distinct {DETAIL}) from {csv_scan(path, header)}"
        )
    except duckdb.Error:
        return  # Staging the rows says which of them cannot be read.
    if n_details > 1:
        raise CxError(
            f"{path}: the file holds the responses of {n_details} collection details, which are "
            "different surveys or quarters; export one detail at a time"
        )

"""The 17-column upload of survey responses to GSA Touchpoints, and its export.

Columns come in any order. Nothing in the file says which survey it is of, on which
scale it asked, or when: the user names survey and fiscal quarter.
"""

from datetime import date
from pathlib import Path

import duckdb

from metrics.errors import CxError
from metrics.sources.base import STAGING, LoadOptions, Staged, check_header, existing, read_header
from metrics.sources.responses import (
    FLAGS,
    Plan,
    Survey,
    find_survey,
    stage_csv,
    with_quarter,
)
from metrics.warehouse import first_value, sql_text

COLUMNS = ["external_id", "question_1", *FLAGS, "question_4"]
EXPORT_COLUMNS = ["cx_collection_detail_id", "cx_collection_detail_upload_id", "job_id"]


def survey_plan(survey: Survey) -> Plan:
    """Return the plan of the 17 columns, whose values are standard codes."""
    answers = {"trust": ("question_1", survey.standard_codes("trust"))}
    answers |= {flag: (flag, survey.standard_codes(flag)) for flag in FLAGS}
    return Plan(
        survey,
        answers=answers,
        required=("trust",),
        response_id="external_id",
        comment="question_4",
    )


class TouchpointsCx:
    """Source `touchpoints-cx`."""

    name = "touchpoints-cx"
    title = "Touchpoints CX response upload (17 columns)"
    fills = "response"

    def recognises(self, location: str) -> bool:
        """Say whether the header has the 17 columns."""
        path = Path(location)
        return path.is_file() and set(COLUMNS) <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the responses; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        header = read_header(path)
        is_export = set(header) & set(EXPORT_COLUMNS)
        check_header(path, [*COLUMNS, *(EXPORT_COLUMNS if is_export else [])])
        survey = find_survey(connection, options.survey, location)
        if survey.scale_of("trust") is None:
            raise CxError(
                f"{location}: survey {survey.survey} has no trust question, which this format is "
                "about; name another survey or load the file with a mapping"
            )
        if is_export:
            _refuse_several(connection, path)
        plan = with_quarter(survey_plan(survey), options.quarter, location)
        n_rows, sha256 = stage_csv(connection, path, plan)
        return Staged(n_rows, date.today(), path.name, sha256, survey.survey)


def _refuse_several(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse an export that holds more than one survey or quarter."""
    n_details = first_value(
        connection,
        "select count(distinct cx_collection_detail_id) "
        f"from read_csv({sql_text(str(path))}, all_varchar = true)",
    )
    if n_details > 1:
        raise CxError(
            f"{path}: the file holds the responses of {n_details} collection details, which are "
            "different surveys or quarters; export one detail at a time"
        )

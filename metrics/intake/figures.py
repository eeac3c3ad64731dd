"""The project's own small tables of published reports, written from a warehouse."""

from datetime import date
from pathlib import Path

import duckdb

from metrics.base.duck import first_value, sql_text
from metrics.base.errors import CxError
from metrics.intake.sources.published_figures import ANSWER_COLUMNS, REPORT_COLUMNS
from metrics.warehouse.store import build_aggregates, holds_demonstration


def export_figures(connection: duckdb.DuckDBPyConnection, folder: Path) -> tuple[int, int]:
    """Write the quarterly reports of an open warehouse as the project's own small
    tables, which `load published-figures` reads; return reports and answers.

    Only figures are written, no text of the source files. Raises CxError where nothing
    is loaded, or where figures are made up.
    """
    if holds_demonstration(connection):
        raise CxError(
            "the warehouse holds made-up figures, and the small tables carry no mark; "
            "choose another data set with --data"
        )
    as_of: date | None = first_value(
        connection, "select max(as_of) from data_load where fills = 'report'"
    )
    if as_of is None:
        raise CxError("nothing is loaded yet; load files before you export their figures")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CxError(f"{folder}: cannot be made ({error.strerror}); name a folder") from error
    build_aggregates(connection)
    connection.execute(f"""
        copy (
            select {", ".join(REPORT_COLUMNS)} from current_report order by survey_id
        ) to {sql_text(str(folder / "survey_report.csv"))} (header, delimiter ',')
    """)
    answers = ", ".join(f"answer.{name}" for name in ANSWER_COLUMNS)
    connection.execute(f"""
        copy (
            select {answers}
            from survey_report_answer as answer
            inner join current_report as report
                on answer.survey_id = report.survey_id and answer.load_id = report.load_id
            order by answer.survey_id, answer.question
        ) to {sql_text(str(folder / "survey_report_answer.csv"))} (header, delimiter ',')
    """)
    (folder / "source.yaml").write_text(
        "title: Quarterly A-11 Section 280 reports, fiscal years 2021 to 2023\n"
        "publisher: General Services Administration and Office of Management and Budget\n"
        "repository: GSA/HISP-CX-Data\n"
        "rights: Work of the United States Government, in the public domain\n"
        f"as_of: {as_of}\n"
        "made_by: python -m metrics export figures\n",
        encoding="utf-8",
    )
    n_reports = int(first_value(connection, "select count(*) from current_report"))
    return n_reports, int(first_value(connection, "select count(*) from current_answer"))

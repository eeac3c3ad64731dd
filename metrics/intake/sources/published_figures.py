"""The project's own tables of published figures: a folder such as data/published.

survey_report.csv holds one row per quarterly survey report, survey_report_answer.csv
one per question, source.yaml the source and the date the figures speak of. They
are written by `python -m metrics export figures`.
"""

import hashlib
from datetime import date
from pathlib import Path

import duckdb
import yaml

from metrics.base.duck import first_value
from metrics.base.errors import CxError
from metrics.intake.sources.base import (
    CONTENT_HASH,
    STAGING,
    FileFacts,
    LoadOptions,
    Staged,
    check_header,
    csv_failure,
    existing,
    file_facts,
    read_csv_text,
    read_header,
)

REPORT_COLUMNS = [
    "survey_id",
    "organization",
    "component",
    "service",
    "channel",
    "quarter",
    "instrument",
    "customers",
    "offered",
    "respondents",
    "omb_control_number",
    "entered_on",
    "source_notes",
]
MOST = 999_999_999_999
RANGE = f"0 to {MOST:,}"
ANSWER_COLUMNS = ["survey_id", "question", "wording", *(f"n_{code}" for code in range(1, 6))]
ANSWER_COLUMNS.append("published_mean")


class PublishedFigures:
    """Source `published-figures`."""

    name = "published-figures"
    title = "Published figures kept with the project"
    fills = "report"

    def recognizes(self, location: str) -> bool:
        """Say whether the path is a folder with the two tables."""
        return (Path(location) / "survey_report.csv").is_file()

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage both tables; see `Source.stage`.

        The files are the project's own, so a value that cannot be read refuses
        the whole load.
        """
        connection.execute(STAGING)
        path = existing(location)
        reports = path / "survey_report.csv"
        answers = path / "survey_report_answer.csv"
        read = {
            file.name: self._read(connection, file, columns, table)
            for file, columns, table in (
                (reports, REPORT_COLUMNS, "stage_report"),
                (answers, ANSWER_COLUMNS, "stage_answer"),
            )
        }
        self._check_keys(connection, path)
        connection.execute(CONTENT_HASH)
        n_rows = int(first_value(connection, "select count(*) from stage_report"))
        sums = "".join(f"{facts.sha256}  {name}\n" for name, facts in read.items())
        return Staged(
            n_rows,
            read_as_of(path / "source.yaml"),
            ", ".join(read),
            hashlib.sha256(sums.encode()).hexdigest(),
        )

    def _read(
        self, connection: duckdb.DuckDBPyConnection, file: Path, columns: list[str], table: str
    ) -> FileFacts:
        facts = file_facts(file)
        check_header(file, columns)
        read_csv_text(connection, file, read_header(file), "stage_raw", facts)
        constants = ", '' as content_hash, line_number" if table == "stage_report" else ""
        try:
            connection.execute(
                f"insert into {table} by name select {', '.join(columns)}{constants} from stage_raw"
            )
        except duckdb.Error as error:
            raise CxError(csv_failure(file, error)) from error
        return facts

    def _check_keys(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        for file, problem, query in (
            (
                "survey_report.csv",
                "is there twice; keep one row",
                "select survey_id from stage_report group by survey_id having count(*) > 1",
            ),
            (
                "survey_report_answer.csv",
                "has a question twice; keep one row",
                "select survey_id from stage_answer group by survey_id, question "
                "having count(*) > 1",
            ),
            (
                "survey_report_answer.csv",
                "is not in survey_report.csv; the files do not belong together, or one is cut",
                "select survey_id from stage_answer "
                "where survey_id not in (select survey_id from stage_report)",
            ),
            (
                "survey_report.csv",
                "has a quarter that is none, or that has not begun; write it like 2021Q2",
                "select survey_id from stage_report where not coalesce("
                "regexp_full_match(quarter, '20[0-9]{2}Q[1-4]') "
                "and quarter_start(quarter) <= current_date, false)",
            ),
            (
                "survey_report.csv",
                f"has a volume that is no number of people, {RANGE}",
                "select survey_id from stage_report where "
                + " or ".join(
                    f"{name} not between 0 and {MOST}"
                    for name in ("customers", "offered", "respondents")
                ),
            ),
            (
                "survey_report_answer.csv",
                f"has a count that is no number of answers, {RANGE}",
                "select survey_id from stage_answer where "
                + " or ".join(f"n_{code} not between 0 and {MOST}" for code in range(1, 6)),
            ),
        ):
            survey_id = first_value(connection, query + " order by survey_id")
            if survey_id is not None:
                raise CxError(f"{path / file}: report {survey_id} {problem}")


def read_as_of(file: Path) -> date:
    """Return the date that published figures speak of, as source.yaml beside them says."""
    try:
        value = yaml.safe_load(file.read_text(encoding="utf-8"))["as_of"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise CxError(f"{file}: has no key as_of; add `as_of: 2023-05-21`") from error
    if not isinstance(value, date):
        raise CxError(f"{file}: as_of is {value!r}; write a date such as 2023-05-21")
    return value

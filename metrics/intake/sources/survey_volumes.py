"""Volumes beside the responses: customers and customers offered the survey, for each
survey, channel and fiscal quarter, with the state of the collection at OMB."""

from pathlib import Path

import duckdb

from metrics.base.errors import CxError
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

KEY = ["survey", "quarter"]
COLUMNS = [*KEY, "channel", "customers", "offered", "submitted_on", "state", "rating"]
STATES = ("draft", "submitted", "published", "not_reported", "change_requested", "archived")
RATINGS = ("TRUE", "PARTIAL", "FALSE")


class SurveyVolumes:
    """Source `survey-volumes`."""

    name = "survey-volumes"
    title = "Survey volumes for each survey, channel and quarter"
    fills = "volume"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has survey, quarter, customers and offered."""
        path = Path(location)
        return path.is_file() and {*KEY, "customers", "offered"} <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the volumes; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path, may_end_open=True)
        header = read_header(path)
        require_columns(header, [*KEY, "customers", "offered"], f"{location}:1")
        require_columns(header, [name for name in header if name in COLUMNS], f"{location}:1")
        if extra := [name for name in header if name not in COLUMNS]:
            raise CxError(
                f"{location}:1: column {extra[0]!r} is not expected; the columns are "
                f"{', '.join(COLUMNS)}"
            )
        n_rows = read_csv_text(connection, path, header, "stage_raw", facts)
        require_rows(n_rows, f"{path}:{facts.n_lines + 1}")
        for name in set(COLUMNS) - set(header):
            connection.execute(f"alter table stage_raw add column {name} varchar")
        trimmed = {name: TRIMMED.format(name) for name in COLUMNS}
        trimmed |= {name: FOLDED.format(name) for name in ("customers", "offered")}
        texts = ", ".join(
            f"case when lower({text}) not in {NO_ANSWER} then {text} end as {name}"
            for name, text in trimmed.items()
        )
        connection.execute(f"""
            create or replace temp table stage_text as
            with texts as (select line_number, {texts} from stage_raw)
            select
                texts.*,
                coalesce(lower(texts.channel), response_survey.channel, 'unmapped') as place
            from texts
            left join response_survey on texts.survey = response_survey.survey
        """)
        self._reject(connection)
        connection.execute("""
            insert into stage_volume by name
            select
                line_number, survey, place as channel, quarter,
                customers::bigint as customers, offered::bigint as offered,
                submitted_on::date as submitted_on,
                lower(state) as state, upper(rating) as rating
            from stage_text
            where line_number not in (select line_number from stage_reject)
        """)
        return Staged(n_rows, None, path.name, facts.sha256)

    def _reject(self, connection: duckdb.DuckDBPyConnection) -> None:
        count = "not regexp_full_match({0}, '[0-9]{{1,12}}')"
        whole = "must be a whole number of customers, 0 or more, or blank"
        checks = [
            ("survey", "coalesce(survey not in (select survey from response_survey), true)",
             "must be a survey of data/reference/response_survey.csv"),
            ("quarter", "not regexp_full_match(coalesce(quarter, ''), '20[0-9]{2}Q[1-4]')",
             "must be a fiscal quarter such as 2024Q4"),
            ("quarter", "regexp_full_match(quarter, '20[0-9]{2}Q[1-4]') "
             "and quarter_start(quarter) > current_date", "must be a quarter that has begun"),
            ("channel", "lower(channel) not in (select channel from channel)",
             "must be a channel of data/reference/channel.csv, or blank"),
            ("customers", count.format("customers"), whole),
            ("offered", count.format("offered"), whole),
            ("submitted_on", "submitted_on is not null and try_cast(submitted_on as date) is null",
             "must be a date such as 2024-10-28, or blank"),
            ("submitted_on", "try_cast(submitted_on as date) not between date '2000-01-01' "
             "and current_date + 1", "must lie between 2000 and today"),
            ("state", f"lower(state) not in {STATES}", f"must be {', '.join(STATES)}, or blank"),
            ("rating", f"upper(rating) not in {RATINGS}", "must be TRUE, PARTIAL, FALSE, or blank"),
        ]  # fmt: skip
        arms = value_reasons(checks)
        row = ", ".join(f"{name}: {name}" for name in COLUMNS)
        connection.execute(f"""
            insert into stage_reject
            with reasons as (
                {arms}
                union all
                select
                    line_number, 'survey',
                    'Survey, channel and quarter appear more than once in the file; keep one row.'
                from stage_text
                qualify count(*) over (partition by survey, quarter, place) > 1
            )
            select reasons.line_number, reasons.column_name, reasons.reason,
                to_json({{{row}}})::varchar
            from reasons
            inner join stage_text using (line_number)
        """)

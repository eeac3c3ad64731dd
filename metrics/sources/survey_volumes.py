"""Volumes beside the responses: customers and customers offered the survey, for each
survey, channel and fiscal quarter, with the state of the collection at OMB."""

from datetime import date
from pathlib import Path

import duckdb

from metrics.errors import CxError
from metrics.sources.base import (
    STAGING,
    LoadOptions,
    Staged,
    existing,
    file_facts,
    read_csv_text,
    read_header,
)
from metrics.sources.responses import require_columns
from metrics.warehouse import describe_header, sql_text

KEY = ["survey", "quarter"]
COLUMNS = [*KEY, "channel", "customers", "offered", "submitted_on", "state", "rating"]
STATES = ("draft", "submitted", "published", "not_reported", "change_requested", "archived")
RATINGS = ("TRUE", "PARTIAL", "FALSE")


class SurveyVolumes:
    """Source `survey-volumes`."""

    name = "survey-volumes"
    title = "Survey volumes for each survey, channel and quarter"
    fills = "volume"

    def recognises(self, location: str) -> bool:
        """Say whether the header has survey, quarter, customers and offered."""
        path = Path(location)
        return path.is_file() and {*KEY, "customers", "offered"} <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the volumes; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        header = read_header(path)
        require_columns(header, [*KEY, "customers", "offered"], location)
        if set(header) - set(COLUMNS) or len(set(header)) < len(header):
            raise CxError(f"{location}:1: {describe_header(header, COLUMNS)}")
        facts = file_facts(path, may_end_open=True)
        n_rows = read_csv_text(connection, path, header, "stage_raw", facts)
        for name in set(COLUMNS) - set(header):
            connection.execute(f"alter table stage_raw add column {name} varchar")
        connection.execute(f"""
            create or replace temp table stage_text as
            select line_number, {", ".join(f"nullif(trim({name}), '') as {name}" for name in COLUMNS)}
            from stage_raw
        """)  # fmt: skip  # noqa: E501
        self._reject(connection)
        connection.execute("""
            insert into stage_volume by name
            select
                stage_text.line_number, stage_text.survey,
                coalesce(lower(stage_text.channel), response_survey.channel, 'unmapped')
                    as channel,
                stage_text.quarter, stage_text.customers::bigint as customers,
                stage_text.offered::bigint as offered,
                stage_text.submitted_on::date as submitted_on,
                lower(stage_text.state) as state, upper(stage_text.rating) as rating
            from stage_text
            inner join response_survey on stage_text.survey = response_survey.survey
            where stage_text.line_number not in (select line_number from stage_reject)
        """)
        return Staged(n_rows, date.today(), path.name, facts.sha256)

    def _reject(self, connection: duckdb.DuckDBPyConnection) -> None:
        count = "not regexp_full_match({0}, '[0-9]{{1,12}}')"
        whole = "must be a whole number of customers, 0 or more, or blank"
        checks = [
            ("survey", "coalesce(survey not in (select survey from response_survey), true)",
             "must be a survey of data/reference/response_survey.csv"),
            ("quarter", "not regexp_full_match(coalesce(quarter, ''), '20[0-9]{2}Q[1-4]')",
             "must be a fiscal quarter such as 2024Q4"),
            ("channel", "lower(channel) not in (select channel from channel)",
             "must be a channel of data/reference/channel.csv, or blank"),
            ("customers", count.format("customers"), whole),
            ("offered", count.format("offered"), whole),
            ("submitted_on", "submitted_on is not null and try_cast(submitted_on as date) is null",
             "must be a date such as 2024-10-28, or blank"),
            ("state", f"lower(state) not in {STATES}", f"must be {', '.join(STATES)}, or blank"),
            ("rating", f"upper(rating) not in {RATINGS}", "must be TRUE, PARTIAL, FALSE, or blank"),
        ]  # fmt: skip
        arms = "\nunion all\n".join(
            f"select line_number, '{column}' as column_name, 'The value ' || coalesce(chr(39) || "
            f"{column} || chr(39), 'is blank; it') || {sql_text(f' {must}.')} as reason "
            f"from stage_text where {condition}"
            for column, condition, must in checks
        )
        connection.execute(f"""
            insert into stage_reject
            with reasons as (
                {arms}
                union all
                select
                    line_number, 'survey',
                    'Survey, channel and quarter appear more than once in the file; keep one row.'
                from stage_text
                qualify count(*) over (
                    partition by survey, quarter, coalesce(lower(channel), '')
                ) > 1
            )
            select reasons.line_number, reasons.column_name, reasons.reason,
                to_json(stage_text)::varchar
            from reasons
            inner join stage_text using (line_number)
        """)

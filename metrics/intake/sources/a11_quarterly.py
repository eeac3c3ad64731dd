"""The quarterly A-11 Section 280 reporting file of GSA and OMB (2021 to 2023).

One row per survey and quarter, 104 columns: three volumes, and for up to 11
questions the text, the counts of answers 1 to 5 and the printed mean.
"""

from pathlib import Path

import duckdb

from metrics.base.duck import first_value
from metrics.base.errors import CxError
from metrics.intake.sources.base import (
    CONTENT_HASH,
    STAGING,
    LoadOptions,
    Staged,
    check_header,
    existing,
    file_facts,
    read_csv_text,
    read_header,
    require_rows,
)

QUESTIONS = range(1, 12)
_A = "attributes_"
_SURVEY = """
organization_id organization_name organization_abbreviation service_provider_id
service_provider_name collection_id collection_name collection_year collection_quarter
service_provided transaction_point channel volume_of_customers
volume_of_customers_provided_survey_opportunity volume_of_respondents omb_control_number
federal_register_url
"""
_PARTS = ("text", "1", "2", "3", "4", "5", "point_scale")
_RECORD = "created_at updated_at operational_metrics service_id service_name service_slug"
COLUMNS = [
    "id",
    "type",
    *(_A + name for name in _SURVEY.split()),
    *(f"{_A}q{number}_{part}" for number in QUESTIONS for part in _PARTS),
    *(_A + name for name in _RECORD.split()),
    "service_desc",
    "service_provider_desc",
]
_VOLUMES = (
    "volume_of_customers",
    "volume_of_customers_provided_survey_opportunity",
    "volume_of_respondents",
)
_COUNT = r"\s*[0-9]{1,12}\s*"
_FOLD = r"trim(regexp_replace({}, '\s+', ' ', 'g'))"


def _fold(expression: str) -> str:
    return _FOLD.format(expression)


def _plain(expression: str) -> str:
    """SQL that folds white space and case and straightens quotes."""
    return f"lower({_fold(f'replace({expression}, chr(8217), chr(39))')})"


class A11Quarterly:
    """Source `a11-quarterly`."""

    name = "a11-quarterly"
    title = "Quarterly A-11 Section 280 reporting file"
    fills = "report"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has the file's telling columns."""
        path = Path(location)
        return path.is_file() and {_A + "q1_1", _A + "collection_quarter"} <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage every row of the file; see `Source.stage`.

        The date the file speaks of is the latest update of any report in it.
        """
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path)
        check_header(path, COLUMNS)
        n_rows = read_csv_text(connection, path, read_header(path), "stage_raw", facts)
        require_rows(n_rows, f"{path}:2")
        self._reject(connection)
        self._stage_reports(connection)
        self._stage_answers(connection)
        self._refuse_unknown_wordings(connection)
        connection.execute(CONTENT_HASH)
        as_of = first_value(
            connection, f"select max(try_cast({_A}updated_at as timestamp))::date from stage_raw"
        )
        if as_of is None and options.as_of is None:
            raise CxError(
                f"{path}: no row has a date in {_A}updated_at; name the date of the file "
                "with --as-of"
            )
        return Staged(n_rows, as_of, path.name, facts.sha256)

    def _reject(self, connection: duckdb.DuckDBPyConnection) -> None:
        checks: list[tuple[str, str, str]] = [
            ("id", "try_cast(id as integer) is null", "must be a whole number"),
            (
                _A + "collection_year",
                f"not regexp_full_match(coalesce({_A}collection_year, ''), '20[0-9]{{2}}')",
                "must be a fiscal year such as 2021",
            ),
            (
                _A + "collection_quarter",
                f"coalesce({_A}collection_quarter, '') not in ('1', '2', '3', '4')",
                "must be a fiscal quarter from 1 to 4",
            ),
            (
                _A + "collection_year",
                f"regexp_full_match({_A}collection_year, '20[0-9]{{2}}') "
                f"and {_A}collection_quarter in ('1', '2', '3', '4') and quarter_start("
                f"{_A}collection_year || 'Q' || {_A}collection_quarter) > current_date",
                "must be a fiscal year whose quarter has begun",
            ),
            (
                _A + "service_provider_id",
                f"try_cast({_A}service_provider_id as integer) is null",
                "must be a whole number",
            ),
            (
                _A + "organization_abbreviation",
                f"coalesce(trim({_A}organization_abbreviation), '') = ''",
                "must be the short name of the organization, such as DHS",
            ),
            (
                _A + "created_at",
                f"try_cast({_A}created_at as timestamp) is null",
                "must be a date and time such as 2021-05-13T23:05:19Z",
            ),
        ]
        for name in _VOLUMES:
            checks.append(
                (
                    _A + name,
                    f"{_A}{name} is not null "
                    f"and not regexp_full_match({_A}{name}, '{_COUNT}(\\.0+)?')",
                    "must be a whole number of people, 0 or more, or blank",
                )
            )
        for question in QUESTIONS:
            for code in range(1, 6):
                column = f"{_A}q{question}_{code}"
                checks.append(
                    (
                        column,
                        f"{column} is not null and not regexp_full_match({column}, '{_COUNT}')",
                        "must be a whole number of answers, 0 or more, or blank",
                    )
                )
            column = f"{_A}q{question}_point_scale"
            checks.append(
                (
                    column,
                    f"{column} is not null and not "
                    f"coalesce(try_cast({column} as double) between 1 and 5, false)",
                    "must be a mean from 1 to 5, or blank",
                )
            )
        arms = "\nunion all\n".join(
            f"select line_number, '{column}' as column_name, 'The value ' || "
            f"coalesce(chr(39) || {column} || chr(39), 'is blank; it') || ' {must}.' as reason "
            f"from stage_raw where {condition}"
            for column, condition, must in checks
        )
        connection.execute(f"""
            insert into stage_reject
            with reasons as ({arms}
                union all
                select
                    line_number, 'id',
                    'Report ' || id || ' appears more than once in the file; keep one row.'
                from stage_raw
                where try_cast(id as integer) is not null
                qualify count(*) over (partition by try_cast(id as integer)) > 1
                union all
                select
                    line_number, '{_A}service_provider_id',
                    'There is no entry for provider ' || {_A}service_provider_id
                    || ' of the Department in data/reference/provider.csv; add one.'
                from stage_raw
                where
                    (
                        upper(trim({_A}organization_abbreviation)) = 'DHS'
                        or upper(trim({_A}organization_abbreviation))
                        in (select component from component)
                    )
                    and try_cast({_A}service_provider_id as integer)
                    not in (select provider_id from provider)
                union all
                select
                    raw.line_number, '{_A}service_provided',
                    'There is no entry for provider ' || provider.provider_id || ', survey '
                    || chr(39) || {_fold(f"raw.{_A}service_provided")} || chr(39)
                    || ', in data/reference/survey.csv; add one.'
                from stage_raw as raw
                inner join provider
                    on try_cast(raw.{_A}service_provider_id as integer) = provider.provider_id
                left join survey
                    on
                        provider.provider_id = survey.provider_id
                        and {_fold(f"raw.{_A}service_provided")} = survey.survey_name
                where survey.survey_name is null
            )
            select
                reasons.line_number, reasons.column_name, reasons.reason,
                to_json(stage_raw)::varchar
            from reasons
            inner join stage_raw using (line_number)
        """)

    def _stage_reports(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(rf"""
            insert into stage_report by name
            with usable as (
                select
                    raw.*,
                    trim(raw.{_A}omb_control_number, e' \t\r\n') as control_number,
                    {_fold(f"raw.{_A}service_provided")} as survey_name,
                    lower(trim(coalesce(raw.{_A}channel, ''))) as channel_text
                from stage_raw as raw
                where raw.line_number not in (select line_number from stage_reject)
            ),
            mapped as (
                select
                    usable.*,
                    provider.component,
                    survey.service,
                    survey.instrument,
                    service.name as service_name,
                    coalesce(channel.channel, channel_alias.channel, 'unmapped')
                        as mapped_channel
                from usable
                left join provider
                    on usable.{_A}service_provider_id::integer = provider.provider_id
                left join survey
                    on
                        provider.provider_id = survey.provider_id
                        and usable.survey_name = survey.survey_name
                left join service on survey.service = service.service
                left join channel on usable.channel_text = channel.channel
                left join channel_alias on usable.channel_text = channel_alias.alias
            )
            select
                line_number,
                id::integer as survey_id,
                upper(trim({_A}organization_abbreviation)) as organization,
                coalesce(component, 'FED') as component,
                coalesce(
                    service,
                    lower(trim({_A}organization_abbreviation)) || '-'
                    || coalesce({_A}service_id, '0')
                ) as service,
                mapped_channel as channel,
                {_A}collection_year || 'Q' || {_A}collection_quarter as quarter,
                case when component is null then 'a11-government' else instrument end
                    as instrument,
                {_A}{_VOLUMES[0]}::decimal(18, 3)::bigint as customers,
                {_A}{_VOLUMES[1]}::decimal(18, 3)::bigint as offered,
                {_A}{_VOLUMES[2]}::decimal(18, 3)::bigint as respondents,
                case when regexp_full_match(control_number, '\d{{4}}-\d{{4}}')
                    then control_number end as omb_control_number,
                {_A}created_at::timestamp::date as entered_on,
                nullif(concat_ws(
                    ';',
                    case when component is not null
                        and upper(trim({_A}organization_abbreviation)) <> 'DHS'
                        then 'filed_outside_department' end,
                    case when {_A}omb_control_number <> control_number
                        or {_A}service_provided <> survey_name then 'key_trimmed' end,
                    case when not regexp_full_match(
                        coalesce(control_number, ''), '\d{{4}}-\d{{4}}'
                    ) then 'control_number_placeholder' end,
                    case when mapped_channel = 'unmapped' then 'channel_unmapped' end,
                    case when component is not null
                        and trim({_A}service_name) <> service_name
                        then 'service_renamed' end
                ), '') as source_notes,
                '' as content_hash
            from mapped
        """)

    def _stage_answers(self, connection: duckdb.DuckDBPyConnection) -> None:
        def counts(question: int) -> str:
            column = f"{_A}q{question}"
            return ", ".join(
                f"coalesce({column}_{code}, '0')::bigint as n_{code}" for code in range(1, 6)
            )

        arms = "\nunion all\n".join(
            f"""select line_number, id::integer as survey_id, {question}::smallint as question,
                coalesce({_A}q{question}_text, '') as question_text,
                {counts(question)},
                {_A}q{question}_point_scale::decimal(5, 2) as published_mean
            from stage_raw
            where line_number not in (select line_number from stage_reject)"""
            for question in QUESTIONS
        )
        connection.execute(f"""
            create or replace temp table stage_text as
            with answers as ({arms})
            select
                answers.*,
                instrument_question.wording
            from answers
            inner join stage_report using (survey_id)
            left join instrument_question
                on
                    stage_report.instrument = instrument_question.instrument
                    and answers.question = instrument_question.question
                    and case
                        when instrument_question.pattern is null
                            then {_plain("answers.question_text")}
                                = {_plain("instrument_question.text")}
                        else regexp_matches(
                            {_plain("answers.question_text")}, instrument_question.pattern
                        )
                    end
            where answers.n_1 + answers.n_2 + answers.n_3 + answers.n_4 + answers.n_5 > 0
        """)
        connection.execute("""
            insert into stage_answer by name
            select survey_id, question, wording, n_1, n_2, n_3, n_4, n_5, published_mean
            from stage_text
            order by survey_id, question
        """)

    def _refuse_unknown_wordings(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Refuse reports of the Department whose question is not the instrument's."""
        connection.execute(f"""
            insert into stage_reject
            select
                stage_text.line_number,
                '{_A}q' || stage_text.question || '_text',
                'Question ' || stage_text.question || ' reads ' || chr(39)
                || stage_text.question_text || chr(39) || ', which instrument '
                || coalesce(stage_report.instrument, 'none')
                || ' does not have; add the wording to data/reference/instrument_question.csv.',
                to_json(stage_raw)::varchar
            from stage_text
            inner join stage_report using (survey_id)
            inner join stage_raw on stage_text.line_number = stage_raw.line_number
            where stage_text.wording is null and stage_report.component <> 'FED'
        """)
        connection.execute("""
            delete from stage_report
            where line_number in (select line_number from stage_reject)
        """)
        connection.execute("""
            delete from stage_answer
            where survey_id not in (select survey_id from stage_report)
        """)

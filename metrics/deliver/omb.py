"""The quarterly file for OMB: response files in the 17-column format, the fields of
collections and details, and a checklist of what keeps a service from a green rating.

Source: OMB Circular A-11 Section 280 as GSA Touchpoints implements it. Green asks for
one post-transaction data set per designated service with raw responses to the three
required questions (trust, drivers, open text) in the right format.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from metrics.base.duck import first_value, sql_text
from metrics.base.errors import CxError, UsageError
from metrics.intake.sources.survey import FLAGS
from metrics.intake.sources.touchpoints_cx import COLUMNS
from metrics.warehouse.store import COUNTING_LOADS, build_aggregates

SURVEY_TYPES = {"thumbs": "thumbs_up_down", "agree5": "likert_scale"}
"""Scale of the trust question to the survey type of the form; no other is accepted."""

POST_TRANSACTION = ("post_interaction", "post_service_journey")


@dataclass(frozen=True)
class ServiceCheck:
    """What OMB's rating asks of one service: what is there, what blocks green, and
    what to look at before sending."""

    service: str
    name: str
    component: str
    done: list[str] = field(default_factory=list)
    blocking: list[str] = field(default_factory=list)
    review: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OmbFiles:
    """What was written: folder, files and the check of each designated service."""

    folder: Path
    files: list[Path]
    checks: list[ServiceCheck]


_DETAILS = """
select
    report.component,
    service.name as service_name,
    report.service,
    report.survey,
    report.channel,
    report.quarter,
    report.customers,
    report.offered,
    report.respondents,
    design.transaction_point,
    design.service_stage,
    design.title as survey_title,
    instrument.omb_control_number,
    question.scale,
    question.text as trust_question_text,
    coalesce(counts.n_trust, 0)::bigint as n_trust,
    coalesce(counts.n_comments, 0)::bigint as n_comments,
    coalesce(counts.has_drivers, false) as has_drivers
from current_report as report
inner join response_survey as design on report.survey = design.survey
inner join service on report.service = service.service
inner join instrument on report.instrument = instrument.instrument
left join instrument_question as question
    on
        report.instrument = question.instrument
        and question.measure = 'trust'
        and question.asked_of = 'everyone'
left join (
    select
        survey,
        channel,
        quarter,
        sum(trust_0 + trust_1 + trust_2 + trust_3 + trust_4 + trust_5) as n_trust,
        sum(n_comments) as n_comments,
        sum(positive_effectiveness_shown + negative_effectiveness_shown) > 0
        and sum(positive_ease_shown + negative_ease_shown) > 0 as has_drivers
    from response_count
    group by survey, channel, quarter
) as counts
    on
        report.survey = counts.survey
        and report.channel = counts.channel
        and report.quarter = counts.quarter
where report.quarter = ? and report.component = coalesce(?, report.component)
order by report.component, report.service, report.survey, report.channel
"""


def write_omb(
    connection: duckdb.DuckDBPyConnection,
    quarter: str,
    component: str | None = None,
    folder: Path | None = None,
) -> OmbFiles:
    """Write what a fiscal quarter owes OMB from an open warehouse, for one Component or
    all, into a folder (default omb-QUARTER[-COMPONENT]).

    Raises CxError where there is nothing to write and UsageError where quarter or
    Component do not exist.
    """
    if not first_value(connection, "select regexp_full_match(?, '20[0-9]{2}Q[1-4]')", [quarter]):
        raise UsageError(f"{quarter!r} is no fiscal quarter; write it like 2024Q4")
    known = [r[0] for r in connection.execute("select component from component").fetchall()]
    if component is not None and component not in known:
        raise UsageError(f"unknown Component {component!r}; choose one of {', '.join(known)}")
    build_aggregates(connection)
    details = connection.execute(_DETAILS, [quarter, component]).df()
    owed = connection.execute(
        """
        select service, name, component from service
        where designated_from <= ? and ? <= coalesce(designated_to, ?)
            and component = coalesce(?, component)
        order by component, service
        """,
        [quarter, quarter, quarter, component],
    ).fetchall()
    if details.empty and not owed:
        raise CxError(
            f"no service of {component or 'the Department'} is designated for {quarter} and no "
            "responses are loaded for it; there is nothing to write"
        )
    folder = folder or Path(f"omb-{quarter}" + (f"-{component}" if component else ""))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CxError(f"{folder}: cannot be made ({error.strerror}); name a folder") from error
    files = []
    names = []
    for row in details.itertuples():
        is_written = row.scale in SURVEY_TYPES and row.n_trust > 0
        name = f"{row.survey}-{row.channel}-{quarter}.csv" if is_written else None
        names.append(name)
        if name is not None:
            _write_responses(connection, folder / name, str(row.survey), str(row.channel), quarter)
            files.append(folder / name)
    details["responses_file"] = names
    checks = [
        _check(connection, service, name, owner, details[details["service"] == service], quarter)
        for service, name, owner in owed
    ]
    files.append(_write_collections(folder, checks, quarter))
    files.append(_write_details(folder, details, quarter))
    due_on = first_value(connection, "select report_due_on(?)", [quarter])
    files.append(_write_checklist(folder, checks, details, quarter, str(due_on)))
    return OmbFiles(folder, files, checks)


def _write_responses(
    connection: duckdb.DuckDBPyConnection, file: Path, survey: str, channel: str, quarter: str
) -> None:
    flags = ", ".join(f"coalesce(response.{flag}::varchar, 'null') as {flag}" for flag in FLAGS)
    connection.execute(f"""
        copy (
            select response.response_id as {COLUMNS[0]}, response.trust as {COLUMNS[1]},
                {flags}, coalesce(comment.comment, '') as {COLUMNS[-1]}
            from survey_response as response
            inner join release
                on response.survey = release.survey and response.quarter = release.quarter
            left join survey_comment as comment
                on response.load_id = comment.load_id and response.survey = comment.survey
                    and response.quarter = comment.quarter
                    and response.response_id = comment.response_id
            where response.survey = {sql_text(survey)}
                and response.channel = {sql_text(channel)}
                and response.quarter = {sql_text(quarter)}
                and counts_at(response.load_id, response.superseded_by, release.load_id)
                and response.trust is not null
            order by response.response_id
        ) to {sql_text(str(file))} (header, delimiter ',')
    """)


def _check(
    connection: duckdb.DuckDBPyConnection,
    service: str,
    name: str,
    component: str,
    rows: pd.DataFrame,
    quarter: str,
) -> ServiceCheck:
    check = ServiceCheck(service, name, component)
    post = rows[rows["transaction_point"].isin(POST_TRANSACTION) & (rows["n_trust"] > 0)]
    if rows.empty:
        check.blocking.append("No responses and no volumes are loaded for the quarter.")
        return check
    if post.empty:
        check.blocking.append("No survey after a transaction has answers to the trust question.")
    else:
        check.done.append(f"{int(post['n_trust'].sum()):,} answers to the trust question.")
    for row in rows.itertuples():
        where = f"{row.survey}, {row.channel}"
        if row.n_trust > 0 and row.scale not in SURVEY_TYPES:
            check.blocking.append(
                f"{where}: the trust question is asked with yes or no, which the response file "
                "cannot carry (thumbs_up_down or likert_scale); no file was written."
            )
        if row.n_trust > 0 and not row.has_drivers:
            check.blocking.append(
                f"{where}: the drivers effectiveness and ease were not offered to respondents."
            )
        if row.n_trust > 0 and row.n_comments == 0:
            check.review.append(f"{where}: nobody wrote a comment; was the open question asked?")
        if row.n_trust > 0 and pd.isna(row.omb_control_number):
            check.blocking.append(
                f"{where}: the OMB control number of the instrument is unknown; add it to "
                "data/reference/instrument.csv."
            )
        check.blocking.extend(_volume_faults(row.customers, row.offered, row.respondents, where))
    refused = first_value(
        connection,
        f"select coalesce(sum(n_rejected), 0) from (select * {COUNTING_LOADS}) as load "
        "inner join response_survey on load.survey = response_survey.survey "
        "where response_survey.service = ?",
        [service],
    )
    if refused:
        check.review.append(
            f"{int(refused):,} rows of the files loaded so far were refused; see rejected_row."
        )
    if int(rows["n_comments"].sum()):
        check.review.append("Comments are as customers wrote them: look for personal data.")
    return check


def _volume_faults(customers: Any, offered: Any, respondents: Any, where: str) -> list[str]:
    """Say what is wrong with the volumes of one survey and channel."""
    faults = []
    if pd.isna(customers):
        faults.append(f"{where}: the number of customers is missing.")
    if pd.isna(offered):
        faults.append(f"{where}: the number of customers offered the survey is missing.")
    elif offered < respondents:
        faults.append(f"{where}: more people answered than were offered the survey.")
    elif pd.notna(customers) and offered > customers:
        faults.append(f"{where}: more customers were offered the survey than used the service.")
    return faults


def _write_collections(folder: Path, checks: list[ServiceCheck], quarter: str) -> Path:
    file = folder / "collections.csv"
    pd.DataFrame(
        {
            "organization": "Department of Homeland Security",
            "service_provider": [check.component for check in checks],
            "service": [check.name for check in checks],
            "fiscal_year": quarter[:4],
            "quarter": quarter[-1],
            "is_ready": [not check.blocking for check in checks],
        }
    ).to_csv(file, index=False)
    return file


def _write_details(folder: Path, details: pd.DataFrame, quarter: str) -> Path:
    file = folder / "details.csv"
    pd.DataFrame(
        {
            "service_provider": details["component"],
            "service": details["service_name"],
            "fiscal_year": quarter[:4],
            "quarter": quarter[-1],
            "survey": details["survey"],
            "transaction_point": details["transaction_point"],
            "channel": details["channel"],
            "service_stage": details["service_stage"],
            "survey_type": details["scale"].map(SURVEY_TYPES),
            "survey_title": details["survey_title"],
            "trust_question_text": details["trust_question_text"],
            "omb_control_number": details["omb_control_number"],
            "volume_of_customers": details["customers"].astype("Int64"),
            "volume_of_customers_provided_survey_opportunity": details["offered"].astype("Int64"),
            "volume_of_respondents": details["n_trust"],
            "responses_file": details["responses_file"],
        }
    ).to_csv(file, index=False)
    return file


def _write_checklist(
    folder: Path, checks: list[ServiceCheck], details: pd.DataFrame, quarter: str, due_on: str
) -> Path:
    file = folder / "checklist.md"
    n_ready = sum(not check.blocking for check in checks)
    lines = [
        f"# What fiscal quarter {quarter} owes OMB",
        "",
        f"Due on {due_on}. {n_ready} of {len(checks)} designated services have what a green rating "
        "asks for.",
    ]
    for check in checks:
        verdict = "blocked" if check.blocking else "ready"
        lines += ["", f"## {check.component}: {check.name}: {verdict}", ""]
        lines += [f"- [x] {text}" for text in check.done]
        lines += [f"- [ ] {text}" for text in check.blocking]
        lines += [f"- Look at: {text}" for text in check.review]
    written = details[details["responses_file"].notna()]
    if not written.empty:
        lines += ["", "## Response files", ""]
        lines += [
            f"- `{row.responses_file}`: {row.n_trust:,} responses; read back with `python -m "
            f"metrics load touchpoints-cx {row.responses_file} --survey {row.survey} --quarter "
            f"{quarter}`"
            for row in written.itertuples()
        ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file

"""Paperwork burden as a CSV file: one row per information collection request (ICR) and
snapshot, in the project's own columns; and the checks that `reginfo` shares."""

from pathlib import Path

import duckdb

from metrics.base.duck import sql_text
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

MEASURES = ("responses", "hours", "cost_usd")
CAUSES = ("new_statute", "agency_discretion", "adjustment", "violation")
TEXTS = (
    "icr_reference", "omb_control_number", "agency_code", "component", "title", "form_numbers",
    "request_type", "status", "conclusion", "value_basis", "source_address", "note",
)  # fmt: skip
DATES = ("snapshot_on", "concluded_on", "received_on", "expires_on")
FLAGS = (
    "is_partial_inventory",
    "is_learning_cost_assessed",
    "is_psychological_cost_assessed",
)
COUNTS = (
    "responses", "previous_responses", "n_collections", "collections_responses",
    "n_instruments", "n_instruments_known", "n_electronic",
)  # fmt: skip
AMOUNTS = ("hours", "cost_usd", "previous_hours", "previous_cost_usd", "collections_hours")
CHANGES = tuple(f"{measure}_{cause}" for measure in MEASURES for cause in CAUSES)
COLUMNS = (*TEXTS, *DATES, *FLAGS, *COUNTS, *AMOUNTS, *CHANGES)

REQUIRED = ("icr_reference", "title", "value_basis", *MEASURES)

FIGURES = {
    **dict.fromkeys(COUNTS, ("[0-9]{1,15}", "bigint", "a whole number, 0 or more")),
    **dict.fromkeys(
        AMOUNTS,
        (
            r"[0-9]{1,15}(\.[0-9]{1,2})?",
            "decimal(18, 2)",
            "a number, 0 or more, with at most 2 decimals",
        ),
    ),
    **dict.fromkeys(
        CHANGES,
        (
            r"-?[0-9]{1,15}(\.[0-9]{1,2})?",
            "decimal(18, 2)",
            "a number with at most 2 decimals",
        ),
    ),
    **dict.fromkeys(
        (name for name in CHANGES if name.startswith("responses_")),
        ("-?[0-9]{1,15}", "bigint", "a whole number"),
    ),
}
"""Columns of numbers: what a text must look like, its type, and that rule in words. With up
to 12 digits before the point a number, and a sum of many, is exact wherever it goes."""


class BurdenRequests:
    """Source `burden-requests`."""

    name = "burden-requests"
    title = "Paperwork burden, one row for each information collection request"
    fills = "burden"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has the required columns."""
        path = Path(location)
        return path.is_file() and set(REQUIRED) <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the requests; see `Source.stage`."""
        connection.execute(STAGING)
        path = existing(location)
        facts = file_facts(path, may_end_open=True)
        header = read_header(path)
        require_columns(header, list(REQUIRED), f"{location}:1")
        require_columns(header, [name for name in header if name in COLUMNS], f"{location}:1")
        if extra := [name for name in header if name not in COLUMNS]:
            raise CxError(
                f"{location}:1: column {extra[0]!r} is not expected; the columns are "
                f"{', '.join(COLUMNS)}"
            )
        if "snapshot_on" not in header and options.as_of is None:
            raise CxError(
                f"{location}:1: the file does not say which day it speaks of; "
                "add the column snapshot_on, or say --as-of DATE"
            )
        n_rows = read_csv_text(connection, path, header, "stage_raw", facts)
        require_rows(n_rows, f"{path}:{facts.n_lines + 1}")
        for name in set(COLUMNS) - set(header):
            connection.execute(f"alter table stage_raw add column {name} varchar")
        folded = {*FIGURES, *FLAGS, "value_basis"}
        texts = ", ".join(
            f"case when lower({text}) not in {NO_ANSWER} then {text} end as {name}"
            for name, text in (
                (name, (FOLDED if name in folded else TRIMMED).format(name)) for name in COLUMNS
            )
        )
        connection.execute(
            f"create or replace temp table stage_burden_text as "
            f"select line_number, {texts} from stage_raw"
        )
        if options.as_of is not None:
            connection.execute(
                "update stage_burden_text set snapshot_on = ? where snapshot_on is null",
                [str(options.as_of)],
            )
        # Whoever does not say that a file is the whole inventory gets no totals from it.
        connection.execute(
            "update stage_burden_text set is_partial_inventory = 'true' "
            "where is_partial_inventory is null"
        )
        stage_requests(connection)
        return Staged(n_rows, None, path.name, facts.sha256)


def stage_requests(
    connection: duckdb.DuckDBPyConnection, names: dict[str, str] | None = None
) -> None:
    """Check the texts of `stage_burden_text` (line_number and COLUMNS) and fill the staging.

    `names` are what the file calls a column, where it is not the column's own name.
    Agency code and Component that are blank come from the number of the request.
    """
    connection.execute("""
        create or replace temp table stage_placed as
        with coded as (
            select * replace (
                coalesce(
                    agency_code,
                    nullif(regexp_extract(icr_reference, '^[0-9]{6}-([0-9]{4})-', 1), '')
                ) as agency_code
            )
            from stage_burden_text
        )
        select coded.* replace (
            coalesce(
                coded.component, own.component, by_code.component,
                case when coded.agency_code not like '16%' then 'FED' end
            ) as component
        )
        from coded
        left join agency_code as own
            on coded.omb_control_number = own.omb_control_number
        left join agency_code as by_code
            on coded.agency_code = by_code.agency_code and by_code.omb_control_number is null
    """)
    _reject(connection, names or {})
    casts = [
        *TEXTS,
        *(f"{name}::date as {name}" for name in DATES),
        *(f"{name}::boolean as {name}" for name in FLAGS),
        *(f"{name}::{type_name} as {name}" for name, (_, type_name, _) in FIGURES.items()),
    ]
    connection.execute(f"""
        insert into stage_burden by name
        select line_number, {", ".join(casts)}
        from stage_placed
        where line_number not in (select line_number from stage_reject)
    """)


def _reject(connection: duckdb.DuckDBPyConnection, names: dict[str, str]) -> None:
    """Say of each row what keeps it from being used."""
    pattern = "not regexp_full_match({0}, {1})"
    checks = [
        (
            "icr_reference",
            "not regexp_full_match(coalesce(icr_reference, ''), '[0-9]{6}-[0-9]{4}-[0-9]{3}')",
            "must be a number of six, four and three digits with hyphens",
        ),
        (
            "omb_control_number",
            pattern.format("omb_control_number", "'[0-9]{4}-[0-9]{4}'"),
            "must be a number such as 1651-0001, or blank",
        ),
        (
            "agency_code",
            pattern.format("agency_code", "'[0-9]{4}'"),
            "must be four digits such as 1651, or blank",
        ),
        (
            "component",
            "regexp_full_match(icr_reference, '[0-9]{6}-[0-9]{4}-[0-9]{3}') "
            "and coalesce(component <> 'FED' "
            "and component not in (select component from component), true)",
            "must be a Component, or the agency code one of data/reference/agency_code.csv; "
            "codes that begin with 16 are of the Department, so add the code there",
        ),
        ("title", "title is null", "must be the title of the request"),
        (
            "value_basis",
            "coalesce(value_basis not in ('approved', 'requested'), true)",
            "must be approved or requested",
        ),
        *(
            (
                name,
                f"{'true' if name == 'snapshot_on' else 'false'} and {name} is null "
                f"or {name} is not null and (not regexp_full_match({name}, "
                f"'[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') or try_cast({name} as date) is null)",
                "must be a date such as 2024-10-31"
                + ("" if name == "snapshot_on" else ", or blank"),
            )
            for name in DATES
        ),
        *(
            (
                name,
                f"try_cast({name} as date) not between date '1980-01-01' and {last}",
                "must be a date from 1980 on" + (", and not still to come" if is_past else ""),
            )
            for name, is_past, last in (
                ("snapshot_on", True, "current_date + 1"),
                ("received_on", True, "current_date + 1"),
                ("concluded_on", True, "current_date + 1"),
                ("expires_on", False, "date '2099-12-31'"),
            )
        ),
        *(
            (
                name,
                rf"regexp_full_match({name}, '-?[0-9]{{13,15}}(\..*)?')",
                "must have at most 12 digits before the point",
            )
            for name in FIGURES
        ),
        *((name, f"{name} not in ('true', 'false')", "must be true or false") for name in FLAGS),
        *(
            (name, pattern.format(name, sql_text(f"({shape})")), f"must be {words}, or blank")
            for name, (shape, _, words) in FIGURES.items()
        ),
    ]
    arms = value_reasons(checks, "stage_placed", names)
    reference = sql_text(names.get("icr_reference", "icr_reference"))
    row = ", ".join(f"{name}: {name}" for name in COLUMNS)
    connection.execute(f"""
        insert into stage_reject
        with reasons as (
            {arms}
            union all
            select
                line_number, {reference},
                'The request appears more than once for the same day; keep one of them.'
            from stage_placed
            qualify count(*) over (partition by icr_reference, snapshot_on) > 1
            union all
            select
                line_number, {sql_text(names.get("n_electronic", "n_electronic"))},
                'More instruments are available electronically than are known, or more are '
                || 'known than there are.'
            from stage_placed
            where
                try_cast(n_electronic as bigint) > try_cast(n_instruments_known as bigint)
                or try_cast(n_instruments_known as bigint) > try_cast(n_instruments as bigint)
        )
        select reasons.line_number, reasons.column_name, reasons.reason,
            to_json({{{row}}})::varchar
        from reasons
        inner join stage_placed using (line_number)
    """)

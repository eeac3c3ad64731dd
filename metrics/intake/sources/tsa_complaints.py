"""Complaints that the TSA Contact Center reports by airport, month and category."""

from pathlib import Path

import duckdb

from metrics.intake.sources.base import LoadOptions, Staged, check_header, read_header
from metrics.intake.sources.counts import finish, opened, read_texts, reads

COLUMNS = [
    *("source_report", "airport", "fiscal_year", "fiscal_quarter"),
    *("month", "category", "complaints"),
]


class TsaComplaints:
    """Source `tsa-complaints`."""

    name = "tsa-complaints"
    title = "TSA complaints by airport, month and category"
    fills = "count"

    def recognizes(self, location: str) -> bool:
        """Say whether the header has airport, category and complaints."""
        path = Path(location)
        return path.is_file() and {"airport", "category", "complaints"} <= set(read_header(path))

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the complaints; see `Source.stage`. A blank airport reads not_stated."""
        path, facts, header = opened(connection, location)
        check_header(path, COLUMNS)
        n_rows = read_texts(connection, path, header, facts, COLUMNS)
        connection.execute("""
            create or replace temp table stage_count_text as
            select
                line_number, 'TSA' as component, null as service, null as channel,
                coalesce(airport, 'not_stated') as place, 'month' as period_kind,
                try_cast(month || '-01' as date) as starts_on, 'complaint' as activity,
                category, complaints as n, source_report as report
            from stage_text
        """)
        is_month = reads("month", "month")
        of_month = "fiscal_quarter(try_cast(month || '-01' as date))"
        checks = [
            ("source_report", "source_report is null", "must name the report"),
            ("airport", "airport is not null and not regexp_full_match(airport, '[A-Z0-9]{3,4}')",
             "must be an airport code such as ATL, or blank"),
            ("month", f"not coalesce({is_month}, false)", "must be a month such as 2024-10"),
            ("fiscal_year", f"{is_month} and fiscal_year is distinct from left({of_month}, 4)",
             "must be the fiscal year of the month"),
            ("fiscal_quarter",
             f"{is_month} and fiscal_quarter is distinct from right({of_month}, 1)",
             "must be the fiscal quarter of the month, 1 to 4"),
            ("category", "category is null", "must name the category"),
        ]  # fmt: skip
        finish(connection, checks, COLUMNS, "month", "complaints")
        return Staged(n_rows, None, path.name, facts.sha256)

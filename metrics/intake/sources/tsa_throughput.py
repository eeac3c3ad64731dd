"""Passengers screened at TSA checkpoints, day by day."""

from pathlib import Path

import duckdb

from metrics.intake.sources.base import LoadOptions, Staged, check_header, read_header
from metrics.intake.sources.counts import finish, opened, read_texts, reads

COLUMNS = ["date", "passengers"]


class TsaThroughput:
    """Source `tsa-throughput`."""

    name = "tsa-throughput"
    title = "TSA checkpoint passengers by day"
    fills = "count"

    def recognizes(self, location: str) -> bool:
        """Say whether the columns are date and passengers."""
        path = Path(location)
        return path.is_file() and sorted(read_header(path)) == COLUMNS

    def stage(
        self, connection: duckdb.DuckDBPyConnection, location: str, options: LoadOptions
    ) -> Staged:
        """Stage the passengers as customers of TSA; see `Source.stage`."""
        path, facts, header = opened(connection, location)
        check_header(path, COLUMNS)
        n_rows = read_texts(connection, path, header, facts, COLUMNS)
        connection.execute("""
            create or replace temp table stage_count_text as
            select
                line_number, 'TSA' as component, null as service, null as channel,
                null as place, 'day' as period_kind, try_cast(date as date) as starts_on,
                'customer' as activity, null as category, passengers as n, null as report
            from stage_text
        """)
        is_day = f"{reads('date', 'day')} and try_cast(date as date) is not null"
        checks = [("date", f"not coalesce({is_day}, false)", "must be a day such as 2024-10-31")]
        finish(connection, checks, COLUMNS, "date", "passengers")
        return Staged(n_rows, None, path.name, facts.sha256)

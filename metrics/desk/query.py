"""Looks at the tables that a metric may read, as confined as a metric is."""

from pathlib import Path

import pandas as pd

from metrics.base.errors import CxError
from metrics.base.reading import readable_tables, referenced_tables
from metrics.base.sqlfiles import macro_statements
from metrics.define import sandbox
from metrics.warehouse.store import open_fresh


def query(home: Path, sql: str, limit: int) -> pd.DataFrame:
    """Return the first rows of one select over aggregates and reference tables.

    Raises CxError, as `line: what is wrong; how to fix it`, where it is more than that,
    or where it takes more than a metric may.
    """
    refused = sandbox.refusals(sql)
    if refused:
        raise CxError("\n".join(f"line {one.line}: {one.message}" for one in refused))
    with (
        open_fresh(home) as connection,
        sandbox.Sandbox(connection, macro_statements(), sandbox.limits_set()) as box,
    ):
        box.copy(referenced_tables(sql) & readable_tables())
        one = {"name": "answer", "into": "query", "schema": "main", "sql": sql}
        (outcome,) = box.run([one], n_rows=limit).values()
        if outcome.error is not None:
            raise CxError(outcome.error.splitlines()[0])
        table = box.table("query", "answer")
        return connection.execute(f"from {table}").df()

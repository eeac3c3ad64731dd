"""The door of the warehouse: comments pass it without the personal data in them.

Each distinct text is read once. What was written stands in temporary tables of the
load alone, which are never part of the warehouse file.
"""

import re
from collections.abc import Sequence

import duckdb
import pandas as pd

from metrics.base.duck import first_value
from metrics.intake.text import redaction, sentiment

BATCH = 200_000
"""Distinct texts that are in memory at once."""

QUOTE_START, QUOTE_END = "\ue000", "\ue001"
"""Signs around a value that a reason quotes. It is quoted whole until personal data are
out of it, because a cut number would not be known as one."""
QUOTED_LENGTH = 60

COLUMNS = {
    "clear": "varchar",
    "comment": "varchar",
    "n_redacted": "smallint",
    "redaction": "varchar",
    "sentiment": "varchar",
    "sentiment_score": "float",
    "sentiment_method": "varchar",
}


def read_comments(connection: duckdb.DuckDBPyConnection, clear: str) -> None:
    """Fill the temporary table comment_read, one row per distinct text of `clear`, a
    select with the column clear: the text without personal data, and what is said of it.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"create or replace temp table comment_read ({columns})")
    connection.execute(
        f"create or replace temp table comment_clear as select distinct * from ({clear})"
    )
    count = int(first_value(connection, "select count(*) from comment_clear") or 0)
    n_batches = -(-count // BATCH)
    for number in range(n_batches):
        texts = connection.execute(
            "select clear from comment_clear where hash(clear) % ? = ?", [n_batches, number]
        ).fetchall()
        _insert(connection, "comment_read", [_read(text) for (text,) in texts], list(COLUMNS))
    connection.execute("drop table comment_clear")


def _read(clear: str) -> tuple[str, str, int, str, str, float, str]:
    comment, n_redacted = redaction.redact(clear)
    label, score = sentiment.judge(comment)
    return clear, comment, n_redacted, redaction.method(), label, score, sentiment.method()


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Sequence[tuple[object, ...]],
    names: list[str],
) -> None:
    frame = pd.DataFrame(rows, columns=names)
    connection.register("frame_to_insert", frame)
    connection.execute(f"insert into {table} by name select * from frame_to_insert")
    connection.unregister("frame_to_insert")


def redact_rejects(connection: duckdb.DuckDBPyConnection, are_figures: bool) -> None:
    """Take personal data out of stage_reject: out of the rows as they came, and out of
    the values that reasons quote. In rows of figures a long number alone is a figure."""
    without = "number" if are_figures else ""
    texts = connection.execute(
        "select raw_text from stage_reject union select reason from stage_reject"
    ).fetchall()
    changed = [
        (clear, text) for (clear,) in texts if (text := _without_quotes(clear, without)) != clear
    ]
    if not changed:
        return
    connection.execute("create or replace temp table reject_read (clear varchar, text varchar)")
    _insert(connection, "reject_read", changed, ["clear", "text"])
    for column in ("reason", "raw_text"):
        connection.execute(f"""
            update stage_reject set {column} = reject_read.text
            from reject_read
            where stage_reject.{column} = reject_read.clear
        """)
    connection.execute("drop table reject_read")


def _without_quotes(text: str, without: str) -> str:
    """Return a text without personal data, its quoted values shortened."""
    quoted = re.sub(
        f"{QUOTE_START}(.*?){QUOTE_END}",
        lambda found: f"'{redaction.redact(found[1], without)[0][:QUOTED_LENGTH]}'",
        text,
        flags=re.DOTALL,
    )
    return redaction.redact(quoted, without)[0]

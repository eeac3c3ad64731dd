"""What a file with the answers of an assessment of CX maturity looks like."""

import csv
import io
from collections.abc import Mapping

import pandas as pd

REQUIRED = ("component", "model", "assessed_on", "method", "practice", "status")
OPTIONAL = ("unit", "participants", "evidence_url")
FOR_PEOPLE = ("function", "level", "text")
"""Columns that help whoever fills a file in; they are not read."""

METHODS = ("workshop", "self")
STATUSES = ("done", "not_done", "not_applicable", "unanswered")

_ABOUT = ("component", "unit", "model", "assessed_on", "method", "participants")
_ANSWER = ("function", "level", "practice", "text", "status", "evidence_url")


def answer_file(
    practices: pd.DataFrame,
    about: Mapping[str, str],
    statuses: Mapping[str, str],
    evidence: Mapping[str, str],
) -> bytes:
    """Return the answers of an assessment as a CSV file of the source `maturity`.

    `practices` are the rows to ask about (practice, text, and the names of function and
    level), `about` the values of the whole assessment by column. A practice without a
    status is unanswered. With nothing but practices the file is a blank one to fill in.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_ABOUT, *_ANSWER])
    for row in practices.itertuples():
        answer = {
            "function": row.function,
            "level": row.level,
            "practice": row.practice,
            "text": row.text,
            "status": statuses.get(str(row.practice), "unanswered"),
            "evidence_url": evidence.get(str(row.practice), ""),
        }
        writer.writerow([about.get(name, "") for name in _ABOUT] + list(answer.values()))
    return out.getvalue().encode("utf-8-sig")

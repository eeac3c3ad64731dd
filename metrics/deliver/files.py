"""Files out of the warehouse and the editions."""

import re
from typing import Any

import pandas as pd

from metrics.base.periods import period_label
from metrics.edition.edition import DEMONSTRATION, MADE_UP, NOT_OFFICIAL, Edition

FROM_REPORTS = "Figures are from published federal reports."

MARK_COLUMN = "data_set"
"""Column that says in every row of a file that its figures are made up, or not published."""


def marked_rows(opened: Edition, frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows that leave an edition as a file: where its figures are made up or not
    published, every row says so in a first column."""
    if not opened.notices:
        return frame
    marked = frame.copy()
    marked.insert(0, MARK_COLUMN, ", ".join(opened.notices))
    return marked


def marked_name(opened: Edition, file_name: str) -> str:
    """Return the name of a file made from an edition, which says where its figures are
    made up or not published."""
    return "_".join([*(re.split("[: ]", mark)[0] for mark in opened.notices), file_name])


def provenance_text(opened: Edition) -> str:
    """Return who speaks in what is made from an edition, and whether its figures are real."""
    if opened.is_demonstration:
        return f"{DEMONSTRATION}. {MADE_UP} {NOT_OFFICIAL}"
    return f"{NOT_OFFICIAL} {FROM_REPORTS}"


def data_through_text(opened: Edition) -> str:
    """Return through which quarter the figures of an edition go; those of other sources
    than surveys may have quarters of their own."""
    families = opened.manifest.get("families", {})
    others = [
        f"{family} {period_label(span['through'])}"
        for family, span in families.items()
        if family not in ("experience", "response")
    ]
    told = f" (surveys; {', '.join(others)})" if others else ""
    return period_label(opened.manifest["data_through"], long=True) + told


def source_text(opened: Edition) -> str:
    """Return what a picture says of where its figures are from, in one paragraph."""
    published = "Previewed" if opened.is_private else "Published"
    return (
        f"DHS customer experience dashboard. Data through {data_through_text(opened)}. "
        f"{published} on {opened.manifest['published_at'][:10]}. Edition {opened.id}. "
        f"{provenance_text(opened)}"
    )


_STARTS_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_IS_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+%?")


def runs_as_formula(cell: Any) -> bool:
    """Say whether a spreadsheet would run a cell: a text that starts as a formula does.
    Numbers are none, also those written as text, such as -0.5 or +4.1%."""
    return (
        isinstance(cell, str)
        and bool(_STARTS_FORMULA.match(cell))
        and not _IS_NUMBER.fullmatch(cell)
    )


def defused(cell: Any) -> Any:
    """Return a cell of a CSV file, with an apostrophe before what would run as a formula.
    Spreadsheets take what follows as text."""
    return f"'{cell}" if runs_as_formula(cell) else cell


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows for a CSV file in which a spreadsheet finds no formula to run."""
    frame = frame.rename(columns=defused)
    texts = frame.select_dtypes(exclude=["number", "bool", "datetime"]).columns
    return frame.assign(**{name: frame[name].map(defused) for name in texts})


def csv_file(opened: Edition, frame: pd.DataFrame) -> bytes:
    """Return rows of an edition as a CSV file that spreadsheets read as UTF-8, and in which
    they find no formula to run."""
    text: str = without_formulas(marked_rows(opened, frame)).to_csv(index=False)
    return text.encode("utf-8-sig")

"""How texts of a file are compared: trimmed and folded, in SQL and in Python alike."""

import re

from metrics.base.duck import sql_text
from metrics.intake.text.door import QUOTE_END, QUOTE_START

NO_ANSWER = ("", "null")


ILLEGAL = -1
"""Marks a code that the instrument does not have until the row is rejected."""


TRIMMED = r"trim({0}, e' \t\r\n')"


FOLDED = (
    rf"case when contains({{0}}, '.') then regexp_replace(lower({TRIMMED}), "
    rf"'^(-?[0-9]+)\.0+$', '\1') else lower({TRIMMED}) end"
)
"""SQL for a text as codes are compared: case and blanks around it do not count, and a
number that went through a spreadsheet or a data frame reads 5.0."""


def fold(text: str) -> str:
    """Return a text as FOLDED makes it."""
    return re.sub(r"^(-?[0-9]+)\.0+$", r"\1", text.strip(" \t\r\n").lower())


def sql_name(name: str) -> str:
    """Return a column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quoted(sql: str) -> str:
    """SQL for a text in quotes, for a reason; `metrics.intake.text.door` shortens it."""
    return f"{sql_text(QUOTE_START)} || {sql} || {sql_text(QUOTE_END)}"

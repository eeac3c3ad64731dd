"""What rows of one metric differ by, in words: the parts of a breakdown, and the bases."""

import re

import pandas as pd

from metrics.base.numbers import band_text
from metrics.edition.edition import Edition
from metrics.tell import sentences
from metrics.tell.vocabulary import BURDEN_CAUSES, DRIVERS, REPORT_STATUS
from ui import state
from ui.filters import choice

TOTAL = "_total"
"""Choice of the total instead of a part."""
_TABLES = {
    "theme": "theme",
    "about": "theme",
    "category": "category",
    "reason": "category",
    "segment_value": "segment_value",
    "function": "maturity_function",
}
"""Breakdowns whose codes a reference table names, and the table."""
_CODES = {
    "driver": DRIVERS,
    "cause": BURDEN_CAUSES,
    "reporting_status": REPORT_STATUS,
    "is_named": {"yes": "Named or rated well", "no": "The others asked"},
}


def part_names(edition: Edition, metric: str, rows: pd.DataFrame) -> dict[str, str]:
    """Return the parts of a metric among published rows in words, code to words, in
    their order: codes that begin with a number by it, others by the alphabet."""
    breakdown = str(edition.metrics.loc[metric, "breakdown"])
    found = rows.loc[rows["breakdown"].notna(), ["breakdown", "basis"]].drop_duplicates("breakdown")
    known = dict(_CODES.get(breakdown, {}))
    if breakdown in _TABLES:
        table = state.table(edition, _TABLES[breakdown])
        column = _TABLES[breakdown].removeprefix("maturity_")
        known = dict(zip(table[column], table["name"], strict=True))
    names = {}
    for code, basis in found.itertuples(index=False):
        if breakdown == "answer":
            names[code] = sentences.answer_names(basis).get(code, code)
        elif breakdown == "band" and len(basis.split("/")) > 1:
            names[code] = band_text(code, basis.split("/")[1])
        elif breakdown == "hour_of_day":
            names[code] = f"{int(code)}:00 to {int(code) + 1}:00"
        else:
            names[code] = known.get(code, _plain(code))
    return dict(sorted(names.items(), key=lambda item: (*_place(item[0]), item[1])))


def basis_names(edition: Edition, rows: pd.DataFrame) -> dict[str, str]:
    """Return words that tell the bases of the rows of one metric apart, by basis."""
    return sentences.basis_labels(sorted(rows["basis"].unique()), _families(edition))


def told_apart(edition: Edition, labels: "pd.Series[str]", rows: pd.DataFrame) -> "pd.Series[str]":
    """Return the labels of published rows, with the question behind each label that several
    have."""
    return sentences.told_apart(labels, rows["basis"], _families(edition))


def _families(edition: Edition) -> dict[str, str]:
    instruments = state.table(edition, "instrument")
    return dict(zip(instruments["family"], instruments["family_name"], strict=True))


def _plain(code: str) -> str:
    """A code of small letters and _ as words; anything else is a name already."""
    if re.fullmatch(r"[a-z][a-z0-9_]*", code):
        return code[0].upper() + code[1:].replace("_", " ")
    return code


def _place(code: str) -> tuple[float, str]:
    number = re.match(r"\d+(\.\d+)?(?=[-+]|$)", code)
    return (float(number[0]), "") if number else (float("inf"), "")


def is_ordered(names: dict[str, str]) -> bool:
    """Say whether the parts have an order of their own, such as answers, bands or hours."""
    return bool(names) and all(_place(code)[0] < float("inf") for code in names)


def has_total(rows: pd.DataFrame, kind: str) -> bool:
    """Say whether the total beside the parts tells anything: there is a figure, and it is
    more than that all answers are 100% of all answers. Without parts the total is all."""
    if rows["breakdown"].isna().all():
        return True
    values = rows.loc[rows["breakdown"].isna(), "value"].dropna()
    return not values.empty and not (kind == "share" and values.eq(1).all())


def part_choice(label: str, names: dict[str, str], with_total: bool) -> str | None:
    """Show the choice of a part, kept in the address as `part`; None is the total. Without
    a choice to make, nothing is shown."""
    options = [*([TOTAL] if with_total else []), *names]
    if len(options) < 2:
        return None if with_total else next(iter(names), None)
    part = choice(label, "part", options, options[0], lambda code: names.get(code, "All together"))
    return None if part == TOTAL else part

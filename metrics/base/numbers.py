"""Numbers as people read them: shares, amounts, times, changes, lists."""

import re
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import pandas as pd

MISSING = "–"


SMALL_SHARE = 0.01
"""Shares below this are printed with two decimals of a percent."""


def has_words(texts: "pd.Series[Any]", typed: str) -> bool:
    """Say whether each word typed begins a word of one of the texts, in capitals or not:
    'ratio' is found in 'hours_ratio', not in 'operations'."""
    whole = " ".join(str(value) for value in texts if not is_missing(value)).casefold()
    return all(
        re.search(rf"(?<![^\W_]){re.escape(word)}", whole) for word in typed.casefold().split()
    )


def is_missing(value: Any) -> bool:
    """Say whether a looked-up value is absent."""
    return value is None or bool(pd.isna(value))


def worded(value: Any) -> str:
    """Return a looked-up text with its periods in words, or nothing where it is absent."""
    if is_missing(value):
        return ""
    return re.sub(r"\b(20\d\d)Q([1-4])\b", r"FY\1 Q\2", str(value))


def rounded_text(value: float, places: int) -> str:
    """Return a number rounded half up to so many places, thousands set apart."""
    unit = Decimal(1).scaleb(-places)
    return f"{Decimal(repr(float(value))).quantize(unit, ROUND_HALF_UP):,}"


def value_text(value: Any, kind: str) -> str:
    """Return a value for people: a share as percent with one decimal (two below 1%, none
    where it is a whole percent, as public editions tell few answers), a mean with two, a
    total as a whole number. Absent values read '–', never 0."""
    if is_missing(value):
        return MISSING
    if kind == "share":
        is_whole = abs(100 * value - round(100 * value)) < 1e-9
        n_digits = 0 if is_whole else 2 if 0 < value < SMALL_SHARE else 1
        return f"{rounded_text(100 * value, n_digits)}%"
    if kind in ("mean", "ratio"):
        return rounded_text(value, 2)
    if kind == "quantile":
        return rounded_text(value, 1)
    return rounded_text(value, 0)


def amount_text(value: Any, kind: str, unit: str) -> str:
    """Return a value with its unit: '81.3%', '1,204 tests', '12.4 minutes'. The percent
    sign is the unit of a share."""
    if kind == "share" or is_missing(value):
        return value_text(value, kind)
    if kind == "quantile":
        return time_text(value, unit)
    return f"{value_text(value, kind)} {unit}"


def time_text(value: Any, unit: str, is_open: bool = False) -> str:
    """Return a time for people: '12.4 minutes', long ones in the next larger unit, '–'
    where there is none. `unit` is seconds, minutes or days; with `is_open` the time is
    the least that it can be."""
    if is_missing(value):
        return MISSING
    if unit == "seconds" and value >= 5400:
        value, unit = value / 3600, "hours"
    elif unit == "seconds" and value >= 90:
        value, unit = value / 60, "minutes"
    return f"{'more than ' if is_open else ''}{rounded_text(value, 1)} {unit}"


def band_text(band: str, unit: str) -> str:
    """Return a band of time in words: '15-30' is '15 to 30 minutes', '120+' is 'more than
    120 minutes'."""

    def edge(text: str) -> str:
        return time_text(float(text), unit).replace(".0 ", " ")

    if band.endswith("+"):
        return f"more than {edge(band[:-1])}"
    low, high = (edge(text) for text in band.split("-"))
    if low.startswith("0 "):
        return f"up to {high}"
    number, _, low_unit = low.rpartition(" ")
    return f"{number if high.endswith(low_unit) else low} to {high}"


def standard_text(basis: str, unit: str) -> str:
    """Return the limit of a basis such as 'wait/minutes/within-30' in words."""
    return time_text(float(basis.rsplit("-", 1)[-1]), unit).replace(".0 ", " ")


def bands_of(basis: str) -> list[str]:
    """Return the bands that a basis such as 'wait/minutes/0-15-30+' names, in order."""
    bounds = basis.rsplit("/", 1)[-1].removesuffix("+").split("-")
    return [*(f"{low}-{high}" for low, high in pairwise(bounds)), f"{bounds[-1]}+"]


def interval_text(low: Any, high: Any, kind: str) -> str:
    """Return a 95 % interval as 'a to b', or '–'."""
    if is_missing(low) or is_missing(high):
        return MISSING
    return f"{value_text(low, kind)} to {value_text(high, kind)}"


def change_text(change: Any, kind: str) -> str:
    """Return the size of a change: points for shares, the metric's unit otherwise."""
    if is_missing(change):
        return MISSING
    size = rounded_text(
        abs(100 * change if kind == "share" else change), 1 if kind == "share" else 2
    )
    if kind == "total":
        size = rounded_text(abs(change), 0)
    unit = " points" if kind == "share" else ""
    return f"{size}{unit}"


def signed_text(change: Any, kind: str) -> str:
    """Return a change with its sign and unit: '+1.4 points', '−0.10'."""
    if is_missing(change):
        return MISSING
    said = change_text(change, kind)
    is_zero = not any(digit in said for digit in "123456789")
    return said if is_zero else f"{'+' if change > 0 else '−'}{said}"


def about_text(n: int) -> str:
    """Return a planned number to two digits, rounded up: 'about 2,400'. A plan is no more
    exact than what it supposes."""
    step = 10 ** max(len(str(n)) - 2, 0)
    return f"about {-(-n // step) * step:,}"


def listed(items: list[str]) -> str:
    """Join items as in a sentence: 'a, b and c'."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun: '1 service', '3 services', 'no service'."""
    if count == 0:
        return f"no {noun}"
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"

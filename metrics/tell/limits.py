"""A series read over time: its control limits and its value of a year before, in words.

Limits and signals are those of the table control_limit, made by the gate. What lies outside
normal variation is never called up or down: that is the verdict of a test.
"""

from typing import Any

import pandas as pd

from metrics.base.numbers import interval_text, is_missing, listed, value_text, worded
from metrics.base.periods import period_label, period_noun
from metrics.edition.edition import SIGNALS
from metrics.tell.sentences import call_text

SHORT = {"outside": "outside", "run": "run", "near_limit": "near limit", "trend": "trend"}
"""Signals in a chart, beside the ring."""

MOST_NAMED = 3
"""Groups of signals of one sort that are named one by one."""

_IN_TABLE = {
    "outside": "{} the limits",
    "run": "run of eight or more {} the center",
    "near_limit": "three of four near the {} limit",
    "trend": "{} six times or more in a row",
}


def first_signal(row: "pd.Series[Any]") -> str:
    """Return the first signal that a value belongs to, a key of SHORT, or nothing."""
    return next((name for name in SIGNALS if not is_missing(row[name])), "")


def signal_text(row: "pd.Series[Any]") -> str:
    """Return all signals that a value belongs to, for a table: 'below the limits'."""
    said = [_IN_TABLE[name].format(row[name]) for name in SIGNALS if not is_missing(row[name])]
    return "; ".join(said) or "none"


QUIET = (
    "all values lie within the control limits and show no pattern, no sign of more than "
    "normal variation."
)
"""What is said of several series in which nothing stands out."""


def is_quiet(rows: pd.DataFrame) -> bool:
    """Say whether a series, of at least one row, has limits throughout and no signal."""
    return bool(rows["center"].notna().all() and rows[list(SIGNALS)].isna().all(axis=None))


def limit_lines(rows: pd.DataFrame, kind: str) -> list[str]:
    """Say how one series wobbles, one sentence or two a stretch, and of a latest stretch too
    short for limits how many values are there.

    `rows` are control limits of one series with the `value` of each period, at least one
    row; `kind` is that of the metric.
    """
    rows = rows.sort_values("period")
    lines = [
        _stretch_line(stretch, kind)
        for _, stretch in rows[rows["center"].notna()].groupby("first_period")
    ]
    last = rows.iloc[-1]
    if is_missing(last["center"]):
        nouns = f"{period_noun(last['period'])}s"
        lines.append(
            f"Control limits need at least {int(last['n_needed'])} comparable {nouns} in a row; up "
            f"to {period_label(last['period'])} there "
            f"{'is' if last['n_points'] == 1 else 'are'} {int(last['n_points'])}."
        )
    return lines


def _stretch_line(rows: pd.DataFrame, kind: str) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    span = f"{period_label(first['first_period'])} to {period_label(last['period'])}"
    limits = interval_text(first["lower_limit"], first["upper_limit"], kind)
    center = f"the center {value_text(first['center'], kind)}"
    nouns = f"{period_noun(last['period'])}s"
    signals = _signal_lines(rows, kind)
    if not signals:
        return (
            f"All {len(rows)} {nouns} from {span} lie within the control limits, {limits} around "
            f"{center}, and show no pattern: no sign of more than normal variation."
        )
    return (
        f"Control limits of {span}: {limits} around {center}. "
        f"{' '.join(signals)} That is something other than ordinary variation; an event or a "
        "season may be behind it."
    )


def _signal_lines(rows: pd.DataFrame, kind: str) -> list[str]:
    """Sentences on the signals of one stretch; of many of a sort only the latest are
    named, the table has all."""
    noun = period_noun(rows["period"].iloc[0])
    outside = rows[rows["outside"].notna()]
    parts = _in_a_row(rows, "outside")
    if len(parts) > MOST_NAMED:
        last = outside.iloc[-1]
        said = [
            f"{len(outside)} of {len(rows)} {noun}s lie outside the limits, the latest "
            f"{period_label(last['period'])} ({value_text(last['value'], kind)})."
        ]
    else:
        said = [_outside_line(part, kind) for part in parts]
    runs = _in_a_row(rows, "run")
    said += [
        f"All {len(part)} {noun}s from {_span(part)} lie {part['run'].iloc[0]} the center."
        for part in runs[-MOST_NAMED:]
    ]
    for side, part in rows[rows["near_limit"].notna()].groupby("near_limit"):
        named = [period_label(period) for period in part["period"]]
        many = f"{len(named)} {noun}s, the latest {named[-1]},"
        said.append(
            f"{many if len(named) > 2 * MOST_NAMED else listed(named)} lie nearer to the {side} "
            f"limit than to the center, three or more of four {noun}s in a row."
        )
    for part in _in_a_row(rows, "trend")[-MOST_NAMED:]:
        than = "higher" if part["trend"].iloc[0] == "rising" else "lower"
        said.append(f"From {_span(part)} each {noun} lies {than} than the one before.")
    return said


def _outside_line(part: pd.DataFrame, kind: str) -> str:
    side = part["outside"].iloc[0]
    name = {"above": "upper_limit", "below": "lower_limit"}[side]
    limit = f"{side} the {name.replace('_', ' ')} {value_text(part[name].iloc[0], kind)}"
    if len(part) > 1:
        return f"{_span(part)} lie {limit}."
    value = value_text(part["value"].iloc[0], kind)
    return f"{period_label(part['period'].iloc[0])} ({value}) lies {limit}."


def _in_a_row(rows: pd.DataFrame, column: str) -> list[pd.DataFrame]:
    """Rows that follow each other and belong to the same signal."""
    run = rows[column].fillna("").ne(rows[column].fillna("").shift()).cumsum()
    return [part for _, part in rows[rows[column].notna()].groupby(run)]


def _span(rows: pd.DataFrame) -> str:
    return " to ".join(period_label(rows["period"].iloc[at]) for at in (0, -1))


def year_ago_line(row: "pd.Series[Any]", kind: str) -> str:
    """Return what the same period a year before was, from a published row; nothing where
    there is no word on it."""
    call = row["year_ago_change_call"]
    if is_missing(call):
        return ""
    value = row["year_ago_value"]
    said = "" if is_missing(value) else f" {value_text(value, kind)},"
    is_drawn = call != "not comparable"
    return (
        f"A year before {period_label(row['period'])}{' (hollow bar)' if is_drawn else ''}:{said} "
        f"{call_text(row, kind, year=True)}{' since then' if is_drawn else ''}. "
        f"{worded(row['year_ago_change_reason'])}"
    ).strip()

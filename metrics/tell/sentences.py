"""Numbers and findings in words: the one place that formats what people read."""

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import pandas as pd

from metrics.define.catalog import without_grain

NO_BASIS = "none"
"""Basis of a row of which no report says how was asked."""

MEASURES = (
    "trust",
    "satisfaction",
    "effectiveness",
    "ease",
    "efficiency",
    "transparency",
    "employee",
)
"""The seven measures of A-11 Section 280, in the order pages list them."""

FAMILY = {
    "experience": "What customers answered",
    "response": "Who was asked, who answered",
    "feedback": "Comments and complaints",
    "burden": "Paperwork burden",
    "operations": "Time, volume and other counts of services",
    "maturity": "Work for customers",
}
"""Families of metrics in words, in the order pages list them."""

STATUS = {
    "ok": "Reported",
    "few": "Few answers",
    "suppressed": "Suppressed",
    "partial": "Partial",
    "not_reported": "Not reported",
    "not_designated": "Not designated",
    "not_asked": "Not asked",
}
"""Status of a published row in words."""

STATUS_MEANING = {
    "ok": "The figure is complete.",
    "few": "So few answers that the figure is uncertain: fewer than 30, or a wide interval.",
    "suppressed": "Fewer people than may be shown, or a number that would let a reader work such "
    "a count out by subtraction. There is no figure.",
    "partial": "The figure leaves out services or quarters that should be in it; the reason names "
    "them.",
    "not_reported": "A report was due, but there is no usable figure; the reason says why.",
    "not_designated": "No service is designated for quarterly reporting, so nothing is due.",
    "not_asked": "The survey had no such question.",
}
"""What each status means, in a sentence that stands alone in a file."""

REPORT_STATUS = {
    "complete": "Complete",
    "late": "Complete, late",
    "partial": "Partial",
    "not_reported": "Not reported",
    "not_due": "Not due yet",
}
"""Status of a quarterly report in words."""

CALL = {
    "up": "▲ up",
    "down": "▼ down",
    "no clear change": "● no clear change",
    "not comparable": "○ not comparable",
}
"""Verdict on a change, with a mark that does not depend on colour."""

TARGET = {
    "met": "✓ met",
    "missed": "✗ missed",
    "unclear": "● neither clearly met nor missed",
}
"""Verdict on a value beside its target, with a mark that does not depend on colour."""

DRIVERS = {
    "effectiveness": "Need addressed",
    "ease": "Ease",
    "efficiency": "Time it took",
    "transparency": "Clarity",
    "humanity": "Fairness and respect",
    "employee": "Helpful employees",
    "other": "Something else",
}
"""Drivers of trust in words."""

GAP = {
    "above": "▲ above the others",
    "below": "▼ below the others",
    "no clear difference": "● no clear difference",
}
"""Verdict on the gap between a group and everybody else."""

PRACTICE = {
    "done": "Done",
    "not_done": "Not done",
    "not_applicable": "Not applicable",
    "unanswered": "Not answered",
}
"""Answer to a practice of a maturity model in words."""

METHOD = {"workshop": "Workshop", "self": "Self-assessment"}
"""How an assessment of maturity was made, in words."""
BURDEN_CAUSES = {
    "new_statute": "New statute",
    "agency_discretion": "Agency's decision",
    "adjustment": "Adjustment",
    "violation": "Violation of the Act",
    "unexplained": "Unexplained",
}
"""Why the burden of a form changed, in words."""

BURDEN_AMOUNTS = {
    "hours": "Hours a year",
    "responses": "Responses a year",
    "cost_usd": "Cost in US dollars a year",
}
"""What a form takes a year, in words."""

NOT_STATED = "not_stated"
"""Group of those who did not state an attribute."""

_SCALES = {
    "agree5": "agreement from 1 to 5",
    "rating5": "rating from 1 to 5",
    "thumbs": "thumb up or down",
    "yes_no": "yes or no",
}
_TWO_ANSWERS = {
    "thumbs": {"0": "thumb down", "1": "thumb up"},
    "yes_no": {"0": "no", "1": "yes"},
}
_FIVE_ANSWERS = {"1": "1 worst", "2": "2", "3": "3 neutral", "4": "4", "5": "5 best"}
_MONTHS = {"1": "Oct–Dec", "2": "Jan–Mar", "3": "Apr–Jun", "4": "Jul–Sep"}
_MISSING = "–"

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


def text(value: Any) -> str:
    """Return a looked-up text with its periods in words, or nothing where it is absent."""
    if is_missing(value):
        return ""
    return re.sub(r"\b(20\d\d)Q([1-4])\b", r"FY\1 Q\2", str(value))


def period_label(period: str, long: bool = False) -> str:
    """Return a period in words: 2021Q2 is 'FY2021 Q2', long 'FY2021 Q2 (Jan–Mar 2021)'."""
    if "Q" in period:
        year, quarter = period.split("Q")
        text = f"FY{year} Q{quarter}"
        calendar = int(year) - (quarter == "1")
        return f"{text} ({_MONTHS[quarter]} {calendar})" if long else text
    if period.startswith("FY"):
        return f"{period} (Oct {int(period[2:]) - 1}–Sep {period[2:]})" if long else period
    return str(pd.Timestamp(f"{period}-01").strftime("%B %Y"))


def period_code(label: str) -> str:
    """Return the period that a short label names: 2021Q2 of 'FY2021 Q2', 2021-03 of
    'March 2021', and nothing of any other text."""
    if found := re.fullmatch(r"FY(\d{4})( Q[1-4])?", label):
        return f"{found[1]}{found[2].strip()}" if found[2] else label
    try:
        return f"{datetime.strptime(label, '%B %Y'):%Y-%m}"
    except ValueError:
        return ""


def period_noun(period: str) -> str:
    """Return what kind of period one is: quarter, month or year."""
    return "quarter" if "Q" in period else "year" if period.startswith("FY") else "month"


def last_quarter(period: str) -> str:
    """Return the last fiscal quarter of a published period, such as 2021Q2 of 2021-03."""
    if period.startswith("FY"):
        return f"{period[2:]}Q4"
    if "Q" in period:
        return period
    year, month = int(period[:4]), int(period[5:])
    return f"{year + (month > 9)}Q{(month + 2) % 12 // 3 + 1}"


def periods_between(first: str, last: str) -> list[str]:
    """Return all months or all fiscal quarters from one to another, without a gap."""
    if "Q" in first:
        numbers = [4 * int(p[:4]) + int(p[5]) - 1 for p in (first, last)]
        return [f"{n // 4}Q{n % 4 + 1}" for n in range(numbers[0], numbers[1] + 1)]
    numbers = [12 * int(p[:4]) + int(p[5:]) - 1 for p in (first, last)]
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in range(numbers[0], numbers[1] + 1)]


def earlier_period(period: str, year: bool = False) -> str:
    """Return the period before one of the same kind, or with `year` the one a year before."""
    if period.startswith("FY"):
        return f"FY{int(period[2:]) - 1}"
    if year:
        return f"{int(period[:4]) - 1}{period[4:]}"
    return periods_between(f"{int(period[:4]) - 1}{period[4:]}", period)[-2]


def _rounded(value: float, places: int) -> str:
    unit = Decimal(1).scaleb(-places)
    return f"{Decimal(repr(float(value))).quantize(unit, ROUND_HALF_UP):,}"


def value_text(value: Any, kind: str) -> str:
    """Return a value for people: a share as percent with one decimal (two below 1%, none
    where it is a whole percent, as public editions tell few answers), a mean with two, a
    total as a whole number. Absent values read '–', never 0."""
    if is_missing(value):
        return _MISSING
    if kind == "share":
        is_whole = abs(100 * value - round(100 * value)) < 1e-9
        n_digits = 0 if is_whole else 2 if 0 < value < SMALL_SHARE else 1
        return f"{_rounded(100 * value, n_digits)}%"
    if kind in ("mean", "ratio"):
        return _rounded(value, 2)
    if kind == "quantile":
        return _rounded(value, 1)
    return _rounded(value, 0)


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
        return _MISSING
    if unit == "seconds" and value >= 5400:
        value, unit = value / 3600, "hours"
    elif unit == "seconds" and value >= 90:
        value, unit = value / 60, "minutes"
    return f"{'more than ' if is_open else ''}{_rounded(value, 1)} {unit}"


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
        return _MISSING
    return f"{value_text(low, kind)} to {value_text(high, kind)}"


def change_text(change: Any, kind: str) -> str:
    """Return the size of a change: points for shares, the metric's unit otherwise."""
    if is_missing(change):
        return _MISSING
    size = _rounded(abs(100 * change if kind == "share" else change), 1 if kind == "share" else 2)
    if kind == "total":
        size = _rounded(abs(change), 0)
    unit = " points" if kind == "share" else ""
    return f"{size}{unit}"


def signed_text(change: Any, kind: str) -> str:
    """Return a change with its sign and unit: '+1.4 points', '−0.10'."""
    if is_missing(change):
        return _MISSING
    said = change_text(change, kind)
    is_zero = not any(digit in said for digit in "123456789")
    return said if is_zero else f"{'+' if change > 0 else '−'}{said}"


def call_text(row: "pd.Series[Any]", kind: str, year: bool = False) -> str:
    """Return a verdict in words: '▲ up 4.3 points since FY2022 Q4'."""
    prefix = "year_ago_" if year else ""
    call = row[f"{prefix}change_call"]
    if is_missing(call):
        return ""
    if call in ("up", "down"):
        return f"{CALL[call]} {change_text(row[f'{prefix}change'], kind)}"
    return CALL[str(call)]


def split_sentence(row: "pd.Series[Any]", title: str, kind: str) -> str:
    """Return how a change splits, from a row of change_split: 'Trust rose 1.4 points
    since FY2022 Q4: 2.1 points up within services and channels, 0.7 points down because
    the shares of the answers shifted.'"""
    if not abs(row["change"]) > 0:
        verb = "did not change"
    else:
        verb = f"{'rose' if row['change'] > 0 else 'fell'} {change_text(row['change'], kind)}"
    parts = [
        f"{change_text(row[name], kind)} {'up' if row[name] >= 0 else 'down'} {why}"
        for name, why in (
            ("within", "within services and channels"),
            ("mix", "because the shares of the answers shifted"),
        )
    ]
    return f"{title} {verb} since {period_label(row['before_period'])}: {', '.join(parts)}."


def moved_text(rows: pd.DataFrame, year: bool = False) -> str:
    """Return which of labelled shares moved clearly: 'Ease ▲ up 4.3 points and Employee
    helpfulness ▼ down 2.0 points moved clearly at the same time.' `rows` are published rows
    with a column label; empty where none can be compared."""
    prefix = "year_ago_" if year else ""
    calls = rows[f"{prefix}change_call"]
    moved = rows[calls.isin(["up", "down"])]
    if len(moved):
        size = moved[f"{prefix}change"].abs().sort_values(ascending=False)
        said = [
            f"{row['label']} {call_text(row, 'share', year)}"
            for _, row in moved.loc[size.index].iterrows()
        ]
        return f"{listed(said)} moved clearly at the same time."
    if calls.eq("no clear change").any():
        return "No driver that can be compared changed clearly at the same time."
    return ""


PRIVACY = (
    "Figures made of single responses are not shown below 11 people and are rounded above: people "
    "to tens, shares of fewer than 1,000 to whole percent."
)
"""What readers of public figures must know of how they are told."""


def people_text(row: "pd.Series[Any]") -> str:
    """Return the number of people behind a published row: '4,973', or 'about 1,230' where a
    public edition rounds it."""
    is_rounded = "is_rounded" in row and not is_missing(row["is_rounded"]) and row["is_rounded"]
    return f"{'about ' if is_rounded else ''}{int(row['n']):,}"


def about_text(n: int) -> str:
    """Return a planned number to two digits, rounded up: 'about 2,400'. A plan is no more
    exact than what it supposes."""
    step = 10 ** max(len(str(n)) - 2, 0)
    return f"about {-(-n // step) * step:,}"


def needed_text(row: "pd.Series[Any]", kind: str) -> str:
    """Return what it would take to settle a change that is not clear, from a row of the table
    answers_needed."""
    noun = period_noun(row["period"])
    there = f"there were {int(row['n']):,}, and {int(row['previous_n']):,} in the {noun} before"
    is_small = is_missing(row["n_for_change"])
    size = change_text(row["minimum_change" if is_small else "change"], kind)
    wanted = int(row["n_for_minimum" if is_small else "n_for_change"])
    needed = f"{about_text(wanted)} answers a {noun}"
    has_enough = min(row["n"], row["previous_n"]) >= wanted
    if is_small and has_enough:
        return f"A change of {size} would most likely have shown: that takes {needed}, and {there}."
    if has_enough:
        return (
            f"By itself a change of {size} would be told apart from chance with {needed}, and "
            f"{there}; but so much is compared at once that one such change may be chance."
        )
    said = f"To tell a change of {size} apart from chance, {needed} would be needed; {there}."
    if is_small:
        seen = change_text(row["change"], kind)
        return f"The change seen, {seen}, is smaller than what is called a change. {said}"
    return said


def rate_change_text(row: "pd.Series[Any]", year: bool = False) -> str:
    """Return a verdict on a rate of events in words: '▲ up 0.30 (23%)'."""
    prefix = "year_ago_" if year else ""
    said = call_text(row, "ratio", year)
    before = row["year_ago_value" if year else "previous_value"]
    change = row[f"{prefix}change"]
    if row[f"{prefix}change_call"] in ("up", "down") and not is_missing(before) and before > 0:
        said += f" ({_rounded(abs(100 * change / before), 0)}%)"
    return said


def verdict_text(row: "pd.Series[Any]", kind: str, better: str) -> str:
    """Return what the gate says of the change since the period before, and whether it is
    for the better: '▲ up 4.3 points, for the better'. With `better` neither, no change is
    called good or bad. Of a reason its first word stands for it, such as scope. '–' where
    the gate says nothing."""
    if is_missing(row["change_call"]):
        return _MISSING
    said = rate_change_text(row) if kind == "ratio" else call_text(row, kind)
    if row["change_call"] in ("up", "down") and better != "neither":
        is_better = (row["change_call"] == "up") == (better == "higher")
        said += ", for the better" if is_better else ", for the worse"
    short, colon, _ = text(row["change_reason"]).partition(":")
    reason = short.lower() if colon else short
    return f"{said}: {reason}" if reason else said


def rate_changes_text(row: "pd.Series[Any]", kind: str = "period") -> str:
    """Return both verdicts on a rate of events as sentences, or nothing."""
    said = [
        f"{verdict} {since}"
        for since, verdict in (
            (f"since the {kind} before", rate_change_text(row)),
            ("in a year", rate_change_text(row, year=True)),
        )
        if verdict
    ]
    return f"{'; '.join(said)}." if said else ""


def rising_text(row: "pd.Series[Any]", label: str, kind: str) -> str:
    """Return which way a category that rose went: its rate per 100,000 customers with
    interval, and the changes since the period before and in a year."""
    return (
        f"**{label}**: {value_text(row['value'], 'ratio')} per 100,000 customers (95% interval "
        f"{interval_text(row['low'], row['high'], 'ratio')}). {rate_changes_text(row, kind)}"
    )


def wording_text(basis: str) -> str:
    """Return the wording of a basis alone: 'increased confidence'."""
    parts = basis.split("/")
    return parts[2 if len(parts) > 2 else -1].replace("-", " ")


def attribute_of(basis: str) -> str:
    """Return the attribute that a basis breaks down by, its fourth part, or nothing."""
    parts = basis.split("/")
    return parts[3] if len(parts) == 4 else ""


def basis_labels(bases: list[str], families: dict[str, str]) -> dict[str, str]:
    """Return labels that tell the bases of one metric apart: wording and attribute; where
    that is not enough the scale too, and then the survey family. `families` are their
    names by code."""

    def label(basis: str, depth: int) -> str:
        family, _, rest = basis.partition("/")
        if not rest:
            return families.get(basis, basis.replace("-", " "))
        attribute = attribute_of(basis).replace("-", " ").replace("_", " ")
        scale = rest.split("/")[0]
        told = [wording_text(basis), attribute]
        told += [_SCALES.get(scale, "")] if depth > 0 else []
        told += [families.get(family, family.replace("-", " "))] if depth > 1 else []
        return ", ".join(part for part in told if part)

    labels = {basis: label(basis, 0) for basis in bases}
    for depth in (1, 2):
        said = list(labels.values())
        labels = {
            basis: label(basis, depth) if said.count(name) > 1 else name
            for basis, name in labels.items()
        }
    # What all of them say tells none apart.
    parts = {basis: name.split(", ") for basis, name in labels.items()}
    while len(parts) > 1 and len({one[0] for one in parts.values()}) == 1:
        parts = {basis: one[1:] for basis, one in parts.items()}
        if not all(parts.values()):
            return labels
        labels = {basis: ", ".join(one) for basis, one in parts.items()}
    return labels


def told_apart(
    labels: "pd.Series[str]", bases: "pd.Series[str]", families: dict[str, str]
) -> "pd.Series[str]":
    """Return the labels of rows, with the question behind each label that several have.
    `families` are the names of survey families by code."""
    told = labels.copy()
    for label, part in bases[bases != NO_BASIS].groupby(labels):
        names = basis_labels(sorted(part.unique()), families)
        if len(names) > 1:
            told.loc[part.index] = f"{label}, " + part.map(names)
    return told


def answer_names(basis: str) -> dict[str, str]:
    """Return the answers of the scale of a basis, worst first, code to words."""
    parts = basis.split("/")
    scale = parts[1] if len(parts) > 1 else ""
    return dict(_TWO_ANSWERS.get(scale, _FIVE_ANSWERS))


def driver_text(attribute: str) -> str:
    """Return a driver in words: 'ticked-ease' is 'Ease, ticked by the customer'."""
    kind, _, driver = attribute.partition("-")
    name = DRIVERS.get(driver, driver)
    return f"{name}, {'ticked' if kind == 'ticked' else 'rated well'}"


def driver_sentence(row: "pd.Series[Any]") -> str:
    """Return what the strongest driver of trust is, from a row of the gaps of
    trust_by_driver: basis, gap, gap_low, gap_high (shares, 0 to 1)."""
    kind, _, driver = attribute_of(row["basis"]).partition("-")
    name = DRIVERS.get(driver, driver).lower()
    who = f"ticked “{name}”" if kind == "ticked" else f"rated “{name}” well"
    more = "more" if row["gap"] > 0 else "less"
    ends = sorted(abs(100 * row[name]) for name in ("gap_low", "gap_high"))
    return (
        f"Customers who {who} gave a favourable trust answer "
        f"{change_text(row['gap'], 'share')} {more} often than the others who were asked about it "
        f"(95% interval {_rounded(ends[0], 1)} to {_rounded(ends[1], 1)})."
    )


def basis_text(basis: str) -> str:
    """Return a basis in words: the wording and scale of the question."""
    parts = basis.split("/")[:3]
    if len(parts) != 3:
        return basis.replace("-", " ")
    return f"“{wording_text(basis)}”, {_SCALES.get(parts[1], parts[1])}"


def span_text(figures: pd.DataFrame, kind: str) -> str:
    """Return the span of labelled figures: 'from 59.0% (FEMA) to 81.3% (USCIS)', or the
    one figure alone. `figures` has the columns label and value, at least one row, and no
    missing value."""
    ordered = figures.sort_values("value")
    ends = [
        f"{value_text(row['value'], kind)} ({row['label']})"
        for _, row in ordered.iloc[[0, -1]].iterrows()
    ]
    return ends[0] if len(figures) == 1 else f"from {ends[0]} to {ends[1]}"


def place_text(component: str, service: str, services: "pd.Series[str]") -> str:
    """Return whose a published row is: 'the Department', 'TSA', or 'TSA, Security checkpoint'.
    `services` are names by code."""
    if component == "all":
        return "the Department"
    return component if service == "all" else f"{component}, {services[service]}"


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


def department_headline(
    changes: pd.DataFrame, others: pd.DataFrame, board: pd.DataFrame, measure_title: str
) -> str:
    """Return the sentences that open the Department page.

    `changes` holds one row per comparison of one measure (component, change_call), `others`
    those of the other measures, `board` one row per report that was due in the period.
    """
    sentences = []
    due = board[board["reporting_status"] != "not_due"]
    complete = due["reporting_status"].isin(["complete", "late"])
    if len(due):
        sentences.append(
            f"{int(complete.sum())} of {counted(len(due), 'designated service')} reported usable "
            "figures."
        )
    calls = changes["change_call"].dropna()
    for call, verb in (("down", "fell"), ("up", "rose")):
        who = changes.loc[changes["change_call"] == call, "label"].tolist()
        if who:
            sentences.append(f"{measure_title} {verb} for {listed(who)}.")
    if len(calls) and not calls.isin(["up", "down"]).any():
        sentences.append(f"{measure_title} changed clearly nowhere.")
    if not len(calls):
        sentences.append(f"{measure_title} cannot be compared with the period before.")
    other = others["change_call"].dropna()
    n_up, n_down = int(other.eq("up").sum()), int(other.eq("down").sum())
    moved = [f"{verb} {counted(n, 'time')}" for verb, n in (("rose", n_up), ("fell", n_down)) if n]
    if moved:
        sentences.append(f"Other measures {listed(moved)}.")
    elif len(other):
        sentences.append("Nothing else changed clearly.")
    return " ".join(sentences)


def component_headline(rows: pd.DataFrame, changes: pd.DataFrame, whose: str) -> str:
    """Return the sentences that open what is told of one place in one quarter.

    `rows` are published rows of trust, one per wording; `changes` holds one row per
    comparison of a service, channel and measure (change_call). `whose` is as place_text
    says it.
    """
    figures = rows[rows["value"].notna()].sort_values("n", ascending=False)
    if figures.empty:
        first = rows.iloc[0] if len(rows) else None
        status = STATUS[first["status"]].lower() if first is not None else "no answers"
        reason = text(first["reason"]) if first is not None else ""
        told = f"There is no figure of trust in {whose}: {status}. {reason}".strip()
    else:
        row = figures.iloc[0]
        told = (
            f"{value_text(row['value'], 'share')} of {people_text(row)} answers about trust in "
            f"{whose} were favourable (95% interval "
            f"{interval_text(row['low'], row['high'], 'share')})"
        )
        if not is_missing(row["change_call"]):
            told += f", {call_text(row, 'share')[2:]} since the quarter before"
            told = told.replace("comparable since", "comparable with")
        told += "."
    compared = changes[changes["change_call"].isin(["up", "down", "no clear change"])]
    if compared.empty:
        return f"{told} No service, channel and measure can be compared with the quarter before."
    up, down = (compared["change_call"].eq(call).sum() or "none" for call in ("up", "down"))
    return (
        f"{told} Of {counted(len(compared), 'comparison')} of one service, channel and measure "
        f"with the quarter before, {up} went clearly up and {down} clearly down."
    )


def finest_changes(
    rows: pd.DataFrame, places: "pd.Series[str]", channels: "pd.Series[str]"
) -> pd.DataFrame:
    """Return the rows with a verdict of one service and channel each, whose change no shift
    in mix can explain, labelled with place and channel, the largest change first.

    `rows` are published rows of services, `places` their names, row by row, and `channels`
    the names of channels by code.
    """
    rows = rows.assign(label=places)
    rows = rows[(rows["channel"] != "all") & rows["change_call"].notna()]
    named = rows["label"] + " (" + rows["channel"].map(channels).str.lower() + ")"
    order = rows["change"].abs().sort_values(ascending=False, na_position="last").index
    return rows.assign(label=named).loc[order]


def level_text(level: Any, names: dict[int, str]) -> str:
    """Return a level of maturity in words; `names` are those of the model, by number."""
    if is_missing(level):
        return "Not known"
    return names[int(level)] if level else f"Not yet {names[min(names)]}"


def level_steps(level: Any, names: dict[int, str]) -> str:
    """Return a level of maturity as steps reached of all steps, such as '●●○', or '?'."""
    if is_missing(level):
        return "?"
    return "●" * int(level) + "○" * (len(names) - int(level))


def level_change(row: "pd.Series[Any]") -> str:
    """Return how a level changed since the baseline, from a row of maturity_profile."""
    if row["assessed_on"] == row["baseline_on"]:
        return "This is the baseline"
    change = row["change_since_baseline"]
    if is_missing(change):
        return "○ not comparable, a level is not known"
    if not change:
        return "● same level"
    mark, more = ("▲", "higher") if change > 0 else ("▼", "lower")
    return f"{mark} {counted(int(abs(change)), 'level')} {more}"


def levels_sentence(profile: pd.DataFrame, names: dict[int, str]) -> str:
    """Return which functions stand where, the highest level first. `profile` holds the
    columns label and level, one row per function."""
    parts = [
        f"{level_text(level, names)}: {listed(group['label'].tolist())}"
        for level, group in profile.groupby("level", sort=True)
    ][::-1]
    unknown = profile.loc[profile["level"].isna(), "label"].tolist()
    if unknown:
        parts.append(f"Not known: {listed(unknown)}")
    return "; ".join(parts)


STEP = {
    "metric": "Metric",
    "page": "Page",
    "aggregate": "Aggregate",
    "raw": "Table filled by loads",
    "reference": "Reference table",
    "file": "File",
}
"""What stands at either end of an edge of the lineage, in words."""


def lineage_table(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the edges of a lineage as a table for people."""
    return pd.DataFrame(
        {
            "From": edges["from_name"],
            "From what": edges["from_kind"].map(STEP),
            "To": edges["to_name"],
            "To what": edges["to_kind"].map(STEP),
            "Format": [text(name) or "–" for name in edges["format"]],
            "Load": ["–" if is_missing(load) else str(load) for load in edges["load_id"]],
        }
    )


sentence = without_grain
"""What a metric tells, without its closing 'One row per ...' sentence."""

"""Answers and bands of times, stacked to a whole."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from metrics.base.numbers import value_text
from metrics.base.periods import period_label
from metrics.tell.charts.figure import Figure, finish
from metrics.tell.marks import NOTHING, Marks
from metrics.tell.palette import (
    ANSWER_COLORS,
    ANSWER_INK,
    BAND_COLORS,
    INK,
    PAPER,
)
from metrics.tell.sentences import answer_names

TWO_ANSWERS = {"0": "2", "1": "4"}
"""Answers on a scale of two take the colors of these of five."""


LABEL_FLOOR = 0.1
"""Share below which a segment of a distribution carries no label of its own."""


def distribution(
    rows: pd.DataFrame, periods: Sequence[str], title: str, marks: Marks = NOTHING
) -> Figure:
    """Shares of the answers per period, as bars that meet in the middle of the neutral
    answer, or between the two answers of a scale of two. `rows` are published rows of
    one distribution metric and basis. A period in which something happened that `marks`
    tell carries its number."""
    names = answer_names(str(rows["basis"].iloc[0]))
    is_two = len(names) == 2
    tone = TWO_ANSWERS if is_two else {answer: answer for answer in names}
    shown = rows[rows["breakdown"].isin(list(names)) & rows["value"].notna()].copy()
    shown = shown.sort_values(["period", "breakdown"])
    starts: list[float] = []
    for _, group in shown.groupby("period", sort=True):
        share = dict(zip(group["breakdown"], group["value"], strict=True))
        at = -share.get("0", 0)
        if not is_two:
            at = -(share.get("1", 0) + share.get("2", 0) + share.get("3", 0) / 2)
        for answer in group["breakdown"]:
            starts.append(at)
            at += share[answer]
    shown["start"] = starts
    shown["end"] = shown["start"] + shown["value"]
    shown["middle"] = (shown["start"] + shown["end"]) / 2
    shown["answer"] = shown["breakdown"].map(names)
    shown["value_text"] = [value_text(value, "share") for value in shown["value"]]
    shown["short"] = [
        f"{100 * value:.0f}%" if value >= LABEL_FLOOR else "" for value in shown["value"]
    ]
    shown["n_text"] = _number_texts(shown["numerator"])
    shown["ink"] = shown["breakdown"].map(tone).map(ANSWER_INK)
    colors = [ANSWER_COLORS[tone[answer]] for answer in names]
    return _stacked(shown, periods, list(names.values()), colors, "Answer", title, marks)


def bands(rows: pd.DataFrame, periods: Sequence[str], title: str, marks: Marks = NOTHING) -> Figure:
    """Shares of people per band of time and period, as stacked bars from the shortest
    time on. `rows` are published rows of one distribution of times, with a column
    `answer` that names the band, shortest first within a period; `marks` as in
    distribution."""
    shown = rows[rows["value"].notna()].copy()
    shown["end"] = shown.groupby("period", sort=False)["value"].cumsum()
    shown["start"] = shown["end"] - shown["value"]
    shown["middle"] = (shown["start"] + shown["end"]) / 2
    shown["value_text"] = [value_text(value, "share") for value in shown["value"]]
    shown["short"] = [
        f"{100 * value:.0f}%" if value >= LABEL_FLOOR else "" for value in shown["value"]
    ]
    shown["n_text"] = _number_texts(shown["numerator"])
    names = list(dict.fromkeys(shown["answer"]))
    tone = dict(zip(names, _spaced(BAND_COLORS, len(names)), strict=True))
    shown["ink"] = [PAPER if BAND_COLORS.index(tone[a]) > 3 else INK for a in shown["answer"]]
    return _stacked(shown, periods, names, list(tone.values()), "Time", title, marks)


def _number_texts(numbers: "pd.Series[Any]") -> list[str]:
    """How many people each bar counts; of figures that are told rounded nobody says."""
    return ["not told" if pd.isna(n) else f"{int(n):,}" for n in numbers]


def _spaced(colors: list[str], count: int) -> list[str]:
    """Pick colors from a ramp, its ends included; with more than there are, the last
    repeats."""
    last = len(colors) - 1
    steps = max(count - 1, 1)
    return [colors[min(round(i * last / min(steps, last)), last)] for i in range(count)]


def numbered_labels(marks: Marks, periods: Sequence[str]) -> dict[str, str]:
    """Periods in words, with the numbers of what happened in them."""
    labels = {period: period_label(period) for period in periods}
    for placed in marks.placed(periods):
        labels[placed.period] += f" {placed.label}"
    return labels


def _stacked(
    shown: pd.DataFrame,
    periods: Sequence[str],
    names: list[str],
    colors: list[str],
    heading: str,
    title: str,
    marks: Marks,
) -> Figure:
    """The bars of a distribution: one per period, from start to end of each answer."""
    marks = marks.without_levels
    drawn = [period for period in periods if period in set(shown["period"])]
    labels = numbered_labels(marks, drawn)
    shown["label"] = shown["period"].map(labels)
    order = list(labels.values())
    columns = ["label", "answer", "start", "end", "middle", "value_text", "short", "n_text", "ink"]
    y = alt.Y("label:N", sort=order, axis=alt.Axis(title=None))
    color = alt.Color(
        "answer:N",
        scale=alt.Scale(domain=names, range=colors),
        sort=names,
        legend=alt.Legend(
            title=None,
            orient="top",
            direction="horizontal",
            symbolType="square",
            columns=2 if len(names) > 5 else 0,
        ),
    )
    base = alt.Chart(shown[columns])
    bars = base.mark_bar(height={"band": 0.8}, stroke=PAPER, strokeWidth=1).encode(
        y=y,
        x=alt.X("start:Q", axis=None),
        x2="end:Q",
        color=color,
        tooltip=[
            alt.Tooltip("label:N", title="Period"),
            alt.Tooltip("answer:N", title=heading),
            alt.Tooltip("value_text:N", title="Share"),
            alt.Tooltip("n_text:N", title="Number"),
        ],
    )
    texts = base.mark_text().encode(
        y=y, x="middle:Q", text="short:N", color=alt.Color("ink:N", scale=None, legend=None)
    )
    spec = finish(alt.layer(bars, texts), 34 * max(len(order), 1) + 50)
    lines = tuple(marks.lines(drawn, "share"))
    return Figure(spec, " ".join([_stacked_words(shown, order, title), *lines]), lines)


def _stacked_words(shown: pd.DataFrame, order: list[str], title: str) -> str:
    words = [f"Stacked bar chart. {title}."]
    for label in order:
        group = shown[shown["label"] == label]
        parts = [f"{a} {v}" for a, v in zip(group["answer"], group["value_text"], strict=True)]
        words.append(f"{label}: {', '.join(parts)}.")
    return " ".join(words)

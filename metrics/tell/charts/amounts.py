"""Amounts as bars, and what changed them."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from metrics.base.numbers import value_text
from metrics.base.periods import period_label
from metrics.tell.charts.dots import level_ticks, tick_layers, tick_lines
from metrics.tell.charts.figure import PLAIN_ZERO, SERIES_SHAPES, Figure, finish
from metrics.tell.charts.stacked import numbered_labels
from metrics.tell.marks import NOTHING, Marks
from metrics.tell.palette import (
    MUTED,
    PAPER,
    SERIES_COLORS,
)

LONG_LABEL = alt.ExprRef("containerSize()[0] < 500 ? 150 : 330")
"""Pixels of a long label: less on a narrow screen. The table has it in full."""


LOG_RANGE = 1000
"""Largest amount over smallest from which a chart of amounts takes a logarithmic scale."""


def amounts(rows: pd.DataFrame, unit: str, title: str) -> Figure:
    """One amount (0 or more) per `label`, in the order of `rows`: bars from zero, or dots
    on a logarithmic scale where the largest is `LOG_RANGE` times the smallest or more.
    `is_firm` says whether an amount is approved; others are hollow. A `target` is a dashed
    tick on the same line."""
    shown = rows[rows["value"].notna()].copy()
    shown["value"] = shown["value"].astype(float)
    shown["value_text"] = [value_text(value, "total") for value in shown["value"]]
    order = list(dict.fromkeys(shown["label"]))
    lowest = shown["value"].min()
    highest = shown["value"].max()
    is_log = bool(lowest > 0 and highest / lowest >= LOG_RANGE)
    ticks = level_ticks(shown, "total")
    y = alt.Y(
        "label:N",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(title=None, labelLimit=LONG_LABEL),
    )
    x = alt.X(
        "value:Q",
        # The right half is room for the labels, on a narrow screen too: a number that is cut
        # reads as a smaller one.
        scale=alt.Scale(
            type="log" if is_log else "linear",
            domainMin=lowest / 2 if is_log else 0,
            domainMax=highest * (highest / lowest if is_log else 2),
            nice=False,
        ),
        axis=alt.Axis(
            title=f"{unit} (logarithmic)" if is_log else unit,
            format="~s",
            labelExpr=PLAIN_ZERO,
            tickCount=5,
        ),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Of"),
        alt.Tooltip("value_text:N", title=unit),
    ]
    base = alt.Chart(shown[["label", "value", "value_text", "is_firm"]])
    blue = SERIES_COLORS[0]
    if is_log:
        firm = base.mark_point(filled=True, size=110, color=blue, opacity=1)
        loose = base.mark_point(
            filled=True, fill=PAPER, stroke=blue, strokeWidth=2, size=110, opacity=1
        )
    else:
        firm = base.mark_bar(color=blue, height={"band": 0.6})
        loose = base.mark_bar(fill=PAPER, stroke=blue, strokeWidth=2, height={"band": 0.6})
    layers = [
        firm.transform_filter("datum.is_firm").encode(y=y, x=x, tooltip=tooltip),
        loose.transform_filter("!datum.is_firm").encode(y=y, x=x, tooltip=tooltip),
        base.mark_text(align="left", dx=10).encode(y=y, x=x, text="value_text:N"),
        *tick_layers(ticks, y),
    ]
    spec = finish(alt.layer(*layers), 34 * max(len(order), 1) + 60)
    parts = [
        f"{row.label} {row.value_text}"
        + ("" if row.is_firm else " (requested)")
        + "".join(f", {said}" for said in ticks.loc[ticks["label"] == row.label, "words"])
        for row in shown.itertuples()
    ]
    kind = "Dot plot on a logarithmic scale" if is_log else "Bar chart"
    return Figure(spec, f"{kind}. {title}. {unit}: {'; '.join(parts)}.", tick_lines(ticks))


def causes(
    rows: pd.DataFrame,
    unit: str,
    title: str,
    periods: Sequence[str] = (),
    marks: Marks = NOTHING,
) -> Figure:
    """Changes by cause: one point per `label` and `cause` (both in words), in the order
    of `rows`; left of the line is less, right is more. Color and shape tell the cause. Where
    the labels are `periods`, `marks` number those in which something happened."""
    marks = marks.without_levels
    named = {period_label(p): label for p, label in numbered_labels(marks, periods).items()}
    rows = rows.assign(label=[named.get(label, label) for label in rows["label"]])
    shown = rows[rows["value"].notna() & rows["value"].ne(0)].copy()
    shown["value"] = shown["value"].astype(float)
    shown["value_text"] = [
        f"{'+' if value > 0 else '−'}{value_text(abs(value), 'total')}" for value in shown["value"]
    ]
    order = list(dict.fromkeys(rows["label"]))
    names = [name for name in dict.fromkeys(rows["cause"]) if name in set(shown["cause"])]
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", columns=2, symbolOpacity=1
    )
    every = list(dict.fromkeys(rows["cause"]))
    place = [every.index(name) % len(SERIES_COLORS) for name in names]
    color = alt.Color(
        "cause:N",
        scale=alt.Scale(domain=names, range=[SERIES_COLORS[i] for i in place]),
        legend=legend,
    )
    shape = alt.Shape(
        "cause:N",
        scale=alt.Scale(domain=names, range=[SERIES_SHAPES[i] for i in place]),
        legend=legend,
    )
    base = alt.Chart(shown[["label", "cause", "value", "value_text"]])
    y = alt.Y(
        "label:N",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(title=None, grid=True, labelLimit=LONG_LABEL),
    )
    layers = [
        alt.Chart(pd.DataFrame({"value": [0]}))
        .mark_rule(color=MUTED, strokeWidth=2)
        .encode(x="value:Q"),
        base.mark_point(filled=True, size=110, opacity=1).encode(
            y=y,
            x=alt.X(
                "value:Q", axis=alt.Axis(title=unit, format="~s", labelExpr=PLAIN_ZERO, tickCount=5)
            ),
            color=color,
            shape=shape,
            tooltip=[
                alt.Tooltip("label:N", title="Of"),
                alt.Tooltip("cause:N", title="Cause"),
                alt.Tooltip("value_text:N", title=unit),
            ],
        ),
    ]
    spec = finish(alt.layer(*layers), 34 * max(len(order), 1) + 90)
    parts = []
    for label in order:
        group = shown[shown["label"] == label]
        told = [f"{c} {v}" for c, v in zip(group["cause"], group["value_text"], strict=True)]
        parts.append(f"{label}: {', '.join(told) or 'no change'}.")
    lines = tuple(marks.lines(periods, "total"))
    words = f"Dot plot of changes by cause. {title}. {unit}. {' '.join([*parts, *lines])}"
    return Figure(spec, words, lines)

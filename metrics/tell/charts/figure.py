"""A finished chart, and what all charts have in common: axes, texts, sizes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import altair as alt
import pandas as pd

from metrics.base.numbers import interval_text, value_text, worded
from metrics.tell.palette import (
    GRID,
    INK,
    MUTED,
    PAPER,
)

SERIES_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]


FONT = "Source Sans, Source Sans Pro, sans-serif"


BENCHMARK_COLOR = MUTED


BENCHMARK_NAME = "rest of the government, same wording"


HALO: dict[str, Any] = {"stroke": PAPER, "strokeWidth": 3, "strokeJoin": "round"}
"""Keeps a label readable where it lies on a line."""


LABEL_LOOKS: tuple[dict[str, Any], ...] = (HALO, {})


MARK_HEIGHT = 24
"""Pixels that a mark adds to the height of a chart."""


@dataclass(frozen=True)
class Figure:
    """A finished chart: Vega-Lite spec and text alternative; `lines` say below the chart
    what is marked in it, `columns` (heading, to period in words, to value) belong into the
    table of its numbers, `metrics` are the names of those drawn, where they are known."""

    spec: dict[str, Any]
    alt: str
    lines: tuple[str, ...] = ()
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exhibit:
    """A chart as a page shows it: its answer as the title, a note, and its numbers as a
    table for people. `file_name` has no ending. What leaves a page as a file is made of it,
    so a file cannot hold what the page does not."""

    figure: Figure
    title: str
    note: str
    numbers: pd.DataFrame
    file_name: str


def with_mark(figure: Figure, mark: str) -> Figure:
    """Return a chart that carries a mark, such as DEMONSTRATION DATA: inside the
    picture, so that a saved one has it too, and first in the text alternative."""
    title = {
        "text": mark,
        "anchor": "start",
        "color": INK,
        "font": FONT,
        "fontSize": 13,
        "fontWeight": 700,
        "offset": 8,
    }
    spec = {**figure.spec, "title": title}
    if "height" in spec:
        spec["height"] += MARK_HEIGHT
    return replace(figure, spec=spec, alt=f"{mark}. {figure.alt}")


def finish(chart: alt.TopLevelMixin, height: int | None = None) -> dict[str, Any]:
    """Return the specification of a chart, sized and spoken of as all charts are."""
    spec: dict[str, Any] = chart.to_dict(validate=False)
    spec["width"] = "container"
    if height is not None:
        spec["height"] = height
    spec["autosize"] = {"type": "fit", "contains": "padding"}
    spec["background"] = PAPER
    spec["config"] = {
        "font": FONT,
        "view": {"stroke": None},
        # The text alternative speaks for the whole chart; unnamed marks would only add noise.
        "mark": {"aria": False},
        "axis": {
            "labelColor": INK,
            "titleColor": INK,
            "labelFontSize": 13,
            "titleFontSize": 13,
            "titleFontWeight": 400,
            "gridColor": GRID,
            "domainColor": MUTED,
            "tickColor": MUTED,
            "labelLimit": 260,
        },
        "legend": {
            "labelColor": INK,
            "titleColor": INK,
            "labelFontSize": 13,
            "titleFontSize": 13,
            "labelLimit": 300,
            "symbolSize": 110,
            "symbolStrokeWidth": 2,
        },
        "text": {"color": INK, "fontSize": 13},
    }
    return spec


def with_texts(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return rows with their value and interval as texts."""
    return rows.assign(
        value_text=[value_text(value, kind) for value in rows["value"]],
        interval=[
            interval_text(low, high, kind)
            for low, high in zip(rows["low"], rows["high"], strict=True)
        ],
        n_text=["" if pd.isna(n) else f"{int(n):,}" for n in rows["n"]],
        note=[worded(reason) for reason in rows["reason"]],
        is_whole=rows["status"].eq("ok"),
    )


PLAIN_ZERO = "datum.value === 0 ? '0' : datum.label"
"""Label of a tick: nothing is no millions."""


WRAPPED = (
    "length(datum.label) > 26 && lastindexof(datum.label, ', ') > 0 ? "
    "[slice(datum.label, 0, lastindexof(datum.label, ', ') + 1), "
    "slice(datum.label, lastindexof(datum.label, ', ') + 2)] : datum.label"
)
"""Label of a line: one that is long breaks at its last comma and leaves room for the values."""


LEGEND_LINE = 19
"""Pixels that a line of a legend takes."""


SHORT_NAME = 20
"""Characters of a name of which two stand side by side in a legend on a phone."""


def value_axis(kind: str, unit: str | None, count: int) -> alt.Axis:
    """The axis of values of a kind; marks of a narrow span are told apart by the decimals
    they need, and totals count whole things."""
    formats = {"share": "~%", "mean": ",~f", "ratio": ",~f", "quantile": ",~f"}
    return alt.Axis(
        title=unit,
        format=formats.get(kind, "~s"),
        labelExpr=alt.Undefined if kind in formats else PLAIN_ZERO,
        tickCount=count,
        tickMinStep=1 if kind == "total" else alt.Undefined,
    )

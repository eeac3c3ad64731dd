"""A table of shades: which part stands where in which period."""

import textwrap
from typing import Any

import altair as alt
import pandas as pd

from metrics.tell.charts.figure import Figure, finish
from metrics.tell.palette import (
    GRID_SHADES,
    INK,
    MUTED,
    PAPER,
)

NARROW_BAND = 85
"""Pixels of a column of a grid below which its label is shortened."""


def grid(cells: pd.DataFrame, title: str) -> Figure:
    """A table drawn as a chart. `cells` has one row per cell: `row` and `column` (labels,
    in order of appearance), `text` (what stands in the cell), `words` (the same for the
    text alternative), `shade` from 0 to 1, or null for a cell without a field, and where
    wanted `result`, which stands under the label of the row."""
    results = cells["result"] if "result" in cells else pd.Series("", index=cells.index)
    shown = cells.assign(
        row=[
            _folded(label, 18) + (f"\n▸ {result}" if result else "")
            for label, result in zip(cells["row"], results, strict=True)
        ],
        column=[_folded(label, 13) for label in cells["column"]],
        has_field=cells["shade"].notna(),
        fill=[_shade(value) for value in cells["shade"]],
        ink=[PAPER if _shade(value) == GRID_SHADES[-1] else INK for value in cells["shade"]],
    )[["row", "column", "text", "words", "has_field", "fill", "ink"]]
    rows, columns = (list(dict.fromkeys(shown[name])) for name in ("row", "column"))
    lines = [max(label.count("\n") + 1 for label in labels) for labels in (rows, columns)]
    y = alt.Y(
        "row:N",
        sort=rows,
        scale=alt.Scale(domain=rows),
        axis=alt.Axis(
            title=None,
            labelExpr="split(datum.label, '\\n')",
            labelLineHeight=15,
            labelOffset=-7 * (lines[0] - 1),
            labelPadding=8,
            domain=False,
            ticks=False,
        ),
    )
    x = alt.X(
        "column:N",
        sort=columns,
        scale=alt.Scale(domain=columns),
        axis=alt.Axis(
            title=None,
            # On a narrow screen the first word, shortened; words and table have the label.
            labelExpr=f"bandwidth('x') >= {NARROW_BAND} ? split(datum.label, '\\n') : "
            "length(split(datum.label, /\\s/)[0]) > 9 ? slice(datum.label, 0, 8) + '.' : "
            "split(datum.label, /\\s/)[0]",
            labelAngle=0,
            labelLineHeight=15,
            labelPadding=15 * (lines[1] - 1) + 6,
            orient="top",
            domain=False,
            ticks=False,
        ),
    )
    tooltip = [
        alt.Tooltip("row:N", title="Of"),
        alt.Tooltip("column:N", title="In"),
        alt.Tooltip("words:N", title="Is"),
    ]
    base = alt.Chart(shown)
    layers = [
        base.transform_filter("datum.has_field")
        .mark_rect(
            stroke=MUTED,
            strokeWidth=1,
            cornerRadius=3,
            width={"band": 0.94},
            height={"band": 0.86},
        )
        .encode(y=y, x=x, color=alt.Color("fill:N", scale=None, legend=None), tooltip=tooltip),
        base.mark_text(baseline="middle").encode(
            y=y, x=x, text="text:N", color=alt.Color("ink:N", scale=None, legend=None)
        ),
    ]
    spec = finish(alt.layer(*layers), max(38, 15 * lines[0] + 14) * len(rows) + 15 * lines[1] + 30)
    parts = [
        f"{row}{f' ({result})' if result else ''}: "
        + "; ".join(f"{cell.column} {cell.words}" for cell in group.itertuples())
        for (row, result), group in cells.groupby([cells["row"], results], sort=False)
    ]
    return Figure(spec, f"Table chart. {title}. {'. '.join(parts)}.")


def _folded(label: str, width: int) -> str:
    """Return a label broken into lines of about this many letters."""
    return "\n".join(textwrap.wrap(label, width))


def _shade(value: Any) -> str:
    """Return the color of a shade from 0 (white) to 1 (dark)."""
    if pd.isna(value):
        return PAPER
    return GRID_SHADES[min(int(value * len(GRID_SHADES)), len(GRID_SHADES) - 1)]

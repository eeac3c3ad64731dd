"""From files to a metric, as a drawing of lines."""

import altair as alt
import pandas as pd

from metrics.tell.charts.figure import Figure, finish
from metrics.tell.palette import (
    INK,
    MUTED,
    SERIES_COLORS,
)

INDENT, LINE_HEIGHT, LONGEST_NAME = 24, 26, 34

STEPS = {
    "metric": ("Metric", "circle", SERIES_COLORS[0]),
    "page": ("Page that shows it", "triangle-up", SERIES_COLORS[3]),
    "aggregate": ("Aggregate, made when publishing", "square", SERIES_COLORS[2]),
    "raw": ("Table filled by loads", "diamond", SERIES_COLORS[1]),
    "reference": ("Reference table, one file", "cross", MUTED),
    "file": ("File loaded", "triangle-down", INK),
}
"""Kinds of things in a lineage: words, shape and color."""


def lineage(rows: pd.DataFrame, title: str) -> Figure:
    """A tree of what a metric comes from, one line each, read from the top.

    `rows` are the lines of `metrics.edition.lineage.tree_of`: depth, kind, name and note. A line
    belongs to the last line above it that is one level less deep. It stays legible on a
    narrow screen, because levels are indented by pixels.
    """
    lines = rows.reset_index(drop=True)
    parents: list[int] = []
    last_at: dict[int, int] = {}
    for at, depth in enumerate(lines["depth"]):
        parents.append(last_at.get(depth - 1, at))
        last_at[depth] = at
    shown = pd.DataFrame(
        {
            "at": range(len(lines)),
            "depth": lines["depth"],
            "parent": parents,
            "left": lines["depth"] - 1,
            "kind": [STEPS[kind][0] for kind in lines["kind"]],
            "name": lines["name"],
            "label": [
                # What a file was read as stands in the table and the text alternative.
                ", ".join(
                    part for part in (_shortened(name), note if kind != "file" else "") if part
                )
                for name, kind, note in zip(
                    lines["name"], lines["kind"], lines["note"], strict=True
                )
            ],
            "note": lines["note"],
        }
    )
    deepest = int(shown["depth"].max())
    x_scale = alt.Scale(domain=[0, deepest], range=[10, 10 + INDENT * deepest], nice=False)
    y_scale = alt.Scale(domain=[-0.5, len(shown) - 0.5], reverse=True, nice=False)
    x = alt.X("depth:Q", scale=x_scale, axis=None)
    left = alt.X("left:Q", scale=x_scale, axis=None)
    y = alt.Y("at:Q", scale=y_scale, axis=None)
    used = [step for kind, step in STEPS.items() if kind in set(lines["kind"])]
    legend = alt.Legend(
        title=None, orient="top", direction="horizontal", columns=2, symbolOpacity=1
    )
    names, shapes, colors = (list(values) for values in zip(*used, strict=True))
    color = alt.Color("kind:N", scale=alt.Scale(domain=names, range=colors), legend=legend)
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=names, range=shapes), legend=legend)
    tooltip = [
        alt.Tooltip("name:N", title="Name"),
        alt.Tooltip("kind:N", title="Is"),
        alt.Tooltip("note:N", title="Note"),
    ]
    base = alt.Chart(shown)
    joined = base.transform_filter("datum.depth > 0")
    layers = [
        joined.mark_rule(color=MUTED).encode(
            x=left, y=alt.Y("parent:Q", scale=y_scale, axis=None), y2="at:Q"
        ),
        joined.mark_rule(color=MUTED).encode(x=left, x2="depth:Q", y=y),
        base.mark_point(filled=True, size=110, opacity=1).encode(
            x=x, y=y, color=color, shape=shape, tooltip=tooltip
        ),
        base.mark_text(align="left", dx=12).encode(x=x, y=y, text="label:N"),
    ]
    spec = finish(alt.layer(*layers), LINE_HEIGHT * len(shown) + 25 * ((len(used) + 1) // 2))
    words = [f"{len(lines)} lines from the metric down."]
    for row in shown.itertuples():
        note = f" ({row.note})" if row.note else ""
        above = f", below {shown.loc[row.parent, 'name']}" if row.depth > 1 else ""
        words.append(f"{row.kind}: {row.name}{note}{above}.")
    return Figure(spec, f"Tree. {title}. {' '.join(words)}")


def _shortened(name: str) -> str:
    """A name with its middle left out where it is too long for a narrow screen."""
    if len(name) <= LONGEST_NAME:
        return name
    half = (LONGEST_NAME - 1) // 2
    return f"{name[:half]}…{name[-half:]}"

"""Altair charts from looked-up rows, each with its text alternative.

Every function takes published rows and returns a Figure: a finished Vega-Lite
spec and the same content in words. Nothing is computed here but positions.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from metrics.base.numbers import interval_text, value_text
from metrics.base.periods import period_label
from metrics.tell.charts.figure import (
    BENCHMARK_COLOR,
    LABEL_LOOKS,
    LEGEND_LINE,
    SERIES_SHAPES,
    SHORT_NAME,
    Figure,
    finish,
    value_axis,
    with_texts,
)
from metrics.tell.limits import (
    QUIET,
    SHORT,
    first_signal,
    is_quiet,
    limit_lines,
    signal_text,
    year_ago_line,
)
from metrics.tell.marks import NOTHING, Marks
from metrics.tell.palette import (
    INK,
    MUTED,
    PAPER,
    SERIES_COLORS,
)
from metrics.tell.vocabulary import COMPARED, STATUS

DASHES = {"target": [9, 4], "benchmark": [2, 4]}
"""Lines of targets and of benchmarks from outside: other dashes, not other colors alone."""
LIMIT_DASHES = {"upper_limit": [3, 3], "center": [8, 3], "lower_limit": [3, 3]}
"""Thin lines of control limits: shorter dashes than those of targets."""
HOLLOW_TICK = "M-1,-0.3H1V0.3H-1Z"
"""Shape of the value of a year before: a bar, so that nobody takes it for a point."""


"""Pixels of a level and of a line of a tree, and letters of its longest label."""


def warm_up() -> None:
    """Build one small chart, so that the first reader does not pay for imports."""
    rows = pd.DataFrame(
        [
            {
                "period": "2021Q1",
                "basis": "a/b/c",
                "series": "All",
                "value": 0.5,
                "low": 0.4,
                "high": 0.6,
                "n": 10,
                "status": "ok",
                "reason": None,
                "change_call": None,
            }
        ]
    )
    trend(rows, ["2021Q1"], "share", "Warm-up")


def trend(
    rows: pd.DataFrame,
    periods: Sequence[str],
    kind: str,
    title: str,
    unit: str | None = None,
    marks: Marks = NOTHING,
    limits: pd.DataFrame | None = None,
) -> Figure:
    """Values over time with intervals, one line per `series`, and what `marks` set beside
    them: targets and benchmarks as dashed steps, events as numbered vertical rules. `unit`
    names the axis.

    `rows` are published rows with a column `series`. A line breaks where a period
    is missing, the basis changes or two figures cannot be compared; figures that
    are not complete are hollow. Where no series has a figure for a period, the
    chart says why. With `limits`, control limits of the same series, each is read in words;
    where no two series share a period, limits, signals and the value of a year before the
    latest are drawn too.
    """
    shown = rows[rows["value"].notna()].copy()
    empty = rows[~rows["period"].isin(shown["period"])].drop_duplicates("period")
    names = list(dict.fromkeys(shown["series"]))
    position = {period: index for index, period in enumerate(periods)}
    shown["at"] = shown["period"].map(position)
    shown = shown.sort_values(["series", "basis", "at"])
    jump = shown.groupby(["series", "basis"])["at"].diff().ne(1)
    jump |= shown["change_call"].eq("not comparable")
    shown["segment"] = jump.cumsum()
    shown = with_texts(shown, kind)
    shown["label"] = [period_label(period) for period in shown["period"]]
    order = [period_label(period) for period in periods]
    columns = ["series", "segment", "label", "value", "low", "high", "is_whole"]
    columns += ["value_text", "interval", "n_text", "note"]
    data = shown[columns]

    x = alt.X(
        "label:O",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(
            title=None, labelAngle=0, labelExpr="split(datum.label, ' ')", labelOverlap=True
        ),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(zero=kind in ("total", "quantile"), nice=True),
        axis=value_axis(kind, unit, 5),
    )
    colors = [SERIES_COLORS[i % len(SERIES_COLORS)] for i in range(len(names))]
    n_columns = 2 if all(len(name) <= SHORT_NAME for name in names) else 1
    legend = (
        alt.Legend(
            title=None,
            orient="top",
            direction="horizontal",
            columns=n_columns,
            symbolOpacity=1,
            labelLimit=300,
        )
        if len(names) > 1
        else None
    )
    color = alt.Color("series:N", scale=alt.Scale(domain=names, range=colors), legend=legend)
    shape = alt.Shape(
        "series:N",
        scale=alt.Scale(
            domain=names,
            range=[SERIES_SHAPES[i % len(SERIES_SHAPES)] for i in range(len(names))],
        ),
        legend=legend,
    )
    tooltip = [
        alt.Tooltip("series:N", title="Series"),
        alt.Tooltip("label:N", title="Period"),
        alt.Tooltip("value_text:N", title="Value"),
        alt.Tooltip("interval:N", title="95% interval"),
        alt.Tooltip("n_text:N", title="Answers"),
        alt.Tooltip("note:N", title="Note"),
    ]
    base = alt.Chart(data)
    layers = [
        base.mark_rule(strokeWidth=2, opacity=0.55).encode(
            x=x, y=alt.Y("low:Q"), y2="high:Q", color=color
        ),
        base.mark_line(strokeWidth=2).encode(x=x, y=y, color=color, detail="segment:N"),
        base.transform_filter("datum.is_whole")
        .mark_point(filled=True, size=80, opacity=1)
        .encode(x=x, y=y, color=color, shape=shape, tooltip=tooltip),
        base.transform_filter("!datum.is_whole")
        .mark_point(filled=True, fill=PAPER, size=80, strokeWidth=2, opacity=1)
        .encode(x=x, y=y, stroke=color, shape=shape, tooltip=tooltip),
    ]
    if len(empty):
        gaps = pd.DataFrame(
            {
                "label": [period_label(period) for period in empty["period"]],
                "why": [STATUS[status].replace(" ", "\n") for status in empty["status"]],
            }
        )
        layers.append(
            alt.Chart(gaps)
            .mark_text(
                baseline="line-bottom", dy=-24, lineBreak="\n", lineHeight=15, fontStyle="italic"
            )
            .encode(x=x, y=alt.value("height"), text="why:N")
        )
    heading = f"{title}. In {unit}" if unit else title
    behind, before = _mark_layers(marks, periods, x, kind)
    lines = marks.lines(periods, kind)
    table = marks.columns(periods, kind)
    if limits is not None and len(shown):
        held = _with_values(limits, shown)
        is_drawn = bool(shown["period"].is_unique)
        said = _limit_words(held, names, kind)
        if is_drawn:
            latest = shown.loc[shown["at"].idxmax()]
            said.append(year_ago_line(latest, kind))
            behind = [*_limit_lines(held, x), *_year_ago(latest, x), *behind]
            before = [*_limit_labels(held, position, x, kind), *before]
            table = {**_limit_columns(held, kind), **table}
        lines = [*filter(None, said), *lines]
    n_lines = -(-len(names) // n_columns) if legend else 0
    spec = finish(alt.layer(*behind, *layers, *before), 260 + LEGEND_LINE * n_lines)
    words = " ".join([_trend_words(shown, empty, names, kind, heading), *lines])
    return Figure(spec, words, tuple(lines), table)


def _with_values(limits: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Control limits of the values that a chart shows, with series, value, label and place."""
    key = ["metric", "level", "component", "service", "channel", "period", "basis"]
    held = limits.merge(shown[[*key, "series", "value", "label", "at"]], on=key)
    return held.assign(signal=[first_signal(row) for _, row in held.iterrows()]).sort_values("at")


def _limit_words(held: pd.DataFrame, names: list[str], kind: str) -> list[str]:
    """What control limits say of each series that has them; of several in which nothing
    stands out it is said once."""
    own = {name: held[held["series"] == name] for name in names}
    quiet = [name for name, rows in own.items() if len(rows) and is_quiet(rows)]
    told = [] if len(quiet) < 3 else [f"{'; '.join(quiet)}: {QUIET}"]
    return told + [
        f"{name}: {line}" if len(names) > 1 else line
        for name, rows in own.items()
        if len(rows) and not (told and name in quiet)
        for line in limit_lines(rows, kind)
    ]


def _limit_columns(held: pd.DataFrame, kind: str) -> dict[str, dict[str, str]]:
    """Limits and signals as columns of a table: heading, to period in words, to value."""
    held = held[held["center"].notna()]
    if held.empty:
        return {}
    return {
        "Control limits": {
            row["label"]: interval_text(row["lower_limit"], row["upper_limit"], kind)
            for _, row in held.iterrows()
        },
        "Signal": {row["label"]: signal_text(row) for _, row in held.iterrows()},
    }


def _limit_lines(held: pd.DataFrame, x: alt.X) -> list[alt.Chart]:
    """Center and limits of each stretch, thin and dashed."""
    if not held["center"].notna().any():
        return []
    return [
        alt.Chart(held.loc[held["center"].notna(), ["label", "first_period", name]])
        .mark_line(strokeDash=dash, strokeWidth=1, color=MUTED)
        .encode(x=x, y=alt.Y(f"{name}:Q"), detail="first_period:N")
        for name, dash in LIMIT_DASHES.items()
    ]


def _limit_labels(
    held: pd.DataFrame, position: Mapping[str, int], x: alt.X, kind: str
) -> list[alt.Chart]:
    """What the limits are, at the beginning of each stretch, and a ring with a word around
    values that are a signal."""
    held = held[held["center"].notna()]
    if held.empty:
        return []
    layers = []
    first = held.drop_duplicates("first_period")
    for name, side in (("upper_limit", "bottom"), ("lower_limit", "top")):
        texts = [f"{name.replace('_', ' ')} {value_text(value, kind)}" for value in first[name]]
        label: dict[str, Any] = {"align": "left", "baseline": side, "dx": 4}
        label |= {"dy": -3 if side == "bottom" else 4, "fontSize": 12, "fontStyle": "italic"}
        for look in LABEL_LOOKS:
            layers.append(
                alt.Chart(first[["label", name]].assign(text=texts))
                .mark_text(**label, **look)
                .encode(x=x, y=alt.Y(f"{name}:Q"), text="text:N")
            )
    return [*layers, *_rings(held, position, x)]


def _rings(held: pd.DataFrame, position: Mapping[str, int], x: alt.X) -> list[alt.Chart]:
    """Rings around values that are a signal. One of several values is named once, at the
    last of them; values outside the limits at the last that follow each other."""
    which = [str(row[row["signal"]]) if row["signal"] else "" for _, row in held.iterrows()]
    pattern = held["first_period"] + held["signal"] + pd.Series(which, index=held.index)
    is_last = pattern.ne(pattern.shift(-1))
    is_last &= held["signal"].eq("outside") | ~pattern.duplicated(keep="last")
    ends = {0: "left", len(position) - 1: "right"}
    rings = held.assign(
        text=held["signal"].map(SHORT).where(is_last, ""),
        side=["top" if is_low else "bottom" for is_low in held["value"] < held["center"]],
        align=held["at"].map(ends).fillna("center"),
    )
    rings = rings.loc[rings["signal"].ne(""), ["label", "value", "text", "side", "align"]]
    if rings.empty:
        return []
    y = alt.Y("value:Q")
    texts = [
        [
            alt.Chart(part)
            .mark_text(align=align, baseline=side, dy=14 if side == "top" else -13, **look)
            .encode(x=x, y=y, text="text:N")
            for (side, align), part in rings[rings["text"].ne("")].groupby(["side", "align"])
        ]
        for look in LABEL_LOOKS
    ]
    # The halo of a word must not cut another ring.
    circles = (
        alt.Chart(rings[["label", "value"]])
        .mark_point(shape="circle", filled=False, size=300, color=INK, strokeWidth=1.5, opacity=1)
        .encode(x=x, y=y)
    )
    return [*texts[0], circles, *texts[1]]


def _year_ago(latest: "pd.Series[Any]", x: alt.X) -> list[alt.Chart]:
    """A hollow tick at the value of a year before the latest, where the two may be compared."""
    if latest["year_ago_change_call"] not in COMPARED:
        return []
    tick = pd.DataFrame(
        [{"label": latest["label"], "value": latest["year_ago_value"], "text": "a year before"}]
    )
    base = alt.Chart(tick)
    layers = [
        base.mark_point(
            shape=HOLLOW_TICK, filled=True, fill=PAPER, stroke=INK, size=200, opacity=1
        ).encode(x=x, y=alt.Y("value:Q"))
    ]
    # On a narrow screen the words below the chart have to do.
    opacity = alt.ExprRef("width < 450 ? 0 : 1")
    label: dict[str, Any] = {"align": "right", "baseline": "middle", "dx": -12}
    label |= {"fontSize": 12, "fontStyle": "italic", "opacity": opacity}
    return [
        *layers,
        *(
            base.mark_text(**label, **look).encode(x=x, y=alt.Y("value:Q"), text="text:N")
            for look in LABEL_LOOKS
        ),
    ]


def _mark_layers(
    marks: Marks, periods: Sequence[str], x: alt.X, kind: str
) -> tuple[list[alt.Chart], list[alt.Chart]]:
    """Layers behind the values (lines and rules) and before them (their labels)."""
    behind: list[alt.Chart] = []
    before: list[alt.Chart] = []
    placed = marks.placed(periods)
    if placed:
        events = pd.DataFrame(
            {
                "label": [period_label(item.period) for item in placed],
                "number": [item.label for item in placed],
                "is_definition": [item.event.definition is not None for item in placed],
            }
        )
        # What happens in a period is drawn at its beginning, beside the interval of its value.
        offset = alt.ExprRef(f"-min(9, width / {2 * len(periods)})")
        base = alt.Chart(events)
        for is_definition in set(events["is_definition"]):
            behind.append(
                base.transform_filter(f"datum.is_definition === {str(is_definition).lower()}")
                .mark_rule(
                    color=INK if is_definition else MUTED,
                    strokeWidth=2 if is_definition else 1,
                    xOffset=offset,
                )
                .encode(x=x)
            )
        # Above the plot, where no point is.
        named = events.groupby("label", sort=False)["number"].agg(" ".join).reset_index()
        label: dict[str, Any] = {"align": "left", "baseline": "bottom", "dx": -2}
        before.append(
            alt.Chart(named)
            .mark_text(xOffset=offset, fontSize=14, **label)
            .encode(x=x, y=alt.value(-3), text="number:N")
        )
    steps = pd.DataFrame(
        [
            {
                "at": at,
                "label": period_label(period),
                "kind": level.kind,
                "name": level.name,
                "value": level.value,
                # What a benchmark is may be long; the line below the chart says it.
                "text": f"{level.name if level.kind == 'target' else level.kind} "
                f"{value_text(level.value, kind)}",
            }
            for level in marks.drawn_levels(periods)
            for at, period in enumerate(periods)
            if level.holds(period)
        ]
    )
    if steps.empty:
        return behind, before
    steps = steps.sort_values(["kind", "name", "at"])
    jump = steps.groupby(["kind", "name"])["at"].diff().ne(1)
    steps["run"] = jump.cumsum()
    steps["is_alone"] = steps.groupby("run")["at"].transform("size").eq(1)
    for name, part in steps.groupby("kind"):
        color = INK if name == "target" else BENCHMARK_COLOR
        y = alt.Y("value:Q")
        dash = DASHES[str(name)]
        behind.append(
            alt.Chart(part)
            .mark_line(interpolate="step", strokeDash=dash, strokeWidth=2, color=color)
            .encode(x=x, y=y, detail="run:N")
        )
        alone = part[part["is_alone"]]
        if len(alone):
            behind.append(
                alt.Chart(alone)
                .mark_point(shape="stroke", size=900, strokeDash=dash, color=color)
                .encode(x=x, y=y)
            )
        ends = part.groupby(["run", "value"], sort=False).tail(1)
        side: Literal["bottom", "top"] = "bottom" if name == "target" else "top"
        for look in LABEL_LOOKS:
            before.append(
                alt.Chart(ends)
                .mark_text(
                    align="right",
                    baseline=side,
                    dy=-3 if side == "bottom" else 4,
                    dx=8,
                    fontStyle="italic",
                    limit=240,
                    **look,
                )
                .encode(x=x, y=y, text="text:N")
            )
    return behind, before


def _trend_words(
    shown: pd.DataFrame, empty: pd.DataFrame, names: list[str], kind: str, title: str
) -> str:
    sentences = [f"Line chart. {title}."]
    for name in names:
        lines = shown[shown["series"] == name]
        if lines.empty:
            sentences.append(f"{name}: no figure.")
            continue
        points = [
            f"{label} {value} ({interval})" if interval != "–" else f"{label} {value}"
            for label, value, interval in zip(
                lines["label"], lines["value_text"], lines["interval"], strict=True
            )
        ]
        sentences.append(f"{name}: {', '.join(points)}.")
    for row in empty.itertuples():
        sentences.append(f"{period_label(row.period)}: {STATUS[row.status].lower()}.")
    return " ".join(sentences)

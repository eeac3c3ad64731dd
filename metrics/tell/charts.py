"""Altair charts from looked-up rows, each with its text alternative.

Every function takes published rows and returns a Figure: a finished Vega-Lite
spec and the same content in words. Nothing is computed here but positions.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import altair as alt
import pandas as pd

from metrics.base.numbers import interval_text, is_missing, listed, value_text, worded
from metrics.base.periods import period_label
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
    ANSWER_COLORS,
    ANSWER_INK,
    BAND_COLORS,
    GRID,
    GRID_SHADES,
    INK,
    MUTED,
    PAPER,
    SERIES_COLORS,
)
from metrics.tell.sentences import answer_names
from metrics.tell.vocabulary import STATUS, TARGET

SERIES_SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
TWO_ANSWERS = {"0": "2", "1": "4"}
"""Answers on a scale of two take the colours of these of five."""
NARROW_BAND = 85
"""Pixels of a column of a grid below which its label is shortened."""
FONT = "Source Sans, Source Sans Pro, sans-serif"
BENCHMARK_COLOR = MUTED
BENCHMARK_NAME = "government-wide, same wording"
DASHES = {"target": [9, 4], "benchmark": [2, 4]}
"""Lines of targets and of benchmarks from outside: other dashes, not other colours alone."""
LIMIT_DASHES = {"upper_limit": [3, 3], "centre": [8, 3], "lower_limit": [3, 3]}
"""Thin lines of control limits: shorter dashes than those of targets."""
HOLLOW_TICK = "M-1,-0.3H1V0.3H-1Z"
"""Shape of the value of a year before: a bar, so that nobody takes it for a point."""
HALO: dict[str, Any] = {"stroke": PAPER, "strokeWidth": 3, "strokeJoin": "round"}
"""Keeps a label readable where it lies on a line."""
LABEL_LOOKS: tuple[dict[str, Any], ...] = (HALO, {})

MARK_HEIGHT = 24
"""Pixels that a mark adds to the height of a chart."""

STEPS = {
    "metric": ("Metric", "circle", SERIES_COLORS[0]),
    "page": ("Page that shows it", "triangle-up", SERIES_COLORS[3]),
    "aggregate": ("Aggregate, made when publishing", "square", SERIES_COLORS[2]),
    "raw": ("Table filled by loads", "diamond", SERIES_COLORS[1]),
    "reference": ("Reference table, one file", "cross", MUTED),
    "file": ("File loaded", "triangle-down", INK),
}
"""Kinds of things in a lineage: words, shape and colour."""
INDENT, LINE_HEIGHT, LONGEST_NAME = 24, 26, 34
"""Pixels of a level and of a line of a tree, and letters of its longest label."""

LABEL_FLOOR = 0.1
"""Share below which a segment of a distribution carries no label of its own."""


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


def _finish(chart: alt.TopLevelMixin, height: int | None = None) -> dict[str, Any]:
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


def _with_texts(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
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


def _value_axis(kind: str, unit: str | None, count: int) -> alt.Axis:
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
    shown = _with_texts(shown, kind)
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
        axis=_value_axis(kind, unit, 5),
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
    spec = _finish(alt.layer(*behind, *layers, *before), 260 + LEGEND_LINE * n_lines)
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
    held = held[held["centre"].notna()]
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
    """Centre and limits of each stretch, thin and dashed."""
    if not held["centre"].notna().any():
        return []
    return [
        alt.Chart(held.loc[held["centre"].notna(), ["label", "first_period", name]])
        .mark_line(strokeDash=dash, strokeWidth=1, color=MUTED)
        .encode(x=x, y=alt.Y(f"{name}:Q"), detail="first_period:N")
        for name, dash in LIMIT_DASHES.items()
    ]


def _limit_labels(
    held: pd.DataFrame, position: Mapping[str, int], x: alt.X, kind: str
) -> list[alt.Chart]:
    """What the limits are, at the beginning of each stretch, and a ring with a word around
    values that are a signal."""
    held = held[held["centre"].notna()]
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
        side=["top" if is_low else "bottom" for is_low in held["value"] < held["centre"]],
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
    if latest["year_ago_change_call"] not in ("up", "down", "no clear change"):
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


def dots(rows: pd.DataFrame, kind: str, title: str, unit: str | None = None) -> Figure:
    """One dot with its interval per `label`, and where given the `benchmark` value as a
    tick and `target` and `external_benchmark` as dashed ticks on the same line. The order of
    `rows` is kept; `unit` names the axis."""
    shown = _with_texts(rows[rows["value"].notna()].copy(), kind)
    order = list(dict.fromkeys(rows["label"]))
    if "benchmark" not in shown:
        shown["benchmark"] = None
    shown["benchmark_text"] = [value_text(value, kind) for value in shown["benchmark"]]
    columns = ["label", "value", "low", "high", "is_whole", "benchmark", "benchmark_text"]
    columns += ["value_text", "interval", "n_text", "note"]
    ticks = _level_ticks(shown, kind)
    has_benchmark = bool(shown["benchmark"].notna().any())
    y = alt.Y(
        "label:N",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(title=None, labelExpr=WRAPPED),
    )
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[0, 1] if kind == "share" else alt.Undefined, zero=kind != "mean"),
        axis=_value_axis(kind, unit, 6),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Of"),
        alt.Tooltip("value_text:N", title="Value"),
        alt.Tooltip("interval:N", title="95% interval"),
        alt.Tooltip("n_text:N", title="Answers"),
        alt.Tooltip("note:N", title="Note"),
    ]
    base = alt.Chart(shown[columns])
    layers = [
        base.mark_rule(strokeWidth=3, color=SERIES_COLORS[0], opacity=0.5).encode(
            y=y, x=alt.X("low:Q"), x2="high:Q"
        ),
        base.transform_filter("datum.is_whole")
        .mark_point(filled=True, size=110, color=SERIES_COLORS[0], opacity=1)
        .encode(y=y, x=x, tooltip=tooltip),
        base.transform_filter("!datum.is_whole")
        .mark_point(
            filled=True,
            fill=PAPER,
            stroke=SERIES_COLORS[0],
            strokeWidth=2,
            size=110,
            opacity=1,
        )
        .encode(y=y, x=x, tooltip=tooltip),
        base.mark_text(align="center", dy=-14).encode(y=y, x=x, text="value_text:N"),
    ]
    if has_benchmark:
        layers.insert(
            0,
            base.transform_filter("isValid(datum.benchmark)")
            .mark_tick(thickness=3, size=22, color=BENCHMARK_COLOR)
            .encode(
                y=y,
                x=alt.X("benchmark:Q"),
                tooltip=[
                    alt.Tooltip("label:N", title="Of"),
                    alt.Tooltip("benchmark_text:N", title=BENCHMARK_NAME),
                ],
            ),
        )
    layers += _tick_layers(ticks, y)
    spec = _finish(alt.layer(*layers), 46 * max(len(order), 1) + (60 if unit else 40))
    parts = []
    for row in shown.itertuples():
        part = f"{row.label} {row.value_text}"
        if row.interval != "–":
            part += f" ({row.interval})"
        if has_benchmark and pd.notna(row.benchmark):
            part += f", {BENCHMARK_NAME} {row.benchmark_text}"
        own = ticks[ticks["label"] == row.label]
        part += "".join(f", {said}" for said in own["words"])
        parts.append(part)
    absent = [label for label in order if label not in set(shown["label"])]
    words = f"Dot plot. {title}. {f'{unit}: ' if unit else ''}{'; '.join(parts)}."
    if absent:
        words += f" No figure: {listed(absent)}."
    return Figure(spec, words, _tick_lines(ticks))


def _level_ticks(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Targets and benchmarks from outside that published rows carry, one row each: label,
    value, kind, text beside the tick, and the same in words."""
    ticks = []
    for row in rows.to_dict("records"):
        if not is_missing(row.get("target")):
            said = f"target {value_text(row['target'], kind)}"
            call = TARGET.get(str(row.get("target_call")), "")
            ticks.append([row["label"], row["target"], "target", said, f"{said} {call}".strip()])
        if not is_missing(row.get("external_benchmark")):
            said = f"{row['external_benchmark_label']} "
            said += value_text(row["external_benchmark"], kind)
            ticks.append([row["label"], row["external_benchmark"], "benchmark", said, said])
    return pd.DataFrame(ticks, columns=["label", "value", "kind", "text", "words"])


def _tick_layers(ticks: pd.DataFrame, y: alt.Y) -> list[alt.Chart]:
    """A dashed tick per target and benchmark, and what it is when pointed at."""
    return [
        alt.Chart(part)
        .mark_point(
            shape="M0,-1V1",
            filled=False,
            size=700,
            strokeWidth=3,
            strokeDash=[5, 3] if name == "target" else [1.5, 3],
            color=INK if name == "target" else BENCHMARK_COLOR,
            opacity=1,
        )
        .encode(y=y, x="value:Q", tooltip=[alt.Tooltip("text:N", title="Beside it")])
        for name, part in ticks.groupby("kind")
    ]


def _tick_lines(ticks: pd.DataFrame) -> tuple[str, ...]:
    """What the ticks are, in words under the chart."""
    marks = {"target": "Dashed tick", "benchmark": "Dotted tick"}
    return tuple(
        f"{marks[str(name)]}: "
        + "; ".join(dict.fromkeys(f"{row.label}, {row.words}" for row in part.itertuples()))
        + "."
        for name, part in ticks.groupby("kind", sort=False)
    )


def gaps(rows: pd.DataFrame, title: str) -> Figure:
    """One dot with its interval per `label`: how far a group's share lies from that of
    the others, in points. `rows` has gap, gap_low, gap_high (shares, -1 to 1), gap_call
    and n; the order of `rows` is kept."""
    shown = rows[rows["gap"].notna()].copy()
    for name in ("gap", "gap_low", "gap_high"):
        shown[name] = 100 * shown[name].astype(float)
    shown["is_clear"] = shown["gap_call"].isin(["above", "below"])
    shown["gap_text"] = [f"{value:+.1f}" for value in shown["gap"]]
    shown["interval"] = [
        f"{low:+.1f} to {high:+.1f}"
        for low, high in zip(shown["gap_low"], shown["gap_high"], strict=True)
    ]
    shown["n_text"] = [f"{int(n):,}" for n in shown["n"]]
    order = list(dict.fromkeys(shown["label"]))
    columns = ["label", "gap", "gap_low", "gap_high", "is_clear", "gap_text", "interval", "n_text"]
    y = alt.Y("label:N", sort=order, scale=alt.Scale(domain=order), axis=alt.Axis(title=None))
    x = alt.X(
        "gap:Q",
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(title="points from the others", tickCount=6, format="+.0f"),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Of"),
        alt.Tooltip("gap_text:N", title="Points from the others"),
        alt.Tooltip("interval:N", title="95% interval"),
        alt.Tooltip("n_text:N", title="Answers"),
    ]
    base = alt.Chart(shown[columns])
    layers = [
        alt.Chart(pd.DataFrame({"gap": [0]}))
        .mark_rule(color=MUTED, strokeDash=[4, 3])
        .encode(x="gap:Q"),
        base.mark_rule(strokeWidth=3, color=SERIES_COLORS[0], opacity=0.5).encode(
            y=y, x=alt.X("gap_low:Q"), x2="gap_high:Q"
        ),
        base.transform_filter("datum.is_clear")
        .mark_point(filled=True, size=110, color=SERIES_COLORS[0], opacity=1)
        .encode(y=y, x=x, tooltip=tooltip),
        base.transform_filter("!datum.is_clear")
        .mark_point(
            filled=True,
            fill=PAPER,
            stroke=SERIES_COLORS[0],
            strokeWidth=2,
            size=110,
            opacity=1,
        )
        .encode(y=y, x=x, tooltip=tooltip),
        base.mark_text(align="center", dy=-14).encode(y=y, x=x, text="gap_text:N"),
    ]
    spec = _finish(alt.layer(*layers), 46 * max(len(order), 1) + 60)
    parts = [
        f"{row.label} {row.gap_text} points ({row.interval}), {row.gap_call}"
        for row in shown.itertuples()
    ]
    return Figure(spec, f"Dot plot of differences. {title}. {'; '.join(parts)}.")


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
    """Pick colours from a ramp, its ends included; with more than there are, the last
    repeats."""
    last = len(colors) - 1
    steps = max(count - 1, 1)
    return [colors[min(round(i * last / min(steps, last)), last)] for i in range(count)]


def _numbered_labels(marks: Marks, periods: Sequence[str]) -> dict[str, str]:
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
    labels = _numbered_labels(marks, drawn)
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
    spec = _finish(alt.layer(bars, texts), 34 * max(len(order), 1) + 50)
    lines = tuple(marks.lines(drawn, "share"))
    return Figure(spec, " ".join([_stacked_words(shown, order, title), *lines]), lines)


def _stacked_words(shown: pd.DataFrame, order: list[str], title: str) -> str:
    words = [f"Stacked bar chart. {title}."]
    for label in order:
        group = shown[shown["label"] == label]
        parts = [f"{a} {v}" for a, v in zip(group["answer"], group["value_text"], strict=True)]
        words.append(f"{label}: {', '.join(parts)}.")
    return " ".join(words)


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
    spec = _finish(alt.layer(*layers), max(38, 15 * lines[0] + 14) * len(rows) + 15 * lines[1] + 30)
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
    """Return the colour of a shade from 0 (white) to 1 (dark)."""
    if pd.isna(value):
        return PAPER
    return GRID_SHADES[min(int(value * len(GRID_SHADES)), len(GRID_SHADES) - 1)]


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
    ticks = _level_ticks(shown, "total")
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
        *_tick_layers(ticks, y),
    ]
    spec = _finish(alt.layer(*layers), 34 * max(len(order), 1) + 60)
    parts = [
        f"{row.label} {row.value_text}"
        + ("" if row.is_firm else " (requested)")
        + "".join(f", {said}" for said in ticks.loc[ticks["label"] == row.label, "words"])
        for row in shown.itertuples()
    ]
    kind = "Dot plot on a logarithmic scale" if is_log else "Bar chart"
    return Figure(spec, f"{kind}. {title}. {unit}: {'; '.join(parts)}.", _tick_lines(ticks))


def causes(
    rows: pd.DataFrame,
    unit: str,
    title: str,
    periods: Sequence[str] = (),
    marks: Marks = NOTHING,
) -> Figure:
    """Changes by cause: one point per `label` and `cause` (both in words), in the order
    of `rows`; left of the line is less, right is more. Colour and shape tell the cause. Where
    the labels are `periods`, `marks` number those in which something happened."""
    marks = marks.without_levels
    named = {period_label(p): label for p, label in _numbered_labels(marks, periods).items()}
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
    spec = _finish(alt.layer(*layers), 34 * max(len(order), 1) + 90)
    parts = []
    for label in order:
        group = shown[shown["label"] == label]
        told = [f"{c} {v}" for c, v in zip(group["cause"], group["value_text"], strict=True)]
        parts.append(f"{label}: {', '.join(told) or 'no change'}.")
    lines = tuple(marks.lines(periods, "total"))
    words = f"Dot plot of changes by cause. {title}. {unit}. {' '.join([*parts, *lines])}"
    return Figure(spec, words, lines)


def lineage(rows: pd.DataFrame, title: str) -> Figure:
    """A tree of what a metric comes from, one line each, read from the top.

    `rows` are the lines of `metrics.gate.lineage.tree_of`: depth, kind, name and note. A line
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
    spec = _finish(alt.layer(*layers), LINE_HEIGHT * len(shown) + 25 * ((len(used) + 1) // 2))
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

"""Values with their intervals side by side, and gaps of groups from the rest."""

import altair as alt
import pandas as pd

from metrics.base.numbers import is_missing, listed, value_text
from metrics.tell.charts.figure import (
    BENCHMARK_COLOR,
    BENCHMARK_NAME,
    WRAPPED,
    Figure,
    finish,
    value_axis,
    with_texts,
)
from metrics.tell.palette import (
    INK,
    MUTED,
    PAPER,
    SERIES_COLORS,
)
from metrics.tell.vocabulary import TARGET


def dots(rows: pd.DataFrame, kind: str, title: str, unit: str | None = None) -> Figure:
    """One dot with its interval per `label`, and where given the `benchmark` value as a
    tick and `target` and `external_benchmark` as dashed ticks on the same line. The order of
    `rows` is kept; `unit` names the axis."""
    shown = with_texts(rows[rows["value"].notna()].copy(), kind)
    order = list(dict.fromkeys(rows["label"]))
    if "benchmark" not in shown:
        shown["benchmark"] = None
    shown["benchmark_text"] = [value_text(value, kind) for value in shown["benchmark"]]
    columns = ["label", "value", "low", "high", "is_whole", "benchmark", "benchmark_text"]
    columns += ["value_text", "interval", "n_text", "note"]
    ticks = level_ticks(shown, kind)
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
        axis=value_axis(kind, unit, 6),
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
    layers += tick_layers(ticks, y)
    spec = finish(alt.layer(*layers), 46 * max(len(order), 1) + (60 if unit else 40))
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
    return Figure(spec, words, tick_lines(ticks))


def level_ticks(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
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


def tick_layers(ticks: pd.DataFrame, y: alt.Y) -> list[alt.Chart]:
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


def tick_lines(ticks: pd.DataFrame) -> tuple[str, ...]:
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
    spec = finish(alt.layer(*layers), 46 * max(len(order), 1) + 60)
    parts = [
        f"{row.label} {row.gap_text} points ({row.interval}), {row.gap_call}"
        for row in shown.itertuples()
    ]
    return Figure(spec, f"Dot plot of differences. {title}. {'; '.join(parts)}.")

from typing import Any

import streamlit as st

from metrics import words
from ui import state, view
from ui.access import guard
from ui.figure import draw, numbers_table, show_figure
from ui.filters import choice

guard(__file__)

edition, chosen = view.current()
titles, kinds = edition.metrics["title"], edition.metrics["kind"]
services = state.table(edition, "service").set_index("service")
channels = state.table(edition, "channel").set_index("channel")["name"]
when = words.period_label(chosen.period)
MAX_LINES = 6

st.title("Compare", anchor=False)
st.markdown("One measure side by side. Services differ in what they do: compare with care.")
left, right = st.columns(2)
comparable = edition.metrics[edition.metrics["breakdown"].isna()]
names = [*words.MEASURES, *(n for n in comparable.index if n not in words.MEASURES)]
with left:
    metric = choice("Measure", "metric", names, "trust", lambda name: titles[name])
with right:
    by = choice(
        "Side by side",
        "by",
        ["component", "service", "channel"],
        "component",
        lambda name: {"component": "Components", "service": "Services", "channel": "Channels"}[
            name
        ],
    )

kind = kinds[metric]
scope: dict[str, Any] = {"metric": metric, "breakdown": None}
if by == "channel":
    level = "department" if chosen.component == "all" else "component"
    rows = state.rows(edition, level=level, component=chosen.component, **scope)
    rows = rows[rows["channel"] != "all"]
    rows = rows.assign(label=rows["channel"].map(channels))
else:
    rows = state.rows(edition, level=by, channel=chosen.channel, **scope)
    if by == "service" and chosen.component != "all":
        rows = rows[rows["component"] == chosen.component]
    label = rows["component"]
    if by == "service":
        label = rows["component"] + ": " + rows["service"].map(services["name"])
    rows = rows.assign(label=label)

now = rows[rows["period"] == chosen.period].sort_values("value", ascending=False)
figures = now[now["value"].notna()]
if figures["basis"].nunique() > 1:
    figures = figures.assign(
        label=figures["label"] + " (" + figures["basis"].map(words.wording_text) + ")"
    )
    st.info(
        "These figures come from differently worded questions or different survey families. "
        "Each keeps its own wording in the labels; they are shown, not ranked."
    )

st.header(f"{titles[metric]} in {when}", anchor=False)
st.caption(words.sentence(edition.metrics.loc[metric, "description"]))
if figures.empty:
    st.markdown("There is no figure for this choice.")
else:
    has_benchmark = figures["benchmark"].notna().any()
    answer = words.span_text(figures, kind)
    answer = answer[0].upper() + answer[1:]
    show_figure(
        draw(
            "dots",
            edition.id,
            figures,
            kind=kind,
            title=answer,
        ),
        "compare",
        answer,
        "With 95% intervals. "
        + ("Grey tick: the government as a whole, same wording." if has_benchmark else "")
        if kind in ("share", "mean")
        else "",
        numbers_table(figures, kind, {"label": "Of"}, benchmark=True),
        f"{metric}_by_{by}_{chosen.period}_{edition.id}",
    )
absent = now[now["value"].isna()]
if len(absent):
    groups = [
        f"{words.STATUS[status].lower()}: {words.listed(sorted(group['label'].unique()))}"
        for status, group in absent.groupby("status")
    ]
    st.markdown("No figure. " + "; ".join(groups)[0].upper() + "; ".join(groups)[1:] + ".")

history = rows[(rows["period_kind"] == "quarter") & rows["value"].notna()]
if not history.empty:
    st.header("Over the quarters", anchor=False)
    is_mixed = history["label"].map(history.groupby("label")["basis"].nunique().gt(1))
    history = history.assign(
        series=history["label"].where(
            ~is_mixed, history["label"] + ", " + history["basis"].map(words.wording_text)
        )
    )
    drawn = list(history.groupby("series")["n"].sum().nlargest(MAX_LINES).index)
    note = "A line breaks where two quarters cannot be compared."
    if history["series"].nunique() > len(drawn):
        note += f" Drawn are the {MAX_LINES} with the most answers; the table has all."
    shown = history[history["series"].isin(drawn)]
    answer = f"{titles[metric]} by quarter"
    show_figure(
        draw(
            "trend",
            edition.id,
            shown,
            periods=edition.periods("quarter"),
            kind=kind,
            title=answer,
            marks=state.marks(
                edition,
                metric,
                {name: sorted(shown[name].unique()) for name in ("component", "service", "channel")}
                | {"level": shown["level"].iloc[0]},
            ),
        ),
        "compare_trend",
        answer,
        note,
        numbers_table(history, kind, {"period": "Quarter", "series": "Of"}),
        f"{metric}_by_{by}_{edition.id}",
    )

from typing import Any

import streamlit as st

from metrics.base.numbers import listed
from metrics.base.periods import period_label
from metrics.tell import sentences
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import MEASURES, STATUS
from ui import state, view
from ui.access import guard
from ui.figure import draw, show_figure
from ui.filters import choice, say_wrong_values
from ui.more import periods_of, shown_period, with_basis
from ui.parts import basis_names, has_total, part_choice, part_names
from ui.plain import as_text

guard(__file__)

edition, chosen = view.current()
titles, kinds = edition.metrics["title"], edition.metrics["kind"]
services = state.table(edition, "service").set_index("service")
channels = state.table(edition, "channel").set_index("channel")["name"]
MAX_LINES = 6

st.title("Compare", anchor=False)
st.markdown("One measure side by side. Services differ in what they do: compare with care.")
left, right = st.columns(2)
names = [n for n in MEASURES if n in titles]
names += [n for n in titles.index if n not in MEASURES]
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
unit = None if kind == "share" else edition.metrics.loc[metric, "unit"]
scope: dict[str, Any] = {"metric": metric}
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

parts = part_names(edition, metric, rows)
part = part_choice("Part", parts, has_total(rows, kind))
rows = rows[rows["breakdown"].isna() if part is None else rows["breakdown"].eq(part)]
filters = {name: getattr(chosen, name) for name in ("component", "channel") if name != by}
where = view.place(filters)
title = titles[metric] if part is None else f"{titles[metric]}, {parts[part].lower()}"
period = shown_period(edition, metric, rows, chosen)
when = period_label(period)
say_wrong_values()

now = rows[rows["period"] == period].sort_values("value", ascending=False)
figures = now[now["value"].notna()]
if figures["basis"].nunique() > 1:
    figures = with_basis(edition, figures, "label")
    st.info(
        "These figures come from differently worded questions or different survey families. "
        "Each keeps its own wording in the labels; they are shown, not ranked."
    )

st.header(as_text(f"{title} in {when}"), anchor=False)
st.caption(as_text(sentences.without_grain(edition.metrics.loc[metric, "description"])))
if figures.empty:
    st.markdown("There is no figure for this choice.")
else:
    has_benchmark = figures["benchmark"].notna().any()
    answer = sentences.span_text(figures, kind)
    answer = answer[0].upper() + answer[1:]
    show_figure(
        draw(
            "dots",
            edition.id,
            figures,
            kind=kind,
            title=answer,
            unit=unit,
        ),
        "compare",
        answer,
        "With 95% intervals. "
        + ("Tick: the rest of the government, same wording." if has_benchmark else "")
        if kind in ("share", "mean")
        else "",
        numbers_table(figures, kind, {"label": "Of"}, benchmark=True),
        f"{metric}_by_{by}_{where}_{period}_{edition.id}",
    )
absent = now[now["value"].isna()]
if len(absent):
    groups = [
        f"{STATUS[status].lower()}: {as_text(listed(sorted(group['label'].unique())))}"
        for status, group in absent.groupby("status")
    ]
    st.markdown("No figure. " + "; ".join(groups)[0].upper() + "; ".join(groups)[1:] + ".")

history = rows[(rows["period_kind"] == "quarter") & rows["value"].notna()]
if not history.empty:
    st.header("Over the quarters", anchor=False)
    is_mixed = history["label"].map(history.groupby("label")["basis"].nunique().gt(1))
    history = history.assign(
        series=history["label"].where(
            ~is_mixed, history["label"] + ", " + history["basis"].map(basis_names(edition, history))
        )
    )
    # Counts rank themselves; other figures by how many people or cases stand behind them.
    rank = history["value" if kind == "total" else "n"].astype(float)
    drawn = list(rank.groupby(history["series"]).sum().nlargest(MAX_LINES).index)
    note = "A line breaks where two quarters cannot be compared."
    if history["series"].nunique() > len(drawn):
        what = "largest" if kind == "total" else "with the most answers"
        note += f" Drawn are the {MAX_LINES} {what}; the table has all."
    shown = history[history["series"].isin(drawn)]
    answer = f"{title} by quarter"
    show_figure(
        draw(
            "trend",
            edition.id,
            shown,
            periods=periods_of(edition, metric, history),
            kind=kind,
            title=answer,
            unit=unit,
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
        f"{metric}_by_{by}_{where}_{edition.id}",
    )

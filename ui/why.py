"""Why a figure changed: what of it is a shift in the mix, and what happened within."""

import pandas as pd
import streamlit as st

from metrics.base.numbers import signed_text, value_text
from metrics.base.periods import earlier_period
from metrics.tell import sentences, vocabulary
from metrics.tell.vocabulary import MEASURES
from ui import state, view
from ui.filters import choice
from ui.parts import told_apart
from ui.plain import as_text, table_as_text

SINCE = {"period": "the period before", "year": "a year before"}
DRIVERS = MEASURES[2:]
"""Measures of what makes people trust and be satisfied."""
TICKED = {
    "driver_positive_share": "named as what went well",
    "driver_negative_share": "named as what did not go well",
    "driver_yes_share": "answered with yes",
}
"""Shares of the drivers that customers tick, and what they tick them as."""


def show_why(metric: str, now: dict[str, str]) -> None:
    """Show how the change of a metric splits over services and channels, which drivers moved
    with it, and what was noted at the time; nothing where there is no change to tell of.
    `now` is level, component, service, channel and period."""
    edition, _ = view.current()
    figures = state.rows(edition, metric=metric, breakdown=None, **now)
    splits = state.rows(edition, "change_split", metric=metric, **now)
    # Where the mix shifted there is no verdict, but it is known how.
    changes = {"period": figures["change"], "year": figures["year_ago_change"]}
    known = [
        since
        for since in SINCE
        if changes[since].notna().any() or since in set(splits["compared_with"])
    ]
    if not known:
        return
    about = edition.metrics.loc[metric]
    st.header("Why did it change?", anchor=False)
    since = choice("Since", "since", known, known[0], SINCE.__getitem__)
    splits = splits[splits["compared_with"] == since]
    leaves = state.rows(edition, "change_leaf", metric=metric, compared_with=since, **now)
    for _, row in splits.iterrows():
        st.markdown(f"**{as_text(sentences.split_sentence(row, about['title'], about['kind']))}**")
        parts = leaves[leaves["basis"] == row["basis"]]
        st.table(
            table_as_text(parts_table(parts, row, about["kind"], now)),
            hide_index=True,
            border="horizontal",
        )
    if splits.empty:
        st.markdown(
            "We can't break this change down: it covers a single service and channel, or some "
            "parts are suppressed or unknown."
        )
    else:
        st.caption(
            "Kitagawa's decomposition over services and channels, from the figures that are "
            "published. Parts add up to the change; rounding may leave a difference of 0.1. It "
            "shows where the change occurred, not why."
        )
    if lines := context_lines(metric, now, since):
        st.markdown("\n".join(f"- {as_text(line)}" for line in lines))


def context_lines(
    metric: str, now: dict[str, str], since: str = "period", with_ticked: bool = True
) -> list[str]:
    """Return the drivers that moved clearly with a metric, those that customers ticked only
    `with_ticked`, and what was noted of it between the two periods, one line each. `now` is
    as of `show_why`."""
    edition, _ = view.current()
    rated = state.rows(
        edition, metric=[name for name in DRIVERS if name != metric], breakdown=None, **now
    )
    rated = rated.assign(
        label=told_apart(edition, rated["metric"].map(edition.metrics["title"]), rated)
    )
    ticked = state.rows(edition, metric=list(TICKED) if with_ticked else [], **now)
    ticked = ticked[ticked["breakdown"].notna()]
    names = [
        f"“{vocabulary.DRIVERS.get(row.breakdown, row.breakdown)}” {TICKED[row.metric]}"
        for row in ticked[["breakdown", "metric"]].itertuples()
    ]
    ticked = ticked.assign(label=names)
    is_year = since == "year"
    moved = sentences.moved_text(pd.concat([rated, ticked]), is_year)
    scope = {name: value for name, value in now.items() if name != "period"}
    before = earlier_period(now["period"], is_year)
    noted = state.marks(edition, metric, scope).between(before, now["period"])
    return [*([moved] if moved else []), *(f"Noted: {line}" for line in noted)]


def parts_table(
    parts: pd.DataFrame, total: "pd.Series[object]", kind: str, scope: dict[str, str]
) -> pd.DataFrame:
    """Return the services and channels behind a change as a table for people, the largest
    part first, their sum last."""
    edition, _ = view.current()
    channels = state.table(edition, "channel").set_index("channel")["name"]
    services = state.table(edition, "service").set_index("service")["name"]
    size = (parts["mix"] + parts["within"]).abs()
    parts = parts.reindex(size.sort_values(ascending=False).index)
    rows = [
        {
            "Service": f"{row.leaf_component}: {services.get(row.leaf_service, row.leaf_service)}",
            "Channel": channels.get(row.leaf_channel, row.leaf_channel),
            "Share of answers": _from_to(row.share_before, row.share_now, "share"),
            "Value": _from_to(row.value_before, row.value_now, kind),
            "Within": signed_text(row.within, kind),
            "Mix": signed_text(row.mix, kind),
        }
        for row in parts.itertuples()
    ]
    rows.append(
        {
            "Service": "All",
            "Channel": "All channels",
            "Share of answers": "",
            "Value": f"{signed_text(total['change'], kind)} in all",
            "Within": signed_text(total["within"], kind),
            "Mix": signed_text(total["mix"], kind),
        }
    )
    table = pd.DataFrame(rows)
    return table if scope["service"] == "all" else table.drop(columns="Service")


def _from_to(before: object, now: object, kind: str) -> str:
    return f"{value_text(before, kind)} → {value_text(now, kind)}"

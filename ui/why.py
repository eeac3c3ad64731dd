"""Why a figure changed: what of it is a shift in the mix, and what happened within."""

import pandas as pd
import streamlit as st

from metrics import words
from ui import state, view
from ui.filters import choice

SINCE = {"period": "the period before", "year": "a year before"}


def show_why(metric: str, scope: dict[str, str]) -> None:
    """Show how the change of a metric splits over services and channels, for the period
    of this view; nothing where that is not known. `scope` is level, component and
    service."""
    edition, chosen = view.current()
    where = {**scope, "metric": metric, "channel": "all", "period": chosen.period}
    splits = state.rows(edition, "change_split", **where)
    known = [since for since in SINCE if since in set(splits["compared_with"])]
    if not known:
        return
    about = edition.metrics.loc[metric]
    st.header("Why did it change?", anchor=False)
    since = choice("Since", "since", known, known[0], SINCE.__getitem__)
    leaves = state.rows(edition, "change_leaf", compared_with=since, **where)
    for _, row in splits[splits["compared_with"] == since].iterrows():
        st.markdown(f"**{words.split_sentence(row, about['title'], about['kind'])}**")
        parts = leaves[leaves["basis"] == row["basis"]]
        st.table(
            parts_table(parts, row, about["kind"], scope), hide_index=True, border="horizontal"
        )
    st.caption(
        "Kitagawa's decomposition over services and channels, from the figures that are "
        "published. Parts add up to the change; rounded ones may miss it by one unit. It says "
        "where the change lies, not what caused it."
    )


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
            "Within": words.signed_text(row.within, kind),
            "Mix": words.signed_text(row.mix, kind),
        }
        for row in parts.itertuples()
    ]
    rows.append(
        {
            "Service": "All",
            "Channel": "All channels",
            "Share of answers": "",
            "Value": f"{words.signed_text(total['change'], kind)} in all",
            "Within": words.signed_text(total["within"], kind),
            "Mix": words.signed_text(total["mix"], kind),
        }
    )
    table = pd.DataFrame(rows)
    return table if scope["service"] == "all" else table.drop(columns="Service")


def _from_to(before: object, now: object, kind: str) -> str:
    return f"{words.value_text(before, kind)} → {words.value_text(now, kind)}"

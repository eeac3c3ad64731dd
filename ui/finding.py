"""Finding one's way: to any page, Component, service or measure, and back by a link."""

from typing import cast
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from metrics.base.settings import MAIN_DATASET
from metrics.edition.edition import Edition
from metrics.tell import sentences
from ui import state
from ui.registry import PAGES

Target = tuple[str, dict[str, str]]
"""Address of a page and what stands in it."""

WELCOME = (
    "Each figure is a share or mean of customers who answered, with its 95% interval: the range "
    "that chance alone leaves open.",
    "▲ up and ▼ down stand only where a change is larger than chance and large enough to matter; "
    "≈ means shown to be the same, ? that the figures cannot tell, ○ that two figures cannot be "
    "compared.",
    f"{sentences.PRIVACY} A gap always says why, and is never zero.",
)


@st.cache_data(max_entries=8, show_spinner=False)
def _targets(home: str, edition_id: str, _opened: Edition) -> dict[str, Target]:
    """Everything one can go to, by what it is called."""
    found: dict[str, Target] = {
        f"Page: {entry.title}": (entry.address, {})
        for entry in PAGES
        if entry.address not in ("load", "preview")
    }
    for row in state.table(_opened, "component").sort_values("sort_order").itertuples():
        found[f"Component: {row.component}, {row.name}"] = (
            "component",
            {"component": row.component},
        )
    for row in state.table(_opened, "service").sort_values(["component", "name"]).itertuples():
        found[f"Service: {row.name} ({row.component})"] = (
            "component",
            {"component": row.component, "service": row.service},
        )
    for row in _opened.metrics.sort_values("title").itertuples():
        found[f"Measure: {row.title}"] = ("metrics", {"metric": row.metric})
    return found


def show_finder(opened: Edition, dataset: str) -> None:
    """Show one box to type in that leads to any page, Component, service or measure."""
    targets = _targets(str(opened.home), opened.id, opened)
    wanted = st.session_state.pop("_go_to", None)
    if wanted in targets:
        page, parameters = targets[wanted]
        if dataset != MAIN_DATASET:
            parameters = {"data": dataset, **parameters}
        pages = cast(dict[str, StreamlitPage], st.session_state["pages"])
        st.switch_page(pages[page], query_params=parameters)

    def go() -> None:
        st.session_state["_go_to"] = st.session_state["_finder"]
        st.session_state["_finder"] = None

    st.selectbox(
        "Find",
        list(targets),
        index=None,
        key="_finder",
        on_change=go,
        placeholder="Page, service or measure",
    )


def show_link(opened: Edition) -> None:
    """Show the address of this view to copy: it shows others what the reader sees, filters
    and choices included."""
    query = urlencode(dict(st.query_params))
    base = str(st.context.url or "").split("?")[0]
    with st.expander("Copy a link to this view"):
        st.code(f"{base}?{query}" if query else base, language=None, wrap_lines=True)
        st.caption(
            f"The link always opens the latest figures. You are viewing edition {opened.id}."
        )


def show_welcome() -> None:
    """Say in three sentences how to read the figures: open at a first visit."""
    is_first = not st.session_state.get("_welcomed")
    st.session_state["_welcomed"] = True
    with st.expander("How to read the figures", expanded=is_first):
        st.markdown("\n".join(f"{n}. {text}" for n, text in enumerate(WELCOME, start=1)))

"""What surrounds every page: navigation, filters, freshness. Streamlit runs this script.

The pages themselves are listed in ui/registry.py.
"""

from typing import Any

import streamlit as st

from metrics.edition import DEMONSTRATION, MADE_UP, NOT_OFFICIAL, Edition
from metrics.settings import ROOT
from metrics.words import period_label
from ui import access, filters, state, view
from ui.registry import PAGES

PUBLISHED = "Figures are from published federal reports."


def _run() -> None:
    st.set_page_config(page_title="DHS customer experience", layout="wide")
    st.html(ROOT / "ui" / "style.html")
    entries = {
        entry.address: (
            entry,
            st.Page(
                entry.path,
                title=entry.title,
                url_path=entry.address or None,
                default=entry.address == "",
            ),
        )
        for entry in PAGES
    }
    st.session_state["pages"] = {address: page for address, (_, page) in entries.items()}
    chosen = st.navigation([page for _, page in entries.values()])
    entry = next(entry for entry, page in entries.values() if page is chosen)

    filters.follow_address(entry.address)
    with st.sidebar:
        st.header("Filters", anchor=False)
        dataset = filters.dataset_filter()
        opened = state.edition(dataset)
        selected = filters.sidebar_filters(opened, dataset, set(entry.uses))
        st.caption(_provenance(opened))
    filters.remember_address()
    above = st.container()
    st.session_state["view"] = (opened, selected)

    if opened.is_demonstration:
        view.show_banner(DEMONSTRATION, MADE_UP)
    token = access.routed.set(str(entry.path))
    try:
        chosen.run()
    finally:
        access.routed.reset(token)
        # Pages read choices of their own from the address, such as the metric.
        with above:
            filters.say_wrong_values()
        _freshness(view.current()[0])  # a page may show another edition, such as a preview


def _provenance(opened: Edition) -> str:
    """Who speaks here, and whether the figures are real."""
    if opened.is_demonstration:
        return f"**{DEMONSTRATION}.** {MADE_UP} {NOT_OFFICIAL}"
    return f"{NOT_OFFICIAL} {PUBLISHED}"


def _others(manifest: dict[str, Any]) -> str:
    """Through which quarter other figures than surveys go, where that is another one."""
    others = {
        family: period_label(span["through"])
        for family, span in manifest.get("families", {}).items()
        if family not in ("experience", "response")
    }
    told = [f"{family} {label}" for family, label in others.items()]
    return f" (surveys; {', '.join(told)})" if told else ""


def _freshness(opened: Edition) -> None:
    manifest = opened.manifest
    st.divider()
    st.caption(
        f"Data through {period_label(manifest['data_through'], long=True)}{_others(manifest)}. "
        f"State of reporting as of {manifest['as_of']}. "
        f"{'Previewed' if opened.is_private else 'Published'} on "
        f"{manifest['published_at'][:10]}. "
        f"Next: {period_label(manifest['next_quarter'])}, due {manifest['next_due_on']}. "
        f"Edition {manifest['edition']}. {_provenance(opened)}"
    )


_run()

"""What surrounds every page: navigation, filters, freshness. Streamlit runs this script.

The pages themselves are listed in ui/registry.py.
"""

import streamlit as st

from metrics.settings import ROOT
from metrics.words import period_label
from ui import access, filters, state
from ui.registry import PAGES

NOT_OFFICIAL = (
    "Not an official website of the Department of Homeland Security. Figures are from "
    "published federal reports."
)


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
        st.caption(NOT_OFFICIAL)
    filters.remember_address()
    filters.say_wrong_values()
    st.session_state["view"] = (opened, selected)

    token = access.routed.set(str(entry.path))
    try:
        chosen.run()
    finally:
        access.routed.reset(token)
        _freshness(opened.manifest)


def _freshness(manifest: dict[str, str]) -> None:
    st.divider()
    st.caption(
        f"Data through {period_label(manifest['data_through'], long=True)}. "
        f"State of reporting as of {manifest['as_of']}. "
        f"Published on {manifest['published_at'][:10]}. "
        f"Next: {period_label(manifest['next_quarter'])}, due {manifest['next_due_on']}. "
        f"Edition {manifest['edition']}. {NOT_OFFICIAL}"
    )


_run()

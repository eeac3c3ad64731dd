"""What surrounds every page: navigation, filters, freshness. Streamlit runs this script.

The pages themselves are listed in ui/registry.py.
"""

import streamlit as st

from metrics.base.errors import EditionError
from metrics.base.periods import period_label
from metrics.base.settings import ROOT
from metrics.deliver.files import data_through_text, provenance_text
from metrics.edition.edition import DEMONSTRATION, MADE_UP, Edition
from metrics.tell.palette import style_sheet
from ui import access, download, filters, finding, state, trouble, view
from ui.plain import as_text
from ui.registry import PAGES

SITE = "DHS customer experience"


def _run() -> None:
    st.set_page_config(page_title=SITE, layout="wide")
    st.html(ROOT / "ui" / "style.html")
    st.html(f"<style>{style_sheet()}</style>")
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
    filters.forget_choices()
    download.forget_exhibits()
    st.session_state.pop("view", None)
    with st.sidebar:
        st.header("Filters", anchor=False)
        dataset = filters.dataset_filter()
    try:
        opened = state.edition(dataset)
    except EditionError as error:
        trouble.show_no_edition(error)
        return
    with st.sidebar:
        selected = filters.sidebar_filters(opened, dataset, set(entry.uses))
        st.header("Help", anchor=False)
        finding.show_finder(opened, dataset)
        finding.show_welcome()
        link = st.container()
        st.caption(_provenance(opened))
    filters.remember_address()
    whose = "" if selected.component == filters.ALL else f", {selected.component}"
    st.set_page_config(page_title=f"{entry.title}{whose} – {SITE}")
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
        with link:
            finding.show_link(opened)
        shown, _ = view.current()  # a page may show another edition, such as a preview
        download.show_page_download(shown, entry, selected)
        _freshness(shown)


def _provenance(opened: Edition) -> str:
    """Who speaks here, and whether the figures are real."""
    return as_text(provenance_text(opened)).replace(f"{DEMONSTRATION}.", f"**{DEMONSTRATION}.**")


def _freshness(opened: Edition) -> None:
    manifest = opened.manifest
    st.divider()
    st.caption(
        f"Data through {as_text(data_through_text(opened))}. "
        f"State of reporting as of {manifest['as_of']}. "
        f"{'Previewed' if opened.is_private else 'Published'} on "
        f"{manifest['published_at'][:10]}. "
        f"Next: {period_label(manifest['next_quarter'])}, due {manifest['next_due_on']}. "
        f"Edition {manifest['edition']}. {_provenance(opened)}"
    )


_run()

"""What a page says where it has nothing to show: an edition that is missing or was changed,
or a fault of the program. Never a traceback, never an empty page."""

import logging
from typing import cast

import streamlit as st

from metrics.base.errors import EditionError
from metrics.edition.edition import Edition, open_edition
from ui.plain import as_text

LOG = logging.getLogger("cx.dashboard")


def show_no_edition(error: EditionError) -> None:
    """Say that there is no edition to show, why, and what to do."""
    if error.status == "no edition":
        st.title("Nothing is published yet", anchor=False)
        st.info(
            "Run `make run`, or load files and run `python -m metrics publish`. "
            "This page shows the figures as soon as an edition is there; reload it then."
        )
        return
    st.title("The figures cannot be shown", anchor=False)
    st.error(
        f"What is wrong: {as_text(error.reason)}.\n\n"
        "What to do: whoever runs this dashboard can "
        f"{as_text(error.remedy)}. Then reload this page."
    )


def show_fault(error: Exception) -> bool:
    """Say that a page broke off, and write why into the log. Where the edition was removed
    or changed while the page ran, say that. Returns True: Streamlit need not show it."""
    LOG.error("a page broke off", exc_info=error)
    cause = _cause(error)
    if cause is not None:
        show_no_edition(cause)
        return True
    st.error(
        "**This page broke off.** The rest of the dashboard works; reload the page, or open "
        "another one. If it happens again, tell whoever runs this dashboard: its log says why."
    )
    return True


def _cause(error: Exception) -> EditionError | None:
    if isinstance(error, EditionError):
        return error
    if "view" not in st.session_state:
        return None
    opened, _ = cast(tuple[Edition, object], st.session_state["view"])
    try:
        open_edition(opened.home, opened.id)
    except EditionError as found:
        return found
    return None

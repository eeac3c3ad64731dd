"""The guard that every page calls first."""

import contextvars

import streamlit as st

routed: contextvars.ContextVar[str | None] = contextvars.ContextVar("routed", default=None)
"""Path of the page that the router is running; None outside the router."""


def guard(page: str) -> None:
    """Stop unless the router runs this page: a script under pages/ that is reached in
    any other way shows nothing. Call it first, as `guard(__file__)`."""
    if routed.get() != page:
        st.error("This page can only be opened from the dashboard.")
        st.stop()

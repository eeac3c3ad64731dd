"""Who may open which page, and the guard that every page calls first."""

import contextvars
import os
from pathlib import Path

import streamlit as st

routed: contextvars.ContextVar[str | None] = contextvars.ContextVar("routed", default=None)
"""Path of the page that the router is running; None outside the router."""

LOAD_PAGE = "load.py"
PREVIEW_PAGE = "preview.py"


def may_open(script: str) -> bool:
    """Say whether this dashboard shows a page, by the name of its script.

    The page that writes to the warehouse is there only where CX_LOADING says "on", the
    one that shows metrics before disclosure control only where CX_PREVIEW does: `make run`
    does, because it serves this machine alone. Everything else that asks "may they?" asks
    here.
    """
    if script == LOAD_PAGE:
        return os.environ.get("CX_LOADING") == "on"
    if script == PREVIEW_PAGE:
        return os.environ.get("CX_PREVIEW") == "on"
    return True


def may_see_team(component: str) -> bool:
    """Say whether this dashboard shows what is a Component's own, such as comments.

    CX_TEAM lists the Components, separated by commas, or says "all"; `make run` does,
    because it serves this machine alone. Without it nobody sees any.
    """
    listed = {name.strip() for name in os.environ.get("CX_TEAM", "").split(",")} - {""}
    return component in listed or "all" in listed


def guard(page: str) -> None:
    """Stop unless the router runs this page and the page may be opened: a script under
    pages/ that is reached in any other way shows nothing. Call it first, as
    `guard(__file__)`."""
    if routed.get() != page or not may_open(Path(page).name):
        st.error("This page can only be opened from the dashboard.")
        st.stop()

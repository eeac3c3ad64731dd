"""What a page needs to know of the view it shows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from metrics.base.settings import MAIN_DATASET
from metrics.edition.edition import Edition
from metrics.tell.palette import BANNER, INK
from ui.filters import Filters
from ui.plain import as_text


def current() -> tuple[Edition, Filters]:
    """Return the edition and the filters that the router prepared for this rerun."""
    edition, chosen = cast(tuple[Edition, Filters], st.session_state["view"])
    asked = st.query_params.get("metric")
    if asked and edition.name_of(asked) != asked:  # a link from before it was renamed
        st.query_params["metric"] = edition.name_of(asked)
    return edition, chosen


BANNER_STYLE = (
    f"margin: 0; padding: 0.6rem 1rem; border: 3px solid {INK}; background: {BANNER}; "
    f"color: {INK}; font-size: 1.05rem;"
)


def show_banner(mark: str, text: str) -> None:
    """Show what nobody may overlook, as plain HTML, so that it is printed and read aloud
    like the text of the page."""
    st.html(f'<p style="{BANNER_STYLE}"><strong>{mark}.</strong> {text}</p>')


def show_component_links(codes: list[str]) -> None:
    """Show links that open Components with the filters of this view."""
    _, chosen = current()
    page = cast(StreamlitPage, st.session_state["pages"]["component"])
    kept = {"data": chosen.data, "channel": chosen.channel, "period": chosen.period}
    with st.container(horizontal=True, gap="small"):
        for code in codes:
            st.page_link(
                page,
                label=f"Open {as_text(code)}",
                query_params={
                    "component": code,
                    **{
                        name: value
                        for name, value in kept.items()
                        if value not in ("all", MAIN_DATASET)
                    },
                },
            )


def place(scope: Mapping[str, Any]) -> str:
    """Return what a look-up was restricted to, for the name of a file: component, service
    and channel where one is chosen, such as 'TSA_email', or 'DHS' where none is."""
    chosen = [str(scope.get(name, "all")) for name in ("component", "service", "channel")]
    return "_".join([code for code in chosen if code != "all"] or ["DHS"])


def show_time_link() -> None:
    """Show the link to the page on times with the filters of this view."""
    _, chosen = current()
    kept = {
        "data": chosen.data,
        "component": chosen.component,
        "service": chosen.service,
        "channel": chosen.channel,
    }
    st.page_link(
        cast(StreamlitPage, st.session_state["pages"]["time"]),
        label="Open time and volume",
        query_params={
            name: value for name, value in kept.items() if value not in ("all", MAIN_DATASET)
        },
    )


def address(page: str, **parameters: str) -> str:
    """Return the address of a page with the filters of this view, some of them replaced by
    `parameters`, for links inside texts and tables. What is not chosen is left out; a service
    belongs to one Component, so another Component lets it go."""
    edition, chosen = current()
    newest = edition.periods("quarter")[-1:]
    let_go = {"service": "all"} if "component" in parameters else {}
    wanted = {**asdict(chosen), **let_go, **parameters}
    kept = {
        name: value
        for name, value in wanted.items()
        if value not in ("all", MAIN_DATASET) and not (name == "period" and value in newest)
    }
    return f"/{page}?{urlencode(kept)}" if kept else f"/{page}"


def metric_link(metric: str) -> str:
    """Return the address of a metric's definition in the data set of this view, for
    links inside tables."""
    _, chosen = current()
    data = {} if chosen.data == MAIN_DATASET else {"data": chosen.data}
    return f"/metrics?{urlencode({**data, 'metric': metric})}"

"""Downloads: a chart and its numbers, and all charts of a page as a spreadsheet.

Files are made when somebody asks for one, so a page costs the same with and without them.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from metrics.deliver.files import csv_file, marked_name
from metrics.deliver.workbook import Page, workbook
from metrics.edition.edition import Edition
from metrics.tell.charts import Exhibit
from ui import filters, view
from ui.filters import Filters
from ui.registry import PageEntry

MEDIA_TYPES = {
    "csv": "text/csv",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def forget_exhibits() -> None:
    """Begin a rerun, in which no chart was shown yet."""
    st.session_state["_exhibits"] = {}


def remember(key: str, exhibit: Exhibit) -> None:
    """Take a chart or table into the spreadsheet of the page that this rerun shows."""
    st.session_state.setdefault("_exhibits", {})[key] = exhibit


def show_downloads(opened: Edition, exhibit: Exhibit, key: str) -> None:
    """Show the files of a chart: its numbers, and three kinds of picture. The page's
    spreadsheet takes it in as well."""
    others: dict[str, Exhibit] = st.session_state.get("_exhibits", {})
    taken = {other.file_name for at, other in others.items() if at != key}
    exhibit = _with_own_name(opened, exhibit, taken)
    remember(key, exhibit)
    makers: dict[str, Callable[[], bytes]] = {
        "csv": lambda: csv_file(opened, exhibit.numbers),
        **{kind: _picture(opened, exhibit, kind) for kind in ("png", "svg", "pdf")},
    }
    with st.container(horizontal=True, gap="small"):
        for kind, make in makers.items():
            _show_button(f"Download as {kind.upper()}", make, opened, exhibit.file_name, kind, key)


def show_page_download(opened: Edition, entry: PageEntry, chosen: Filters) -> None:
    """Show the spreadsheet with all charts and tables of figures of the page that the router
    ran, if it has any."""
    exhibits = list(st.session_state["_exhibits"].values())
    if not exhibits:
        return
    address = {name: st.query_params.get_all(name) for name in st.query_params}
    query = f"?{urlencode(address, doseq=True)}" if address else ""
    page = Page(entry.title, f"/{entry.address}{query}", filters.shown_choices())
    used = {name: getattr(chosen, name) for name in entry.uses}
    parts = [view.place(used)] if used else []
    # Feedback may show another period than that of the filters, where this has no figures.
    names = [exhibit.file_name for exhibit in exhibits if exhibit.file_name]
    if "period" in used and (not names or any(chosen.period in name for name in names)):
        parts.append(chosen.period)
    name = "_".join([entry.script.removesuffix(".py"), *parts, opened.id])
    _show_button(
        "Download this page as a spreadsheet",
        lambda: workbook(opened, page, exhibits),
        opened,
        name,
        "xlsx",
        "page",
    )


def _with_own_name(opened: Edition, exhibit: Exhibit, taken: set[str]) -> Exhibit:
    """Number the file of a chart whose name another of the page has, such as the same
    measure asked in two ways."""
    name, number = exhibit.file_name, 1
    while name in taken:
        number += 1
        name = f"{exhibit.file_name.removesuffix(opened.id)}{number}_{opened.id}"
    return replace(exhibit, file_name=name)


def _picture(opened: Edition, exhibit: Exhibit, kind: str) -> Callable[[], bytes]:
    def make() -> bytes:
        # Loading this takes time and memory, which a reader of figures does not pay for.
        from metrics.deliver import pictures

        file: bytes = getattr(pictures, kind)(opened, exhibit)
        return file

    return make


def _show_button(
    label: str, make: Callable[[], bytes], opened: Edition, name: str, kind: str, key: str
) -> None:
    file_name = re.sub(r"[^\w.-]+", "-", marked_name(opened, f"{name}.{kind}"))
    st.download_button(
        label,
        make,
        file_name=file_name,
        mime=MEDIA_TYPES[kind],
        key=f"{kind}_{key}",
        on_click="ignore",
    )

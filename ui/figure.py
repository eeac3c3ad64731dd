"""A figure on a page: its answer as the title, the chart, its words and its numbers."""

import hashlib
import pickle
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.periods import period_code
from metrics.edition.edition import Edition
from metrics.tell import charts
from metrics.tell.charts import Exhibit, Figure
from metrics.tell.sentences import without_grain
from ui import view
from ui.download import remember, show_downloads
from ui.plain import as_text, table_as_text


def _digest(frame: pd.DataFrame) -> bytes:
    """Digest of a frame's bytes, which costs a reader's click less than the hashes of its
    rows that Streamlit takes. Equal frames of other bytes are only drawn once more."""
    return hashlib.sha256(pickle.dumps(frame)).digest()


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs={pd.DataFrame: _digest})
def draw(kind_of_chart: str, edition_id: str, rows: pd.DataFrame, **arguments: Any) -> Figure:
    """Return a chart of metrics.tell.charts, built once per edition and rows."""
    del edition_id
    figure: Figure = getattr(charts, kind_of_chart)(rows, **arguments)
    if "metric" in rows:  # periods that are missing are rows without one
        figure = replace(figure, metrics=tuple(rows["metric"].dropna().unique()))
    return figure


def show_figure(
    figure: Figure, key: str, title: str, note: str, numbers: pd.DataFrame, file_name: str
) -> None:
    """Show a chart under its answer, with its text alternative, table and downloads.

    `numbers` is the table for people; the downloads hold the same rows. `file_name` says
    metric, scope and edition; the periods of the table are added where it names none. What
    the chart marks is listed below it, and targets have a column in the table, whose rows
    are found by their period. Where the edition's figures are made up or not published,
    chart, words and files say so.
    """
    opened, _ = view.current()
    numbers = _with_levels(numbers, figure)
    exhibit = Exhibit(figure, title, note, numbers, _full_name(opened, numbers, file_name))
    if opened.notices:
        figure = charts.with_mark(figure, ", ".join(opened.notices))
    with st.container(key=f"figure_{key}"):
        st.subheader(as_text(title), anchor=False, help=definitions(opened, figure.metrics))
        if note:
            st.caption(as_text(note))
        st.vega_lite_chart(
            spec=figure.spec, width="stretch", theme=None, key=f"chart_{key}", alt=figure.alt
        )
        if figure.lines:
            st.markdown("\n".join(f"- {as_text(line)}" for line in figure.lines))
        with st.expander("Numbers behind this chart, and downloads"):
            show_downloads(opened, exhibit, key)
            st.table(table_as_text(numbers), hide_index=True, border="horizontal")


def definitions(opened: Edition, metrics: Sequence[str]) -> str | None:
    """Return what metrics mean, for the help beside a title; None where there are none."""
    about = opened.metrics
    said = [
        f"**{as_text(about.loc[name, 'title'])}.** "
        f"{as_text(without_grain(about.loc[name, 'description']))}"
        for name in metrics
    ]
    return "\n\n".join(said) or None


def show_table(
    numbers: pd.DataFrame,
    key: str,
    title: str,
    metrics: Sequence[str] | pd.Index = (),
    markdown: Sequence[str] = (),
    links: Sequence[str] = (),
) -> None:
    """Show a table of figures that no chart draws. The spreadsheet of the page takes it in
    under `title`, with the definitions of `metrics`. The columns `markdown` hold Markdown of
    ours; `links` are addresses to which the cells of the first column lead."""
    shown = table_as_text(numbers, markdown)
    if links:
        cells = zip(shown.iloc[:, 0], links, strict=True)
        shown.isetitem(0, [f"[{cell}]({link})" for cell, link in cells])
    st.table(shown, hide_index=True, border="horizontal")
    figure = Figure({}, "", metrics=tuple(metrics))
    remember(f"table_{key}", Exhibit(figure, title, "", numbers, ""))


def _full_name(opened: Edition, numbers: pd.DataFrame, file_name: str) -> str:
    """Add the first and last period of a table to the name of its files, before the edition
    with which it ends, where the name has no period yet."""
    name = file_name.removesuffix(f"_{opened.id}")
    if not re.search(r"_(FY\d{4}|\d{4}Q\d|\d{4}-\d\d)$", name):
        column = next((name for name in ("Quarter", "Period") if name in numbers), None)
        labels = [] if column is None else numbers[column].astype(str)
        codes = sorted(filter(None, map(period_code, labels)))
        name = "_".join([name, *dict.fromkeys([*codes[:1], *codes[-1:]])])
    return f"{name}_{opened.id}"


def _with_levels(numbers: pd.DataFrame, figure: Figure) -> pd.DataFrame:
    """Add the targets and benchmarks of a chart over time, where the table lacks them."""
    period = next((name for name in ("Quarter", "Period") if name in numbers), None)
    fresh = {name: values for name, values in figure.columns.items() if name not in numbers}
    if period is None or not fresh:
        return numbers
    return numbers.assign(
        **{
            name: [values.get(str(p), "–") for p in numbers[period]]
            for name, values in fresh.items()
        }
    )

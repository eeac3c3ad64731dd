"""The edition that a rerun reads, opened once per edition and process."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from metrics.edition import Edition, current_id, open_edition
from metrics.errors import CxError
from metrics.settings import dataset_home


@st.cache_resource(max_entries=8, show_spinner=False)
def _open(home: str, edition_id: str) -> Edition:
    return open_edition(Path(home), edition_id)


def edition(dataset: str) -> Edition:
    """Return the current edition of a data set; stops the page where there is none."""
    home = dataset_home(dataset)
    edition_id = current_id(home)
    if edition_id is None:
        st.title("Nothing is published yet")
        st.info(
            "Run `make run`, or load files and run `python -m metrics publish`. "
            "This page shows the figures as soon as an edition is there; reload it then."
        )
        st.stop()
    try:
        return _open(str(home), edition_id)
    except CxError as error:
        st.error(str(error))
        st.stop()


@st.cache_data(max_entries=512, show_spinner=False)
def _rows(
    home: str, edition_id: str, table: str, equals: tuple[tuple[str, Any], ...]
) -> pd.DataFrame:
    return _open(home, edition_id).rows(table, **dict(equals))


def rows(opened: Edition, table: str = "published", **equals: Any) -> pd.DataFrame:
    """Look published rows up, cached per edition and question (see Edition.rows)."""
    key = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in sorted(equals.items())
    )
    return _rows(str(opened.home), opened.id, table, key)


@st.cache_data(max_entries=64, show_spinner=False)
def _table(home: str, edition_id: str, name: str) -> pd.DataFrame:
    return _open(home, edition_id).table(name)


def table(opened: Edition, name: str) -> pd.DataFrame:
    """Return a whole table of the edition, cached."""
    return _table(str(opened.home), opened.id, name)

"""The edition that a rerun reads, opened once per edition and process."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.errors import CxError, EditionError
from metrics.base.settings import dataset_home
from metrics.edition.edition import Edition, open_edition
from metrics.edition.manifest import check_edition, chosen_id
from metrics.edition.search import CommentIndex
from metrics.tell.marks import Marks, marks_for
from ui.access import may_see_team


@st.cache_resource(max_entries=8, show_spinner=False)
def _open(home: str, edition_id: str) -> Edition:
    return open_edition(Path(home), edition_id)


def edition(dataset: str) -> Edition:
    """Return the current edition of a data set. Its files are looked at in every rerun, and
    read again only where they changed.

    Raises EditionError where there is none, or it is missing, cut or changed.
    """
    home = dataset_home(dataset)
    edition_id = chosen_id(home)
    check_edition(home, edition_id)
    return _open(str(home), edition_id)


def private_edition(home: Path, edition_id: str) -> Edition | None:
    """Return an edition of a preview; None where it was removed a moment ago."""
    try:
        return _open(str(home), edition_id)
    except CxError:
        return None


@st.cache_resource(max_entries=512, show_spinner=False)
def _rows(
    home: str, edition_id: str, table: str, equals: tuple[tuple[str, Any], ...]
) -> pd.DataFrame:
    return _open(home, edition_id).rows(table, **dict(equals))


def rows(opened: Edition, table: str = "published", **equals: Any) -> pd.DataFrame:
    """Look published rows up, cached per edition and question (see Edition.rows). What the
    caller writes into the frame stays with the caller: pandas copies on write."""
    key = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in sorted(equals.items())
    )
    return _rows(str(opened.home), opened.id, table, key).copy(deep=False)


@st.cache_data(max_entries=128, show_spinner=False)
def _newest(
    home: str,
    edition_id: str,
    metrics: tuple[str, ...],
    period_kind: str,
    equals: tuple[tuple[str, str], ...],
) -> dict[str, str]:
    return _open(home, edition_id).newest(list(metrics), period_kind, **dict(equals))


def newest(opened: Edition, metrics: list[str], period_kind: str, **equals: str) -> dict[str, str]:
    """Return the last period with a figure of each metric, cached (see Edition.newest)."""
    key = tuple(sorted(equals.items()))
    return _newest(str(opened.home), opened.id, tuple(metrics), period_kind, key)


@st.cache_resource(max_entries=64, show_spinner=False)
def _table(home: str, edition_id: str, name: str) -> pd.DataFrame:
    return _open(home, edition_id).table(name)


def table(opened: Edition, name: str) -> pd.DataFrame:
    """Return a whole table of the edition, cached as rows are."""
    return _table(str(opened.home), opened.id, name).copy(deep=False)


@st.cache_data(max_entries=256, show_spinner=False)
def _marks(
    home: str, edition_id: str, metric: str | tuple[str, ...], scope: tuple[tuple[str, Any], ...]
) -> Marks:
    return marks_for(_open(home, edition_id), metric, dict(scope))


def marks(opened: Edition, metric: str | list[str], scope: dict[str, Any]) -> Marks:
    """Look up what is drawn into a series besides its values, cached (see marks_for)."""
    key = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in sorted(scope.items())
    )
    names = tuple(metric) if isinstance(metric, list) else metric
    return _marks(str(opened.home), opened.id, names, key)


@st.cache_data(max_entries=32, show_spinner=False)
def _team_table(home: str, edition_id: str, component: str, name: str) -> pd.DataFrame:
    try:
        return _open(home, edition_id).team(component).table(name)
    except EditionError:
        raise  # the file is there, and broken
    except CxError:
        return pd.DataFrame()


def team_table(opened: Edition, component: str, name: str) -> pd.DataFrame:
    """Return a table of a Component's own file, cached; empty where there is none.
    Stops the page where this dashboard may not show it. Raises EditionError where the file
    is missing, cut or changed."""
    if not may_see_team(component):
        st.error("This dashboard does not show what is a team's own.")
        st.stop()
    opened.check_team(component)
    return _team_table(str(opened.home), opened.id, component, name)


@st.cache_resource(max_entries=4, show_spinner="Reading the comments ...")
def _index(home: str, edition_id: str, component: str) -> CommentIndex:
    comments = _team_table(home, edition_id, component, "comment")
    return CommentIndex(comments["comment"].tolist() if len(comments) else [])


def search_comments(opened: Edition, component: str, query: str) -> pd.DataFrame:
    """Search a Component's comments: position in its table `comment` and highlighted
    text, the best first. Stops the page where this dashboard may not show them."""
    team_table(opened, component, "comment")
    return _index(str(opened.home), opened.id, component).search(query)

"""Texts that are not ours, such as names, titles and what files hold, where Streamlit reads
Markdown: they are shown as they are, and never become a link, a picture or a heading."""

import re
from collections.abc import Sequence

import pandas as pd

_JOINER = "\u2060"
"""Invisible, and no sign of Markdown: it keeps apart what would be taken as one."""
_APART = re.compile(
    r"""
      (?<=:)(?=//)                          # an address that would become a link by itself
    | (?<=\bwww)(?=\.)
    | (?<=@)(?=\w)
    | (?<=:)(?=[\w+-]+(?:/[\w-]+)?[:\[])    # :smile:, :material/home:, :red[
    | (?<=<)(?=[-=])|(?<=[->~])(?=[=>])     # typographic arrows, comparisons and dashes
    | (?<=-)(?=-)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SIGNS = re.compile(
    r"""
      [\\`*\[\]<>~$|]
    | (?<![^\W_])_ | _(?![^\W_])   # within a word, such as a code, it is no sign
    | (?<=&)(?=[#\w]+;)            # &lt;
    """,
    re.VERBOSE,
)
_FIRST = re.compile(r"^(?:(?:#{1,6}|[+-])(?=\s|$)|\d{1,9}(?=[.)](?:\s|$)))")


def kept_apart(text: str) -> str:
    """Return a text with invisible joiners in what Streamlit would replace after Markdown is
    read, where no escape helps: addresses, icons, arrows. Escape its signs afterwards."""
    return _APART.sub(_JOINER, text)


def as_text(text: object) -> str:
    """Return a text on one line so that Markdown shows it as it is. What Markdown would not
    touch, such as the sentences of a page, comes back unchanged."""
    apart = kept_apart(" ".join(str(text).split()))
    escaped = _SIGNS.sub(lambda found: f"\\{found[0]}" if found[0] else "amp;", apart)
    return _FIRST.sub(_escape_first, escaped)


def _escape_first(found: "re.Match[str]") -> str:
    """A sign at the beginning that would make a heading, a list or a line."""
    return f"{found[0]}{_JOINER}" if found[0][0].isdigit() else f"\\{found[0]}"


def table_as_text(numbers: pd.DataFrame, markdown: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table for people whose headings and cells Markdown shows as they are, but for
    the cells of columns that hold Markdown of ours."""
    shown = numbers.copy(deep=False)
    for place, column in enumerate(numbers.columns):
        if column not in markdown and not pd.api.types.is_numeric_dtype(numbers[column]):
            cells = numbers.iloc[:, place]
            shown.isetitem(place, [as_text(c) if isinstance(c, str) else c for c in cells])
    shown.columns = pd.Index([as_text(column) for column in numbers.columns])
    return shown

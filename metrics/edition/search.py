"""Full-text search over the comments of one team file, with ranking and highlights."""

import re
import sqlite3
import threading

import pandas as pd

START, END = "\x02", "\x03"
"""Signs around what was searched, in a highlighted comment."""

_WORD = re.compile(r'"[^"]*"?|[^\s"]+')


def match_expression(query: str) -> str:
    """Return what the reader typed as an FTS5 expression; any text is allowed.

    All words must be there, in any form that has the same stem; "quoted words" must
    follow each other, a word with * is the beginning of one, -word must be missing.
    Without a word to search for the result is empty.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for part in _WORD.findall(query.replace("\0", " ")):
        is_unwanted = part.startswith("-") and len(part) > 1
        is_start = part.endswith("*")
        words = re.findall(r"\w+", part)
        if not words:
            continue
        phrase = '"' + " ".join(words) + '"' + ("*" if is_start else "")
        (unwanted if is_unwanted else wanted).append(phrase)
    if not wanted:
        return ""
    expression = " AND ".join(wanted)
    return f"({expression}) NOT ({' OR '.join(unwanted)})" if unwanted else expression


class CommentIndex:
    """An index in memory over texts, known by their position."""

    def __init__(self, texts: list[str]) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.execute(
            "create virtual table comment using fts5("
            "text, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        clean = ((number, re.sub(f"[{START}{END}]", "", text)) for number, text in enumerate(texts))
        self._connection.executemany("insert into comment (rowid, text) values (?, ?)", clean)

    def search(self, query: str) -> pd.DataFrame:
        """Return position and highlighted text of the comments that match, the best
        first. A query that is nothing to search for finds nothing."""
        expression = match_expression(query)
        rows: list[tuple[int, str]] = []
        if expression:
            with self._lock:
                rows = self._connection.execute(
                    "select rowid, highlight(comment, 0, ?, ?) from comment "
                    "where comment match ? order by bm25(comment), rowid",
                    (START, END, expression),
                ).fetchall()
        return pd.DataFrame(rows, columns=["position", "highlighted"])

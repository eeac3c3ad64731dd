"""Names, titles and comments are text wherever they stand: Markdown of theirs is shown, not
rendered."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from metrics.edition.manifest import MANIFEST, PUBLIC, current_id
from tests.apps import open_page
from tests.sealed import reseal
from ui.plain import as_text
from ui.registry import EVERY_PAGE, PageEntry

HOSTILE = (
    "**zqx** [a](http://zqx.org) ![p](http://zqx.org/p.png) :red[zqx] :material/home: :smile: "
    "$zqx^2$ and $y$ `zqx` <b>zqx</b> | ~~zqx~~ zqx -> www.zqx.org"
)
"""What nobody calls a service, all in one name."""
NAMES = {
    "component": ("name", "description", "customers"),
    "service": ("name", "description"),
    "channel": ("name",),
    "metric": ("title", "description", "unit", "owner", "source", "question"),
    "theme": ("name",),
    "category": ("name",),
    "segment": ("name", "description"),
    "segment_value": ("name",),
    "instrument": ("title", "family_name"),
    "instrument_question": ("text",),
    "annotation": ("title", "description", "text"),
    "time_step": ("name", "description"),
    "maturity_function": ("name",),
    "maturity_level": ("name",),
    "maturity_model": ("name", "note", "source"),
    "maturity_practice": ("text",),
    "response_survey": ("title",),
    "data_load": ("file_name",),
    "finding": ("reason",),
    "rejected_row": ("reason",),
    "reporting_board": ("reason",),
    "unmapped_label": ("label",),
    "published": ("reason", "change_reason"),
}
"""Columns of public tables that hold words of others."""


def plant(home: Path, source: Path) -> None:
    """Copy the current edition of a home, with hostile words in front of all names."""
    edition_id = str(current_id(source))
    folder = home / "editions" / "planted"
    shutil.copytree(source / "editions" / edition_id, folder)
    with duckdb.connect(folder / PUBLIC) as connection:
        found = connection.execute(
            "select table_name, column_name from duckdb_columns() where data_type = 'VARCHAR'"
        ).fetchall()
        for table, column in found:
            if column in NAMES.get(table, ()):
                connection.execute(
                    f"update {table} set {column} = ? || {column} where {column} is not null",
                    [f"{HOSTILE} "],
                )
    title = json.loads((folder / MANIFEST).read_text())["title"]
    planted = folder.rename(home / "editions" / edition_id)
    reseal(home, planted.name, title=f"{HOSTILE} {title}")


@pytest.fixture(scope="module")
def planted_home(
    federal_home: Path, demo_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    home = tmp_path_factory.mktemp("planted")
    plant(home, federal_home)
    plant(home / "datasets" / "demo", demo_home)
    return home


SKIPPED = {"arrow_vega_lite_chart", "code", "html", "arrow_data_frame", "arrow_table", "navigation"}
"""Elements that read no Markdown; tables are looked at by their cells."""
PLAIN_FIELDS = {"id", "options", "form_id", "url", "query_string", "placeholder", "raw_value"}
PLAIN_FIELDS |= {"alt", "spec", "file_name", "user_key"}
"""Fields that no element reads as Markdown (a selectbox shows its options as they are)."""


def strings(message: Any, name: str = "") -> Iterator[str]:
    """Every text of an element that Streamlit reads as Markdown."""
    for field, value in message.ListFields():
        if field.name in SKIPPED or (field.name in PLAIN_FIELDS and name != "radio"):
            continue
        values = value if field.is_repeated else [value]
        for one in values:
            if isinstance(one, str):
                yield one
            elif hasattr(one, "ListFields"):
                yield from strings(one, field.name)


def markdown_of(app: AppTest) -> list[str]:
    found: list[str] = []

    def walk(node: Any) -> None:
        proto = getattr(node, "proto", None)
        if proto is not None and getattr(node, "type", "") not in SKIPPED:
            found.extend(strings(proto, str(getattr(node, "type", ""))))
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(app._tree)
    for table in app.table:
        found += [str(column) for column in table.value.columns]
        found += [str(cell) for cells in table.value.to_numpy() for cell in cells]
    return found


RENDERED = re.compile(
    r"(?<!\\)(?:\*\*zqx|\[a\]\(http|\]\(http://zqx|:red\[|:material/|:smile:|\$zqx|`zqx|<b>zqx|~~zqx|->)"
    r"|(?<![\w\u2060])www\.zqx",
    re.IGNORECASE,
)
"""Beginnings of what Markdown would render."""


def rendered(texts: list[str]) -> list[str]:
    """Those texts of which a planted sign stands without its escape."""
    return [text[:200] for text in texts if "zqx" in text.lower() and RENDERED.search(text)]


WALKED = [one for one in EVERY_PAGE if one.script not in ("load.py", "preview.py")]


@pytest.mark.parametrize(("data", "component"), [("main", "TSA"), ("demo", "all"), ("demo", "TSA")])
@pytest.mark.parametrize("entry", WALKED, ids=lambda one: one.title)
def test_no_page_renders_a_name(
    planted_home: Path, monkeypatch: pytest.MonkeyPatch, entry: PageEntry, data: str, component: str
) -> None:
    monkeypatch.setenv("CX_HOME", str(planted_home))
    monkeypatch.setenv("CX_TEAM", "all")
    app = open_page(entry.script, data=data, component=component)
    assert not app.exception
    texts = markdown_of(app)
    assert rendered(texts) == []
    # A Component may have no requests, and then no name.
    assert any("zqx" in text for text in texts) or entry.script == "burden.py"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Trust: 54.3%, +1.2 points (of 1,225), 10:00 to 11:00", None),
        ("“Ease” – what it’s like; C++ & R&D", None),
        ("-3.2 points of theme_negative_share", None),
        ("_a_b_ c__d", r"\_a_b\_ c\_\_d"),
        ("**b** _i_ `c` ~~d~~", r"\*\*b\*\* \_i\_ \`c\` \~\~d\~\~"),
        ("[a](x) <b> $x$ |", r"\[a\](x) \<b\> \$x\$ \|"),
        ("back\\slash", r"back\\slash"),
        ("# head", r"\# head"),
        ("- item\n# second", r"\- item # second"),
        ("12. one", "12\u2060. one"),
        ("&lt;", "&amp;lt;"),
        (":red[x] :smile:", ":\u2060red\\[x\\] :\u2060smile:"),
        ("http://x me@x www.x", "http:\u2060//x me@\u2060x www\u2060.x"),
        ("a -> b", "a -\u2060\\> b"),
    ],
)
def test_markdown_is_escaped_and_nothing_else(text: str, shown: str | None) -> None:
    assert as_text(text) == (text if shown is None else shown)

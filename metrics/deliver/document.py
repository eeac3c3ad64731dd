"""Documents for people who have no dashboard: one content, written as HTML, PDF or text.

A document holds texts, never markup: the templates beside this module escape them (HTML)
or get them as data (typst), so nothing that was typed anywhere is read as an instruction.
"""

import json
import re
import textwrap
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import typst
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from metrics.tell.charts import FONT, Figure

FOLDER = Path(__file__).parent
PDF_FONT = "Libertinus Serif"
"""Carried by the typst package itself, so that a PDF reads the same on every machine."""
PICTURE_WIDTH = 700
NARROW_WIDTH = 345
"""Pixels a chart is drawn for: paper, where its texts then have the size of a caption, and
phones."""
TEXT_WIDTH = 78
_CONTROL = re.compile(r"[^\S \n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NO_SHAPE = re.compile(
    "[^\n -~\u00a1-\u00ac\u00ae-\u024f\u0370-\u0373\u0386-\u03ce\u0400-\u045f\u1ea0-\u1ef9"
    "–—‘’“”„†•…‰‹›€™−→▲▼●○✓✗①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳]+"
)
"""What the fonts that typst carries may have no shape for; a test prints all others."""


@dataclass(frozen=True)
class Heading:
    """A heading of a section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; the one with `is_lead` says what matters most."""

    kind: ClassVar[str] = "paragraph"
    text: str
    is_lead: bool = False


@dataclass(frozen=True)
class Items:
    """A list."""

    kind: ClassVar[str] = "items"
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first column names the row."""

    kind: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A chart as SVG for paper and screens and for phones, with its title and its text
    alternative."""

    kind: ClassVar[str] = "picture"
    caption: str
    svg: str
    narrow_svg: str
    alt: str


@dataclass(frozen=True)
class Quotes:
    """What people wrote: pairs of the words and of what is known of them."""

    kind: ClassVar[str] = "quotes"
    quotes: tuple[tuple[str, str], ...]


Block = Heading | Paragraph | Items | Table | Picture | Quotes


@dataclass(frozen=True)
class Document:
    """One document. `marks` stand on every page, such as DEMONSTRATION DATA; `footer` says
    what it was made from; `made_at` has a time zone."""

    title: str
    marks: tuple[str, ...]
    blocks: tuple[Block, ...]
    footer: str
    made_at: datetime


def limited(lines: list[str], most: int) -> tuple[str, ...]:
    """Return the first lines of a list, and say how many more there are."""
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[:most], f"And {len(lines) - most:,} more.")


def picture(figure: Figure, caption: str) -> Picture:
    """Return a chart as a picture, its texts as text. Nothing is fetched."""
    wide, narrow = (_svg(figure, width) for width in (PICTURE_WIDTH, NARROW_WIDTH))
    return Picture(caption, wide, narrow, figure.alt)


def _svg(figure: Figure, width: int) -> str:
    config = figure.spec["config"]
    axis = {**config["axis"], "labelLimit": width * 0.55}
    # One text alternative speaks for the picture; names of single axes would be noise.
    spec = {**figure.spec, "width": width, "config": {**config, "axis": axis, "aria": False}}
    return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))


def as_html(document: Document) -> str:
    """Return a document as one HTML file, without scripts and without anything to fetch."""
    return _environment().get_template("document.html").render(_plain(document, _inline_svg))


def as_pdf(document: Document) -> bytes:
    """Return a document as a tagged PDF that claims PDF/UA-1. The same document gives the
    same bytes."""
    plain = _printable(_plain(document, lambda svg, _: svg.replace(FONT, PDF_FONT)))
    file: bytes = typst.compile(
        FOLDER / "document.typ",
        root=FOLDER,
        font_paths=_fonts(),
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"document": json.dumps(plain)},
        timestamp=int(document.made_at.timestamp()),
    )
    return file


def as_text(document: Document) -> str:
    """Return a document as plain text; a picture as the words that stand for it."""
    title = textwrap.fill(document.title, TEXT_WIDTH)
    parts = [f"{title}\n{'=' * min(len(document.title), TEXT_WIDTH)}", *document.marks]
    for block in document.blocks:
        match block:
            case Heading():
                parts.append(f"{block.text}\n{'-' * min(len(block.text), TEXT_WIDTH)}")
            case Paragraph():
                parts.append(textwrap.fill(block.text, TEXT_WIDTH))
            case Items():
                parts.append("\n".join(_bullet(text) for text in block.texts))
            case Table():
                parts.append(_text_table(block))
            case Picture():
                parts.append(textwrap.fill(block.alt, TEXT_WIDTH))
            case Quotes():
                parts.append(
                    "\n".join(_bullet(f"“{text}” ({about})") for text, about in block.quotes)
                )
    parts.append(textwrap.fill(document.footer, TEXT_WIDTH))
    return str(_tidy("\n\n".join(parts))) + "\n"


def _bullet(text: str) -> str:
    return textwrap.fill(text, TEXT_WIDTH, initial_indent="- ", subsequent_indent="  ")


def _text_table(table: Table) -> str:
    """A table as one paragraph a row, which reads well at any width and read aloud."""
    lines = [f"{table.caption}:"]
    for row in table.rows:
        cells = [
            f"{heading} {value}" for heading, value in zip(table.head[1:], row[1:], strict=True)
        ]
        lines.append(_bullet(f"{row[0]}: {'; '.join(cells)}"))
    return "\n".join(lines)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _plain(document: Document, svg: Callable[[str, str], str]) -> dict[str, Any]:
    """The document as a template reads it; `svg` makes what it needs of an SVG and a
    name for it."""
    blocks = []
    for number, block in enumerate(document.blocks):
        plain = {**asdict(block), "kind": block.kind}
        for name in ("svg", "narrow_svg"):
            if name in plain:
                plain[name] = svg(plain[name], f"{name}{number}")
        blocks.append(plain)
    plain = {
        "title": document.title,
        "marks": document.marks,
        "blocks": blocks,
        "footer": document.footer,
    }
    return dict(_tidy(plain))


def _inline_svg(svg: str, name: str) -> str:
    """An SVG to stand inside HTML: names of its own, and a size that follows the page."""
    svg = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    return re.sub(r'(<svg\b[^>]*?)\s(?:width|height)="[^"]*"', r"\1", svg, count=1)


def _tidy(value: Any) -> Any:
    """A value and the texts in it without control characters, which no format may hold."""
    return _each_text(value, lambda text: _CONTROL.sub(" ", text))


def _printable(value: Any) -> Any:
    """The same with what the fonts of a PDF have: PDF/UA forbids signs without a shape, so
    a symbol reads by its name, as in [grinning face]."""
    return _each_text(value, lambda text: _NO_SHAPE.sub(_named, text))


def _named(found: re.Match[str]) -> str:
    signs = [sign for sign in found[0] if unicodedata.category(sign)[0] not in "MCZ"]
    if not signs:
        return " " if found[0].isspace() else ""
    if any(unicodedata.category(sign)[0] == "L" for sign in signs):
        return "[other script]"
    return "".join(f"[{unicodedata.name(sign, 'a sign').lower()}]" for sign in signs)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _each_text(one, change) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(one, change) for one in value]
    return value

"""Charts as pictures that carry their meaning: SVG, PNG and PDF, made without a browser.

A picture leaves the page that explains it, so it holds the answer, the note, what is
marked, where the figures are from, and the mark of figures that are made up. All of it is
laid out once, as SVG; the other two are made of that, so they cannot say anything else.
This module loads a JavaScript engine: import it only where a picture was asked for.
"""

import json
import logging
import textwrap
from io import BytesIO
from typing import Any

import vl_convert
from lxml import etree
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from metrics.deliver.files import source_text
from metrics.edition.edition import Edition
from metrics.tell.charts import Exhibit
from metrics.tell.marks import CIRCLED
from metrics.tell.palette import BANNER, INK, MUTED, PAPER, RULE

SVG = "http://www.w3.org/2000/svg"
WIDTH, MARGIN, GAP = 900, 24, 10
"""Pixels of a picture, of its edge, and between its parts."""
PICTURE_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first is part of vl-convert, so that pictures look the same on every machine."""
LETTER = {"normal": 0.52, "bold": 0.56}
"""Width of a letter on average, as a part of the size of the font."""
PNG_SCALE = 2
"""Pixels of a PNG for each of the layout: sharp when printed or projected."""
LETTERS = str.maketrans(
    {"✓": "√", "✗": "×", "▸": "►", "`": ""}
    | {number: f"({at})" for at, number in enumerate(CIRCLED, 1)}
)
"""What the font lacks, and what stands for it: else each machine takes the letter from
another font, or draws a box. The marks of code type go."""

# Its remarks on the files of vl-convert are not for whoever reads the log of the server.
logging.getLogger("pypdf").setLevel(logging.ERROR)


def svg(opened: Edition, exhibit: Exhibit) -> bytes:
    """Return a chart as an SVG file with title and description."""
    drawn = _layout(opened, exhibit)
    file: bytes = etree.tostring(drawn, encoding="utf-8", xml_declaration=True)
    return file


def png(opened: Edition, exhibit: Exhibit) -> bytes:
    """Return a chart as a PNG file, whose text fields hold title, description and source."""
    drawn = vl_convert.svg_to_png(svg(opened, exhibit).decode(), scale=PNG_SCALE)
    about = PngImagePlugin.PngInfo()
    for name, text in _about(opened, exhibit).items():
        about.add_itxt(name, text, lang="en")
    file = BytesIO()
    Image.open(BytesIO(drawn)).save(file, "PNG", pnginfo=about, dpi=(PNG_SCALE * 96,) * 2)
    return file.getvalue()


def pdf(opened: Edition, exhibit: Exhibit) -> bytes:
    """Return a chart as a PDF file of one page, tagged as one figure with its text
    alternative."""
    drawn = vl_convert.svg_to_pdf(svg(opened, exhibit).decode())
    writer = PdfWriter(clone_from=BytesIO(drawn))
    writer.pdf_header = "%PDF-1.7"
    about = _about(opened, exhibit)
    writer.add_metadata(
        {
            "/Title": about["Title"],
            "/Subject": about["Description"],
            "/Author": "DHS customer experience dashboard",
            "/Keywords": about["Source"],
        }
    )
    _tag(writer, f"{about['Description']} {about['Source']}")
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def _about(opened: Edition, exhibit: Exhibit) -> dict[str, str]:
    """What a file says of itself, under the names that PNG gives to its text fields."""
    mark = ", ".join(opened.notices)
    said = [exhibit.figure.alt, exhibit.note, *exhibit.figure.lines]
    about = {
        "Title": f"{mark}: {exhibit.title}" if mark else exhibit.title,
        "Description": " ".join(filter(None, [f"{mark}." if mark else "", *said])),
        "Source": source_text(opened),
        "Edition": opened.id,
    }
    return {name: text.translate(LETTERS) for name, text in about.items()}


def _chart(spec: dict[str, Any]) -> etree._Element:
    """The chart itself, as wide as a picture takes it, whatever the width of the page."""
    spec = json.loads(json.dumps(spec, ensure_ascii=False).translate(LETTERS))
    fixed = {**spec, "config": {**spec.get("config", {}), "font": PICTURE_FONT}}
    if fixed.get("width") == "container":
        fixed["width"] = WIDTH - 2 * MARGIN
    drawn = vl_convert.vegalite_to_svg(fixed, allowed_base_urls=[])
    return etree.fromstring(drawn.encode())


def _layout(opened: Edition, exhibit: Exhibit) -> etree._Element:
    """A picture: mark, answer, note, chart, what is marked in it, and source, from the top."""
    chart = _chart(exhibit.figure.spec)
    wide, high = (float(chart.get(name).removesuffix("px")) for name in ("width", "height"))
    width = max(WIDTH, wide + 2 * MARGIN)
    about = _about(opened, exhibit)
    root = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
    root.set("role", "img")
    root.set("aria-labeledby", "picture-title picture-description")
    root.set("font-family", PICTURE_FONT)
    for name, text in (("title", about["Title"]), ("desc", about["Description"])):
        element = etree.SubElement(root, f"{{{SVG}}}{name}")
        element.set("id", "picture-title" if name == "title" else "picture-description")
        element.text = text
    paper = etree.SubElement(root, f"{{{SVG}}}rect", width="100%", height="100%", fill=PAPER)
    inner = width - 2 * MARGIN
    y = float(MARGIN)
    if opened.notices:
        paper.addnext(_box(MARGIN, y, inner, 32))
        y = _write(root, ". ".join(opened.notices), y + 7, inner - 24, 15, "bold", left=12) + 18
    y = _write(root, exhibit.title, y, inner, 20, "bold")
    if exhibit.note:
        y = _write(root, exhibit.note, y + 4, inner, 13, fill=MUTED)
    y += GAP + 4
    chart.set("x", str(MARGIN))
    chart.set("y", str(y))
    root.append(chart)
    y += high + GAP
    for line in exhibit.figure.lines:
        y = _write(root, line, y, inner, 12) + 4
    rule = etree.SubElement(root, f"{{{SVG}}}line", stroke=RULE)
    for name, at in (("x1", MARGIN), ("x2", width - MARGIN), ("y1", y + 2), ("y2", y + 2)):
        rule.set(name, str(at))
    y = _write(root, source_text(opened), y + GAP, inner, 11.5, fill=MUTED)
    height = round(y + MARGIN / 2)
    root.set("width", f"{width:g}")
    root.set("height", str(height))
    root.set("viewBox", f"0 0 {width:g} {height}")
    return root


def _box(x: float, y: float, width: float, height: float) -> etree._Element:
    """The box of a mark, as the banner of the pages looks."""
    box = etree.Element(f"{{{SVG}}}rect", fill=BANNER, stroke=INK)
    for name, value in (("x", x), ("y", y), ("width", width), ("height", height)):
        box.set(name, str(value))
    box.set("stroke-width", "2")
    return box


def _write(
    root: etree._Element,
    text: str,
    y: float,
    width: float,
    size: float,
    weight: str = "normal",
    fill: str = INK,
    left: float = 0,
) -> float:
    """Write a paragraph whose top is at `y`, in lines that fit `width`; return its bottom."""
    element = etree.SubElement(root, f"{{{SVG}}}text", fill=fill)
    element.set("font-size", str(size))
    element.set("font-weight", weight)
    leading = round(size * 1.35, 1)
    for line in textwrap.wrap(text.translate(LETTERS), int(width / (size * LETTER[weight]))):
        span = etree.SubElement(element, f"{{{SVG}}}tspan")
        span.set("x", str(MARGIN + left))
        span.set("y", f"{y + size:g}")
        # The space keeps the last word of a line from the first of the next when text is
        # taken out of the file.
        span.text = f"{line} "
        y += leading
    return y


def _tag(writer: PdfWriter, alternative: str) -> None:
    """Tag the one page as a figure with a text alternative, so that screen readers tell
    what is drawn instead of reading every tick of its axes (PDF 32000-1, 14.7 and 14.8)."""
    page, root = writer.pages[0], writer.root_object
    contents = page.get_contents()
    marked = DecodedStreamObject()
    inside = contents.get_data() if contents is not None else b""
    marked.set_data(b"/Figure <</MCID 0>> BDC\n" + inside + b"\nEMC")
    page[NameObject("/Contents")] = writer._add_object(marked.flate_encode())
    page[NameObject("/StructParents")] = NumberObject(0)
    page[NameObject("/Tabs")] = NameObject("/S")
    tree, document, figure = (DictionaryObject() for _ in range(3))
    tree_at, document_at, figure_at = map(writer._add_object, (tree, document, figure))
    figure.update(
        {
            NameObject("/Type"): NameObject("/StructElem"),
            NameObject("/S"): NameObject("/Figure"),
            NameObject("/P"): document_at,
            NameObject("/Pg"): page.indirect_reference,
            NameObject("/K"): NumberObject(0),
            NameObject("/Alt"): TextStringObject(alternative),
            NameObject("/A"): DictionaryObject(
                {
                    NameObject("/O"): NameObject("/Layout"),
                    NameObject("/Placement"): NameObject("/Block"),
                    NameObject("/BBox"): ArrayObject(page.mediabox),
                }
            ),
        }
    )
    document.update(
        {
            NameObject("/Type"): NameObject("/StructElem"),
            NameObject("/S"): NameObject("/Document"),
            NameObject("/P"): tree_at,
            NameObject("/K"): ArrayObject([figure_at]),
        }
    )
    tree.update(
        {
            NameObject("/Type"): NameObject("/StructTreeRoot"),
            NameObject("/K"): ArrayObject([document_at]),
            NameObject("/ParentTree"): DictionaryObject(
                {NameObject("/Nums"): ArrayObject([NumberObject(0), ArrayObject([figure_at])])}
            ),
            NameObject("/ParentTreeNextKey"): NumberObject(1),
        }
    )
    root[NameObject("/StructTreeRoot")] = tree_at
    root[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})
    root[NameObject("/Lang")] = TextStringObject("en-US")
    root[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )

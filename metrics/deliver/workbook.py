"""A page as a spreadsheet: its tables, one sheet each, and what explains them."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from metrics.base.numbers import is_missing, worded
from metrics.deliver.files import (
    data_through_text,
    marked_rows,
    provenance_text,
    runs_as_formula,
    source_text,
)
from metrics.edition.edition import Edition
from metrics.tell.charts import Exhibit
from metrics.tell.palette import BANNER, INK
from metrics.tell.placement import by_hand
from metrics.tell.sentences import PRIVACY, without_grain
from metrics.tell.vocabulary import CALL_MEANING, STATUS, STATUS_MEANING

LONGEST_NAME = 31
"""Letters that the name of a sheet may have."""
LINE = 110
"""Letters of a line above a table. Lines are rows, because a screen reader finds its way
through merged or overflowing cells less well."""
NARROWEST, WIDEST = 10, 60
"""Widths of a column, in letters."""

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
"""A link as the tables of pages write it; its text is what remains."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_NUMBER = re.compile(
    r"(?P<sign>[+−-]?)(?P<whole>0|[1-9]\d{0,2}(,\d{3})+|[1-9]\d*)"
    r"(\.(?P<places>\d+))?(?P<percent>%?)"
)


@dataclass(frozen=True)
class Page:
    """A page as its reader sees it: its title, its address without the host, and what is
    chosen there, as label and value in words."""

    title: str
    address: str
    choices: tuple[tuple[str, str], ...]


def workbook(opened: Edition, page: Page, exhibits: Sequence[Exhibit]) -> bytes:
    """Return an XLSX file with the tables of a page in their order, after a sheet about
    the page and one with the definitions of its metrics.

    Only what the tables show is in it. Numbers are numbers, as round as on the page; a
    text that a spreadsheet would run as a formula stays a text.
    """
    file = BytesIO()
    book = _Book(opened, file)
    names = [_sheet_name(number, exhibit.title) for number, exhibit in enumerate(exhibits, 1)]
    book.add_sheet("About", page.title, "", _about(opened, page, names, exhibits))
    if len(definitions := _definitions(opened, page, exhibits)):
        hint = "The page Metrics of the dashboard has every definition in full, with its SQL."
        book.add_sheet("Definitions", "What the figures mean", hint, definitions)
    for name, exhibit in zip(names, exhibits, strict=True):
        table = marked_rows(opened, exhibit.numbers)
        book.add_sheet(name, exhibit.title, exhibit.note, table, exhibit.figure.lines)
    book.close(page)
    return file.getvalue()


def _sheet_name(number: int, title: str) -> str:
    """A name that no other sheet has: the number, and as much of the title as there is
    room for."""
    plain = " ".join(_FORBIDDEN.sub(" ", title).split())
    return f"{number} {textwrap.shorten(plain, LONGEST_NAME - len(f'{number} '), placeholder='…')}"


def _about(
    opened: Edition, page: Page, names: Sequence[str], exhibits: Sequence[Exhibit]
) -> pd.DataFrame:
    """What a reader must know of the file, a line each."""
    manifest = opened.manifest
    lines = [
        ("Page", f"{page.title}, of the DHS customer experience dashboard"),
        ("Address", f"{page.address} (after the address of the dashboard)"),
        *((f"Chosen: {label}", value) for label, value in page.choices),
        ("Data through", data_through_text(opened)),
        ("State of reporting as of", str(manifest["as_of"])),
        ("Previewed on" if opened.is_private else "Published on", manifest["published_at"][:10]),
        ("Edition", opened.id),
        ("Where it is from", provenance_text(opened)),
        (
            "Suppression",
            f"{PRIVACY} What would let a reader work such a figure out is suppressed, too. "
            "Suppressed figures are in no sheet. Figures that agencies published are exact.",
        ),
        ("Missing", "– stands where there is no figure. It is never zero."),
        (
            "Marks",
            CALL_MEANING,
        ),
        *((f"Status: {STATUS[code]}", meaning) for code, meaning in STATUS_MEANING.items()),
        *((f"Sheet: {name}", exhibit.title) for name, exhibit in zip(names, exhibits, strict=True)),
    ]
    return pd.DataFrame(lines, columns=["About", "Text"])


def _definitions(opened: Edition, page: Page, exhibits: Sequence[Exhibit]) -> pd.DataFrame:
    """The definitions of the metrics shown. Where a chart does not name its own, those
    that the page draws by hand stand for them."""
    shown = [name for exhibit in exhibits for name in exhibit.figure.metrics]
    if not all(exhibit.figure.metrics for exhibit in exhibits):
        shown += sorted(by_hand(page.title))
    own = opened.metrics.loc[
        [name for name in dict.fromkeys(shown) if name in opened.metrics.index]
    ]
    return pd.DataFrame(
        {
            "Metric": own["title"],
            "Name": own["metric"],
            "Description": own["description"].map(without_grain),
            "Question": [worded(question) or "–" for question in own["question"]],
            "Unit": own["unit"],
            "Smallest count shown": [
                f"{least} people" if least else "No limit: no people" for least in own["minimum_n"]
            ],
            "Source": own["source"],
            "Version": [f"version {version}" for version in own["version"]],
        }
    )


class _Book:
    """The workbook that is being written, and its formats."""

    def __init__(self, opened: Edition, file: BytesIO) -> None:
        self._opened = opened
        self._file = xlsxwriter.Workbook(
            file,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._formats: dict[str, Format] = {}
        self._mark = ", ".join(opened.notices)

    def _format(self, **properties: Any) -> Format:
        """A format, made once: a file may only have so many."""
        key = repr(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._file.add_format(properties)
        return self._formats[key]

    def add_sheet(
        self, name: str, title: str, note: str, table: pd.DataFrame, below: Sequence[str] = ()
    ) -> None:
        """Write a sheet: mark, title and note, the table with its header row, and lines
        below it."""
        sheet = self._file.add_worksheet(name)
        row = 0
        if self._mark:
            style = self._format(bold=True, bg_color=BANNER, font_color=INK)
            sheet.write_string(row, 0, self._mark, style)
            row += 1
        sheet.write_string(row, 0, title, self._format(bold=True, font_size=14))
        row = self._write_lines(sheet, row + 1, [note]) + 1
        self._write_table(sheet, row, table)
        sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)
        self._write_lines(sheet, row + len(table) + 2, below)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L&8{self._footer()}&R&8&P / &N")

    def _write_lines(self, sheet: Worksheet, row: int, lines: Sequence[str]) -> int:
        """Write paragraphs, a row for each of their lines; return the row after them."""
        for line in lines:
            for part in textwrap.wrap(line.replace("`", ""), LINE):
                sheet.write_string(row, 0, part)
                row += 1
        return row

    def _footer(self) -> str:
        """Source of a printed sheet; a footer takes up to 255 letters, and & twice."""
        mark = f"{self._mark}. " if self._mark else ""
        return f"{mark}Edition {self._opened.id}, DHS customer experience dashboard".replace(
            "&", "&&"
        )

    def _write_table(self, sheet: Worksheet, top: int, table: pd.DataFrame) -> None:
        header = self._format(bold=True, text_wrap=True, valign="top", bottom=1)
        for column, name in enumerate(map(str, table.columns)):
            sheet.write_string(top, column, name, header)
            cells = table.iloc[:, column].tolist()
            for row, cell in enumerate(cells, top + 1):
                self._write_cell(sheet, row, column, cell)
            longest = max(len(line) for cell in [name, *cells] for line in str(cell).split("\n"))
            sheet.set_column(column, column, min(max(longest + 2, NARROWEST), WIDEST))
        if len(table):
            sheet.add_table(
                top,
                0,
                top + len(table),
                len(table.columns) - 1,
                {
                    "style": "Table Style Light 1",
                    "columns": [
                        {"header": str(name), "header_format": header} for name in table.columns
                    ],
                },
            )

    def _write_cell(self, sheet: Worksheet, row: int, column: int, cell: Any) -> None:
        if not isinstance(cell, str):
            if is_missing(cell):
                sheet.write_string(row, column, "–")
                return
            cell = str(cell)
        if found := _NUMBER.fullmatch(cell):
            value, number_format = _read_number(found)
            style = self._format(num_format=number_format, valign="top")
            sheet.write_number(row, column, value, style)
            return
        cell = _LINK.sub(r"\1", cell).replace("  \n", "\n")
        style = {"text_wrap": True, "valign": "top"}
        if runs_as_formula(cell):
            # Excel's own mark for a text that would otherwise be a formula once it is edited.
            style["quote_prefix"] = True
        sheet.write_string(row, column, cell, self._format(**style))

    def close(self, page: Page) -> None:
        """Finish the file, with what it says of itself in its properties."""
        title = f"{page.title}, customer experience of DHS"
        self._file.set_properties(
            {
                "title": f"{self._mark}: {title}" if self._mark else title,
                "subject": "; ".join(f"{label}: {value}" for label, value in page.choices),
                "author": "DHS customer experience dashboard",
                "keywords": f"Edition {self._opened.id}",
                "comments": source_text(self._opened),
            }
        )
        self._file.close()


def _read_number(found: re.Match[str]) -> tuple[float, str]:
    """The number that a text of a table is, and the format in which it looks the same."""
    places, percent = found["places"] or "", found["percent"]
    value = Decimal(f"{found['whole'].replace(',', '')}.{places or '0'}")
    if percent:
        value /= 100
    if found["sign"] in ("-", "−"):
        value = -value
    shape = "#,##0" if "," in found["whole"] else "0"
    shape += ("." + "0" * len(places) if places else "") + percent
    return float(value), f"+{shape};-{shape}" if found["sign"] == "+" else shape

"""Files from the pages: the same numbers as on the page, with their meaning, and no more."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pypdf
import pytest
import streamlit as st
import vl_convert
from lxml import etree
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image
from streamlit.testing.v1 import AppTest

from metrics.base.periods import period_code, period_label
from metrics.deliver.files import MARK_COLUMN, csv_file, marked_name
from metrics.deliver.pictures import LETTERS, pdf, png, svg
from metrics.deliver.workbook import Page, workbook
from metrics.edition.edition import DEMONSTRATION, NOT_OFFICIAL, PREVIEW, Edition, open_edition
from metrics.tell.charts import Exhibit, Figure
from tests.apps import open_page
from ui import download

SVG = "{http://www.w3.org/2000/svg}"
TREND, DOTS, BARS = "trend", "measures", "distribution_a11/agree5/increased-confidence"


@dataclass
class Shown:
    """A page that was opened, and the files it offers: by key, name and maker."""

    app: AppTest
    edition: Edition
    names: dict[str, str]
    makers: dict[str, Callable[[], bytes]]
    made: dict[str, bytes] = field(default_factory=dict)

    @property
    def exhibits(self) -> dict[str, Exhibit]:
        found: dict[str, Exhibit] = self.app.session_state["_exhibits"]
        return found

    def file(self, kind: str, key: str) -> bytes:
        """A file of the page, made once."""
        name = f"{kind}_{key}"
        if name not in self.made:
            self.made[name] = self.makers[name]()
        return self.made[name]


@pytest.fixture(scope="module")
def open_with_files() -> Iterator[Callable[..., Shown]]:
    """Return a function that opens a page of a home and catches what it offers."""
    with pytest.MonkeyPatch.context() as patch:

        def go(home: Path, edition: Edition, script: str, **parameters: str) -> Shown:
            names: dict[str, str] = {}
            makers: dict[str, Callable[[], bytes]] = {}

            def keep(label: str, data: Any, file_name: str, key: str, **more: Any) -> None:
                names[key], makers[key] = file_name, data

            patch.setattr(st, "download_button", keep)
            patch.setenv("CX_HOME", str(home))
            app = open_page(script, **parameters)
            assert not app.exception
            return Shown(app, edition, names, makers)

        yield go


@pytest.fixture(scope="module")
def tsa(open_with_files: Any, federal_home: Path, federal: Edition) -> Shown:
    shown: Shown = open_with_files(federal_home, federal, "component.py", component="TSA")
    return shown


@pytest.fixture(scope="module")
def demo(demo_home: Path) -> Edition:
    return open_edition(demo_home)


@pytest.fixture(scope="module")
def maturity(open_with_files: Any, demo_home: Path, demo: Edition) -> Shown:
    home = demo_home.parents[1]
    shown: Shown = open_with_files(home, demo, "maturity.py", data="demo")
    return shown


@pytest.fixture(scope="module")
def feedback(open_with_files: Any, demo_home: Path, demo: Edition) -> Shown:
    home = demo_home.parents[1]
    shown: Shown = open_with_files(home, demo, "feedback.py", data="demo", component="FEMA")
    return shown


def cell_text(cell: Any) -> str:
    """A cell of a spreadsheet as it looks: written from value and format anew."""
    if cell.data_type != "n":
        return str(cell.value)
    shape = cell.number_format.split(";")[0].lstrip("+")
    value = Decimal(repr(cell.value)) * (100 if shape.endswith("%") else 1)
    places = len(shape.rstrip("%").partition(".")[2])
    grouped = "," if "," in shape else ""
    text = f"{abs(value):{grouped}.{places}f}" + ("%" if shape.endswith("%") else "")
    sign = "−" if value < 0 else "+" if cell.number_format.startswith("+") else ""
    return sign + text


def sheet_table(sheet: Worksheet) -> pd.DataFrame:
    """The one table of a sheet, as texts."""
    (table,) = sheet.tables.values()
    header, *rows = sheet[table.ref]
    return pd.DataFrame(
        [[cell_text(cell) for cell in row] for row in rows], columns=[c.value for c in header]
    )


def on_page(shown: Shown, key: str) -> pd.DataFrame:
    """The table that the page shows under a chart."""
    numbers = shown.exhibits[key].numbers.reset_index(drop=True)
    (same,) = [
        table.value
        for table in shown.app.table
        if table.value.astype(str).reset_index(drop=True).equals(numbers.astype(str))
    ]
    return same.astype(str).reset_index(drop=True)


def svg_texts(file: bytes) -> list[str]:
    """What an SVG file shows as text."""
    root = etree.fromstring(file)
    return ["".join(item.itertext()).strip() for item in root.iter(f"{SVG}text")]


def description(file: bytes) -> str:
    return str(etree.fromstring(file).findtext(f"{SVG}desc"))


def pdf_page(file: bytes) -> tuple[str, str]:
    """Text that a PDF file shows, and the alternative of its figure."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    tree: Any = reader.trailer["/Root"]["/StructTreeRoot"]  # type: ignore[index]
    figure = tree["/K"][0].get_object()["/K"][0].get_object()
    return " ".join(reader.pages[0].extract_text().split()), str(figure["/Alt"])


@pytest.mark.parametrize(
    ("page", "key", "figures", "is_written"),
    [
        ("tsa", DOTS, ["Value", "95% interval"], ["Value"]),
        ("tsa", TREND, ["Value", "95% interval"], []),
        ("tsa", BARS, ["1 worst", "2", "3 neutral", "4", "5 best"], []),
        ("maturity", "overview", ["Governance & Strategy", "Measurement"], []),
    ],
)
def test_table_csv_xlsx_svg_png_and_pdf_hold_the_same_numbers(
    request: pytest.FixtureRequest, page: str, key: str, figures: list[str], is_written: list[str]
) -> None:
    shown: Shown = request.getfixturevalue(page)
    table = on_page(shown, key)
    assert len(table) > 3
    csv = pd.read_csv(io.BytesIO(shown.file("csv", key)), dtype=str, keep_default_na=False)
    assert csv.drop(columns=MARK_COLUMN, errors="ignore").equals(table)
    book = openpyxl.load_workbook(io.BytesIO(shown.file("xlsx", "page")))
    at = list(shown.exhibits).index(key) + 1
    (sheet,) = [sheet for sheet in book if sheet.title.startswith(f"{at} ")]
    in_sheet = sheet_table(sheet).drop(columns=MARK_COLUMN, errors="ignore")
    assert in_sheet.equals(table)
    drawn, (written, alternative) = shown.file("svg", key), pdf_page(shown.file("pdf", key))
    for column in figures:
        said = [cell for cell in table[column] if cell != "–"]
        assert said
        for cell in said:
            assert cell in description(drawn) and cell in alternative
    for column in is_written:
        assert set(table[column]) <= set(svg_texts(drawn))
        assert all(cell in written for cell in table[column])


def rounded(value: float, places: int) -> str:
    """A share as percent, rounded half up."""
    return str((100 * Decimal(repr(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def test_the_numbers_are_those_published(tsa: Shown) -> None:
    table = on_page(tsa, TREND)
    rows = tsa.edition.rows(
        metric="trust", level="component", component="TSA", period_kind="quarter"
    )
    published = {
        (period_label(row.period), f"{rounded(row.value, 1)}%", f"{int(row.n):,}")
        for row in rows[rows["value"].notna()].itertuples()
    }
    assert set(zip(table["Quarter"], table["Value"], table["Answers"], strict=True)) == published
    bars = tsa.file("svg", BARS)
    spread = tsa.edition.rows(
        metric="trust_distribution",
        level="component",
        component="TSA",
        channel="all",
        period_kind="quarter",
    )
    spread = spread[spread["breakdown"].notna() & spread["value"].ge(0.1)]
    labels = [text for text in svg_texts(bars) if re.fullmatch(r"\d+%", text)]
    assert sorted(labels) == sorted(f"{rounded(value, 0)}%" for value in spread["value"])


def test_levels_stand_in_the_cells_of_a_grid(maturity: Shown) -> None:
    table = on_page(maturity, "overview")
    steps = ["Not yet Emerging", "Emerging", "Established", "Exemplary"]
    cells = table.drop(columns=["Component", "Assessed on"]).to_numpy().ravel()
    expected = [
        "?" if c == "Not known" else "●" * steps.index(c) + "○" * (3 - steps.index(c))
        for c in cells
    ]
    drawn = svg_texts(maturity.file("svg", "overview"))
    assert sorted(text for text in drawn if re.fullmatch(r"[●○]+|\?", text)) == sorted(expected)
    written, _ = pdf_page(maturity.file("pdf", "overview"))
    assert all(name in written for name in table["Component"])


def test_what_is_suppressed_is_in_no_file(feedback: Shown) -> None:
    key = next(
        key
        for key, shown in feedback.exhibits.items()
        if shown.numbers.get("Status", pd.Series()).str.startswith("Suppressed").sum() > 2
    )
    table = on_page(feedback, key)
    is_hidden = table["Status"].str.startswith("Suppressed")
    book = openpyxl.load_workbook(io.BytesIO(feedback.file("xlsx", "page")))
    sheet = book.worksheets[list(feedback.exhibits).index(key) + 2]
    csv = pd.read_csv(io.BytesIO(feedback.file("csv", key)), dtype=str, keep_default_na=False)
    for copy in (table, sheet_table(sheet), csv):
        hidden = copy[copy["Status"].str.startswith("Suppressed")]
        assert len(hidden) == is_hidden.sum() and len(copy) == len(table)
        assert hidden[["Value", "95% interval", "Answers"]].eq("–").all(axis=None)
    # In the chart there is nothing to be drawn of them: not even their names.
    spec = feedback.exhibits[key].figure.spec
    drawn = [row["label"] for rows in spec["datasets"].values() for row in rows if "label" in row]
    assert sorted(drawn) == sorted(table["Theme"][~is_hidden])
    reader = pypdf.PdfReader(io.BytesIO(feedback.file("pdf", key)))
    image: Any = Image.open(io.BytesIO(feedback.file("png", key)))
    said = [
        *svg_texts(feedback.file("svg", key)),
        description(feedback.file("svg", key)),
        *pdf_page(feedback.file("pdf", key)),
        *map(str, (reader.metadata or {}).values()),
        *image.text.values(),
    ]
    for name in set(table["Theme"][is_hidden]) - set(drawn):
        assert not [text for text in said if name in text]


def test_nothing_is_made_before_it_is_asked_for(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def spied(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def spy(*args: Any, **more: Any) -> Any:
            made.append(name)
            return real(*args, **more)

        return spy

    for module, name in (
        (download, "csv_file"),
        (download, "workbook"),
        (vl_convert, "vegalite_to_svg"),
    ):
        monkeypatch.setattr(module, name, spied(name, getattr(module, name)))
    makers: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(
        st, "download_button", lambda label, data, key, **more: makers.setdefault(key, data)
    )
    monkeypatch.setenv("CX_HOME", str(federal_home))
    assert not open_page("compare.py").exception
    assert set(makers) >= {"csv_compare", "png_compare", "svg_compare", "pdf_compare", "xlsx_page"}
    assert made == []
    for kind in ("csv_compare", "svg_compare", "xlsx_page"):
        makers[kind]()
    assert made == ["csv_file", "vegalite_to_svg", "workbook"]


def test_names_say_metric_scope_periods_edition_and_mark(tsa: Shown, feedback: Shown) -> None:
    edition = tsa.edition.id
    assert tsa.names[f"png_{TREND}"] == f"trust_TSA_2021Q1_2023Q1_{edition}.png"
    assert tsa.names[f"csv_{DOTS}"] == f"measures_TSA_2023Q1_{edition}.csv"
    assert tsa.names["xlsx_page"] == f"component_TSA_2023Q1_{edition}.xlsx"
    for shown in (tsa, feedback):
        names = list(shown.names.values())
        assert len(set(names)) == len(names)
        for name in names:
            assert re.fullmatch(r"[\w.-]+", name) and shown.edition.id in name
            assert name.startswith("DEMONSTRATION_") == shown.edition.is_demonstration


@pytest.mark.parametrize("period", ["2021Q2", "FY2021", "2021-03"])
def test_a_period_is_read_back_from_its_label(period: str) -> None:
    assert period_code(period_label(period)) == period
    assert period_code(f"{period_label(period)} ①") == ""


def test_pictures_say_what_they_show_and_where_it_is_from(tsa: Shown) -> None:
    exhibit = tsa.exhibits[TREND]
    for text in (f"Edition {tsa.edition.id}", NOT_OFFICIAL, "Data through FY2023 Q1"):
        assert text in " ".join(svg_texts(tsa.file("svg", TREND)))
        assert text in pdf_page(tsa.file("pdf", TREND))[0]
    drawn = etree.fromstring(tsa.file("svg", TREND))
    assert drawn.get("role") == "img" and drawn.findtext(f"{SVG}title") == exhibit.title
    image: Any = Image.open(io.BytesIO(tsa.file("png", TREND)))
    assert image.width == 1800
    assert image.text["Title"] == exhibit.title
    assert exhibit.figure.alt.translate(LETTERS) in image.text["Description"]
    assert NOT_OFFICIAL in image.text["Source"] and image.text["Edition"] == tsa.edition.id
    reader = pypdf.PdfReader(io.BytesIO(tsa.file("pdf", TREND)))
    assert reader.metadata is not None
    assert reader.metadata.title == exhibit.title
    assert reader.metadata.subject == image.text["Description"]
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en-US" and root["/MarkInfo"]["/Marked"].value
    # What is marked in the chart is told in the picture, by the same number.
    assert any(text.startswith("(1) Oct 1, 2022") for text in svg_texts(tsa.file("svg", TREND)))
    assert "(1)" in svg_texts(tsa.file("svg", TREND))


def test_made_up_figures_say_so_in_every_file(feedback: Shown) -> None:
    key = next(key for key in feedback.exhibits if key.startswith("themes_"))
    assert DEMONSTRATION in svg_texts(feedback.file("svg", key))
    assert description(feedback.file("svg", key)).startswith(DEMONSTRATION)
    assert pdf_page(feedback.file("pdf", key))[0].startswith(DEMONSTRATION)
    image: Any = Image.open(io.BytesIO(feedback.file("png", key)))
    assert image.text["Title"].startswith(DEMONSTRATION)
    book = openpyxl.load_workbook(io.BytesIO(feedback.file("xlsx", "page")))
    assert book.properties.title.startswith(DEMONSTRATION)
    for sheet in book:
        assert sheet["A1"].value == DEMONSTRATION
        if sheet.title not in ("About", "Definitions"):
            assert set(sheet_table(sheet)[MARK_COLUMN]) == {DEMONSTRATION}


def test_the_spreadsheet_of_a_page_explains_itself(tsa: Shown) -> None:
    book = openpyxl.load_workbook(io.BytesIO(tsa.file("xlsx", "page")))
    assert book.sheetnames[:2] == ["About", "Definitions"]
    assert len(book.sheetnames) == len(tsa.exhibits) + 2
    assert all(len(name) <= 31 for name in book.sheetnames)
    about = dict(sheet_table(book["About"]).itertuples(index=False))
    assert about["Address"].startswith("/component?component=TSA ")
    assert about["Chosen: Component"] == "TSA" and about["Chosen: Measure"] == "Trust"
    assert about["Edition"] == tsa.edition.id
    assert about["Published on"] == tsa.edition.manifest["published_at"][:10]
    assert "not shown below 11 people and are rounded above" in about["Suppression"]
    assert "Figures that agencies published are exact." in about["Suppression"]
    assert "Status: Suppressed" in about and NOT_OFFICIAL in about["Where it is from"]
    for sheet, exhibit in zip(book.worksheets[2:], tsa.exhibits.values(), strict=True):
        assert about[f"Sheet: {sheet.title}"] == sheet["A1"].value == exhibit.title
    meant = sheet_table(book["Definitions"]).set_index("Name")
    trust = tsa.edition.metrics.loc["trust"]
    assert {"trust", "ease", "trust_distribution", "response_rate"} <= set(meant.index)
    assert meant.loc["trust", "Question"] == trust["question"]
    assert meant.loc["trust", "Source"] == trust["source"]
    assert meant.loc["trust", "Version"] == f"version {trust['version']}"


DANGEROUS = ["=1+1", "+1+cmd|'/c calc'!A1", "@x", "-cmd", "\tx", "\r=1", '=HYPERLINK("a")']
HARMLESS = ["-0.5", "+4.1%", "−3", "–", "1,204", "a=1", ""]


def injected(federal: Edition) -> Exhibit:
    """A chart whose table and heading hold what somebody may have typed."""
    texts = [*DANGEROUS, *HARMLESS]
    numbers = pd.DataFrame({"=Place": texts, "Change": [-2, *range(len(texts) - 1)]})
    return Exhibit(Figure({}, "None."), "=Title", "", numbers, f"x_{federal.id}")


def test_no_cell_of_a_csv_file_runs_as_a_formula(federal: Edition) -> None:
    exhibit = injected(federal)
    file = csv_file(federal, exhibit.numbers)
    read = pd.read_csv(io.BytesIO(file), keep_default_na=False, lineterminator="\n")
    assert list(read.columns) == ["'=Place", "Change"]
    assert read["'=Place"].tolist() == [*(f"'{text}" for text in DANGEROUS), *HARMLESS]
    assert read["Change"].tolist() == exhibit.numbers["Change"].tolist()


def test_no_cell_of_a_spreadsheet_runs_as_a_formula(federal: Edition) -> None:
    page = Page("=Page", "/x?a==1", (("=Label", "=1+1"),))
    file = workbook(federal, page, [injected(federal)])
    book = openpyxl.load_workbook(io.BytesIO(file))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s", "n"}
    quoted = [cell.value for cell in cells if cell.quotePrefix]
    # A carriage return is written as _x000D_ in the files of Excel.
    read = {str(text).replace("_x000D_", "\r") for text in quoted}
    assert {*DANGEROUS, "=Title"} <= read
    table = book.worksheets[-1]
    changes = [
        cell.value for cell in table["B"] if cell.data_type == "n" and cell.value is not None
    ]
    assert changes == [-2, *range(len(DANGEROUS) + len(HARMLESS) - 1)]
    numbers = [
        cell.value for cell in table["A"] if cell.data_type == "n" and cell.value is not None
    ]
    assert numbers == [-0.5, 0.041, -3, 1204]


def test_a_preview_is_marked_in_every_picture_and_spreadsheet(federal: Edition) -> None:
    private = replace(federal, manifest={**federal.manifest, "is_private": True})
    spec = {
        "data": {"values": [{"a": 1}]},
        "mark": "point",
        "encoding": {"x": {"field": "a", "type": "quantitative"}},
        "width": "container",
    }
    one = pd.DataFrame({"A": ["1"]})
    exhibit = Exhibit(Figure(spec, "One point."), "Title", "Note", one, f"x_{federal.id}")
    assert marked_name(private, "x.svg").startswith("PREVIEW_")
    assert PREVIEW in svg_texts(svg(private, exhibit))
    assert "Previewed on" in description(svg(private, exhibit)) + str(
        svg_texts(svg(private, exhibit))
    )
    assert PREVIEW in pdf_page(pdf(private, exhibit))[1]
    assert Image.open(io.BytesIO(png(private, exhibit))).text["Title"] == f"{PREVIEW}: Title"  # type: ignore[attr-defined]
    book = openpyxl.load_workbook(io.BytesIO(workbook(private, Page("P", "/", ()), [exhibit])))
    assert book.worksheets[-1]["A1"].value == PREVIEW

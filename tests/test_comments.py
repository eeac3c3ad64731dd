"""Comments from the file to the team's own file: no planted identifier on the way."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.errors import CxError
from metrics.base.settings import ROOT
from metrics.define.catalog import read_catalog
from metrics.deliver.omb import write_omb
from metrics.edition.edition import Edition, open_edition
from metrics.gate import disclosure
from metrics.gate.publish import publish
from metrics.gate.steps import RULES
from metrics.warehouse.store import open_warehouse
from tests.response_file import THUMBS, cx, load, write_cx

SECRETS = {
    "ssn": "523-98-4417",
    "phone": "(202) 555-0187",
    "e-mail": "wilhelmina.quux@example.org",
    "a-number": "A204417993",
    "receipt number": "IOE0917734421",
    "passport": "C48817265",
    "card number": "4111 1111 1111 1111",
    "address": "4417 Wisteria Lane",
    "name": "Wilhelmina Quux",
}
PIECES = (
    *("98-4417", "5239844", "555-0187", "quux", "wilhelmina", "204417993", "0917734421"),
    *("48817265", "1111 1111", "wisteria"),
)
"""Parts of the secrets that may stand in no file, in any case."""

SENTENCES = [
    "I waited three hours on hold and nobody answered, terrible.",
    "The website crashed again and the form was lost.",
    "Thank you, the agent was very helpful and kind.",
    "It works.",
]
METRICS = ("respondents", "comment_rate", "theme_share", "theme_negative_share", "sentiment_share")


def comments() -> list[str]:
    """Forty comments of which some hold a secret, and six of another quarter's cell."""
    plain = [f"{SENTENCES[n % 4]} Visit {n % 5}." for n in range(40)]
    cues = {"name": "My name is {}.", "passport": "passport {}"}
    for number, (kind, secret) in enumerate(SECRETS.items()):
        plain[number * 3] += " " + cues.get(kind, "{}").format(secret) + " ok"
    return plain


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CX_HOME with an edition made from a file full of personal data."""
    folder = tmp_path_factory.mktemp("comments")
    rows = [cx(f"r{n}", str(n % 2), text) for n, text in enumerate(comments())]
    # A comment that slipped into the column of the answers, its secret across the place
    # where a quoted value is cut.
    slipped = "x" * 50 + f" {SECRETS['ssn']} and {SECRETS['e-mail']}"
    rows.append(cx("bad", slipped, "fine"))
    few = [cx(f"f{n}", "1", f"only a few wrote this, {SECRETS['phone']}") for n in range(10)]
    first, second = write_cx(folder / "a.csv", *rows), write_cx(folder / "b.csv", *few)
    home = folder / "home"
    with open_warehouse(home) as connection:
        load(connection, "touchpoints-cx", first, survey=THUMBS, quarter="2024Q4",
             rejects=folder / "rejects.csv")  # fmt: skip
        load(connection, "touchpoints-cx", second, survey=THUMBS, quarter="2025Q1")
        again = load(connection, "touchpoints-cx", first, survey=THUMBS, quarter="2024Q4")
        assert (again[0].n_accepted, again[0].n_duplicate, again[0].n_rejected) == (0, 40, 1)
        catalog = {name: one for name, one in read_catalog().items() if name in METRICS}
        connection.execute("delete from target")
        publish(connection, home, title="Test", catalog=catalog)
        connection.execute("checkpoint")
    return home


@pytest.fixture(scope="module")
def edition(home: Path) -> Edition:
    return open_edition(home)


def test_no_secret_is_in_any_byte_that_was_written(home: Path) -> None:
    files = [path for path in [*home.rglob("*"), home.parent / "rejects.csv"] if path.is_file()]
    assert {"warehouse.duckdb", "public.duckdb", "component-USCIS.duckdb", "rejects.csv"} <= {
        path.name for path in files
    }
    for path in files:
        content = path.read_bytes().lower()
        for piece in PIECES:
            assert piece.encode() not in content, (path.name, piece)
            assert piece.encode("utf-16-le") not in content, (path.name, piece)


def test_the_search_for_secrets_would_find_one(home: Path) -> None:
    content = (home.parent / "a.csv").read_bytes().lower()
    assert all(piece.encode() in content for piece in PIECES if piece != "5239844")


def test_marks_stand_where_the_secrets_were(home: Path) -> None:
    connection = duckdb.connect(str(home / "warehouse.duckdb"))
    found = connection.execute(
        "select comment, n_redacted, redaction, sentiment_method from survey_comment "
        "where n_redacted > 0 and quarter = '2024Q4'"
    ).fetchall()
    raw = connection.execute("select reason, raw_text from rejected_row").fetchall()
    connection.close()
    marks = {kind for kind in SECRETS if any(f"[{kind}]" in row[0] for row in found)}
    assert marks == set(SECRETS)
    assert sum(row[1] for row in found) == len(SECRETS)
    assert {row[2][:14] for row in found} == {"patterns, rege"}
    assert {row[3][:14] for row in found} == {"vaderSentiment"}
    for reason, row in raw:
        assert "\ue000" not in reason + row and "\ue001" not in reason + row
        assert "[ssn]" in row and "[e-mail]" in row
        assert reason.startswith("The value 'xxxxx") and len(reason) < 160


def test_the_report_of_the_command_line_holds_no_secret(tmp_path: Path) -> None:
    file = write_cx(tmp_path / "a.csv", cx("r1", f"call {SECRETS['phone']} {SECRETS['ssn']}"))
    done = subprocess.run(
        [sys.executable, "-m", "metrics", "load", "touchpoints-cx", str(file), "--survey", THUMBS,
         "--quarter", "2024Q4", "--report", str(tmp_path / "report.json"), "--rejects",
         str(tmp_path / "rejects.csv")],
        cwd=ROOT, env={**os.environ, "CX_HOME": str(tmp_path / "home")}, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    written = done.stdout + done.stderr + (tmp_path / "report.json").read_text("utf-8")
    written += (tmp_path / "rejects.csv").read_text("utf-8")
    assert "[phone]" in written and not any(piece in written for piece in PIECES)
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["files"][0]["n_rejected"] == 1


def test_the_files_for_omb_hold_comments_without_secrets(home: Path, tmp_path: Path) -> None:
    with open_warehouse(home) as connection:
        files = write_omb(connection, "2024Q4", folder=tmp_path)
    text = "".join(path.read_text("utf-8") for path in files.folder.rglob("*.csv"))
    assert "[receipt number]" in text and "nobody answered" in text
    assert not any(piece in text.lower() for piece in PIECES)


def test_shares_of_themes_and_sentiment_are_published_with_n(edition: Edition) -> None:
    def row(metric: str, breakdown: str | None) -> Any:
        (found,) = edition.rows(
            metric=metric, level="component", component="USCIS", channel="all",
            period="2024Q4", breakdown=breakdown,
        ).itertuples()  # fmt: skip
        return found

    own = edition.team("USCIS").table("own_figure")
    own = own[(own["level"] == "component") & (own["channel"] == "all")]
    own = own[own["period"] == "2024Q4"]

    def exact(metric: str, breakdown: str | None) -> Any:
        is_part = own["breakdown"].isna() if breakdown is None else own["breakdown"] == breakdown
        (found,) = own[(own["metric"] == metric) & is_part].itertuples()
        return found

    # Of each four sentences one waits (and is on the phone), one is on the website.
    for theme in ("waiting", "website"):
        assert (exact("theme_share", theme).numerator, exact("theme_share", theme).n) == (10, 40)
        told = row("theme_share", theme)
        assert (told.value, told.n, told.denominator, told.is_rounded) == (0.25, 40, 40, True)
        assert pd.isna(told.numerator)
    assert exact("theme_share", None).denominator == 40
    rest = exact("theme_share", "unclassified").numerator
    assert exact("theme_share", None).numerator + rest == 40
    # Ten people spoke of it. Of groups that an answer defines there is no row at all.
    assert len(edition.rows(metric="theme_negative_share", breakdown="reaching"))
    assert not len(edition.rows(metric="theme_negative_share", breakdown="waiting"))
    parts = ("negative", "neutral", "positive")
    counts = [exact("sentiment_share", name).numerator for name in parts]
    assert sum(counts) == exact("sentiment_share", None).numerator == 40
    for name, count in zip(parts, counts, strict=True):
        told = row("sentiment_share", name)
        assert told.value == round(count / 40 + 1e-9, 2) and told.n == 40
    assert edition.rows(metric="respondents", period="2025Q1")["status"].eq("suppressed").any()
    few = edition.rows(metric="theme_share", period="2025Q1")
    assert few["value"].isna().all() and few["n"].isna().all()


def test_methods_and_versions_are_published(edition: Edition) -> None:
    methods = edition.table("comment_method").set_index("step")["method"]
    assert methods["themes"].startswith("phrase table, version ")
    assert set(methods.index) == {"personal data", "sentiment", "themes"}


def test_the_public_file_holds_no_comment(home: Path, edition: Edition) -> None:
    for path in (home / "editions").rglob("public.duckdb"):
        content = path.read_bytes()
        for sentence in SENTENCES[:3]:
            assert sentence[:20].encode() not in content
    assert not {"comment", "comment_text", "suggested_theme"} & set(edition.table_names)
    team = duckdb.connect(str(home / "editions" / edition.id / "component-USCIS.duckdb"))
    kept = team.execute("select count(*) from comment").fetchall()
    team.close()
    assert kept == [(40,)]


def test_a_team_gets_comments_only_of_cells_above_the_threshold(edition: Edition) -> None:
    assert RULES.minimum_comments == 11
    found = edition.team("USCIS").table("comment")
    assert set(found["quarter"]) == {"2024Q4"} and len(found) == 40
    assert {"service", "channel", "survey", "sentiment", "themes", "basis"} <= set(found.columns)
    assert "response_id" not in found.columns
    suggested = edition.team("USCIS").table("suggested_theme")
    texts = set(found["comment"])
    assert all(
        set(row.examples) <= texts and row.n_comments >= 11 for row in suggested.itertuples()
    )
    with pytest.raises(CxError, match="no file of its own"):
        edition.team("TSA")
    with pytest.raises(CxError, match="no file of its own"):
        edition.team("../../warehouse")
    with pytest.raises(duckdb.Error):
        edition.team("USCIS")._connection.execute("create table a as select 1")
    with pytest.raises(duckdb.Error):
        edition.team("USCIS")._connection.execute("from read_text('/etc/hostname')")


PAGE = """
import streamlit as st
from ui import view
from ui.comments import show_comments, show_themes
edition, chosen = view.current()
show_themes(edition, chosen)
show_comments(edition, chosen)
"""


def page(edition: Edition, **parameters: str) -> AppTest:
    from ui.filters import Filters

    app = AppTest.from_string(PAGE, default_timeout=60)
    chosen = {name: parameters.pop(name) for name in ("channel", "period") if name in parameters}
    app.session_state["view"] = (
        edition,
        Filters(component="USCIS", **({"period": "2024Q4"} | chosen)),
    )
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def shown(app: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def test_nobody_sees_a_team_s_comments_unless_the_dashboard_was_started_so(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(Edition, "team", lambda self, component: opened.append(component))
    for value in (None, "", "TSA", "uscis", "USC"):
        if value is None:
            monkeypatch.delenv("CX_TEAM", raising=False)
        else:
            monkeypatch.setenv("CX_TEAM", value)
        app = page(edition)
        assert not app.exception and opened == [] and not app.get("html")
        assert any("own team only" in part.value for part in app.markdown)
        assert len(app.get("vega_lite_chart")) >= 2  # shares are for everyone


def test_every_way_to_a_team_file_asks_first(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CX_TEAM", raising=False)
    for call in ("team_table(e, 'USCIS', 'comment')", "search_comments(e, 'USCIS', 'wait')"):
        app = AppTest.from_string(
            f"import streamlit as st\nfrom ui import state\ne = st.session_state['e']\n"
            f"state.{call}\nst.title('seen')"
        )
        app.session_state["e"] = edition
        app.run()
        assert len(app.error) == 1 and not app.title
    for path in [*(ROOT / "pages").glob("*.py"), *(ROOT / "ui").glob("*.py")]:
        if path.name != "state.py":
            source = path.read_text("utf-8")
            assert ".team(" not in source and "component-" not in source, path


@pytest.mark.parametrize("team", ["all", "TSA, USCIS"])
def test_a_team_searches_and_filters_its_comments(
    edition: Edition, monkeypatch: pytest.MonkeyPatch, team: str
) -> None:
    monkeypatch.setenv("CX_TEAM", team)
    app = page(edition)
    assert not app.exception
    assert any("**40 comments**" in part.value for part in app.markdown)
    searched = page(edition, search="waiting")
    assert "<mark>waited</mark>" in shown(searched)
    assert any("**10 comments**" in part.value for part in searched.markdown)
    both = page(edition, theme="website", sentiment="positive")
    assert any("no comment" in part.value.lower() for part in both.markdown)
    other = page(edition, period="FY2024")
    assert any("**40 comments**" in part.value for part in other.markdown)
    none = page(edition, period="2025Q1")
    assert any("no comment" in part.value.lower() for part in none.markdown)


def test_the_rejects_file_is_a_csv(home: Path) -> None:
    with (home.parent / "rejects.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert "[ssn]" in row["raw_text"]


def grid_of(mentions: list[int], comments: list[int]) -> pd.DataFrame:
    """The rows of one theme: services S0, S1 ... of a Component, and their sum."""
    rows = [
        ("service", f"S{n}", *pair) for n, pair in enumerate(zip(mentions, comments, strict=True))
    ]
    rows.append(("component", "all", sum(mentions), sum(comments)))
    frame = pd.DataFrame(rows, columns=["level", "service", "numerator", "denominator"])
    return frame.assign(
        row_id=range(len(rows)), metric="theme_share", kind="share", counts_people="n",
        basis="a11", breakdown="fees", component="TSA", channel="all", period_kind="quarter",
        period="2024Q4", n=frame["denominator"], guard=frame["denominator"], minimum_n=11,
        is_breakdown_additive=False, over_time="sum", is_weighted=False, compare_groups=False,
        is_known=True, is_printed=True, is_sized=True, told_low=None, told_high=None,
        told_value=(frame["numerator"] / frame["denominator"]).round(2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mentions", "counts_mentions", "hidden"),
    [
        ([0, 0, 9], True, {0, 1}),  # nobody of the hidden eleven spoke of it: no answer of theirs
        ([0, 0, 9], False, {0, 1, 2}),  # as an answer it would be one
        ([5, 6, 9], True, {0, 1}),  # nor is how many did: the size of a group
        ([2, 1, 9], True, {0, 1}),
    ],
)
def test_that_nobody_speaks_of_a_theme_hides_no_further_cell(
    mentions: list[int], counts_mentions: bool, hidden: set[int]
) -> None:
    grid = grid_of(mentions, [5, 6, 50]).assign(counts_mentions=counts_mentions)
    assert disclosure.hidden_rows(grid) == hidden

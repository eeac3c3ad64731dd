"""The page that leadership reads in a minute: true with all, with little and with nothing."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from metrics.edition.edition import Edition, open_edition
from metrics.edition.manifest import current_id
from metrics.tell import sentences
from metrics.tell.vocabulary import TARGET
from tests.apps import open_page
from tests.sealed import reseal

FIGURES = (
    *("value", "numerator", "denominator", "n", "low", "high", "previous_value"),
    *("change", "change_low", "change_high", "change_call"),
    *("year_ago_value", "year_ago_change", "year_ago_change_low", "year_ago_change_high"),
    *("year_ago_change_call", "benchmark", "benchmark_call"),
)


def said(app: Any) -> str:
    return "\n".join(str(item.value) for kind in (app.markdown, app.caption) for item in kind)


def other_edition(federal_home: Path, folder: Path, *statements: str) -> Path:
    """A home with a copy of the edition whose public figures are changed."""
    home = folder / "home"
    edition_id = str(current_id(federal_home))
    shutil.copytree(federal_home / "editions" / edition_id, home / "editions" / edition_id)
    shutil.copy(federal_home / "editions" / "current", home / "editions")
    path = home / "editions" / edition_id / "public.duckdb"
    path.chmod(0o644)
    connection = duckdb.connect(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()
    reseal(home, edition_id)
    return home


def test_attention_lists_each_report_that_is_missing_and_each_target_missed(
    federal_home: Path, demo_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for home, data in ((federal_home, "main"), (demo_home.parent.parent, "demo")):
        monkeypatch.setenv("CX_HOME", str(home))
        edition = open_edition(federal_home if data == "main" else demo_home)
        app = open_page("department.py", **({} if data == "main" else {"data": data}))
        assert not app.exception
        (listed,) = [
            block.value
            for block in app.markdown
            if block.value.startswith("- ") and "reported" in block.value
        ]
        lines = listed.splitlines()
        last = edition.periods("quarter")[-1]
        board = edition.table("reporting_board")
        due = board[(board["quarter"] == last) & board["reporting_status"].eq("not_reported")]
        assert len(due) and sum(": not reported." in line for line in lines) == len(due)
        rows = edition.rows(period=last, channel="all", breakdown=None)
        missed = int(rows["target_call"].eq("missed").sum())
        told = [line for line in lines if line.startswith(f"- {TARGET['missed']}")]
        more = [int(line.split()[1]) for line in lines if line.endswith("miss their target.")]
        assert len(told) + sum(more) == missed
        falls = rows[rows["level"].eq("service")]["change_call"].eq("down").sum()
        assert not any(line.startswith("- ▼") for line in lines) or falls


def test_a_fall_is_named_and_leads_to_its_measure(
    federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = (
        "metric = 'ease' and level = 'service' and component = 'TSA' and channel = 'email' "
        "and period = '2023Q1'"
    )
    home = other_edition(
        federal_home,
        tmp_path,
        "update published set change_call = 'down', change = -0.0312, like_change = -0.0312 "
        f"where {where}",
    )
    monkeypatch.setenv("CX_HOME", str(home))
    text = said(open_page("department.py"))
    assert "▼ **Ease, TSA (e-mail)**, fell 3.1 points to [66.6%](/component?" in text
    assert "component=TSA&" in text and "&channel=email&measure=ease)" in text
    assert "Other measures: 1 clear decline." in text


def test_it_stays_readable_where_everything_is_suppressed(
    federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = ", ".join(f"{name} = null" for name in FIGURES)
    home = other_edition(
        federal_home,
        tmp_path,
        f"update published set {nothing}, status = 'suppressed', reason = 'Few answers.'",
    )
    monkeypatch.setenv("CX_HOME", str(home))
    app = open_page("department.py")
    assert not app.exception and not app.error
    text = said(app)
    assert "Trust cannot be compared with the period before." in text
    assert "0.0%" not in text and "nan" not in text.lower() and "None" not in text
    cells = app.table[0].value.to_string()
    assert "Suppressed" in cells and "%" not in cells


def test_it_stays_readable_with_one_component(
    federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = other_edition(
        federal_home,
        tmp_path,
        "delete from published where component not in ('all', 'TSA')",
        "delete from reporting_board where component <> 'TSA'",
        "delete from component where component <> 'TSA'",
        "delete from service where component <> 'TSA'",
    )
    monkeypatch.setenv("CX_HOME", str(home))
    app = open_page("department.py")
    assert not app.exception and not app.error
    assert "1 of 1 designated service reported usable figures." in said(app)


def test_nothing_is_said_of_what_was_not_judged(
    federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    year = said(open_page("department.py", period="FY2023"))  # no report is due for a year
    assert "Nothing needs attention in FY2023: " in year and "report missing" not in year
    nothing = ", ".join(f"{name} = null" for name in FIGURES)
    home = other_edition(
        federal_home,
        tmp_path,
        f"update published set {nothing}, status = 'suppressed'",
        "update reporting_board set reporting_status = 'complete'",
    )
    monkeypatch.setenv("CX_HOME", str(home))
    text = said(open_page("department.py"))
    nothing = "Nothing needs attention in FY2023 Q1: no figure that can be compared"
    assert f"{nothing} and no report missing." in text


def test_a_link_to_another_component_lets_the_service_go(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    app = open_page("department.py", component="TSA", service="tsa-contact-center", channel="email")
    links = "\n".join(table.value.to_string() for table in app.table)
    assert "/component?component=FEMA" in links and "channel=email" in links
    assert "service=" not in links


@pytest.mark.parametrize(
    ("trust", "others", "expected"),
    [
        ([], [], "Trust cannot be compared with the period before."),
        (["same"], ["cannot tell"], "Trust changed clearly nowhere. Nothing else"),
        (["down"], [], "Trust fell for TSA (phone)."),
        (
            ["up"],
            ["up", "up", "down"],
            "Trust rose for TSA (phone). Other measures: 2 clear increases and 1 clear decline.",
        ),
        (["not comparable"], ["down"], "nowhere. Other measures: 1 clear decline."),
    ],
)
def test_the_headline_says_what_the_calls_say(
    trust: list[str], others: list[str], expected: str
) -> None:
    changes = pd.DataFrame({"change_call": trust, "label": ["TSA (phone)"] * len(trust)})
    board = pd.DataFrame({"reporting_status": ["complete", "not_reported"]})
    told = sentences.department_headline(
        changes, pd.DataFrame({"change_call": others}), board, "Trust"
    )
    assert told.startswith("1 of 2 designated services reported usable figures.")
    assert expected in told


def test_one_box_leads_to_any_page_service_and_measure(
    federal_home: Path, federal: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    app = open_page("department.py")
    (box,) = [box for box in app.selectbox if box.label == "Find"]
    names = {option.split(": ", 1)[1] for option in box.options}
    assert set(federal.metrics["title"]) <= names
    assert {f"{row.name} ({row.component})" for row in federal.table("service").itertuples()} <= (
        names
    )
    box.select("Measure: Ease").run()
    assert not app.exception
    assert app.title[0].value == "Metrics" and "Ease" in [one.value for one in app.header]


def test_the_link_to_copy_holds_every_choice(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    app = open_page("component.py", component="TSA", channel="email", measure="ease")
    (code,) = [block.value for block in app.code if "component=TSA" in block.value]
    assert "channel=email" in code and "measure=ease" in code

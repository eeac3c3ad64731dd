"""The Load data page: it runs the real command line and shows its report."""

import csv
import io
import os
import shutil
import stat
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.settings import ROOT
from metrics.edition.manifest import current_id
from metrics.intake.sources import SOURCES
from metrics.intake.sources.touchpoints_cx import COLUMNS
from metrics.warehouse.store import open_warehouse
from tests.apps import open_page
from tests.conftest import without_counts
from tests.reporting_file import report, text_of
from ui import access, loading, registry
from ui.loading import FORMATS, Choice, Flow, Job, PrivateFolder

LOAD = str(ROOT / "pages" / "load.py")
SURVEY = "fema-disaster-assistance-email"
COMMENT = "=Heron on the roof, call +1 555 0100"
"""A comment that a spreadsheet would run, and that no log and no address may repeat."""


def quarterly() -> bytes:
    """A reporting file with two good rows and two that cannot be used."""
    rows = [
        report(900001),
        report(900002, collection_quarter="3"),
        report(900003, collection_quarter="7"),
        report("=1+1", volume_of_customers="[many](https://example.org)"),
    ]
    return text_of(rows).encode()


def responses() -> bytes:
    """A response upload with two good rows, a repetition and one that cannot be used."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for key, trust, comment in (
        ("r1", "5", COMMENT),
        ("r2", "2", ""),
        ("r2", "2", ""),
        ("r3", "https://example.org", COMMENT),
    ):
        zeros = dict.fromkeys(COLUMNS[2:-1], "0")
        writer.writerow(zeros | {"external_id": key, "question_1": trust, "question_4": comment})
    return out.getvalue().encode()


@pytest.fixture
def home(federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CX_HOME of its own, and a dashboard that may load into it."""
    path = without_counts(shutil.copytree(federal_home, tmp_path / "home"))
    monkeypatch.setenv("CX_HOME", str(path))
    monkeypatch.setenv("CX_LOADING", "on")
    monkeypatch.setattr(registry, "PAGES", registry.EVERY_PAGE)
    return path


@pytest.fixture(autouse=True)
def _folders() -> Iterator[None]:
    yield
    loading.remove_folders()


@pytest.fixture
def app(home: Path) -> AppTest:
    """The page, opened."""
    return open_page("load.py")


def press(app: AppTest, label: str) -> AppTest:
    """Press a button, and wait for the command that it may start."""
    (button,) = [button for button in app.button if button.label == label]
    button.click().run()
    for _ in range(300):
        assert not app.exception
        if not any(button.label == "Stop" for button in app.button):
            return app
        time.sleep(0.2)
        app.run()
    pytest.fail("the command did not end within a minute")


def select(app: AppTest, label: str, value: str) -> AppTest:
    (box,) = [box for box in app.selectbox if box.label == label]
    return box.select(value).run()


def said(app: AppTest) -> str:
    """Everything that the page says outside its tables."""
    kinds = (app.title, app.header, app.markdown, app.error, app.success, app.info, app.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def counts(app: AppTest) -> dict[str, str]:
    frame = app.table[0].value
    return dict(zip(frame["Rows"], frame["Number"], strict=True))


def test_from_a_file_to_rows_in_the_warehouse(app: AppTest, home: Path) -> None:
    before = current_id(home)
    app.file_uploader[0].upload("../reports 1.csv", quarterly(), "text/csv").run()
    press(app, "Check the files")
    assert app.header[0].value == "Step 2 of 4: Check"
    assert "Format: Quarterly A-11" in said(app).replace("\\", "")
    assert counts(app) == {
        "In the file": "4",
        "Accepted": "2",
        "Duplicate": "0",
        "Rejected": "2",
        "Restated": "0",
    }
    reasons = app.table[1].value
    assert list(reasons.columns) == ["Column", "Reason", "Rows", "First line"]
    assert len(reasons) == 3
    assert not any("[many](" in reason for reason in reasons["Reason"])
    press(app, "Continue to loading")
    assert "**2 rows**" in said(app) and "2 rejected rows will be left out" in said(app)
    (load,) = [button for button in app.button if button.label == "Load 2 rows"]
    assert load.disabled
    app.checkbox[0].check().run()
    folder = app.session_state["_load_flow"].folder.path
    assert folder.exists()
    press(app, "Load 2 rows")
    assert app.header[0].value == "Step 4 of 4: Publish"
    assert "Loaded: 2 rows kept" in said(app)
    assert not folder.exists()
    assert current_id(home) == before
    app = open_page("load.py")
    assert app.header[0].value == "Step 1 of 4: Choose files"
    app.file_uploader[0].upload("again.csv", quarterly(), "text/csv").run()
    press(app, "Check the files")
    assert counts(app)["Duplicate"] == "2"
    assert not any(button.label == "Continue to loading" for button in app.button)


def test_a_survey_and_a_quarter_go_with_responses(
    app: AppTest, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    app.file_uploader[0].upload("answers.csv", responses(), "text/csv").run()
    press(app, "Check the files")
    assert "The files cannot be loaded" in said(app) and "survey" in said(app)
    assert not any(button.label == "Continue to loading" for button in app.button)
    press(app, "Change format or survey")
    assert "answers\\.csv" in said(app)
    select(app, "Format", "touchpoints-cx")
    press(app, "Check the files")
    assert app.error[0].value == loading.plain("Choose the survey that the responses are from.")
    select(app, "Survey", SURVEY)
    select(app, "Quarter", "2026Q4")
    press(app, "Check the files")
    assert counts(app) == {
        "In the file": "4",
        "Accepted": "2",
        "Duplicate": "1",
        "Rejected": "1",
        "Restated": "0",
    }
    rejected = app.session_state["_load_flow"].check.rejected_rows().decode("utf-8-sig")
    assert "r3" in rejected and "cx-load-" not in rejected
    press(app, "Continue to loading")
    app.checkbox[0].check().run()
    press(app, "Load 2 rows")
    assert not app.error
    with open_warehouse(home) as connection:
        (loaded,) = connection.execute(
            "select survey from data_load where survey is not null"
        ).fetchall()
    assert loaded == (SURVEY,)
    assert "Heron" not in str(app.query_params) + said(app)
    output = capfd.readouterr()
    assert "Heron" not in output.out + output.err


def test_a_file_that_no_format_recognizes_is_refused(app: AppTest) -> None:
    app.file_uploader[0].upload("odd.csv", b"a,b\n1,2\n", "text/csv").run()
    press(app, "Check the files")
    assert "no format recognizes this file" in app.error[0].value
    assert "cx-load" not in said(app)
    assert not app.table


def test_no_file_is_said(app: AppTest) -> None:
    press(app, "Check the files")
    assert app.error[0].value == loading.plain("Choose at least one file.")


def test_two_loads_at_once(app: AppTest, home: Path) -> None:
    app.file_uploader[0].upload("a.csv", quarterly(), "text/csv").run()
    with open_warehouse(home):
        press(app, "Check the files")
        assert "another process has the warehouse open" in app.error[0].value
    press(app, "Check again")
    press(app, "Continue to loading")
    app.checkbox[0].check().run()
    with open_warehouse(home):
        press(app, "Load 2 rows")
        assert "Nothing was loaded" in app.error[0].value
        assert "another process has the warehouse open" in app.error[0].value
    press(app, "Try again")
    assert "Loaded: 2 rows kept" in said(app)


def test_publishing_without_files(app: AppTest, home: Path) -> None:
    before = current_id(home)
    press(app, "Go to publishing")
    with open_warehouse(home):
        press(app, "Publish")
        assert "Nothing was published" in app.error[0].value
    assert current_id(home) == before
    press(app, "Try again")
    assert app.success and current_id(home) != before
    assert f"The pages now show edition {current_id(home)}." in said(app)
    assert any(f"Edition {current_id(home)}." in caption.value for caption in app.caption)
    press(app, "Load more files")
    assert app.header[0].value == "Step 1 of 4: Choose files"


def test_an_edition_without_surveys_says_so(app: AppTest, monkeypatch: Any) -> None:
    edition = app.session_state["view"][0]
    names = [name for name in edition.table_names if name != "response_survey"]
    monkeypatch.setitem(edition.__dict__, "table_names", names)
    select(app, "Format", "qualtrics")
    assert "This edition names no survey" in app.info[0].value


def test_nothing_is_loaded_into_the_demonstration(app: AppTest, monkeypatch: Any) -> None:
    edition = app.session_state["view"][0]
    monkeypatch.setitem(edition.manifest, "is_demonstration", True)
    app.run()
    assert "nothing is loaded into them" in app.info[0].value
    assert not app.file_uploader and not app.button


def test_a_dashboard_that_may_not_load_has_no_such_page(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    for value in (None, "", "off", "1"):
        if value is None:
            monkeypatch.delenv("CX_LOADING", raising=False)
        else:
            monkeypatch.setenv("CX_LOADING", value)
        assert not access.may_open("load.py") and access.may_open("data.py")
    script = f"""
import streamlit as st
from ui import access
access.routed.set({LOAD!r})
access.guard({LOAD!r})
st.title("Load data")
"""
    app = AppTest.from_string(script).run()
    assert app.error[0].value == "This page can only be opened from the dashboard."
    assert not app.title
    monkeypatch.setenv("CX_LOADING", "on")
    assert AppTest.from_string(script).run().title[0].value == "Load data"


def test_every_format_that_comes_as_files_is_offered() -> None:
    assert set(FORMATS) == {"auto", *SOURCES} - {"database"}


@pytest.mark.parametrize(
    ("choice", "files", "says"),
    [
        (Choice("auto"), [], "at least one file"),
        (Choice("auto"), ["a.yaml"], "a file with data"),
        (Choice("csv", SURVEY), ["a.csv"], "needs a mapping"),
        (Choice("csv"), ["a.csv", "b.yml", "c.yaml"], "one mapping"),
        (Choice("csv"), ["a.csv", "b.yml"], None),
        (Choice("a11-quarterly"), ["a.csv", "b.yml"], "needs no mapping"),
        (Choice("touchpoints-form"), ["a.csv"], "Choose the survey"),
        (Choice("touchpoints-form", SURVEY), ["a.csv"], None),
        (Choice("touchpoints-cx", SURVEY), ["a.csv"], "Choose the quarter"),
        (Choice("touchpoints-cx", SURVEY, "2026Q4"), ["a.csv"], None),
        (Choice("published-figures"), ["a.csv"], "three files"),
        (Choice("auto"), ["survey_report.csv", "source.yaml"], None),
    ],
)
def test_what_is_missing_is_said_before_anything_runs(
    choice: Choice, files: list[str], says: str | None
) -> None:
    found = choice.problem(files)
    assert found is None if says is None else says in str(found)


def test_arguments_are_what_was_chosen() -> None:
    files = [Path("/p/files/-a.csv"), Path("/p/files/m.yaml")]
    assert Choice("csv", SURVEY, "2026Q4", "demo").arguments(files) == [
        *("--data=demo", "load", "csv", "/p/files/-a.csv", "--mapping=/p/files/m.yaml"),
        *(f"--survey={SURVEY}", "--quarter=2026Q4"),
    ]
    assert Choice("a11-quarterly", SURVEY, "2026Q4").arguments(files[:1]) == [
        *("--data=main", "load", "a11-quarterly", "/p/files/-a.csv"),
    ]
    figures = [Path("/p/files/survey_report.csv"), Path("/p/files/source.yaml")]
    assert Choice("auto").arguments(figures)[2:] == ["auto", "/p/files"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("answers 2026 (1).csv", "answers 2026 (1).csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\answers\\a.csv", "a.csv"),
        ("--report=x.csv", "report_x.csv"),
        ("a\n<b>*?[c].csv", "a__b____c_.csv"),
        (".csv", "csv"),
        ("...", "file"),
        ("x" * 300 + ".parquet", "x" * 100 + ".parquet"),
    ],
)
def test_file_names_are_made_harmless(name: str, safe: str) -> None:
    assert loading.safe_name(name) == safe


def test_two_files_of_one_name_are_kept_apart() -> None:
    folder = PrivateFolder()
    kept = folder.keep([_Upload("a.csv", b"1"), _Upload("x/a.csv", b"2")])
    assert [(path.name, path.read_bytes()) for path in kept] == [
        ("a.csv", b"1"),
        ("a (2).csv", b"2"),
    ]


class _Upload:
    def __init__(self, name: str, data: bytes) -> None:
        self.name, self.file_id, self._data = name, "1", data

    def getbuffer(self) -> memoryview:
        return memoryview(self._data)


def test_files_are_private_and_do_not_stay() -> None:
    flow = Flow()
    flow.keep([_Upload("a.csv", b"1")])
    first = flow.files[0].parent.parent
    assert stat.S_IMODE(first.stat().st_mode) == 0o700
    flow.keep([_Upload("b.csv", b"2")])
    assert not first.exists()
    second = flow.files[0].parent.parent
    del flow  # as when a session ends
    assert not second.exists()


def test_folders_of_a_killed_server_are_swept(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, recent, other = (tmp_path / name for name in ("cx-load-old", "cx-load-new", "other"))
    for path in (old, recent, other):
        path.mkdir()
    for path in (old, other):
        os.utime(path, (time.time() - 100_000,) * 2)
    PrivateFolder()
    assert not old.exists() and recent.exists() and other.exists()


def test_a_stopped_command_says_so(home: Path) -> None:
    job = Job(PrivateFolder(), "publish", ["publish"])
    job.stop()
    assert job.wait(60) != 0
    assert job.failure()


def test_wrong_use_is_told_in_the_words_of_the_command(home: Path) -> None:
    job = Job(PrivateFolder(), "load", ["load"])
    assert job.wait(60) == 2
    assert "the following arguments are required" in str(job.failure())


def test_a_command_that_dies_silently_is_no_success(monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    job = Job(PrivateFolder(), "publish", [])
    job.wait(10)
    assert "broke off with code 1" in str(job.failure())


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_nothing_of_the_rejected_rows(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "rejects.csv"
    values = [f"{sign}1", "1", f"a{sign}b", 'quoted "=1",\nnext', "é"]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(values)
    text = loading.defused(path).decode("utf-8")
    assert text.startswith("\ufeff")
    assert next(csv.reader(io.StringIO(text[1:], newline=""))) == [f"'{sign}1", *values[1:]]


def test_values_of_a_file_are_shown_as_they_are() -> None:
    assert loading.plain("a_b *c* [x](y)\n# <b>") == r"a\_b \*c\* \[x\]\(y\) \# \<b\>"
    assert len(loading.plain("x" * 5000)) < 700


@pytest.mark.parametrize(
    ("day", "quarters"),
    [
        (date(2026, 10, 1), ["2027Q1", "2026Q4"]),
        (date(2026, 9, 30), ["2026Q4", "2026Q3"]),
        (date(2027, 1, 1), ["2027Q2", "2027Q1"]),
    ],
)
def test_recent_quarters_are_fiscal(day: date, quarters: list[str]) -> None:
    assert loading.recent_quarters(day, 2) == quarters

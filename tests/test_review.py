"""One broken metric file for each mistake an analyst could make: the check names it with
file and line, and says nothing else."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from metrics.base.errors import UsageError
from metrics.desk.review import Review, review
from tests.preview_project import METRICS, make_project
from tests.test_docs import fenced

SQL = fenced("sql", "/*\ntitle")
FIXTURE = fenced("yaml", "# ")
"""The worked example of docs/first-metric.md, which is right."""

SELECT = SQL[SQL.index("select") :]
WORDS = "word " * 46
ONE_COMPONENT = SELECT.replace(
    "where measure = 'trust'", "where component = 'TSA' and measure = 'trust'"
)
MIXED = (
    SELECT.replace("    basis,", "    'a/b/c' as basis,")
    .replace("n_5 as", "sum(n_5) as")
    .replace("n_answers as", "sum(n_answers) as")
    .rstrip()
    + "\ngroup by component, service, channel, quarter, month\n"
)


@dataclass(frozen=True)
class Mistake:
    """A change of the right file, or of its fixture, and the one problem that it makes:
    the text of the line it is on (None: the first line), and words of the message."""

    old: str
    new: str
    at: str | None
    says: str
    in_fixture: bool = False
    name: str | None = None


def header(old: str, new: str, at: str | None, says: str) -> Mistake:
    """A mistake in the header, whose `old` starts a line."""
    return Mistake(f"\n{old}", f"\n{new}", at, says)


def given(old: str, new: str, at: str | None, says: str) -> Mistake:
    """A mistake in the fixture."""
    return Mistake(old, new, at, says, in_fixture=True)


MISTAKES = {
    # the header
    "no_unit": header("unit: share of answers", "", None, "key 'unit' is missing; add a line"),
    "misspelt_key": header(
        "owner:", "ownr: x\nowner:", "ownr:", "unknown key 'ownr'; write 'owner'"
    ),
    "unknown_key": header("owner:", "color: red\nowner:", "color:", "'color'; remove it"),
    "key_twice": header("owner:", "kind: share\nowner:", "kind: share\nowner", "is there twice"),
    "long_title": header(
        "title: Strong", "title: " + "Very " * 12 + "strong", "title", "at most 60"
    ),
    "no_grain": Mistake("One row per", "One line per", "description", "One row per ..."),
    "acronym": Mistake("Share of survey", "Share of CX survey", "description", "spell it out"),
    "long_sentence": Mistake(
        "Share of survey", f"{WORDS}of survey", "description", "make two of it"
    ),
    "long_text": Mistake(
        "Share of", "Many words. " * 40 + "Share of", "description", "say it in 600"
    ),
    "no_such_kind": header(
        "kind: share", "kind: percentage", "kind", "'kind' is wrong (Input should be"
    ),
    "no_such_better": header(
        "better: higher", "better: up", "better", "'higher', 'lower' or 'neither'"
    ),
    "no_such_family": header(
        "family: experience", "family: trust", "family", "'experience', 'response'"
    ),
    "negative_minimum": header(
        "minimum_n: 11", "minimum_n: -1", "minimum_n", "greater than or equal to 0"
    ),
    "no_change_line": header(
        "version: 1", "version: 2", "changelog", "has no line for version 2; add"
    ),
    "unquoted_colon": header("owner: DHS", "owner: Team: DHS", "owner", "in quotes or after `>-`"),
    "no_header": Mistake(
        SQL[: SQL.index("select")], "", None, "put the YAML keys between /* and */"
    ),
    "empty_header": Mistake(SQL[3 : SQL.index("*/")], "", None, "the header is empty"),
    "groups_of_nothing": header(
        "version: 1", "compare_groups: true\nversion: 1", "compare_groups", "needs a breakdown"
    ),
    "events_of_a_share": header(
        "version: 1", "counts_events: true\nversion: 1", "counts_events", "needs kind ratio"
    ),
    "quantile_of_a_share": header(
        "version: 1", "quantile: 0.5\nversion: 1", "quantile", "needs kind quantile"
    ),
    "signed_share": header(
        "version: 1", "signed: true\nversion: 1", "signed", "needs kind mean, ratio or total"
    ),
    # the SQL
    "no_select": Mistake(SELECT, "", None, "there is no select after the comment"),
    "two_selects": Mistake(
        "where measure = 'trust' and not is_two_answers\n",
        "where measure = 'trust' and not is_two_answers;\nselect 1\n",
        "select\n    component",
        "exactly one select",
    ),
    "a_drop": Mistake(SELECT, "drop table survey_answers\n", "drop", "exactly one select"),
    "no_comma": Mistake(
        "    service,\n    channel", "    service\n    channel: x", "channel: x", "cannot be parsed"
    ),
    "misspelt_table": Mistake(
        "from survey_answers", "from survey_answer", "from", "did you mean survey_answers?"
    ),
    "raw_table": Mistake(
        "from survey_answers",
        "from survey_response",
        "from",
        "is a raw table; select from what is made of it: ",
    ),
    "a_file": Mistake(
        "from survey_answers", "from 'answers.csv'", "from", "is a file; a metric reads tables only"
    ),
    "misspelt_column": Mistake("n_5 as", "n_five as", "n_five", 'Candidate bindings: "n_0"'),
    "no_such_function": Mistake(
        "n_5 as", "summ(n_5) as", "summ", "function summ is not in the list"
    ),
    "the_clock": Mistake(
        "    quarter,",
        "    fiscal_quarter(now()) as quarter,",
        "now()",
        "may give another result each time",
    ),
    "a_recursion": Mistake(
        "select\n    component",
        "with recursive x as (select 1 as a union select a from x)\nselect\n    component",
        "with",
        "may never end",
    ),
    "column_left_out": Mistake("    month,\n", "", "select", "returns no column 'month'; add it"),
    "column_too_many": Mistake(
        "    n_5 as",
        "    n_1,\n    n_5 as",
        "n_1",
        "column 'n_1' is not part of the cell of kind share",
    ),
    "breakdown_left_out": header(
        "breakdown: null", "breakdown: answer", "select", "returns no column 'answer'"
    ),
    "one_weight": Mistake(
        "    n_answers as",
        "    n_answers as n,\n    n_answers as",
        "select",
        "weighted answers need both",
    ),
    "text_for_number": Mistake(
        "n_5 as", "n_5::varchar as", "as numerator", "is of type varchar and must be a number"
    ),
    "text_for_month": Mistake(
        "    month,", "    quarter as month,", "as month", "is of type varchar and must be a date"
    ),
    "more_than_all": Mistake(
        "n_5 as", "n_answers + n_5 as", "as numerator", "0 <= numerator <= denominator"
    ),
    "null_number": Mistake(
        "n_5 as", "nullif(n_5, n_5) as", "as numerator", "must not be null; leave the row out"
    ),
    "many_cells": Mistake(
        "where measure = 'trust' and not is_two_answers\n",
        "",
        "select",
        "appear more than once; group by",
    ),
    "no_such_quarter": Mistake(
        "    quarter,", "    left(quarter, 4) as quarter,", "as quarter", "must read like 2021Q2"
    ),
    "middle_of_month": Mistake(
        "    month,", "    quarter_start(quarter) + 3 as month,", "as month", "first day of a month"
    ),
    "month_elsewhere": Mistake(
        "    month,", "    date '2021-01-01' as month,", "as month", "must lie in the quarter"
    ),
    "no_such_component": Mistake(
        "    component,", "    'NASA' as component,", "as component", "data/reference/component.csv"
    ),
    "no_such_service": Mistake(
        "    service,", "    'x' as service,", "as service", "data/reference/service.csv"
    ),
    "no_such_channel": Mistake(
        "    channel,", "    'pigeon' as channel,", "as channel", "data/reference/channel.csv"
    ),
    "blank_basis": Mistake("    basis,", "    '' as basis,", "as basis", "basis must not be blank"),
    "one_component": Mistake(
        SELECT, ONE_COMPONENT, "where component", "the gate and the pages choose places"
    ),
    "mixed_basis": Mistake(SELECT, MIXED, "as basis", "different bases are added up"),
    "capitals": Mistake(
        "from survey_answers", "FROM survey_answers", "FROM", "Keywords must be lower case"
    ),
    "long_line": Mistake("    n_5 as", f"    n_5{' + 0' * 17} as", "n_5 +", "Line is too long"),
    "bad_name": Mistake("", "", None, "may hold only lower-case letters", name="Bad-Name"),
    "taken_name": Mistake(
        "", "", None, "is the name of a table or macro already", name="survey_answers"
    ),
    # the fixture
    "no_fixture": given(FIXTURE, "", None, "the metric has no fixture; add given rows"),
    "fixture_to_do": given(
        "numerator: 30,", "numerator: FILL_IN,", "numerator", "not filled yet; write numbers"
    ),
    "wrong_number": given("numerator: 30,", "numerator: 31,", "expected:", "numerator=31"),
    "fixture_no_yaml": given("given:", "given: [", None, "cannot be read"),
    "fixture_no_table": given(
        "  survey_answers:", "  survey_volumes:", None, "reads survey_answers, which is not given"
    ),
    "fixture_no_column": given("n_answers: 9}", "n_answrs: 9}", None, "the fixture cannot be run"),
    "fixture_no_rows": given("expected:", "expectd:", None, "write `given:` as tables"),
}
assert len(MISTAKES) >= 40


def write(folder: Path, label: str, mistake: Mistake) -> str:
    """Write a broken metric and its fixture; return the metric's name."""
    name = mistake.name or label
    sql, fixture = SQL, FIXTURE
    if mistake.in_fixture:
        assert mistake.old in fixture
        fixture = fixture.replace(mistake.old, mistake.new)
    else:
        assert mistake.old in sql
        sql = sql.replace(mistake.old, mistake.new) if mistake.old else sql
    sql = sql.replace("title: Strong trust", f"title: Strong {label}")
    (folder / f"{name}.sql").write_text(sql, encoding="utf-8")
    if fixture:
        (folder / f"{name}.yaml").write_text(fixture, encoding="utf-8")
    return name


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All broken files, in a folder that serves for metrics and for fixtures."""
    folder = tmp_path_factory.mktemp("broken")
    for label, mistake in MISTAKES.items():
        write(folder, label, mistake)
    return folder


@pytest.fixture(scope="module")
def found(federal_home: Path, folder: Path) -> Review:
    """What one check says of all of them, over the shipped figures."""
    return review(federal_home, folder=folder, fixtures=folder)


@pytest.mark.parametrize("label", MISTAKES)
def test_each_mistake_is_named_with_its_line_and_nothing_else(
    found: Review, folder: Path, label: str
) -> None:
    mistake = MISTAKES[label]
    name = mistake.name or label
    # Style is told apart, and is no problem.
    told = found.style if label in ("capitals", "long_line") else found.problems
    mine = [one for one in told if one.startswith((f"{folder / name}.",))]
    mine = [one.removeprefix(f"{folder / name}.") for one in mine]
    assert mine, "the check found nothing"
    said = [re.fullmatch(r"(sql|yaml):([0-9]+): (.*)", one) for one in mine]
    right = [one for one in said if one and mistake.says in one[3]]
    assert len(right) == 1, mine
    # A number that is wrong is two differences; a wrong code makes equal cells; odd SQL is
    # odd for the linter too.
    assert len(mine) <= 3, mine
    file = "yaml" if mistake.in_fixture else "sql"
    assert right[0] is not None and right[0][1] == file
    assert ";" in right[0][3] or "(" in right[0][3]
    if mistake.at is not None:
        lines = (folder / f"{name}.{file}").read_text().splitlines()
        assert lines[int(right[0][2]) - 1].strip().startswith(mistake.at.splitlines()[0]) or (
            mistake.at.splitlines()[0] in lines[int(right[0][2]) - 1]
        )


def test_the_right_file_has_no_problem(federal_home: Path, tmp_path: Path) -> None:
    name = write(tmp_path, "right", Mistake("", "", None, ""))
    checked = review(federal_home, name, folder=tmp_path, fixtures=tmp_path)
    assert (checked.problems, checked.n_metrics) == ([], 1)


def test_several_mistakes_are_said_at_once(federal_home: Path, tmp_path: Path) -> None:
    name = write(tmp_path, "broken", Mistake("n_5 as", "n_five as", None, ""))
    path = tmp_path / f"{name}.sql"
    text = path.read_text().replace("FROM", "from").replace("from survey", "FROM survey")
    path.write_text(text.replace("Share of survey", "Share of CX survey"))
    (tmp_path / f"{name}.yaml").unlink()
    checked = review(federal_home, name, folder=tmp_path, fixtures=tmp_path)
    for words in ("spell it out", "has no fixture"):
        assert any(words in problem for problem in checked.problems), checked.problems
    assert any("lower case" in remark for remark in checked.style), checked.style


def test_two_metrics_with_one_title_are_named(federal_home: Path, tmp_path: Path) -> None:
    for label in ("one", "two"):
        write(tmp_path, label, Mistake("", "", None, ""))
        path = tmp_path / f"{label}.sql"
        path.write_text(path.read_text().replace(f"Strong {label}", "Strong"))
    problems = review(federal_home, folder=tmp_path, fixtures=tmp_path).problems
    assert [problem.split(": ", 1)[1] for problem in problems] == [
        "two has the title 'Strong' too; choose another",
        "one has the title 'Strong' too; choose another",
    ]


def test_a_file_that_is_not_utf_8_is_named(federal_home: Path, tmp_path: Path) -> None:
    name = write(tmp_path, "latin", Mistake("", "", None, ""))
    path = tmp_path / f"{name}.sql"
    path.write_bytes(path.read_bytes().replace(b"Strong latin", "Stärk".encode("latin-1")))
    problems = review(federal_home, name, folder=tmp_path, fixtures=tmp_path).problems
    assert (
        problems[0].startswith(f"{path}:1: cannot be read (") and "save it as UTF-8" in problems[0]
    )


def test_no_such_metric_lists_those_there_are(federal_home: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no metric 'truzt'; did you mean 'trust'\?"):
        review(federal_home, "truzt")


def test_a_clean_file_is_not_linted_again_until_it_changes(
    federal_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(federal_home, home, ignore=shutil.ignore_patterns("editions", "lint.json"))
    files = tmp_path / "files"
    files.mkdir()
    name = write(files, "right", Mistake("", "", None, ""))
    path = files / f"{name}.sql"
    assert review(home, name, folder=files, fixtures=files).problems == []
    remembered = (home / "lint.json").read_text()
    path.write_text(path.read_text().replace("from survey", "FROM survey"))
    found = review(home, name, folder=files, fixtures=files)
    (remark,) = found.style
    assert "Keywords must be lower case" in remark and found.problems == []
    assert (home / "lint.json").read_text() == remembered


def test_style_is_no_problem_and_is_not_looked_at_without_the_linter(
    federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    name = write(files, "right", Mistake("", "", None, ""))
    monkeypatch.setattr("metrics.desk.review.find_spec", lambda _: None)
    found = review(federal_home, name, folder=files, fixtures=files)
    assert found.problems == found.style == []
    assert any("sqlfluff is not installed" in note for note in found.notes)


def test_check_without_a_name_runs_no_query_over_what_the_edition_was_checked_with(
    federal_home: Path, tmp_path: Path
) -> None:
    project = make_project(federal_home, tmp_path / "project")
    done = subprocess.run(
        [sys.executable, "-m", "metrics", "check"],
        cwd=project.folder,
        env={**os.environ, "CX_HOME": str(project.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"{len(METRICS)} metrics and 0 check queries checked" in done.stdout
    assert "nothing changed since" in done.stdout

"""`new`: what it writes fails the check until it is filled, and passes when it is."""

import re
from pathlib import Path
from typing import get_args

import pytest

from metrics.base.errors import UsageError
from metrics.base.settings import SQL
from metrics.define.catalog import Family, Kind
from metrics.define.fixtures import FIXTURES
from metrics.desk.review import Linter, review
from metrics.desk.starter import TABLES, Wish, start


def filled(text: str, answers: list[str]) -> str:
    """Write an answer wherever the file says FILL_IN, in order."""
    for answer in answers:
        assert "FILL_IN" in text
        text = text.replace("FILL_IN", answer, 1)
    assert "FILL_IN" not in text
    return text


def test_a_new_metric_is_right_once_it_is_filled(federal_home: Path, tmp_path: Path) -> None:
    wish = Wish("easy_again", title="Easy again", unit="share of answers: all")
    sql, fixture = start(wish, folder=tmp_path, fixtures=tmp_path)
    checked = review(federal_home, "easy_again", folder=tmp_path, fixtures=tmp_path)
    said = [problem.split(": ", 1)[1].split(";")[0] for problem in checked.problems]
    assert said == ["the file is not filled yet"] * 4 + ["the fixture is not filled yet"]
    text = sql.read_text()
    text = text.replace("FILL_IN: what the number tells, for", "Share of good answers, told for")
    sql.write_text(
        filled(text, ["A memorandum", "Nobody", "ease"]).replace("answer, the", "x, the")
    )
    text = fixture.read_text().split("given:")
    fixture.write_text(
        "# TSA: 14 good answers of 20.\ngiven:" + filled(text[1], ["20", "14", "14", "20"])
    )
    assert review(federal_home, "easy_again", folder=tmp_path, fixtures=tmp_path).problems == []


@pytest.mark.parametrize("kind", get_args(Kind))
def test_each_kind_starts_as_sql_that_the_linter_likes(tmp_path: Path, kind: str) -> None:
    paths = []
    for family in get_args(Family):
        name = f"{kind}_{family}"
        sql, _ = start(Wish(name, kind=kind, family=family), folder=tmp_path, fixtures=tmp_path)
        assert f"\nfrom {TABLES[family]}\n" in sql.read_text()
        paths.append(sql)
    assert Linter(paths, tmp_path / "none" / "lint.json").remarks() == []


def test_like_copies_a_metric_and_starts_its_versions_anew(
    federal_home: Path, tmp_path: Path
) -> None:
    for folder, ending in ((SQL / "metrics", "sql"), (FIXTURES, "yaml")):
        text = (folder / f"ease_by_segment.{ending}").read_text()
        (tmp_path / f"ease_by_segment.{ending}").write_text(text)
    wish = Wish("ease_by_group", title="Ease: by group")
    sql, fixture = start(wish, "ease_by_segment", folder=tmp_path, fixtures=tmp_path)
    assert re.findall(r"(?m)^(?:title|version|  1): .*$", sql.read_text()) == [
        "title: 'Ease: by group'",
        "version: 1",
        "  1: First version.",
    ]
    (problem,) = review(federal_home, "ease_by_group", folder=tmp_path, fixtures=tmp_path).problems
    assert problem.startswith(f"{fixture}:1: the fixture is not filled yet")
    fixture.write_text(fixture.read_text().split("\n", 1)[1])
    assert not review(federal_home, "ease_by_group", folder=tmp_path, fixtures=tmp_path).problems


@pytest.mark.parametrize(
    ("wish", "like", "message"),
    [
        (Wish("Easy & fair"), None, "cannot name a metric: .* such as easy_fair"),
        (Wish("survey_answers"), None, "is the name of a table or macro already"),
        (Wish("there"), None, "there.sql is there already; choose another name"),
        (Wish("x", kind="percentage"), None, "--kind 'percentage' is none of share, mean"),
        (Wish("x", family="trust"), None, "--family 'trust' is none of experience"),
        (Wish("x", better="up"), None, "--better 'up' is none of higher, lower, neither"),
        (Wish("x", table="survey_response"), None, "is no table that a metric reads; there are"),
        (Wish("x"), "nothing", "there is no metric 'nothing' to start from; there are: there"),
    ],
)
def test_a_wish_that_cannot_be_met_writes_nothing(
    tmp_path: Path, wish: Wish, like: str | None, message: str
) -> None:
    (tmp_path / "there.sql").write_text("mine")
    with pytest.raises(UsageError, match=message):
        start(wish, like, folder=tmp_path, fixtures=tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]

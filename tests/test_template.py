"""One file that makes several metrics: what it makes, what is refused, and that a measure is
one line and "favorable" one macro."""

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from metrics.base.errors import CxError
from metrics.base.settings import FILE_NAME, PUBLISHED, REFERENCE, SHIPPED_FORMAT, SQL
from metrics.define import template
from metrics.define.catalog import Metric, read_catalog, read_metrics
from metrics.define.fixtures import FIXTURES, read_fixture
from metrics.define.trial import tried
from metrics.edition.diff import diff_editions, rename_notes
from metrics.edition.edition import open_edition
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.intake.sources import LoadOptions
from metrics.warehouse.store import build_aggregates, open_warehouse, prepare
from tests.conftest import metrics_of

CATALOG = read_catalog()
MEASURES = [row["measure"] for row in csv.DictReader((REFERENCE / "measure.csv").open())]
TEMPLATES = [
    path for path in sorted((SQL / "metrics").glob("*.sql")) if len(read_metrics(path)) > 1
]

HEADER = """\
for_each: measure
title: "{title}, again"
description: >-
  Share of answers in which {asked}. One row per Component and quarter.
question: >-
  {statement}
kind: share
unit: share of answers
better: higher
family: experience
basis: One basis alone.
over_time: sum
breakdown: null
minimum_n: 11
source: "{source}"
owner: Contact center
version: 1
changelog:
  1: First version.
"""
SELECT = """\
select
    component,
    service,
    channel,
    quarter,
    month,
    basis,
    n_favourable as numerator,
    n_answers as denominator
from survey_answers
where measure = '{measure}'
"""


def write(
    folder: Path, name: str = "measure_again", header: str = HEADER, select: str = SELECT
) -> Path:
    path = folder / f"{name}.sql"
    path.write_text(f"/*\n{header}*/\n{select}", encoding="utf-8")
    return path


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the reference tables that a test may change."""
    folder = tmp_path / "reference"
    shutil.copytree(REFERENCE, folder)
    monkeypatch.setattr(template, "REFERENCE", folder)
    return folder


def problems(path: Path) -> list[str]:
    with pytest.raises(CxError) as caught:
        read_metrics(path)
    return str(caught.value).splitlines()


def test_a_file_makes_one_metric_of_each_row(tmp_path: Path) -> None:
    made = read_metrics(write(tmp_path))
    assert list(made) == [f"{measure}_again" for measure in MEASURES]
    ease = made["ease_again"]
    assert ease.title == "Ease, again"
    assert ease.question == "It was easy to complete what I needed to do."
    assert "where measure = 'ease'" in ease.sql and "{" not in ease.sql
    assert ease.path == tmp_path / "measure_again.sql"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_what_is_made_is_what_a_file_of_its_own_would_say(path: Path, tmp_path: Path) -> None:
    for name, metric in read_metrics(path).items():
        own = tmp_path / f"{name}.sql"
        own.write_text(template.own_text(path.read_text(), template.member_for(path, name)))
        (alone,) = read_metrics(own).values()
        same = {"path": path, "for_each": metric.for_each}
        assert alone.model_copy(update=same) == metric
        assert alone.definition_hash == metric.definition_hash


def test_what_ships_is_written_once() -> None:
    files = list((SQL / "metrics").glob("*.sql"))
    assert len(CATALOG) - len(files) > 50
    named = re.compile(f"^({'|'.join(MEASURES)})(_mean|_distribution|_weighted.*)?$")
    assert not [path for path in files if named.match(path.stem)]


@pytest.mark.parametrize(
    ("header", "select", "name", "told"),
    [
        (
            HEADER.replace("for_each: measure", "for_each: mesure"),
            SELECT,
            "measure_again",
            "measure_again.sql:2: for_each names 'mesure', of which there is no table",
        ),
        (HEADER, SELECT, "again", "again.sql:2: the file is for each measure, but its name has no"),
        (
            HEADER.replace("{title}", "{titel}"),
            SELECT,
            "measure_again",
            "measure_again.sql:3: {titel} stands for no column of",
        ),
        (
            HEADER,
            SELECT.replace("{measure}", "{statement}"),
            "measure_again",
            "measure.csv:2: column 'statement' is written into the select",
        ),
        (
            HEADER.replace("kind: share", "kind: shares"),
            SELECT,
            "measure_again",
            "measure_again.sql:8: key 'kind' is wrong",
        ),
        (
            HEADER,
            SELECT.replace("from survey", "form survey"),
            "measure_again",
            "measure_again.sql:",
        ),
    ],
)
def test_a_file_that_cannot_be_written_out_says_where(
    tmp_path: Path, header: str, select: str, name: str, told: str
) -> None:
    (problem, *others) = problems(write(tmp_path, name, header, select))
    assert told in problem
    # A mistake of the file is told once, not for each member.
    assert not [one for one in others if "metric" in one and one.endswith(")")]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("humanity,Humanity,a,b,c,d", "measure.csv:9: the row has not one value for each column"),
        ("Hu manity,Humanity,a,b,c,d,e", "measure.csv:9: measure 'Hu manity' cannot be part of"),
        ("ease,Ease two,a,b,c,d,e", "measure.csv:9: measure 'ease' is there twice"),
        ('humanity,"Hu ""x""",a,b,c,d,e', "measure.csv:9: column 'title' holds a line break"),
        ("humanity,H */ select 1,a,b,c,d,e", "measure.csv:9: column 'title' holds a line break"),
    ],
)
def test_a_row_that_no_metric_can_take_is_refused(
    tables: Path, tmp_path: Path, row: str, told: str
) -> None:
    with (tables / "measure.csv").open("a") as file:
        file.write(row + "\n")
    assert told in problems(write(tmp_path))[0]


def test_what_only_one_member_has_is_told_of_it(tables: Path, tmp_path: Path) -> None:
    with (tables / "measure.csv").open("a") as file:
        file.write(f"humanity,{'H' * 60},a,b,c,d,Some source\n")
    (problem,) = problems(write(tmp_path))
    assert "measure_again.sql:3: key 'title' is wrong" in problem
    assert problem.endswith("(metric humanity_again)")


def test_a_remark_behind_the_key_hides_it_from_nobody(tmp_path: Path) -> None:
    commented = HEADER.replace("for_each: measure", "for_each: measure  # each of them")
    assert len(read_metrics(write(tmp_path, header=commented))) == len(MEASURES)
    (problem,) = problems(write(tmp_path, header=HEADER.replace("for_each: measure", "for_each:")))
    assert "measure_again.sql:2: for_each names '', of which there is no table" in problem


def test_members_that_share_one_select_share_the_fixture_as_it_is(tmp_path: Path) -> None:
    made = read_metrics(write(tmp_path, select=SELECT.replace("{measure}", "trust")))
    shutil.copy(FIXTURES / "trust.yaml", tmp_path / "trust_again.yaml")
    one, other = (read_fixture(made[f"{name}_again"], tmp_path) for name in ("trust", "ease"))
    assert one.given == other.given and one.expected == other.expected


def test_two_files_for_one_metric_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path)
    own = template.own_text(path.read_text(), template.member_for(path, "ease_again"))
    (tmp_path / "ease_again.sql").write_text(own)
    with pytest.raises(CxError, match=r"ease_again is made by .*ease_again\.sql too"):
        read_catalog(tmp_path)


def test_a_member_is_proven_on_the_fixture_of_another(tmp_path: Path) -> None:
    """What is right for trust alone is found, though only trust has a fixture."""
    connection = duckdb.connect(":memory:")
    prepare(connection)
    build_aggregates(connection)
    fixtures = tmp_path / "fixtures"
    fixtures.mkdir()
    shutil.copy(FIXTURES / "trust.yaml", fixtures / "trust_again.yaml")
    wrong = SELECT.replace(
        "n_favourable as", "case measure when 'trust' then n_favourable else n_5 end as"
    )
    for select, is_right in ((SELECT, True), (wrong, False)):
        made = read_metrics(write(tmp_path, select=select))
        with tried(connection, made, fixtures=fixtures) as trials:
            found = {name for name, trial in trials.items() if trial.problems}
        assert found == (set() if is_right else made.keys() - {"trust_again"})
    given = read_fixture(made["ease_again"], fixtures).given["survey_answers"]
    assert [row["measure"] for row in given].count("ease") > 1
    connection.close()


def test_a_measure_is_one_line(
    tables: Path, federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A measure that nobody asked for until now: what was transparency is named humanity."""
    with (tables / "measure.csv").open("a") as file:
        file.write(
            "humanity,Humanity,customers were treated with respect,answers 4 and 5 on a scale "
            "from 1 to 5,the scale from 1 (worst) to 5 (best),I was treated with respect.,"
            "Executive Order 14058\n"
        )
    home = tmp_path / "home"
    (home / "reference").mkdir(parents=True)
    questions = (REFERENCE / "instrument_question.csv").read_text()
    asked = home / "reference" / "instrument_question.csv"
    asked.write_text(questions.replace(",transparency,", ",humanity,"))
    shutil.copy(tables / "measure.csv", home / "reference")
    catalog = {
        name: metric
        for name, metric in read_catalog().items()
        if name.startswith(("humanity", "trust", "transparency"))
    }
    assert sum(name.startswith("humanity") for name in catalog) == 8
    with open_warehouse(home) as connection:
        load_files(connection, SHIPPED_FORMAT, [PUBLISHED], options=LoadOptions(is_shipped=True))
        publish(connection, home, catalog=catalog)
    was, now = open_edition(federal_home), open_edition(home)
    for suffix in ("", "_mean", "_distribution", "_unfavorable_share"):
        columns = ["level", "component", "channel", "period", "breakdown", "value", "n"]
        old = was.rows(metric=f"transparency{suffix}", component="TSA")[columns]
        new = now.rows(metric=f"humanity{suffix}", component="TSA")[columns]
        assert len(old) > 10 and old["value"].notna().any()
        assert new.astype(object).equals(old.astype(object))
        assert not now.rows(metric=f"transparency{suffix}")["value"].notna().any()


FAVORABLE = {
    *("trust", "ease", "trust_weighted", "ease_weighted", "trust_by_segment", "ease_by_segment"),
    *("trust_by_driver",),
}


@pytest.fixture(scope="module")
def made_up(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("favorable")
    shutil.copy(demo_home / FILE_NAME, home)
    shutil.copytree(demo_home / "reference", home / "reference")
    yield home


def test_what_is_favorable_is_one_macro(made_up: Path) -> None:
    """With the best answer alone, every figure that counts favorable answers changes, and no
    other does."""
    text = (SQL / "macros" / "favorable.sql").read_text()
    assert text.count("between 4 and 5") == 1
    metrics = {name: metric for name, metric in CATALOG.items() if metric.family == "experience"}
    with open_warehouse(made_up) as connection:
        build_aggregates(connection)
        before = {name: _sums(connection, metric) for name, metric in metrics.items()}
        connection.execute(text.replace("between 4 and 5", "= 5"))
        build_aggregates(connection)
        after = {name: _sums(connection, metric) for name, metric in metrics.items()}
        n_5 = connection.execute(
            "select sum(if(is_two_answers, n_1, n_5)) from survey_answers where measure = 'trust'"
        ).fetchone()
    # Weights are added up in any order.
    changed = {name for name in metrics if after[name] != pytest.approx(before[name], rel=1e-9)}
    assert changed >= FAVORABLE
    for name in FAVORABLE:
        assert after[name][0] < before[name][0], name
    untouched = ("_mean", "_distribution", "_neutral_share", "_unfavorable_share", "_weighted_mean")
    assert not {name for name in changed if name.endswith(untouched)}
    assert n_5 is not None and after["trust"][0] == n_5[0]


def _sums(connection: duckdb.DuckDBPyConnection, metric: Metric) -> tuple[float, float]:
    names = {"share": ("numerator", "denominator"), "mean": ("total", "n")}[metric.kind]
    columns = ", ".join(f"coalesce(sum({name}), 0)::double" for name in names)
    found = connection.execute(f"select {columns} from ({metric.sql})").fetchone()
    assert found is not None
    return found[0], found[1]


def test_a_renamed_metric_keeps_its_history(federal_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(federal_home / FILE_NAME, home)
    now = metrics_of("trust", "trust_unfavorable_share")
    renamed = now["trust_unfavorable_share"]
    assert renamed.was == ("trust_unfavourable_share",)
    of_before = renamed.model_copy(update={"name": "trust_unfavourable_share", "was": ()})
    with open_warehouse(home) as connection:
        publish(connection, home, catalog={"trust": now["trust"], of_before.name: of_before})
        old = open_edition(home)
        manifest = home / "editions" / old.id / "manifest.json"
        assert of_before.name in json.loads(manifest.read_text())["metrics"]
        publish(connection, home, catalog=now)
        new = open_edition(home)
        silent = renamed.model_copy(update={"unit": "share of many answers"})
        with pytest.raises(CxError, match="the definition changed since edition"):
            publish(connection, home, catalog={**now, renamed.name: silent})
    assert diff_editions(old, new).empty
    assert rename_notes(old, new) == ["trust_unfavourable_share is named trust_unfavorable_share."]
    assert rename_notes(new, old) == ["trust_unfavorable_share is named trust_unfavourable_share."]
    assert new.name_of(of_before.name) == renamed.name and new.name_of("trust") == "trust"
    since = [edition.manifest["metrics"] for edition in (old, new)]
    assert since[1][renamed.name]["since"] == since[0][of_before.name]["since"]


def test_a_name_of_before_is_no_name_of_now(tmp_path: Path) -> None:
    path = write(tmp_path, header=HEADER + 'was: "{measure}_once"\n')
    assert read_catalog(tmp_path)["ease_again"].was == ("ease_once",)
    own = template.own_text(path.read_text(), template.member_for(path, "ease_again"))
    (tmp_path / "ease_once.sql").write_text(own.replace("Ease, again", "Ease, once"))
    with pytest.raises(CxError, match="was names 'ease_once', which is the name of a metric"):
        read_catalog(tmp_path)

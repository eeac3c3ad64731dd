"""The docs name everything there is, their links lead somewhere, their example works."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import duckdb
import pytest
import yaml

from metrics.base.reading import readable_tables
from metrics.base.settings import ROOT, SQL
from metrics.base.sqlfiles import macro_statements
from metrics.cli.parser import make_parser
from metrics.define import sandbox
from metrics.define.catalog import Metric, read_catalog
from metrics.desk import docs
from metrics.desk.dictionary import dictionary_problems
from metrics.edition.edition import Edition
from metrics.gate.steps import Rules
from metrics.intake.sources import SOURCES
from metrics.warehouse.store import build_aggregates
from tests.tour import WITHOUT_DEMONSTRATION
from ui.filters import NAMES
from ui.registry import EVERY_PAGE

DOCS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}


def names(folder: str) -> list[str]:
    return sorted(path.stem for path in (SQL / folder).glob("*.sql"))


def missing(doc: str, wanted: list[str]) -> list[str]:
    """Names that a page does not have in code type, alone or with arguments."""
    code = " ".join(re.findall(r"`([^`\n]+)`", DOCS[doc]))
    known = set(re.findall(r"--[a-z-]+|[A-Za-z_][\w-]*", code))
    return [name for name in wanted if name not in known]


def parsers(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    yield path, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                yield from parsers(child, (*path, name))


def test_every_reader_has_a_page_that_says_whom_it_is_for() -> None:
    assert set(DOCS) >= {"reading", "metrics", "data", "operations", "statistics", "design"}
    for name, text in DOCS.items():
        title, _, first = text.splitlines()[:3]
        assert title.startswith("# "), name
        assert re.match(r"For (leadership|analysts|whoever|anyone|people) ", first), name


def test_the_tour_shows_every_page_and_nothing_else_lies_there() -> None:
    sections = re.split(r"^## ", DOCS["tour"], flags=re.MULTILINE)[1:]
    assert [text.splitlines()[0] for text in sections] == [entry.title for entry in EVERY_PAGE]
    for text, entry in zip(sections, EVERY_PAGE, strict=True):
        name = entry.script.removesuffix(".py")
        pictures = {f"tour/{name}-federal-{scheme}.png" for scheme in ("light", "dark")}
        if name not in WITHOUT_DEMONSTRATION:
            pictures |= {path.replace("federal", "demonstration") for path in pictures}
        assert set(re.findall(r"tour/[\w-]+\.png", text)) == pictures
        # A picture that is shown says what it shows.
        assert all(len(alt) > 40 for alt in re.findall(r"!\[(.*?)\]", text))
    there = {f"tour/{path.name}" for path in (ROOT / "docs" / "tour").iterdir()}
    assert there == set(re.findall(r"tour/[\w-]+\.png", DOCS["tour"]))


def test_every_metric_header_key_macro_check_and_aggregate_has_a_line() -> None:
    keys = sorted(set(Metric.model_fields) - {"name", "sql", "path"})
    assert missing("catalog", list(read_catalog())) == []
    assert missing("metrics", keys) == []
    assert missing("metrics", names("macros")) == []
    assert missing("metrics", names("checks")) == []
    assert missing("metrics", names("aggregates")) == []


def test_the_catalog_page_is_what_the_command_would_write(tmp_path: Path) -> None:
    catalog = read_catalog()
    assert docs.page_problems() == []
    docs.write_catalog_page(catalog, tmp_path / "catalog.md")
    assert (tmp_path / "catalog.md").read_text("utf-8") == DOCS["catalog"]


def test_a_metric_whose_line_is_missing_or_old_is_named_with_its_line(tmp_path: Path) -> None:
    catalog, page = read_catalog(), tmp_path / "catalog.md"
    trust, ease = catalog["trust"], catalog["ease"]
    assert docs.catalog_problems(trust, page) == [
        f"{page}:1: trust is missing; run `python -m metrics docs`"
    ]
    docs.write_catalog_page(catalog, page)
    assert docs.catalog_problems(trust, page) == []
    changed = trust.model_copy(update={"version": 9})
    (problem,) = docs.catalog_problems(changed, page)
    number = int(problem.split(":")[1])
    assert page.read_text("utf-8").split("\n")[number - 1].startswith("| [`trust`]")
    assert problem.endswith("is not current; run `python -m metrics docs`")
    docs.write_catalog_page(
        {"trust": trust, "gone": ease.model_copy(update={"name": "gone"})}, page
    )
    problems = docs.page_problems(page)
    assert any("there is no metric gone" in text for text in problems)
    assert sum("is missing" in text for text in problems) == len(catalog) - 1


def test_the_dictionary_has_every_column_and_says_where_it_is_old(tmp_path: Path) -> None:
    assert dictionary_problems() == []
    old = tmp_path / "dictionary.md"
    old.write_text(DOCS["dictionary"].replace("| `period` |", "| `when` |", 1), encoding="utf-8")
    line = DOCS["dictionary"].split("| `period` |")[0].count("\n") + 1
    (problem,) = dictionary_problems(old)
    assert problem == f"{old}:{line}: the page is not current; run `python -m metrics docs`"
    told = re.findall(r"^\| `(\w+)` \| [^|]+ \| (.*) \|$", DOCS["dictionary"], re.MULTILINE)
    assert len(told) > 300 and all(len(text) > 3 for _, text in told)


def test_decisions_and_commands_that_are_named_exist() -> None:
    listed = re.findall(r"\]\((\w+\.md)\)", (ROOT / "docs/decisions/README.md").read_text())
    assert sorted(listed) == sorted(
        path.name for path in (ROOT / "docs/decisions").glob("*.md") if path.name != "README.md"
    )
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"`make ([a-z]+)", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) >= 6 and set(named) <= targets
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["license"] == "CC0-1.0"
    assert "SPDX-License-Identifier: CC0-1.0" in (ROOT / "LICENSE").read_text()


def test_every_metric_is_in_a_drawing_of_what_it_reads() -> None:
    catalog = read_catalog()
    for family in {metric.family for metric in catalog.values()}:
        section = DOCS["catalog"].split(f"## {family.capitalize()}\n")[1].split("\n## ")[0]
        drawing = re.search(r"```mermaid\n(.*?)```", section, re.DOTALL)
        assert drawing, family
        boxes = re.findall(r'metrics\d+\("(.*?)"\)', drawing[1])
        drawn = sum(
            int(name.split()[1]) if name.startswith("and ") else 1
            for box in boxes
            for name in box.split("<br/>")
        )
        assert drawn == sum(metric.family == family for metric in catalog.values()), family
        named = set(re.findall(r"^    (\w+)[\[(]", drawing[1], re.MULTILINE))
        for source, target in re.findall(r"(\w+) --> (\w+)", drawing[1]):
            assert {source, target} <= named, family


def test_every_function_and_table_that_a_metric_may_use_has_a_line_and_no_other() -> None:
    section = DOCS["metrics"].split("## Functions\n")[1].split("\n## ")[0]
    listed = re.findall(r"^- \*\*.*(?:\n  .*)*", section, re.MULTILINE)
    # What stands in brackets is how a select writes it.
    plain = re.sub(r" \([^)]*\)", "", "\n".join(listed))
    assert sorted(re.findall(r"`([^`]+)`", plain)) == sorted(sandbox.FUNCTIONS)
    assert missing("metrics", sorted(readable_tables())) == []


@pytest.mark.parametrize(
    "select",
    [
        "select coalesce(a, 1) as a from t where a in (1, 2) and b between 1 and 2",
        "select case when a is null then 1 end as a, b::bigint from t qualify rank() over () = 1",
        "with x as (select a from t where exists (select 1 from t)) "
        "select a from x union all select max(b) from t group by a having count(*) > 1",
        "select * from (unpivot t on a, b into name c value n) as long inner join t on c = t.a",
    ],
)
def test_what_belongs_to_a_select_is_allowed_as_the_page_says(select: str) -> None:
    assert sandbox.refusals(select, frozenset({"t"})) == []


def test_every_macro_has_an_example_that_gives_what_the_page_prints() -> None:
    connection = duckdb.connect(":memory:")
    for statement in macro_statements():
        connection.execute(statement)
    section = DOCS["metrics"].split("## Macros\n")[1].split("\n## ")[0]
    examples = re.findall(r"\| `([^`]+)` \| `([^`]+)` \|$", section, re.MULTILINE)
    shown = dict(examples)
    called = set(re.findall(r"(\w+)\(", " ".join(shown)))
    assert sandbox.macro_names() <= called
    assert len(shown) == len(examples) == section.count("|\n| ")
    for example, result in shown.items():
        row = connection.execute(f"select coalesce(({example})::varchar, 'null')").fetchone()
        assert row == (result,), example
    connection.close()


def test_every_choice_of_the_header_has_a_line() -> None:
    for key in ("kind", "better", "family", "over_time"):
        choices = list(Metric.model_fields[key].annotation.__args__)  # type: ignore[union-attr]
        assert missing("metrics", choices) == [], key


def test_every_column_that_a_metric_may_use_has_a_line(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    build_aggregates(warehouse)
    for table in ("survey_answers", "survey_volumes", "reporting_board"):
        assert missing("metrics", warehouse.table(table).columns) == [], table


def test_every_command_and_option_has_a_line() -> None:
    found = list(parsers(make_parser()))
    assert len(found) > 10
    text = DOCS["operations"]
    for path, parser in found:
        if path:
            assert re.search(rf"`{' '.join(path)}\b", text), " ".join(path)
        options = [
            option
            for action in parser._actions
            for option in action.option_strings
            if option.startswith("--")
        ]
        assert missing("operations", options) == []
    assert missing("data", list(SOURCES)) == []


def test_every_setting_has_a_line() -> None:
    settings = {
        name
        for folder in ("metrics", "ui", "pages")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"environ(?:\.get)?[\[(]\"(\w+)\"", path.read_text("utf-8"))
    }
    assert "CX_HOME" in settings
    assert missing("operations", sorted(settings)) == []


def test_every_threshold_of_the_gate_has_a_line_with_its_value() -> None:
    shown = {0.05: ("0.05", "5 %"), 0.02: ("2 points",), 0.1: ("0.1 points", "10 %"), 11: ("11",)}
    shown |= {8: ("8 quarters",), 12: ("12 months",), 1.25: ("1.25",), 20: ("20 events",)}
    shown |= {6: ("6 steps",), 0.5: ("50 %",), 0.8: ("80 %",)}
    for field in fields(Rules):
        line = re.search(rf"`{field.name}`[^`]*", DOCS["statistics"])
        assert line, field.name
        assert any(text in " ".join(line[0].split()) for text in shown[field.default])  # type: ignore[index]


def quality_rules() -> list[str]:
    sql = (SQL / "aggregates" / "survey_finding.sql").read_text(encoding="utf-8")
    return sorted(
        set(re.findall(r"'(\w+)' as rule", sql) + re.findall(r"when '(\w+)'\s+then", sql))
    )


def test_every_quality_rule_has_a_line() -> None:
    assert len(quality_rules()) >= 18
    assert missing("data", quality_rules()) == []


def test_the_reports_named_beside_a_rule_are_those_that_break_it(federal: Edition) -> None:
    found = federal.table("finding").groupby("rule")["survey_id"].agg(set).to_dict()
    pattern = r"^\| `(\w+)` \| (?:quarantined|warning)[^|]*\|[^|]*\|([^|]*)\|"
    lines = re.findall(pattern, DOCS["data"], re.MULTILINE)
    documented = {rule: set(map(int, re.findall(r"\d+", text))) for rule, text in lines}
    assert set(quality_rules()) == set(documented)
    assert len(found["filed_outside_department"]) == 9  # the page says "the nine reports"
    documented["filed_outside_department"] = found["filed_outside_department"]
    assert documented == {rule: found.get(rule, set()) for rule in documented}


def test_every_status_has_a_line_where_readers_and_reviewers_look(federal: Edition) -> None:
    sql = "".join(
        (SQL / "publish" / f"{name}.sql").read_text("utf-8") for name in ("published", "gap")
    )
    shown = set(re.findall(r"(?:then|else) '(\w+)'", sql))
    shown -= {"met", "missed", "unclear", "above", "below", "experience", "response"}
    assert shown >= set(federal.rows()["status"]) and len(shown) == 7
    board = (SQL / "aggregates" / "reporting_board.sql").read_text("utf-8")
    reports = set(re.findall(r"(?:then|else) '(\w+)'\n", board))
    assert reports >= set(federal.table("reporting_board")["reporting_status"])
    assert missing("reading", sorted(shown | reports)) == []
    assert missing("statistics", sorted(shown)) == []


def test_every_verdict_and_reason_for_no_comparison_is_explained(federal: Edition) -> None:
    rows = federal.rows()
    verdicts = set(rows["change_call"].dropna()) | set(rows["year_ago_change_call"].dropna())
    reasons = {
        reason.split(":")[0]
        for column in ("change_reason", "year_ago_change_reason")
        for reason in rows[column].dropna().unique()
        if ":" in reason
    }
    assert {"up", "down", "same", "cannot tell", "not comparable"} == verdicts
    assert len(reasons) >= 3
    for word in verdicts | reasons:
        assert f"**{word}**" in DOCS["reading"], word


def test_every_column_of_a_published_row_is_explained(federal: Edition) -> None:
    columns = [c for c in federal.rows().columns if not c.startswith("year_ago_")]
    assert missing("statistics", [*columns, "year_ago_value"]) == []


def test_every_table_has_a_line() -> None:
    assert missing("data", names("tables")) == []


def test_every_page_and_filter_has_a_line() -> None:
    for page in EVERY_PAGE:
        assert f"**{page.title}**" in DOCS["reading"], page.title
    assert missing("reading", list(NAMES)) == []


@pytest.mark.parametrize(
    "path", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"], ids=lambda path: path.name
)
def test_relative_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_nothing_names_the_machine_it_was_written_on() -> None:
    for name, text in DOCS.items():
        assert not re.search(r"/(work|root|home)/", text), name


def fenced(language: str, start: str) -> str:
    """The first block of the page on a first metric in a language that starts with a text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", DOCS["first-metric"], re.DOTALL)
    return next(block for block in blocks if block.startswith(start))


def test_the_worked_example_works(tmp_path: Path) -> None:
    for folder in ("metrics", "sql", "data/published", "data/reference", "tests/metrics"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "docs").mkdir()
    (path,) = re.findall(r"Write `(sql/metrics/\w+\.sql)`", DOCS["first-metric"])
    (fixture,) = re.findall(r"its fixture, `(tests/metrics/\w+\.yaml)`", DOCS["first-metric"])
    (tmp_path / path).write_text(fenced("sql", "/*\ntitle"), encoding="utf-8")
    (tmp_path / fixture).write_text(fenced("yaml", "# "), encoding="utf-8")
    # Few metrics, so that publishing takes a second.
    for other in (tmp_path / "sql" / "metrics").glob("*.sql"):
        if other.stem not in ("measure", "measure_distribution", Path(path).stem):
            other.unlink()
    commands = [
        "python -m metrics load auto data/published",
        *fenced("sh", "python -m").splitlines(),
    ]
    assert [command.split()[3] for command in commands] == [
        "load",
        "docs",
        "check",
        "publish",
        "show",
    ]
    for command in commands:
        done = subprocess.run(
            [sys.executable, *command.split()[1:]],
            cwd=tmp_path,
            env={**os.environ, "CX_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, command + "\n" + done.stdout + done.stderr
    assert "2021Q2" in done.stdout
    files = list((tmp_path / "home" / "editions").glob("*/public.duckdb"))
    edition = duckdb.connect(str(files[0]), read_only=True)
    pair = edition.execute(
        "select a.numerator, b.numerator from published as a inner join published as b "
        "using (level, component, service, channel, period, basis) "
        "where a.metric = ? and b.metric = 'trust_distribution' and b.breakdown = '5' "
        "and a.component = 'TSA' and a.level = 'component' and a.channel = 'all' "
        "and a.period = '2021Q2'",
        [Path(path).stem],
    ).fetchall()
    edition.close()
    assert len(pair) == 1 and pair[0][0] == pair[0][1] > 0

"""The cookbook does what it says: its files are written as they stand in the page, its
commands are run, and what comes out is what the page prints."""

import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from metrics.base.settings import FILE_NAME, REFERENCE_FOLDER, ROOT
from metrics.cli.main import main
from metrics.define.catalog import Kind, read_catalog
from metrics.edition.manifest import edition_ids, use_edition

PAGE = (ROOT / "docs" / "cookbook.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^## (\d+\. .+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
FILES = dict(
    re.findall(
        r"^`((?:sql|tests)/metrics/\w+\.(?:sql|yaml))`:\n\n```(?:sql|yaml)\n(.*?)```",
        PAGE,
        re.MULTILINE | re.DOTALL,
    )
)
PUBLISHES = ["python -m metrics publish", "python -m metrics --data demo publish"]
DOCS = "python -m metrics docs"
CHECK = "python -m metrics check"


def commands(text: str) -> list[str]:
    """The commands of a text's plain blocks, without their output."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def sessions(text: str) -> list[tuple[str, str]]:
    """The commands of a text that stand with their output."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)]
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in parts if part]


@dataclass(frozen=True)
class Kitchen:
    """A copy of the project in which the recipes were followed: its CX_HOME, the editions
    before and after a metric was retired, and what the commands said."""

    home: Path
    before: str
    after: str
    said: dict[str, str]


def run(project: Path, verbs: list[str]) -> dict[str, str]:
    """Run commands in the copied project, in one process because starting takes longer
    than they do, and return what they said. Fails where one does."""
    code = (
        "import subprocess, sys; from metrics.cli.main import main\n"
        "for line in sys.argv[1:]:\n"
        "    print('$', line, flush=True)\n"
        "    words = line.split()\n"
        "    code = main(words[3:]) if words[0] == 'python' else subprocess.call(words)\n"
        "    assert code == 0, (line, code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *verbs],
        cwd=project,
        env={**os.environ, "CX_HOME": str(project / "home")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    parts = done.stdout.split("$ ")[1:]
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in parts}


def copied_home(source: Path, home: Path, to_leave_out: list[str]) -> None:
    """Copy a warehouse without its editions, and without what no recipe looks at."""
    home.mkdir(parents=True)
    shutil.copy(source / FILE_NAME, home)
    connection = duckdb.connect(home / FILE_NAME)
    for statement in to_leave_out:
        connection.execute(statement)
    connection.close()
    if (source / REFERENCE_FOLDER).exists():
        shutil.copytree(source / REFERENCE_FOLDER, home / REFERENCE_FOLDER)
        # These name metrics that the copy does not have.
        for name in ("target", "external_benchmark"):
            (home / REFERENCE_FOLDER / f"{name}.csv").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def kitchen(
    tmp_path_factory: pytest.TempPathFactory, federal_home: Path, demo_home: Path
) -> Kitchen:
    project = tmp_path_factory.mktemp("cookbook")
    for folder in ("metrics", "sql", "data/reference"):
        shutil.copytree(
            ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", project)
    # The recipes alone, so that publishing takes seconds.
    for path in (project / "sql" / "metrics").glob("*.sql"):
        path.unlink()
    (project / "tests" / "metrics").mkdir(parents=True)
    (project / "docs").mkdir()
    for path, text in FILES.items():
        (project / path).write_text(text, encoding="utf-8")
    home = project / "home"
    copied_home(federal_home, home, [])
    copied_home(
        demo_home,
        home / "datasets" / "demo",
        [
            "delete from survey_response where not regexp_matches(survey, '^(cisa|fema)')",
            "delete from survey_comment",
            "delete from activity_count",
            "delete from time_band",
        ],
    )
    _, remove, _, _, publish = commands(RECIPES[9][1])
    # Check after publishing, whose check queries it need not run again.
    said = run(project, [*PUBLISHES, DOCS, CHECK, remove, publish])
    before, after = edition_ids(home)
    return Kitchen(home, before, after, said)


def test_the_page_has_ten_recipes_of_every_kind_under_free_names() -> None:
    assert len(RECIPES) == 10
    names = {Path(path).stem for path in FILES}
    assert len(names) == 9 and names.isdisjoint(read_catalog())
    assert len(FILES) == 18
    kinds = {
        re.search(r"^kind: (\w+)$", text, re.MULTILINE)[1]
        for path, text in FILES.items()
        if path.endswith(".sql")
    }  # type: ignore[index]
    assert kinds == set(Kind.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize("title,text", RECIPES[:9], ids=[title for title, _ in RECIPES[:9]])
def test_every_recipe_is_complete(title: str, text: str) -> None:
    (name,) = {Path(path).stem for path in FILES if path in text}
    docs, check, publish = commands(text)
    assert docs == DOCS and check == f"python -m metrics check {name}"
    assert re.fullmatch(r"python -m metrics (--data demo )?publish", publish)
    data = "--data demo " if "--data demo" in publish else ""
    assert sessions(text)
    for command, _ in sessions(text):
        assert command.startswith(f"python -m metrics {data}show {name} ")
    assert "**Somebody asked:**" in text and "**Where it is:**" in text and "**The trap:**" in text
    assert FILES[f"tests/metrics/{name}.yaml"].startswith("# ")


def test_the_last_recipe_removes_both_files_and_publishes() -> None:
    grep, remove, docs, check, publish = commands(RECIPES[9][1])
    name = grep.split()[2]
    assert remove == f"rm sql/metrics/{name}.sql tests/metrics/{name}.yaml"
    assert [docs, check, publish] == [DOCS, CHECK, PUBLISHES[0]]


def test_check_finds_nothing_wrong_with_the_recipes(kitchen: Kitchen) -> None:
    assert re.search(r"^9 metrics and .*: 0 problems$", kitchen.said[CHECK], re.MULTILINE)


@pytest.mark.parametrize("title,text", RECIPES, ids=[title for title, _ in RECIPES])
def test_what_comes_out_is_what_the_page_prints(
    kitchen: Kitchen,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    title: str,
    text: str,
) -> None:
    monkeypatch.setenv("CX_HOME", str(kitchen.home))
    use_edition(kitchen.home, kitchen.after if title.startswith("10") else kitchen.before)
    for command, printed in sessions(text):
        asked = command.replace("BEFORE", kitchen.before).replace("AFTER", kitchen.after)
        main(shlex.split(asked)[3:])
        found = capsys.readouterr()
        shown, wanted = lines(found.out + found.err), lines(printed)
        if wanted[-1].endswith(" ..."):  # the page leaves out what follows
            wanted[-1] = wanted[-1].removesuffix(" ...")
            shown[-1] = shown[-1][: len(wanted[-1])]
        assert shown == wanted, command


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def printed(number: int, session: int = 0) -> dict[str, str]:
    """The first row of what a recipe prints, by column."""
    header, row, *_ = sessions(RECIPES[number - 1][1])[session][1].splitlines()
    starts = [(match[0], match.start()) for match in re.finditer(r"\S+", header)]
    ends = [start for _, start in starts[1:]] + [len(row) + len(header)]
    return {name: row[start:end].strip() for (name, start), end in zip(starts, ends, strict=True)}


def one_row(source: duckdb.DuckDBPyConnection, query: str) -> tuple[float, ...]:
    rows = source.execute(query).fetchall()
    assert len(rows) == 1
    return tuple(float(value) for value in rows[0])


def nearest_ten(people: float) -> float:
    return (people + 5) // 10 * 10


@pytest.fixture(scope="module")
def shipped() -> Iterator[duckdb.DuckDBPyConnection]:
    """The files that ship, as they are."""
    connection = duckdb.connect(":memory:")
    folder = ROOT / "data" / "published"
    for name, path in {
        "report": "survey_report.csv",
        "answer": "survey_report_answer.csv",
        "complaint_by_place": "counts/complaints_by_place.csv",
        "complaint_by_category": "counts/complaints_by_category.csv",
        "customer": "counts/customers.csv",
        "band": "time-bands/cbp_waits.csv",
    }.items():
        month = "start" if name == "band" else "month"
        types = "" if name in ("report", "answer") else f", types = {{'{month}': 'varchar'}}"
        connection.execute(f"create view {name} as from read_csv('{folder / path}'{types})")
    yield connection
    connection.close()


def test_real_figures_are_those_of_the_files_that_ship(
    shipped: duckdb.DuckDBPyConnection, federal_home: Path
) -> None:
    of_answers = "from answer inner join report using (survey_id) where"
    numerator, denominator = one_row(
        shipped,
        f"select sum(n_1), sum(n_1 + n_2 + n_3 + n_4 + n_5) {of_answers} component = 'TSA' "
        "and quarter like '2022%' and wording = 'increased-confidence'",
    )
    row = printed(1)
    assert (numerator, denominator) == (float(row["numerator"]), float(row["denominator"]))
    assert float(row["value"]) == round(numerator / denominator, 4)

    due = {
        "2022Q1": date(2022, 1, 30),
        "2022Q2": date(2022, 4, 30),
        "2022Q3": date(2022, 7, 30),
        "2022Q4": date(2022, 10, 30),
    }
    entered = shipped.execute(
        "select component, quarter, min(entered_on) from report where quarter like '2022%' "
        "and component in ('TSA', 'USCIS') group by component, quarter"
    ).fetchall()
    lead = {(component, quarter): (due[quarter] - day).days for component, quarter, day in entered}
    tsa = [days for (component, _), days in lead.items() if component == "TSA"]
    assert [len(tsa), len(lead)] == [4, 8]
    assert float(printed(2)["value"]) == statistics.mean(tsa)
    assert float(printed(2, 1)["value"]) == statistics.mean(lead.values())

    respondents, complaints = one_row(
        shipped,
        "select (select sum(respondents) from report where component = 'TSA' "
        "and quarter = '2022Q4'), (select sum(n) from complaint_by_place "
        "where month between '2022-07' and '2022-09')",
    )
    row = printed(3)
    assert (respondents, complaints) == (float(row["numerator"]), float(row["denominator"]))
    assert float(row["value"]) == round(respondents / complaints, 4)

    for session, year in ((0, 2023), (1, 2024)):
        months = f"month between '{year - 1}-10' and '{year}-09'"
        complaints, passengers = one_row(
            shipped,
            "select (select sum(n) from complaint_by_category where lower(category) = 'screening' "
            f"and {months}), (select sum(n) from customer where {months})",
        )
        assert float(printed(4, session)["numerator"]) == complaints
        assert float(printed(4, session)["value"]) == round(complaints / passengers * 100_000, 4)

    for session, months in ((0, ("2019-07", "2019-09")), (1, ("2018-10", "2019-09"))):
        bands = shipped.execute(
            "select band_from, band_to, sum(n) as n from band where start between ? and ? "
            "group by all order by band_from",
            list(months),
        ).fetchall()
        ends = np.array([to for _, to, _ in bands[:-1]], dtype=float)
        people = np.cumsum([n for *_, n in bands], dtype=float)
        row = printed(8, session)
        assert float(row["n"]) == people[-1]
        wait = np.interp(0.95 * people[-1], [0, *people[:-1]], [0, *ends])
        assert float(row["value"]) == round(wait, 4)

    warehouse = str(federal_home / FILE_NAME)
    shipped.execute(f"attach '{warehouse}' as warehouse (read_only)")
    numerator, denominator = one_row(
        shipped,
        f"select sum(n_5), sum(n_1 + n_2 + n_3 + n_4 + n_5) {of_answers} quarter = '2022Q4' "
        "and wording = 'satisfied' and not exists (select 1 from warehouse.survey_finding as bad "
        "where bad.effect = 'quarantined' and bad.survey_id = report.survey_id "
        "and bad.applies_to in ('answers', 'all') "
        "and coalesce(bad.question::varchar, answer.question::varchar) = answer.question::varchar)",
    )
    shipped.execute("detach warehouse")
    row = printed(9, 1)
    assert (numerator, denominator) == (float(row["numerator"]), float(row["denominator"]))


def test_demonstration_figures_are_those_of_single_rows(demo_home: Path) -> None:
    raw = duckdb.connect(demo_home / FILE_NAME, read_only=True)
    for session, day in ((0, "2024-03-31"), (1, "2024-09-30")):
        forms = one_row(
            raw,
            "select sum(n_instruments) from burden_request where component = 'TSA' "
            f"and snapshot_on = date '{day}' and status = 'Active'",
        )
        assert float(printed(5, session)["value"]) == forms[0]
    drivers = [
        "effectiveness",
        "ease",
        "efficiency",
        "transparency",
        "humanity",
        "employee",
        "other",
    ]
    ticked = " or ".join(f"positive_{name} = 1 or negative_{name} = 1" for name in drivers)
    mentioned, asked = one_row(
        raw,
        f"select count_if({ticked}), count(trust) from survey_response "
        "where survey like 'cisa-%' and quarter like '2026%' and superseded_by is null",
    )
    # Of single responses, people are told to the nearest ten, shares of 1,000 and more of them
    # to three digits, and how many of them it were is not told.
    row = printed(6)
    assert float(row["value"]) == round(mentioned / asked, 3) and "numerator" not in row
    assert float(row["denominator"]) == float(row["n"]) == nearest_ten(asked) != asked
    unhappy, everybody, people = one_row(
        raw,
        "select sum(weight) filter (where satisfaction <= 3), sum(weight), count(*) "
        "from survey_response where weight is not null and satisfaction is not null "
        "and quarter like '2026%' and superseded_by is null",
    )
    raw.close()
    row = printed(7)
    assert float(row["value"]) == round(unhappy / everybody, 3) and "numerator" not in row
    assert float(row["denominator"]) == nearest_ten(everybody)
    assert float(row["n"]) == nearest_ten(people) != people

"""The command line as a user meets it: real processes, exit codes, no traceback."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from metrics.base.settings import PUBLISHED, ROOT
from metrics.cli.main import main
from metrics.tell.vocabulary import MEASURES
from tests.conftest import without_counts
from tests.reporting_file import report, write

TSA_PHONE = [
    *("--component", "TSA", "--level", "service"),
    *("--channel", "automated_phone", "--period", "2021Q2"),
]


@dataclass(frozen=True)
class Done:
    """What a process left behind."""

    code: int
    out: str
    err: str


def run(home: Path, *arguments: str | Path) -> Done:
    """Run `python -m metrics` in a process of its own; a traceback fails the test."""
    process = subprocess.run(
        [sys.executable, "-m", "metrics", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "CX_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in process.stdout + process.stderr
    return Done(process.returncode, process.stdout, process.stderr)


@pytest.fixture(scope="module")
def built(federal_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a CX_HOME that `build` made: some commands open the warehouse for writing,
    which nobody else may read then."""
    return Path(shutil.copytree(federal_home, tmp_path_factory.mktemp("built") / "home"))


def editions(home: Path) -> list[str]:
    return sorted(path.parent.name for path in (home / "editions").glob("*/manifest.json"))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def show(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
) -> list[dict[str, str]]:
    monkeypatch.setenv("CX_HOME", str(home))
    assert main(["show", *arguments, "--format", "csv"]) == 0
    return rows(capsys.readouterr().out)


def test_a_second_build_does_nothing(built: Path) -> None:
    before = editions(built)
    done = run(built, "build")
    assert (done.code, editions(built)) == (0, before)
    assert done.out == f"Edition {before[-1]} is up to date; nothing to build.\n"


def test_show_prints_the_row_asked_for_in_three_formats(built: Path) -> None:
    (row,) = rows(run(built, "show", "trust", *TSA_PHONE, "--format", "csv").out)
    assert (row["numerator"], row["denominator"]) == ("4340", "4973")
    assert float(row["value"]) == 4340 / 4973
    (same,) = json.loads(run(built, "show", "trust", *TSA_PHONE, "--format", "json").out)
    assert (same["numerator"], same["denominator"], same["status"]) == (4340, 4973, "ok")
    heading, line = run(built, "show", "trust", *TSA_PHONE).out.splitlines()
    assert heading.split()[:2] == ["level", "component"]
    assert {"4340", "4973", "0.8727", "ok"} <= set(line.split())


def test_each_question_has_its_own_denominator(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = show(built, monkeypatch, capsys, "satisfaction", *TSA_PHONE)
    assert row["denominator"] == "5065"


def test_response_rate_is_respondents_over_offered(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (PUBLISHED / "survey_report.csv").open(newline="") as file:
        filed = [
            row
            for row in csv.DictReader(file)
            if (row["component"], row["channel"], row["quarter"])
            == ("TSA", "automated_phone", "2021Q2")
        ]
    respondents = sum(int(row["respondents"]) for row in filed)
    offered = sum(int(row["offered"]) for row in filed)
    (row,) = show(built, monkeypatch, capsys, "response_rate", *TSA_PHONE)
    assert (row["numerator"], row["denominator"]) == (str(respondents), str(offered))
    assert float(row["value"]) == pytest.approx(respondents / offered)


def test_check_finds_nothing_wrong_with_a_metric_that_ships(built: Path) -> None:
    one = run(built, "check", "trust")
    assert one.code == 0
    # Its file makes seven metrics, and what is wrong with one of them is wrong with the file.
    assert re.fullmatch(
        r"7 metrics and 0 check queries checked in [0-9.]+ s: 0 problems\n", one.out
    )


def test_figures_go_out_and_come_back_the_same(built: Path, tmp_path: Path) -> None:
    done = run(built, "export", "figures", tmp_path / "out")
    assert (done.code, done.out) == (
        0,
        f"{tmp_path / 'out'}: wrote 481 survey reports and 2962 questions.\n",
    )
    for name in ("survey_report.csv", "survey_report_answer.csv", "source.yaml"):
        assert (tmp_path / "out" / name).read_text() == (PUBLISHED / name).read_text(), name
    done = run(tmp_path / "other", "load", "auto", tmp_path / "out")
    assert done.code == 0
    assert "481 rows, format published-figures, as of 2023-05-21: accepted 481, " in done.out


def test_load_publish_compare_and_roll_back(built: Path, tmp_path: Path) -> None:
    home = without_counts(shutil.copytree(built, tmp_path / "home"))
    (first,) = editions(home)
    path = write(tmp_path / "new.csv", [report(9001), report(9002, q1_1="many")])

    dry = run(home, "load", "auto", path, "--dry-run")
    assert dry.code == 1
    assert "accepted 1, duplicate 0, rejected 1" in dry.out and "nothing was kept" in dry.out

    done = run(home, "load", "a11-quarterly", path, "--as-of", "2023-06-01")
    assert done.code == 1, "a row was rejected"
    assert done.out.splitlines() == [
        f"{path}: 2 rows, format a11-quarterly, as of 2023-06-01: accepted 1, duplicate 0, "
        "rejected 1",
        f"  {path}:6: attributes_q1_1: The value 'many' must be a whole number of answers, "
        "0 or more, or blank.",
        "Run `python -m metrics publish` to show the new figures.",
    ]
    assert editions(home) == [first], "loading alone publishes nothing"

    done = run(home, "publish", "--title", "With one report more")
    assert done.code == 0
    (_, second) = editions(home)
    assert done.out == f"Published edition {second}.\n"

    listed = run(home, "editions", "list").out.splitlines()
    assert listed[1].split()[0] == first
    assert listed[2].split()[:2] == ["*", second] and "With one report more" in listed[2]

    diff = run(home, "editions", "diff", first, second, "--limit", "3")
    assert diff.code == 0
    assert "changed because of data" in diff.out and "definition" not in diff.out

    same = run(home, "editions", "diff", second, second)
    assert (same.code, same.out) == (0, "The two editions publish the same numbers.\n")

    done = run(home, "editions", "use", first)
    assert (done.code, done.out) == (0, f"Pages now show edition {first}.\n")
    assert (home / "editions" / "current").read_text() == first + "\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: VERB"),
        (["shwo"], "invalid choice: 'shwo'"),
        (["load", "auto"], "the following arguments are required: SOURCE"),
        (["load", "auto", "x.csv", "--as-of", "spring"], "'spring' is no date; write YYYY-MM-DD"),
        (["build", "--dataset", "moon"], "invalid choice: 'moon'"),
        (["export"], "the following arguments are required: KIND"),
    ],
)
def test_wrong_use_by_the_parser(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["show", "trsut"], 2, "there is no metric 'trsut'; did you mean 'trust'? There are: "),
        (["check", "trsut"], 2, "there is no metric 'trsut'; did you mean 'trust'? There are: "),
        (["load", "auto", "x.csv"], 1, "x.csv: there is no such file; check the name"),
        (["load", "csv", "x.csv"], 1, "x.csv: there is no such file; check the name"),
        (["load", "csv", "README.md"], 2, "csv needs a mapping file; name it with --mapping FILE"),
        (["load", "xlsx", "README.md"], 2, "unknown format 'xlsx'; choose one of a11-quarterly"),
        (["show", "trust", "--benchmark", "--component", "TSA"], 2, "a benchmark has no component"),
        (["show", "trust", "--period", "2031Q1"], 1, "trust has no row with period 2031Q1"),
        (
            ["show", "trust", "--component", "TAS"],
            1,
            "trust has no row with component TAS; there is no component 'TAS'; did you mean 'TSA'? "
            "There are: CBP",
        ),
        (
            ["show", "trust", "--channel", "phone"],
            1,
            "trust has no row with channel phone; there is no channel 'phone'; did you mean "
            "'automated_phone'? There are: ",
        ),
        (
            ["show", "trust", "--component", "USSS", "--channel", "computer"],
            1,
            "trust has no row with component USSS, channel computer; without --component there "
            "are: FEMA, USCIS, all; without --channel there are: all",
        ),
        (["editions", "use", "nope"], 1, "there is no edition 'nope'; there are: 2"),
        (["editions", "diff", "a", "b"], 1, "there is no edition 'a'; see `python -m metrics ed"),
    ],
)
def test_errors_are_one_line_that_says_what_to_do(
    built: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.setenv("CX_HOME", str(built))
    monkeypatch.chdir(ROOT)
    if "README.md" in arguments:
        (built / "README.md").write_text("x\n")
        monkeypatch.chdir(built)
    assert main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}") and err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["show", "trust"], ["editions", "list"], ["export", "figures", "out"]]
)
def test_an_empty_home_says_what_to_do_first(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.setenv("CX_HOME", str(tmp_path / "empty"))
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1
    assert "nothing is published yet; run `" in err or "nothing is loaded yet; load" in err
    assert not (tmp_path / "out").exists()


def test_the_process_exits_with_the_code_and_prints_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for arguments, code, message in (
        (["show", "trust"], 1, "nothing is published yet"),
        (["publish"], 1, "cannot be made (Not a directory); set CX_HOME to a folder"),
        (["show"], 2, "the following arguments are required: METRIC"),
    ):
        done = run(tmp_path / "file" / "home", *arguments)
        assert done.code == code
        assert message in done.err and done.out == ""


def test_query_looks_at_aggregates_and_at_nothing_else(built: Path) -> None:
    done = run(built, "query", "select distinct measure from survey_answers order by 1")
    assert done.code == 0
    assert done.out.split() == ["measure", *sorted(MEASURES)]
    told = run(built, "query", "select count(*) as n from service", "--format", "csv")
    with (ROOT / "data" / "reference" / "service.csv").open(newline="") as file:
        assert told.out == f"n\n{len(list(csv.DictReader(file)))}\n"
    raw = run(built, "query", "select *\nfrom survey_report_answer")
    assert raw.code == 1 and raw.out == ""
    assert "line 2: survey_report_answer is a raw table; select from what is made" in raw.err
    assert "survey_answers" in raw.err and "Traceback" not in raw.err
    wrong = run(built, "query", "select nothing from service")
    assert (wrong.code, wrong.out) == (1, "") and "nothing" in wrong.err

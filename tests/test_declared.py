"""Rows are published only under the declaration by which they were read."""

import shutil
from pathlib import Path

import duckdb
import pytest

from metrics.base.errors import CxError
from metrics.base.settings import REFERENCE
from metrics.gate.publish import publish
from metrics.intake.declared import refuse_changes
from metrics.intake.load import load_files
from metrics.intake.sources import LoadOptions
from metrics.warehouse.store import build_aggregates, open_warehouse
from tests.conftest import metrics_of

THUMBS, POINTS = "cbp-contact-center-email", "fema-disaster-assistance-email"
TABLES = ("response_survey", "instrument_question", "instrument", "service", "segment_value")
MAPPING = """\
response_id: id
submitted_at: when
answers: {trust: 1, ease: positive_ease}
weight: weight
segments: {language: language}
"""


def made_home(home: Path) -> Path:
    (home / "reference").mkdir(parents=True)
    for name in TABLES:
        shutil.copy(REFERENCE / f"{name}.csv", home / "reference")
    (home / "mapping.yaml").write_text(MAPPING)
    return home


def answered(home: Path, survey: str, codes: str, day: str = "2024-11-15") -> None:
    """Load 60 responses, their trust answers these codes in turn."""
    rows = [
        f"{day}-{number},{day},{codes[number % len(codes)]},{number % 2},1.5,english"
        for number in range(60)
    ]
    path = home / f"answers-{day}.csv"
    path.write_text("\n".join(["id,when,trust,ease,weight,language", *rows]) + "\n")
    options = LoadOptions(survey=survey, mapping=home / "mapping.yaml")
    with open_warehouse(home) as connection:
        (result,) = load_files(connection, "csv", [path], options=options)
    assert result.n_accepted == 60


def edited(home: Path, table: str, old: str, new: str) -> None:
    path = home / "reference" / f"{table}.csv"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def problems(home: Path) -> str:
    """What publishing would refuse, '' for nothing."""
    with open_warehouse(home) as connection:
        build_aggregates(connection)
        try:
            refuse_changes(connection)
        except CxError as error:
            return str(error)
    return ""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = made_home(tmp_path_factory.mktemp("declared") / "home")
    answered(home, THUMBS, "11110")
    return home


@pytest.fixture
def home(loaded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(loaded, tmp_path / "home"))


SURVEY = f"{THUMBS},cbp-contact-center,email,a11-v2-thumbs"
TRUST = "trust to deliver on its mission"
QUESTION = "thumbs,ascending,0=0;1=1,everyone"


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("response_survey", SURVEY, f"{THUMBS},cbp-contact-center,email,a11-v2-likert",
         "scale is agree5, was thumbs"),
        ("response_survey", SURVEY, f"{THUMBS},tsa-contact-center,email,a11-v2-thumbs",
         "service is tsa-contact-center, was cbp-contact-center"),
        ("response_survey", SURVEY, f"{THUMBS},cbp-contact-center,phone,a11-v2-thumbs",
         "channel is phone, was email"),
        ("response_survey", SURVEY, "another,cbp-contact-center,email,a11-v2-thumbs",
         f"survey '{THUMBS}' is not declared"),
        ("instrument_question", QUESTION, "thumbs,ascending,0=1;1=0,everyone",
         "code 0 reads 1, was 0"),
        ("instrument_question", QUESTION, "thumbs,descending,0=0;1=1,everyone",
         "direction is descending, was ascending"),
        ("instrument_question", QUESTION, "thumbs,ascending,0=0;1=1,positive",
         "trust: no question asks it now"),
        ("instrument_question", "a11-v2-thumbs,1,trust,trust-to-deliver",
         "a11-v2-thumbs,1,satisfaction,trust-to-deliver", "trust: no question asks it now"),
        ("instrument_question", "a11-v2-thumbs,1,trust,trust-to-deliver",
         "a11-v2-thumbs,1,trust,other-words", "wording is other-words, was trust-to-deliver"),
        ("segment_value", "language,english,", "language,anglais,",
         "there is no group 'language,english'"),
    ],
)  # fmt: skip
def test_a_changed_declaration_is_refused(
    home: Path, table: str, old: str, new: str, said: str
) -> None:
    edited(home, table, old, new)
    refusal = problems(home)
    assert said in refusal
    assert f"reference/{table}.csv:" in refusal
    assert "Nothing was published" in refusal
    if table != "segment_value":
        assert "load 1 (answers-2024-11-15.csv, 60 rows)" in refusal
        assert "`python -m metrics loads redo 1`" in refusal


def test_a_driver_that_is_read_otherwise_is_refused(home: Path) -> None:
    edited(
        home, "instrument_question",
        "a11-v2-thumbs,2,ease,ease,It was easy to complete what I needed to do,,mention,ascending,"
        "0=0;1=1,positive", "a11-v2-thumbs,2,ease,ease,x,,mention,ascending,0=1;1=0,positive",
    )  # fmt: skip
    assert "positive_ease: code 0 reads 1, was 0" in problems(home)


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("response_survey", "CBP contact center survey", "Another title"),
        ("instrument_question", QUESTION, "thumbs,ascending,1=1;0=0;9=-,everyone"),
        ("instrument_question", "a11-v2-thumbs,2,efficiency,efficiency,It took a reasonable amount "
         "of time,,mention,ascending,0=0;1=1,positive", "a11-v2-thumbs,2,efficiency,other-words,"
         "Was it quick?,,mention,descending,0=1;1=0,positive"),
        ("instrument", "\na11-v2-thumbs,", "\nmore,More,more,More,thumbs_up_down,2024,,test\n"
         "a11-v2-thumbs,"),
    ],
)  # fmt: skip
def test_a_harmless_change_passes(home: Path, table: str, old: str, new: str) -> None:
    edited(home, table, old, new)
    assert problems(home) == ""


def test_points_read_as_thumbs_are_refused(tmp_path: Path) -> None:
    home = made_home(tmp_path / "home")
    answered(home, POINTS, "55543")
    edited(home, "response_survey", "email,a11-v2-likert", "email,a11-v2-thumbs")
    assert "trust: scale is thumbs, was agree5" in problems(home)


def test_codes_outside_the_scale_are_refused_without_a_record(home: Path) -> None:
    with open_warehouse(home) as connection:
        connection.execute("delete from load_declaration")
        connection.execute("update survey_response set trust = 3 where response_id like '%-7'")
    refusal = problems(home)
    assert "trust is on the scale thumbs, but 1 answers of survey" in refusal
    assert "load 1 (answers-2024-11-15.csv, 60 rows)" in refusal


def test_a_weight_beyond_the_limits_is_refused_by_its_load(home: Path) -> None:
    with open_warehouse(home) as connection:
        connection.execute("update survey_response set weight = 1e308 where response_id like '%-7'")
    assert problems(home).startswith("load 1 (answers-2024-11-15.csv): 1 weights are not between")


def test_publishing_goes_through_the_check_and_keeps_what_is_missing(home: Path) -> None:
    catalog = metrics_of("trust")
    with open_warehouse(home) as connection:
        connection.execute("delete from load_declaration")
        publish(connection, home, catalog=catalog)
        assert connection.execute("select count(*) from load_declaration").fetchone() == (1,)
    editions = sorted((home / "editions").iterdir())
    edited(home, "response_survey", SURVEY, SURVEY.replace("thumbs", "likert"))
    with open_warehouse(home) as connection, pytest.raises(CxError, match="was thumbs"):
        publish(connection, home, catalog=catalog)
    assert sorted((home / "editions").iterdir()) == editions


def test_a_load_under_another_declaration_is_refused(home: Path) -> None:
    edited(home, "instrument_question", QUESTION, "thumbs,ascending,0=1;1=0,everyone")
    with pytest.raises(CxError, match=r"code 0 reads 1, was 0(.|\n)*Nothing was loaded"):
        answered(home, THUMBS, "11110", "2024-11-16")
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        assert connection.execute("select count(*) from survey_response").fetchone() == (60,)


def test_a_new_wave_is_a_new_survey(home: Path) -> None:
    wave = "wave-2,cbp-contact-center,email,a11-v2-likert,post_interaction,,Wave 2"
    edited(home, "response_survey", SURVEY, f"{wave}\n{SURVEY}")
    answered(home, "wave-2", "54321", "2025-01-15")
    assert problems(home) == ""

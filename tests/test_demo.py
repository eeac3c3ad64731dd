"""The demonstration: the same rows every time, legal answers, the story it tells, and
its mark on everything that leaves it."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.errors import CxError
from metrics.base.settings import DEMO, FILE_NAME, PUBLISHED, ROOT
from metrics.build import build, build_home, build_key
from metrics.cli.main import main
from metrics.deliver.files import MARK_COLUMN, csv_file, marked_name, marked_rows
from metrics.edition.edition import DEMONSTRATION, Edition, open_edition
from metrics.edition.manifest import edition_ids
from metrics.intake import demo
from metrics.intake.declared import keep_declarations
from metrics.intake.figures import export_figures
from metrics.tell.charts import Figure, with_mark
from metrics.warehouse.store import open_warehouse, prepare
from tests.apps import open_page
from tests.sealed import reseal
from ui.registry import PAGES

DRIVERS = ("effectiveness", "ease", "efficiency", "transparency", "humanity", "employee")
MEASURES = ("trust", "satisfaction", *DRIVERS)
FLAGS = [f"{sign}_{name}" for sign in ("positive", "negative") for name in (*DRIVERS, "other")]
LEGAL = {"thumbs": (0, 1), "yes_no": (0, 1), "agree5": (1, 2, 3, 4, 5), None: ()}


def draw(threads: int) -> duckdb.DuckDBPyConnection:
    """A warehouse in memory with the demonstration in it."""
    connection = duckdb.connect(":memory:", config={"threads": threads})
    prepare(connection, DEMO / "reference")
    demo.fill(connection)
    return connection


@pytest.fixture
def copied(demo_home: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the demonstration's warehouse, to be changed."""
    connection = duckdb.connect(shutil.copy(demo_home / FILE_NAME, tmp_path / FILE_NAME))
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def drawn(
    demo_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The demonstration's warehouse; tests only read it."""
    copy = shutil.copy(demo_home / FILE_NAME, tmp_path_factory.mktemp("drawn") / FILE_NAME)
    connection = duckdb.connect(copy)
    connection.execute("""
        create view asked as
        select response.*, service.component, survey.service, survey.instrument,
            response.trust >= if(instrument.survey_type = 'likert_scale', 4, 1) as is_positive
        from survey_response as response
        inner join response_survey as survey on response.survey = survey.survey
        inner join service on survey.service = service.service
        inner join instrument on survey.instrument = instrument.instrument
    """)
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def demonstration(demo_home: Path) -> Edition:
    """The edition of `demo_home`, opened."""
    return open_edition(demo_home)


@pytest.fixture(scope="session")
def marked_home(federal_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Federal figures whose manifest says that they are made up: quick to make, and the
    mark must hang on nothing else."""
    home = shutil.copytree(federal_home, tmp_path_factory.mktemp("marked") / "home")
    for name in edition_ids(home):
        reseal(home, name, is_demonstration=True)
    return home


def value(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    (row,) = connection.execute(query).fetchall()
    return row[0] if len(row) == 1 else row


# The rows.


def test_the_same_inputs_give_the_same_rows_on_any_number_of_threads(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    again = draw(threads=1)
    keep_declarations(again)  # as publishing did over there
    for table in (*demo.RAW_TABLES, "data_load"):
        query = f"""
            select count(*), md5(string_agg(hash, '' order by hash))
            from (select md5(row_of::varchar) as hash from {table} as row_of)
        """
        assert value(again, query) == value(drawn, query), table
    again.close()


def test_there_are_about_250_000_responses_from_every_component(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    assert 240_000 < value(drawn, "select count(*) from survey_response") < 270_000
    assert value(drawn, "select count(distinct quarter) from survey_response") == 12
    assert (
        value(
            drawn,
            "select count(*) from component where component not in (select component from asked)",
        )
        == 0
    )
    assert 22 <= value(drawn, "select count(distinct service) from asked") <= 26
    assert value(drawn, "select count(distinct instrument) from asked") >= 3
    per_quarter = drawn.execute("select count(*) from asked group by quarter").fetchall()
    assert all(18_000 < row[0] < 25_000 for row in per_quarter)


def test_no_response_is_there_twice(drawn: duckdb.DuckDBPyConnection) -> None:
    query = "select count(*) = count(distinct (survey, quarter, response_id)) from survey_response"
    assert value(drawn, query)


def test_every_code_is_legal_and_what_is_not_asked_stays_empty(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    scales = drawn.execute(
        "select instrument, measure, scale from instrument_question "
        "where asked_of = 'everyone' and measure is not null"
    ).df()
    scale = {(row.instrument, row.measure): row.scale for row in scales.itertuples()}
    instruments = [
        row[0] for row in drawn.execute("select distinct instrument from asked").fetchall()
    ]
    assert {"a11-v2-thumbs", "a11-v2-likert", "a11-likert", "tsa-contact-center-2025"} == set(
        instruments
    )
    for instrument in instruments:
        for measure in MEASURES:
            found = drawn.execute(
                f"select distinct {measure} from asked where instrument = ? and "
                f"{measure} is not null order by 1",
                [instrument],
            ).fetchall()
            legal = LEGAL[scale.get((instrument, measure))]
            assert tuple(row[0] for row in found) == legal, (instrument, measure)


def test_ticks_are_0_or_1_and_stand_on_the_own_branch_alone(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    for flag in FLAGS:
        sign = "is_positive" if flag.startswith("positive") else "not is_positive"
        assert value(drawn, f"select count(*) from asked where {flag} not in (0, 1)") == 0
        assert value(drawn, f"select count(*) from asked where {flag} = 1 and not ({sign})") == 0
        never = "instrument not in ('a11-v2-thumbs', 'a11-v2-likert')"
        if flag.endswith(("humanity", "other")):
            never += " or survey = 'hq-travel-redress-website'"
        differs = f"select count(*) from asked where ({flag} is null) <> ({never})"
        assert value(drawn, differs) == 0, flag


def test_trust_is_always_answered_where_the_form_demands_it(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    query = "select count(*) from asked where trust is null and instrument like 'a11-v2-%'"
    assert value(drawn, query) == 0


def test_the_quarter_is_that_of_the_day_and_one_survey_tells_no_time(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    query = (
        "select count(*) from survey_response where fiscal_quarter(submitted_at::date) <> quarter"
    )
    assert value(drawn, query) == 0
    timeless = drawn.execute(
        "select distinct survey from survey_response where submitted_at is null"
    ).fetchall()
    assert timeless == [("fletc-campus-stay-paper",)]
    partly = value(
        drawn,
        "select count(*) from survey_response "
        "where survey = 'fletc-campus-stay-paper' and submitted_at is not null",
    )
    assert partly == 0


def test_people_answer_office_surveys_on_working_days(drawn: duckdb.DuckDBPyConnection) -> None:
    share = value(
        drawn,
        "select avg((isodow(submitted_at) >= 6)::int) from asked "
        "where survey = 'uscis-contact-center-phone'",
    )
    assert share < 0.1
    night = value(drawn, "select avg((hour(submitted_at) < 6)::int) from asked")
    assert night < 0.1


def test_groups_are_declared_and_some_respondents_have_none(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    unknown = value(
        drawn,
        """
        select count(*)
        from (
            select distinct unnest(map_entries(segments)) as entry
            from survey_response
        )
        where (entry.key, entry.value) not in (select (segment, segment_value) from segment_value)
    """,
    )
    assert unknown == 0
    kinds = drawn.execute(
        "select distinct unnest(map_keys(segments)) as kind from survey_response order by kind"
    ).fetchall()
    assert [row[0] for row in kinds] == [
        "age_band",
        "customer_type",
        "first_time",
        "language",
        "region",
    ]
    none, some = value(
        drawn,
        "select avg((segments is null)::int), avg((segments['language'] is null)::int) "
        "from asked where component = 'TSA'",
    )
    assert 0 < none < some < 0.3


def test_one_survey_is_weighted(drawn: duckdb.DuckDBPyConnection) -> None:
    rows = drawn.execute(
        "select survey, min(weight), count(weight) = count(*) from survey_response "
        "where weight is not null or survey = 'fema-disaster-assistance-phone' group by survey"
    ).fetchall()
    assert rows == [("fema-disaster-assistance-phone", 0.4, True)]


def test_comments_belong_to_responses_and_hold_no_personal_data(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    share, distinct = value(
        drawn,
        "select count(*) / (select count(*) from survey_response), count(distinct comment) "
        "from survey_comment",
    )
    assert 0.09 < share < 0.15
    assert distinct > 500
    unmatched = value(
        drawn,
        "select count(*) from survey_response as response full join survey_comment as comment "
        "using (load_id, survey, quarter, response_id) "
        "where coalesce(response.has_comment, false) <> (comment.comment is not null)",
    )
    assert unmatched == 0
    comments = drawn.execute("select distinct comment from survey_comment").fetchall()
    pattern = re.compile(r"\d|@|www|http|[{}]")
    assert [text for (text,) in comments if pattern.search(text)] == []


def test_comments_speak_of_what_was_ticked(drawn: duckdb.DuckDBPyConnection) -> None:
    of_the_line = (
        "from asked as response inner join survey_comment as comment "
        "using (survey, quarter, response_id) "
        "where comment.comment ilike '%the line did not move%'"
    )
    count, right = value(drawn, f"select count(*), sum(response.negative_efficiency) {of_the_line}")
    assert count == right > 10


def test_the_loads_account_for_every_row(drawn: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*)
        from data_load as load
        left join (
            select load_id, survey, count(*) as n
            from survey_response
            group by load_id, survey
        ) as response on load.load_id = response.load_id
        where load.survey is not null and (
            load.n_accepted <> response.n or load.n_rows <> response.n
            or load.survey <> response.survey
        )
    """
    assert value(drawn, query) == 0
    formats = drawn.execute(
        "select distinct format, as_of::varchar, length(sha256) from data_load"
    ).fetchall()
    assert formats == [("demonstration", "2026-11-13", 64)]
    assert value(
        drawn,
        "select n_rows = (select count(*) from survey_volume) from data_load "
        "where file_name = 'demonstration-survey_volume.sql'",
    )


def test_drawing_again_replaces_what_was_drawn_and_keeps_other_loads(
    copied: duckdb.DuckDBPyConnection,
) -> None:
    connection = copied
    before = value(connection, "select count(*) from survey_response")
    connection.execute(
        "insert into data_load values (900, 'qualtrics', 'response', null, 'a.csv', 'x', "
        "'2026-11-13', '2026-11-13', 1, 1, 0, 0)"
    )
    connection.execute(
        "insert into survey_comment values (900, 'usss-fraud-report-email', '2026Q4', 'x', 'y', "
        "0, 'z', 'neutral', 0, 'z')"
    )
    demo.fill(connection)
    assert value(connection, "select count(*) from survey_response") == before
    assert value(connection, "select count(*) from survey_comment where load_id = 900") == 1
    first = "select min(load_id) from data_load where format = 'demonstration'"
    assert value(connection, first) == 901
    connection.close()


# The story.


def share(connection: duckdb.DuckDBPyConnection, survey: str, quarters: tuple[str, ...]) -> float:
    """Trust in points, 0 to 100, over some quarters."""
    result = connection.execute(
        "select 100 * avg(is_positive::int) from asked where survey = ? and quarter in "
        f"({', '.join(repr(quarter) for quarter in quarters)})",
        [survey],
    ).fetchall()
    return float(result[0][0])


BEFORE_THE_FORM = ("2024Q3", "2024Q4", "2025Q1", "2025Q2")
SINCE_THE_FORM = ("2025Q3", "2025Q4", "2026Q1", "2026Q2")


def test_a_shorter_form_raises_trust(drawn: duckdb.DuckDBPyConnection) -> None:
    survey = "uscis-naturalization-website"
    rise = share(drawn, survey, SINCE_THE_FORM) - share(drawn, survey, BEFORE_THE_FORM)
    assert 4.5 < rise < 8.5
    assert share(drawn, survey, ("2025Q3",)) - share(drawn, survey, ("2025Q2",)) > 3


def test_an_outage_lowers_trust(drawn: duckdb.DuckDBPyConnection) -> None:
    survey = "cbp-trusted-traveler-website"
    fall = share(drawn, survey, ("2025Q4", "2026Q1")) - share(drawn, survey, ("2026Q2", "2026Q3"))
    assert 3.5 < fall < 7
    assert share(drawn, survey, ("2026Q1",)) - share(drawn, survey, ("2026Q2",)) > 3


def test_elsewhere_nothing_happened(drawn: duckdb.DuckDBPyConnection) -> None:
    for survey in ("tsa-checkpoint-mobile", "cbp-port-of-entry-kiosk", "tsa-precheck-enrollment"):
        change = share(drawn, survey, SINCE_THE_FORM) - share(drawn, survey, BEFORE_THE_FORM)
        assert abs(change) < 2, survey


def test_summer_travel_lowers_trust_at_the_checkpoint(drawn: duckdb.DuckDBPyConnection) -> None:
    summer = share(drawn, "tsa-checkpoint-mobile", ("2024Q4", "2025Q4", "2026Q4"))
    spring = share(drawn, "tsa-checkpoint-mobile", ("2024Q2", "2025Q2", "2026Q2"))
    assert 1 < spring - summer < 6


def test_ease_and_efficiency_drive_trust_at_contact_centers(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    for survey in ("tsa-contact-center-email", "fema-disaster-assistance-phone"):
        ease, efficiency, *others = value(
            drawn,
            "select corr(trust, ease), corr(trust, efficiency), corr(trust, effectiveness), "
            "corr(trust, transparency), corr(trust, employee) "
            f"from asked where survey = '{survey}'",
        )
        assert min(ease, efficiency) > max(others) + 0.1, survey


def ticked_gaps(connection: duckdb.DuckDBPyConnection, survey: str) -> dict[str, float]:
    """Trust of those who ticked a driver less that of the others, in points."""
    return {
        driver: value(
            connection,
            f"""
            select
                100 * avg(is_positive::int) filter (ticked = 1)
                - 100 * avg(is_positive::int) filter (ticked = 0)
            from (
                select is_positive, if(is_positive, positive_{driver}, negative_{driver}) as ticked
                from asked
                where survey = '{survey}'
            )
            """,
        )
        for driver in DRIVERS
    }


def test_ticks_tell_of_ease_and_efficiency_at_contact_centers(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    for survey in ("uscis-contact-center-phone", "cbp-contact-center-phone"):
        gaps = ticked_gaps(drawn, survey)
        best = sorted(gaps, key=lambda driver: -gaps[driver])[:2]
        assert set(best) == {"ease", "efficiency"}, survey


def test_employees_are_what_counts_at_the_checkpoint(drawn: duckdb.DuckDBPyConnection) -> None:
    gaps = ticked_gaps(drawn, "tsa-checkpoint-mobile")
    others = [gap for driver, gap in gaps.items() if driver != "employee"]
    assert gaps["employee"] > max(others) + 5


def test_spanish_speakers_find_one_service_harder_and_only_ease(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    def gap(measure: str, survey: str) -> float:
        return float(
            value(
                drawn,
                f"select 100 * (avg(({measure} >= 4)::int) filter "
                "(segments['language'] = 'english') "
                f"- avg(({measure} >= 4)::int) filter (segments['language'] = 'spanish')) "
                f"from asked where survey = '{survey}'",
            )
        )

    assert gap("ease", "fema-disaster-assistance-phone") > 12
    assert abs(gap("efficiency", "fema-disaster-assistance-phone")) < 5
    assert abs(gap("ease", "tsa-contact-center-email")) < 6


# The traps.


def test_the_small_service_is_small(drawn: duckdb.DuckDBPyConnection) -> None:
    counts = [
        row[0]
        for row in drawn.execute(
            "select count(*) from asked where service = 'uscis-document-replacement' "
            "group by quarter"
        ).fetchall()
    ]
    assert len(counts) == 12
    assert 5 <= min(counts) < 11 <= max(counts) <= 15


def test_one_service_changes_its_instrument(drawn: duckdb.DuckDBPyConnection) -> None:
    rows = drawn.execute("""
        select instrument, min(quarter), max(quarter)
        from asked
        where service = 'tsa-contact-center' and channel = 'automated_phone'
        group by instrument
        order by 2
    """).fetchall()
    assert rows == [
        ("a11-likert", "2024Q1", "2025Q2"),
        ("tsa-contact-center-2025", "2025Q3", "2026Q4"),
    ]


def test_one_report_is_late_one_partial_one_missing_and_one_without_volumes(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    late = "select survey, quarter from survey_volume where submitted_on > report_due_on(quarter)"
    assert drawn.execute(late).fetchall() == [("hq-foia-request-email", "2026Q3")]
    yellow = "select survey, quarter, state from survey_volume where rating <> 'TRUE'"
    assert drawn.execute(yellow).fetchall() == [
        ("ice-student-visitor-help-phone", "2026Q2", "submitted")
    ]
    empty = "select survey, quarter from survey_volume where customers is null or offered is null"
    assert drawn.execute(empty).fetchall() == [("uscis-online-account-website", "2025Q1")]
    missing = """
        select service
        from service
        where designated_from is not null and service not in (
            select service from asked where quarter = '2026Q4'
        )
    """
    assert drawn.execute(missing).fetchall() == [("uscg-vessel-documentation",)]
    assert value(drawn, "select count(*) from service where designated_from is null") == 4


def test_response_rates_are_realistic(drawn: duckdb.DuckDBPyConnection) -> None:
    low, high = value(
        drawn,
        """
        select min(rate), max(rate)
        from (
            select count(*) / any_value(volume.offered) as rate
            from survey_response as response
            inner join survey_volume as volume using (survey, channel, quarter)
            where volume.offered > 500
            group by survey, channel, quarter
        )
    """,
    )
    assert 0.015 < low < high < 0.30
    assert value(drawn, "select count(*) from survey_volume where offered > customers") == 0


# Where it is built, and that it mixes with nothing.


def test_made_up_rows_have_a_folder_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(tmp_path))
    assert build_home("demo") == build_home("demo", "main") == tmp_path / "datasets" / "demo"
    assert build_home("demo", "training") == tmp_path / "datasets" / "training"
    assert build_home("federal", "main") == tmp_path


def test_real_and_made_up_figures_are_never_built_into_one_warehouse(
    federal_home: Path, tmp_path: Path
) -> None:
    home = tmp_path / "real"
    home.mkdir()
    shutil.copy(federal_home / "warehouse.duckdb", home)
    with pytest.raises(CxError, match="holds real figures"):
        build(home, "demo")
    assert not (home / "reference").exists()
    home = tmp_path / "made up"
    shutil.copytree(DEMO / "reference", home / "reference")
    with open_warehouse(home) as connection:
        demo.fill(connection)
        with pytest.raises(CxError, match="made-up figures"):
            export_figures(connection, tmp_path / "figures")
    with pytest.raises(CxError, match="holds made-up figures"):
        build(home, "federal")
    assert not (tmp_path / "figures").exists()


def test_the_figures_that_ship_are_not_in_the_demonstration(
    drawn: duckdb.DuckDBPyConnection,
) -> None:
    assert value(drawn, "select count(*) from survey_report") == 0
    assert value(drawn, "select count(*) from survey") == 0
    sources = drawn.execute("select distinct source from service").fetchall()
    assert sources == [("Demonstration",)]
    assert PUBLISHED.name not in {path.parent.name for path in demo.demo_files()}


# The mark.


def test_an_edition_says_whether_it_is_made_up(federal: Edition, marked_home: Path) -> None:
    assert not federal.is_demonstration
    assert open_edition(marked_home).is_demonstration


def test_files_and_their_names_carry_the_mark(federal: Edition, marked_home: Path) -> None:
    marked = open_edition(marked_home)
    frame = pd.DataFrame({"a": [1, 2]})
    assert marked_rows(federal, frame) is frame
    assert marked_rows(marked, frame).to_dict("list") == {
        MARK_COLUMN: [DEMONSTRATION] * 2,
        "a": [1, 2],
    }
    assert list(frame.columns) == ["a"]
    assert marked_name(marked, "a.csv") == "DEMONSTRATION_a.csv"
    assert marked_name(federal, "a.csv") == "a.csv"
    assert csv_file(marked, frame).decode("utf-8-sig").splitlines()[1] == "DEMONSTRATION DATA,1"


def test_a_chart_carries_the_mark_inside_the_picture_and_in_its_words() -> None:
    plain = Figure({"mark": "bar", "height": 100}, "Bar chart. A is 1.")
    marked = with_mark(plain, DEMONSTRATION)
    assert marked.spec["title"]["text"] == "DEMONSTRATION DATA"
    assert marked.spec["height"] > 100
    assert marked.alt == "DEMONSTRATION DATA. Bar chart. A is 1."
    assert "title" not in plain.spec


def test_a_saved_picture_shows_the_mark() -> None:
    from vl_convert import vegalite_to_svg

    plain = Figure(
        {
            "data": {"values": [{"a": 1}]},
            "mark": "point",
            "encoding": {"x": {"field": "a", "type": "quantitative"}},
            "height": 80,
        },
        "One point.",
    )
    assert DEMONSTRATION in vegalite_to_svg(with_mark(plain, DEMONSTRATION).spec)


def banners(app: AppTest) -> list[str]:
    return [item.proto.body for item in app.get("html") if DEMONSTRATION in item.proto.body]


def test_links_to_definitions_stay_in_the_data_set(
    marked_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "demo").symlink_to(marked_home)
    (tmp_path / "editions").symlink_to(marked_home / "editions")
    monkeypatch.setenv("CX_HOME", str(tmp_path))
    app = open_page("metrics.py", data="demo")
    assert not app.exception
    shown = " ".join(str(table.value.to_dict()) for table in app.table)
    assert "/metrics?data=demo&metric=trust" in shown
    assert "/metrics?metric=" not in shown


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_carries_the_mark(
    marked_home: Path, monkeypatch: pytest.MonkeyPatch, entry: Any
) -> None:
    monkeypatch.setenv("CX_HOME", str(marked_home))
    app = open_page(entry.script, component="TSA")
    assert not app.exception
    assert len(banners(app)) == 1
    said = [caption.value for caption in app.caption if DEMONSTRATION in caption.value]
    assert len(said) == 2  # beside the filters and under the page
    assert not any("published federal reports" in caption.value for caption in app.caption)
    for chart in app.get("vega_lite_chart"):
        assert chart.proto.alt.startswith("DEMONSTRATION DATA. ")
        assert json.loads(chart.proto.spec)["title"]["text"] == DEMONSTRATION


def test_charts_were_looked_at(marked_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_HOME", str(marked_home))
    assert len(open_page("component.py", component="TSA").get("vega_lite_chart")) >= 3


def test_no_mark_on_real_figures(federal_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    app = open_page("component.py", component="TSA")
    assert not banners(app)
    assert not any(DEMONSTRATION in caption.value for caption in app.caption)
    for chart in app.get("vega_lite_chart"):
        assert DEMONSTRATION not in chart.proto.alt + chart.proto.spec


def test_every_download_of_a_page_goes_through_the_mark() -> None:
    """But for the rows that a load refused and the answers of an assessment, which are
    the reader's own."""
    for folder in ("pages", "ui"):
        for path in sorted((ROOT / folder).glob("*.py")):
            text = path.read_text("utf-8")
            for call in re.findall(r"st\.download_button\((.*?)\n\s*\)\n", text, re.DOTALL):
                if "job.rejected_rows" not in call and "maturity_" not in call:
                    is_csv = "csv_file(" in call and "marked_name(" in call
                    # Other kinds of files are opened by tests/test_export_files.py and
                    # tests/test_briefing.py.
                    is_opened = path.name == "download.py" or "briefing.file_name(" in call
                    assert is_csv or is_opened, path.name


@pytest.mark.parametrize("form", ["csv", "json"])
def test_shown_rows_carry_the_mark(
    marked_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    form: str,
) -> None:
    monkeypatch.setenv("CX_HOME", str(marked_home))
    assert main(["show", "trust", "--component", "TSA", "--format", form]) == 0
    out = capsys.readouterr().out
    if form == "json":
        assert {row[MARK_COLUMN] for row in json.loads(out)} == {DEMONSTRATION}
    else:
        header, *rows = out.splitlines()
        assert header.startswith(f"{MARK_COLUMN},")
        assert rows and all(row.startswith(f"{DEMONSTRATION},") for row in rows)


# The edition.


def test_the_edition_is_marked_and_a_second_build_does_nothing(
    demo_home: Path, demonstration: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert demonstration.is_demonstration
    assert demonstration.manifest["title"] == "Demonstration data, FY2024–26"
    assert demonstration.manifest["data_from"] == "2024Q1"
    assert demonstration.manifest["data_through"] == "2026Q4"
    assert build_key("demo") != build_key("federal")
    key = demonstration.manifest["build_key"]
    monkeypatch.setattr("metrics.build.build_key", lambda dataset: key)
    assert build(demo_home, "demo") == (demonstration.id, False)


def test_trust_of_every_component_is_published(demonstration: Edition) -> None:
    rows = demonstration.rows(
        metric="trust", level="component", channel="all", period="2026Q3", breakdown=None
    )
    with_value = set(rows.loc[rows["value"].notna(), "component"])
    assert with_value >= {"CBP", "CISA", "FEMA", "FLETC", "ICE", "TSA", "USCG", "USCIS", "HQ"}


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_every_page_runs_on_the_demonstration(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, entry: Any
) -> None:
    monkeypatch.setenv("CX_HOME", str(demo_home.parent.parent))
    app = open_page(entry.script, component="TSA", data="demo")
    assert not app.exception
    assert not app.error
    assert len(banners(app)) == 1


def test_both_data_sets_can_be_chosen_and_the_real_one_comes_first(
    federal_home: Path, demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = shutil.copytree(federal_home, tmp_path / "home")
    shutil.copytree(demo_home / "editions", home / "datasets" / "demo" / "editions")
    monkeypatch.setenv("CX_HOME", str(home))
    app = open_page("department.py")
    chooser = next(box for box in app.selectbox if box.label == "Data set")
    assert chooser.value == "main"
    assert list(chooser.options) == ["Federal figures, FY2021–23", "Demonstration data, FY2024–26"]
    assert not banners(app)
    chooser.select("demo").run()
    assert len(banners(app)) == 1

"""Burden: the copied requests, what whole and partial inventories may show, the calculator,
the page and the demonstration."""

import csv
import itertools
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from metrics.base.errors import CxError
from metrics.base.numbers import value_text
from metrics.base.settings import DEMO, PUBLISHED, ROOT, SQL
from metrics.base.sqlfiles import read_sql_folder
from metrics.edition.edition import Edition, open_edition
from metrics.gate.publish import publish
from metrics.intake.load import load_files
from metrics.intake.sources import LoadOptions
from metrics.tell import burden, charts
from metrics.tell.burden import (
    FormBurden,
    Scenario,
    as_it_stands,
    link_texts,
    outcome,
    read_scenario,
)
from metrics.warehouse.store import build_aggregates, create_table, open_warehouse, prepare
from tests.apps import open_page
from tests.conftest import metrics_of
from tests.inventory_file import collection, request, write_inventory

SHIPPED = PUBLISHED / "burden-requests" / "burden_request.csv"
COPIED = ROOT.parent / "shared" / "data" / "pra" / "dhs_icr_sample.csv"
MEASURES = ("responses", "hours", "cost_usd")
CAUSES = ("new_statute", "agency_discretion", "adjustment", "violation")
STOCKS = ("burden_responses", "burden_hours", "burden_cost", "hours_per_response")


def shipped_rows() -> list[dict[str, str]]:
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> Decimal:
    return Decimal(text or "0")


def test_the_shipped_rows_are_the_copied_ones() -> None:
    if not COPIED.exists():
        pytest.skip("needs the copied requests beside the checkout")
    with COPIED.open(encoding="utf-8-sig", newline="") as file:
        copied = {row["icr_reference_number"]: row for row in csv.DictReader(file)}
    shipped = {row["icr_reference"]: row for row in shipped_rows()}
    assert len(shipped) == 49 and shipped.keys() == copied.keys()
    names = {"violation": "pra_violation"}
    for key, row in shipped.items():
        for measure in MEASURES:
            before = f"prev_{measure}"
            assert row[measure] == copied[key][measure]
            assert row[f"previous_{measure}"] == copied[key][before]
            for cause in CAUSES:
                old = copied[key][f"{measure}_chg_{names.get(cause, cause)}"]
                assert row[f"{measure}_{cause}"] == old
        for new, old in (("expires_on", "expiration_date"), ("source_address", "source_url")):
            assert row[new] == copied[key][old]
        assert row["is_partial_inventory"] == "true" and row["source_address"]


def test_printed_causes_add_up_to_current_less_previous() -> None:
    """By plain arithmetic on the file itself."""
    found = {}
    for measure in MEASURES:
        printed = [
            row for row in shipped_rows() if any(row[f"{measure}_{cause}"] for cause in CAUSES)
        ]
        for row in printed:
            change = number(row[measure]) - number(row[f"previous_{measure}"])
            assert change == sum(number(row[f"{measure}_{cause}"]) for cause in CAUSES), row
        found[measure] = len(printed)
    assert found == {"responses": 16, "hours": 13, "cost_usd": 11}


def test_what_is_not_printed_is_unexplained(federal: Edition) -> None:
    actions = federal.table("burden_action").set_index(["icr_reference", "measure"])
    assert len(actions) == 3 * 49
    for row in shipped_rows():
        for measure in MEASURES:
            found = actions.loc[(row["icr_reference"], measure)]
            change = number(row[measure]) - number(row[f"previous_{measure}"])
            printed = [row[f"{measure}_{cause}"] for cause in CAUSES]
            assert found["change"] == float(change)
            assert found["unexplained"] == float(change - sum(map(number, printed)))
            for cause, text in zip(CAUSES, printed, strict=True):
                assert pd.isna(found[cause]) if text == "" else found[cause] == float(text)
    hours = actions.xs("hours", level="measure")
    assert (hours["unexplained"] != 0).sum() == 28
    assert not actions["is_counted"].any()


def test_responses_beyond_32_bits_are_exact(federal: Edition) -> None:
    rows = federal.rows(metric="burden_responses", breakdown="1651-0001", period="2026Q1")
    assert set(rows["level"]) == {"department", "component"}
    assert set(rows["value"]) == {2936054589}
    assert set(rows["basis"]) == {"burden/partial/requested"}


def test_a_partial_inventory_has_no_total_anywhere(federal: Edition) -> None:
    rows = federal.rows(metric=list(STOCKS))
    assert len(rows[rows["breakdown"].notna()]) > 100
    totals = rows[rows["breakdown"].isna()]
    assert len(totals) and totals["value"].isna().all()
    assert set(totals["status"]) == {"not_reported"}
    assert totals["reason"].str.contains("partial inventory").all()
    others = federal.metrics[federal.metrics["family"] == "burden"].index.difference(STOCKS)
    shown = federal.rows(metric=list(others))
    # The one total is the Department's own, as it reported it.
    assert set(shown.loc[shown["value"].notna(), "metric"]) == {"reduction_against_baseline"}


def test_a_copied_figure_stands_in_its_own_quarter_alone(federal: Edition) -> None:
    rows = federal.rows(metric="burden_hours", level="component", period_kind="quarter")
    rows = rows[rows["breakdown"].notna()]
    quarters = {}
    for row in shipped_rows():
        day = row["received_on"] if row["value_basis"] == "requested" else row["concluded_on"]
        if day:
            at = date.fromisoformat(day)
            fiscal = f"{at.year + (at.month > 9)}Q{(at.month + 2) % 12 // 3 + 1}"
            quarters[row["omb_control_number"], fiscal, row["value_basis"]] = float(row["hours"])
    found = {
        (row.breakdown, row.period, row.basis.split("/")[-1]): row.value
        for row in rows.itertuples()
    }
    assert found == quarters and len(found) == 43


def test_the_goal_as_the_department_reported_it(federal: Edition) -> None:
    (row,) = federal.rows(metric="reduction_against_baseline", period_kind="quarter").to_dict(
        "records"
    )
    assert (row["level"], row["period"], row["numerator"]) == ("department", "2024Q1", 21425258)
    assert row["value"] == pytest.approx(21425258 / 190e6)
    progress = burden.goal_progress(federal.table("burden_goal"))
    assert progress["share_of_goal"] == pytest.approx(1.0712629)
    assert (progress["baseline"], progress["goal"]) == (190_000_000, 20_000_000)


def load_csv(connection: duckdb.DuckDBPyConnection, path: Path, *lines: str, **options: Any) -> Any:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    given = LoadOptions(as_of=options.get("as_of", date(2026, 10, 31)))
    (result,) = load_files(connection, "burden-requests", [path], options=given)
    return result


SHORT = "icr_reference,title,value_basis,responses,hours,cost_usd"


def test_a_file_that_does_not_say_it_is_whole_is_partial(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    result = load_csv(warehouse, tmp_path / "a.csv", SHORT, "202401-1652-001,A form,Approved,5,1,0")
    assert result.n_accepted == 1
    assert warehouse.execute(
        "select component, agency_code, is_partial_inventory from burden_request"
    ).fetchall() == [("TSA", "1652", True)]


def test_a_bad_row_names_its_line_and_a_bad_header_the_file(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    result = load_csv(
        warehouse,
        tmp_path / "a.csv",
        SHORT,
        "202401-1652-001,A form,approved,5,1,0",
        '202401-1652-002,A form,approved,"1,000",1,0',
        "202401-1652-003,A form,guessed,5,1,0",
        "202401-1652-004,,approved,5,1.005,-1",
    )
    assert (result.n_accepted, result.n_rejected) == (1, 3)
    found = warehouse.execute(
        "select line_number, column_name from rejected_row order by all"
    ).fetchall()
    assert found == [
        (3, "responses"), (4, "value_basis"), (5, "cost_usd"), (5, "hours"), (5, "title"),
    ]  # fmt: skip
    with pytest.raises(CxError, match=r"column 'hours' is missing"):
        load_csv(warehouse, tmp_path / "b.csv", SHORT.replace("hours", "hour"), "x,x,x,1,1,1")
    with pytest.raises(CxError, match="say --as-of DATE"):
        load_csv(warehouse, tmp_path / "c.csv", SHORT, "x,x,x,1,1,1", as_of=None)


@pytest.fixture
def inventories(
    federal_home: Path, tmp_path: Path
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """In place of the copied requests whole inventories of two quarters, one loaded with a
    mistake and restated.

    CBP 9001: 2000 -> 1500 hours, 400 of the 500 by its own decision. CBP 9002 leaves. TSA 9001
    is new. USCG 9001 has collections that differ and expires on 15 December 2026.
    """
    first = [
        request("202401-1651-001", "1651-9001", responses=100, hours=2000),
        request("202401-1651-002", "1651-9002", responses=10, hours=70),
        request("202401-1625-001", "1625-9001", "1625", responses=5, hours=50),
        request("202401-0503-001", "0503-9001", "0503", responses=9**9, hours=9**9),
    ]
    second = [
        request("202606-1651-001", "1651-9001", responses=100, hours=1500,
                previous=(100, 2000, 0), concluded="2026-08-20-04:00"),
        request("202606-1652-001", "1652-9001", "1652", responses=40, hours=20,
                previous=(0, 0, 0), concluded="2026-09-01-04:00"),
        request("202401-1625-001", "1625-9001", "1625", responses=5, hours=50,
                expires="2026-12-15-05:00", collections=collection(5, 49, ("Yes", "No"))),
    ]  # fmt: skip
    home = shutil.copytree(federal_home, tmp_path / "home")
    with open_warehouse(home) as connection:
        # Copied requests of FY2026 would keep the totals of that year back.
        connection.execute("delete from burden_request")
        wrong = [first[0].replace(">2000<", ">9999<"), *first[1:]]
        for name, day, records in (
            ("wrong", "2026-06-30", wrong),
            ("first", "2026-06-30", first),
            ("second", "2026-09-30", second),
        ):
            path = write_inventory(tmp_path / f"{name}-{day}.xml", *records)
            load_files(connection, "auto", [path])
        load_csv(
            connection, tmp_path / "causes.csv",
            f"{SHORT},omb_control_number,previous_hours,hours_agency_discretion,concluded_on",
            "202606-1651-001,A form,approved,100,1500,0,1651-9001,2000,-400,2026-08-20",
        )  # fmt: skip
        yield connection, home


def test_whole_inventories_give_totals_and_changes(
    inventories: tuple[duckdb.DuckDBPyConnection, Path],
) -> None:
    connection, home = inventories
    publish(connection, home, catalog=metrics_of("burden"))
    edition = open_edition(home)

    def value(metric: str, period: str, breakdown: str | None = None, **more: str) -> Any:
        scope = {"level": "department", "channel": "all", "period": period} | more
        rows = edition.rows(metric=metric, breakdown=breakdown, **scope)
        return rows["value"].tolist()

    assert value("burden_hours", "2026Q3") == [2120]
    assert value("burden_hours", "2026Q4") == [1570]
    assert value("burden_hours", "FY2026") == [1570]  # a stock is not added up over quarters
    assert value("burden_hours", "2026Q4", "1651-9001") == [1500]
    assert value("hours_per_response", "2026Q4") == [1570 / 145]
    # 1570 - 2120 = -550 = -400 by decision, -100 not printed, -70 left, +20 new without a cause.
    assert value("burden_change", "2026Q4") == [-550]
    assert value("burden_change", "2026Q4", "agency_discretion") == [-400]
    assert value("burden_change", "2026Q4", "unexplained") == [-150]
    assert value("discretionary_reduction", "2026Q4", level="component", component="CBP") == [400]
    assert value("approvals_expiring", "2026Q4", "days_0_90") == [1]
    assert value("approvals_expired", "2026Q4") == [0]
    assert value("monetized_burden", "2026Q4") == []
    assert value("learning_cost_assessed", "2026Q4") == []
    findings = edition.table("burden_finding")
    assert findings[["icr_reference", "rule", "quarter"]].to_numpy().tolist() == [
        ["202401-1625-001", "collections_differ", "2026Q4"]
    ]
    assert "FED" not in set(edition.table("burden_inventory")["component"])


CHECKS = ("burden_change_is_sum_of_causes", "published_burden_is_sum_of_requests")


def check(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    (file,) = [file for file in read_sql_folder(SQL / "checks") if file.name == name]
    return len(connection.execute(file.select).fetchall())


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("column", [*CAUSES, "unexplained", "change"])
def test_the_check_of_causes_can_fail(
    warehouse: duckdb.DuckDBPyConnection, measure: str, column: str
) -> None:
    load_files(
        warehouse, "burden-requests", [SHIPPED], options=LoadOptions(as_of=date(2026, 10, 31))
    )
    build_aggregates(warehouse)
    assert check(warehouse, CHECKS[0]) == 0
    warehouse.execute(
        f"update burden_action set {column} = coalesce({column}, 0) + 1 "
        f"where measure = '{measure}' and icr_reference = '201706-1615-001'"
    )
    assert check(warehouse, CHECKS[0]) == 1


def test_the_check_of_totals_can_fail(
    inventories: tuple[duckdb.DuckDBPyConnection, Path],
) -> None:
    connection, home = inventories
    publish(connection, home, catalog=metrics_of("burden"))
    edition = open_edition(home)
    published = edition.rows(metric="burden_hours")
    connection.register("published", published)
    assert check(connection, CHECKS[1]) == 0
    connection.register("published", published.assign(value=published["value"] + 1))
    assert check(connection, CHECKS[1]) == 5  # CBP and USCG twice, TSA once


# The calculator, by hand: 1200 responses of 600 hours are 30 minutes each.
FORM = FormBurden(1200, 600, 40.0)


def test_nothing_changed_saves_nothing() -> None:
    result = outcome(FORM, as_it_stands(FORM))
    assert result.hours == pytest.approx(600, abs=1e-9)
    assert result.hours_saved == pytest.approx(0, abs=1e-9)
    assert (result.people, result.responses) == (1200, 1200)
    assert result.usd == pytest.approx(24_000)


@pytest.mark.parametrize(
    ("change", "hours", "people", "responses"),
    [
        # 1200 x 20 / 60
        ({"minutes": 20.0}, 400, 1200, 1200),
        # half at 30, half at 10 minutes: 20 on average
        ({"minutes_online": 10.0, "online": 50.0}, 400, 1200, 1200),
        # 30 x 8 / 12 = 20 minutes
        ({"questions_now": 12, "questions": 8}, 400, 1200, 1200),
        # 1200 / 4 = 300 people, once a year: 300 x 30 / 60
        ({"times_now": 4.0, "times": 1.0}, 150, 300, 300),
        # twice instead of once: more, not less
        ({"times": 2.0}, 1200, 1200, 2400),
        # (0.75 x 24 + 0.25 x 8) x 5 / 10 = 10 minutes; 600 people x 1
        ({"minutes": 24.0, "minutes_online": 8.0, "online": 25.0, "questions": 5,
          "times_now": 2.0}, 100, 600, 600),
        ({"questions": 0}, 0, 1200, 1200),
    ],
)  # fmt: skip
def test_the_calculator_by_hand(
    change: dict[str, Any], hours: float, people: float, responses: float
) -> None:
    scenario = Scenario(**({"minutes": 30.0, "minutes_online": 30.0} | change))
    result = outcome(FORM, scenario)
    assert (result.people, result.responses) == (people, responses)
    assert result.hours == pytest.approx(hours)
    assert result.hours_saved == pytest.approx(600 - hours)
    assert result.usd_saved == pytest.approx(40 * (600 - hours))
    without_wage = outcome(FormBurden(1200, 600), scenario)
    assert without_wage.usd is None and without_wage.usd_saved is None
    texts = link_texts(scenario, FORM)
    assert set(texts) == {
        name for name in change if getattr(as_it_stands(FORM), name) != change[name]
    }
    assert read_scenario(texts, FORM) == (scenario, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [("minutes", "-1"), ("minutes", "nan"), ("online", "101"), ("questions", "2.5"),
     ("questions_now", "0"), ("times_now", "0"), ("times", "inf"), ("times", "<b>")],
)  # fmt: skip
def test_a_wrong_part_of_a_link_is_said_and_left_as_it_is(name: str, text: str) -> None:
    scenario, wrong = read_scenario({name: text, "other": "1"}, FORM)
    assert (scenario, wrong) == (as_it_stands(FORM), [(name, text)])


def test_the_wage_of_the_form_comes_first_and_none_is_none() -> None:
    wages = pd.DataFrame(
        [(2023, None, 30, 1.4), (2025, None, 32, 1.5), (2020, "1652-9002", 50, 1)],
        columns=["year", "omb_control_number", "hourly_wage_usd", "multiplier"],
    )
    assert burden.usd_per_hour(wages, "1652-9001", 2024) == pytest.approx(42)
    assert burden.usd_per_hour(wages, "1652-9001", 2026) == pytest.approx(48)
    assert burden.usd_per_hour(wages, "1652-9002", 2026) == 50
    assert burden.usd_per_hour(wages, "1652-9001", 2022) is None
    assert burden.usd_per_hour(wages.head(0), "1652-9001", 2026) is None
    assert (burden.calendar_year("2024Q1"), burden.calendar_year("2024Q2")) == (2023, 2024)


def test_charts_say_everything_in_words() -> None:
    rows = pd.DataFrame({"label": ["A", "B"], "value": [2936054589, 190], "is_firm": [False, True]})
    figure = charts.amounts(rows, "Responses a year", "Title")
    assert "A 2,936,054,589 (requested); B 190" in figure.alt
    assert "logarithmic" in figure.alt
    rows["value"] = [20, 10]
    assert (
        "Bar chart. Title. Responses a year: A 20"
        in charts.amounts(rows, "Responses a year", "Title").alt
    )
    parts = pd.DataFrame(
        {"label": ["A", "A", "B"], "cause": ["Adjustment", "Unexplained", "Adjustment"],
         "value": [-1500, 20, 0]}
    )  # fmt: skip
    assert (
        "A: Adjustment −1,500, Unexplained +20. B: no change." in charts.causes(parts, "h", "T").alt
    )


@pytest.fixture
def page(federal_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CX_HOME", str(federal_home))

    def start(home: Path | None = None, **parameters: str) -> AppTest:
        if home is not None:
            monkeypatch.setenv("CX_HOME", str(home))
        return open_page("burden.py", **parameters)

    return start


def everything(app: AppTest) -> str:
    texts = [
        item.value
        for kind in ("subheader", "markdown", "caption", "warning", "code")
        for item in app.get(kind)
    ]
    return "\n".join(texts + [chart.proto.alt for chart in app.get("vega_lite_chart")])


def test_the_page_labels_the_partial_inventory(page: Any) -> None:
    app = page(amount="responses")
    assert not app.exception
    text = everything(app)
    assert "Hand-copied, partial inventory" in text
    assert "2,936,054,589" in text
    assert "13 of 49 copied requests print why the hours changed; the change of 28 is" in text
    assert "21,425,258 hours a year less were reported: 107.1% of the goal" in text
    assert "no wage is documented" in text
    total = sum(float(row["hours"]) for row in shipped_rows() if row["hours"])
    assert value_text(total, "total") not in text


def test_the_page_calculates_what_the_link_says(page: Any) -> None:
    app = page(form="1653-0021", minutes="15", times="x")
    # 3,664 responses of 1,832 hours; 3,664 x 15 / 60 = 916, so 916 less.
    text = everything(app)
    assert "916 hours a year less than today" in text
    assert "“x”, which is not a number from 0 to 366" in text
    box = next(item for item in app.number_input if item.label.startswith("Minutes per response, "))
    box.set_value(7.5).run()
    assert "1,374 hours a year less than today" in everything(app)
    link = next(item.value for item in app.code if "minutes=" in item.value)
    assert link == "/burden?form=1653-0021&minutes=7.5"
    assert app.query_params["minutes"] in ("7.5", ["7.5"])


def test_the_page_of_whole_inventories_has_totals(
    page: Any, inventories: tuple[duckdb.DuckDBPyConnection, Path]
) -> None:
    connection, home = inventories
    publish(connection, home, catalog=metrics_of("burden"))
    app = page(home)
    assert not app.exception
    text = everything(app)
    assert "3 active requests of the Department take **1,570 hours**, **145 responses**" in text
    assert "FY2026 Q4: −550 hours a year, of which −400 by the agency's own decision" in text
    assert "Hand-copied" not in text


def test_the_demonstration_adds_up() -> None:
    """The stock of a quarter less that of the one before is the sum of the changes."""
    connection = duckdb.connect(":memory:")
    connection.execute("attach ':memory:' as demo")
    prepare(connection, DEMO / "reference")
    connection.execute("set search_path = 'demo,memory'")
    for path in sorted((DEMO / "macros").glob("*.sql")):
        connection.execute(path.read_text(encoding="utf-8"))
    for name in ("burden_form_plan", "burden_event_plan", "setting"):
        file = DEMO / "plan" / f"{name}.csv"
        connection.execute(f"create table demo.{name} as from read_csv('{file}', header = true)")
    for file in read_sql_folder(DEMO):
        if "burden" in file.name:
            create_table(connection, file, "demo")
    connection.execute("reset search_path")
    connection.execute(
        "insert into burden_request by name select 1 as load_id, row_number() over () as "
        "line_number, drawn.* from demo.drawn_burden_request as drawn"
    )
    for file in read_sql_folder(SQL / "aggregates"):
        if file.name.startswith("burden"):
            create_table(connection, file)
    stock = dict(
        connection.execute("select quarter, sum(hours) from burden_inventory group by 1").fetchall()
    )
    change = dict(
        connection.execute(
            "select quarter, sum(change) from burden_action "
            "where measure = 'hours' and is_counted group by 1"
        ).fetchall()
    )
    quarters = sorted(stock)
    assert len(quarters) == 12
    for before, after in itertools.pairwise(quarters):
        assert stock[after] - stock[before] == change.get(after, 0), after
    assert connection.execute(
        "select count(distinct component) from burden_inventory"
    ).fetchall() == [(10,)]
    assert check(connection, CHECKS[0]) == 0

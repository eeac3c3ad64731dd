"""What the gate publishes: contracts, identities, comparability, and that it stays shut."""

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from metrics.base.errors import CxError
from metrics.base.settings import PUBLISHED, SQL
from metrics.define.catalog import Metric, read_catalog
from metrics.define.cells import cell_problems, run_check_queries
from metrics.edition.edition import Edition, open_edition
from metrics.edition.manifest import current_id, edition_ids
from metrics.gate import publish as publishing
from metrics.gate import write
from metrics.gate.collect import make_cells
from metrics.gate.steps import RULES, gate_schema, make_metric_table, run_gate
from metrics.warehouse.store import build_aggregates, create_metric_view, open_warehouse
from tests.conftest import metrics_of, own_file, without_places
from tests.made_up import made_up_metric, publish_metrics

CONTRACT = """
metric level component service channel period_kind period basis breakdown value numerator
denominator n low high status reason previous_value change change_low change_high change_call
target target_call design_effect is_rounded
"""
GAP_COLUMNS = """
metric level component service channel period_kind period basis breakdown value rest_value
n rest_n gap gap_low gap_high gap_call reason
"""
STATUSES = {
    *("ok", "few", "suppressed", "partial"),
    *("not_reported", "not_designated", "not_asked"),
}
CALLS = {"up", "down", "same", "cannot tell", "not comparable"}
PERCENTAGES = {388, 461, 484, 549}


def one(edition: Edition, **equals: Any) -> pd.Series:
    """The one published row that an address names."""
    rows = edition.rows(**equals)
    assert len(rows) == 1, rows
    return rows.iloc[0]


@pytest.fixture(scope="module")
def reports() -> pd.DataFrame:
    """The shipped reports of the Department, read with pandas alone."""
    frame = pd.read_csv(PUBLISHED / "survey_report.csv")
    return frame[frame["component"] != "FED"]


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    frame = pd.read_csv(PUBLISHED / "survey_report_answer.csv")
    return frame.merge(pd.read_csv(PUBLISHED / "survey_report.csv"), on="survey_id")


def test_a_published_row_has_the_columns_of_the_contract(federal: Edition) -> None:
    columns = list(federal.rows(metric="trust").columns)
    contract = CONTRACT.split()
    assert [name for name in columns if name in contract] == contract
    assert {f"year_ago_{name}" for name in ("value", "change", "change_call")} <= set(columns)
    rows = federal.rows()
    assert rows["design_effect"].isna().all(), "the shipped reports have no weights"
    told = rows[rows["value"].notna()]
    assert told["is_rounded"].eq(False).all(), "the shipped reports are public"


def test_the_public_file_holds_groups_and_what_names_them(federal: Edition) -> None:
    assert {"segment", "segment_value", "response_survey"} <= set(federal.table_names)
    assert list(federal.table("group_gap").columns) == GAP_COLUMNS.split()


def test_statuses_and_verdicts_are_those_of_the_contract(federal: Edition) -> None:
    rows = federal.rows()
    assert set(rows["status"]) <= STATUSES
    assert set(rows["change_call"].dropna()) == CALLS
    assert set(rows["level"]) == {"department", "component", "service"}
    assert set(rows["period_kind"]) == {"month", "quarter", "fiscal_year"}


def test_what_has_no_number_prints_none(federal: Edition) -> None:
    rows = federal.rows()
    silent = rows[~rows["status"].isin(["ok", "few", "partial"])]
    numbers = ["value", "numerator", "denominator", "n", "low", "high", "previous_value", "change"]
    assert len(silent) > 1000
    assert silent[[*numbers, "year_ago_value", "year_ago_change", "target"]].isna().all(axis=None)
    assert silent["reason"].notna().all()
    assert rows.loc[rows["status"].isin(["ok", "few", "partial"]), "value"].notna().all()


def test_department_is_the_sum_of_components_and_year_of_quarters(federal: Edition) -> None:
    rows = federal.rows().astype({"numerator": float, "denominator": float})
    kinds = federal.metrics["kind"]
    rows = rows[rows["metric"].map(kinds) != "quantile"]  # published without its counts
    rows = rows[rows["value"].notna()].fillna({"breakdown": "", "denominator": 0})
    key = ["metric", "channel", "period", "basis", "breakdown"]
    department = rows[rows["level"] == "department"].set_index(key)
    # What the Department states of itself is no sum.
    department = department.drop("reduction_against_baseline", errors="raise")
    parts = rows[rows["level"] == "component"].groupby(key)[["numerator", "denominator"]].sum()
    assert len(department) > 1000
    pd.testing.assert_frame_equal(
        department[["numerator", "denominator"]].sort_index(), parts.sort_index(), check_like=True
    )
    key = ["metric", "level", "component", "service", "channel", "basis", "breakdown"]
    flows = rows[rows["metric"].map(federal.metrics["over_time"]) == "sum"]
    years = flows[flows["period_kind"] == "fiscal_year"].set_index([*key, "period"])
    quarters = flows[flows["period_kind"] == "quarter"]
    quarters = quarters.assign(period="FY" + quarters["period"].str[:4])
    sums = quarters.groupby([*key, "period"])[["numerator", "denominator"]].sum()
    pd.testing.assert_frame_equal(
        years[["numerator", "denominator"]].sort_index(), sums.sort_index(), check_like=True
    )


@pytest.mark.parametrize(("measure", "question"), [("trust", 2), ("satisfaction", 1), ("ease", 4)])
def test_components_equal_an_independent_sum(
    federal: Edition, answers: pd.DataFrame, measure: str, question: int
) -> None:
    mine = answers[(answers["component"] != "FED") & (answers["question"] == question)]
    mine = mine[~mine["survey_id"].isin(PERCENTAGES) & (mine["wording"] != "met-expectations")]
    mine = mine.assign(
        good=mine["n_4"] + mine["n_5"], n=mine[[f"n_{code}" for code in range(1, 6)]].sum(axis=1)
    )
    expected = mine.groupby(["component", "quarter", "wording"])[["good", "n"]].sum()
    rows = federal.rows(metric=measure, level="component", channel="all", period_kind="quarter")
    rows = rows[rows["value"].notna()]
    assert len(rows) == len(expected)
    for row in rows.itertuples():
        good, n = expected.loc[(row.component, row.period, row.basis.split("/")[-1])]
        assert (row.numerator, row.denominator) == (good, n)
        assert row.value == pytest.approx(good / n, abs=1e-15)


def test_response_rate_is_respondents_over_offered(federal: Edition, reports: pd.DataFrame) -> None:
    tsa = reports[(reports["component"] == "TSA") & (reports["quarter"] == "2022Q4")]
    row = one(
        federal,
        metric="response_rate",
        level="component",
        component="TSA",
        channel="all",
        period="2022Q4",
    )
    assert (row["numerator"], row["denominator"]) == (
        tsa["respondents"].sum(),
        tsa["offered"].sum(),
    )
    uscis = federal.rows(metric="response_rate", component="USCIS", level="component")
    early = uscis[uscis["period"].isin(["2021Q1", "2021Q2", "2021Q3"])]
    assert early["value"].isna().all()
    assert set(early["status"]) == {"not_reported"}


def test_customers_that_surveys_share_are_counted_once(
    federal: Edition, reports: pd.DataFrame
) -> None:
    fema = reports[(reports["component"] == "FEMA") & (reports["quarter"] == "2021Q1")]
    assert len(fema) == 3
    row = one(
        federal,
        metric="customer_volume",
        level="component",
        component="FEMA",
        channel="all",
        period="2021Q1",
    )
    assert row["value"] == fema["customers"].max()


def test_the_benchmark_is_the_sum_of_the_whole_government(
    federal: Edition, answers: pd.DataFrame
) -> None:
    left_out = set(PERCENTAGES)
    with open_warehouse(federal.home) as connection:
        findings = connection.execute(
            "select survey_id, question from survey_finding "
            "where effect = 'quarantined' and applies_to in ('answers', 'all')"
        ).df()
    left_out |= set(findings.loc[findings["question"].isna(), "survey_id"])
    pairs = set(zip(findings["survey_id"], findings["question"], strict=True))
    mine = answers[answers["wording"] == "increased-confidence"]
    is_usable = [
        survey not in left_out and (survey, question) not in pairs
        for survey, question in zip(mine["survey_id"], mine["question"], strict=True)
    ]
    mine = mine[pd.Series(is_usable, index=mine.index)]
    for quarter, group in mine.groupby("quarter"):
        row = one(
            federal,
            table="benchmark",
            metric="trust",
            channel="all",
            period=quarter,
            basis="a11/agree5/increased-confidence",
        )
        assert row["numerator"] == (group["n_4"] + group["n_5"]).sum()
        assert row["denominator"] == group[[f"n_{c}" for c in range(1, 6)]].sum(axis=None)
        assert row["n_services"] == group["service"].nunique()


def test_a_change_of_instrument_is_not_compared(federal: Edition) -> None:
    row = one(
        federal,
        metric="satisfaction",
        level="component",
        component="FEMA",
        channel="all",
        period="2023Q1",
    )
    for prefix in ("", "year_ago_"):
        assert row[f"{prefix}change_call"] == "not comparable"
        assert row[f"{prefix}change_reason"].startswith("Instrument: ")
        assert pd.isna(row[f"{prefix}change"])
    assert "2021Q3" in row["change_reason"]


def test_a_shift_of_the_mix_is_not_news(federal: Edition) -> None:
    """Both TSA channels move little while the total falls by 7 points: at a fixed mix it is
    shown to be the same."""
    at = {"metric": "trust", "level": "component", "component": "TSA", "period": "2022Q4"}
    total = one(federal, channel="all", **at)
    before = one(federal, channel="all", **{**at, "period": "2022Q3"})
    assert total["value"] < before["value"] - 0.05
    assert total["change_call"] == "same"
    assert abs(total["like_change"]) < RULES.minimum_effect_share < abs(total["change"])


def test_different_bases_are_never_added_up(federal: Edition) -> None:
    rows = federal.rows(
        metric="satisfaction", level="component", component="FEMA", channel="all", period="2021Q1"
    )
    assert len(rows) == 2
    assert rows["basis"].str.split("/").str[-1].tolist() == [
        "rated-information",
        "rated-overall-service",
    ]
    assert sorted(rows["n"]) == [1899, 910 + 1429]


@pytest.mark.parametrize(
    ("metric", "component", "period", "status", "words"),
    [
        ("trust", "CISA", "2022Q1", "not_designated", "no service designated"),
        ("trust", "CBP", "2021Q1", "not_reported", "every figure 0 or blank"),
        ("trust", "CBP", "2022Q1", "not_reported", "No report was filed"),
        ("trust", "FEMA", "2021Q1", "not_asked", "did not ask"),
        ("trust", "FEMA", "2022Q1", "not_reported", "percentages were typed"),
        ("response_rate", "USCIS", "2021Q3", "not_reported", "everybody answered"),
        ("trust", "CBP", "FY2022", "not_reported", "No report was filed"),
    ],
)
def test_a_missing_number_says_why(
    federal: Edition, metric: str, component: str, period: str, status: str, words: str
) -> None:
    row = one(federal, metric=metric, level="component", component=component, period=period)
    assert row["status"] == status
    assert words in row["reason"]


def test_what_a_total_lacks_is_named(federal: Edition) -> None:
    at = {"metric": "trust", "level": "department", "channel": "all"}
    row = one(federal, period="2022Q1", **at)
    assert (row["status"], row["reason"]) == ("partial", "Without CBP, FEMA.")
    year = one(federal, period="FY2023", **at)
    assert (year["status"], year["reason"]) == (
        "partial",
        "Covers 3 of 16 quarterly reports of the year.",
    )


@pytest.fixture
def home(federal_home: Path, tmp_path: Path) -> Path:
    """A copy of the federal warehouse and edition that a test may change."""
    return without_places(shutil.copytree(federal_home, tmp_path / "home"))


FEW = ("trust", "satisfaction", "respondents", "response_rate", "reporting_rate")


def few() -> dict[str, Metric]:
    """A few metrics, so that a test may publish in a second."""
    return metrics_of(*FEW)


def _replaced(name: str, **changes: Any) -> dict[str, Metric]:
    catalog = few()
    catalog[name] = catalog[name].model_copy(update=changes)
    return catalog


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (" as numerator", " + n_answers as numerator", "0 <= numerator <= denominator"),
        ("    component,", "    'NASA' as component,", "component must be in data/reference"),
        ("    quarter,", "    '2021-1' as quarter,", "quarter must read like 2021Q2"),
        ("    channel,", "    'pigeon' as channel,", "channel must be in data/reference"),
        ("    basis,", "    '' as basis,", "basis must not be blank"),
        ("n_answers as denominator", "null::int as denominator", "denominator must not be null"),
        ("n_answers as denominator", "n_answers as answers", "returns no column 'denominator'"),
        ("where measure = 'trust'", "where measur = 'trust'", "measur"),
        ("where measure = 'trust'", "where true", "appear more than once"),
    ],
)
def test_a_metric_that_breaks_the_contract_publishes_nothing(
    home: Path, tmp_path: Path, old: str, new: str, message: str
) -> None:
    metric = read_catalog()["trust"]
    path = own_file("trust", tmp_path)
    path.write_text(path.read_text().replace(old, new))
    sql = metric.sql.replace(old, new)
    assert sql != metric.sql
    before = (current_id(home), edition_ids(home))
    catalog = _replaced("trust", sql=sql, path=path)
    with open_warehouse(home) as connection, pytest.raises(CxError) as refused:
        publishing.publish(connection, home, catalog=catalog)
    assert f"{path}:" in str(refused.value)
    assert message in str(refused.value)
    assert (current_id(home), edition_ids(home)) == before


PLACE = (
    "select 'TSA' as component, 'tsa-contact-center' as service, 'email' as channel, "
    "'2024Q3' as quarter, null::date as month, 'a11/agree5/made-up' as basis, "
)
GOOD = {
    "share": "30.5 as numerator, 44.25 as denominator, 40 as n, 60.0 as total_of_squared_weights",
    "mean": "150.0 as total, 600.0 as total_of_squares, 40 as n, 44.0 as total_of_weights, "
    "60.0 as total_of_squared_weights",
}


def problems_of(
    connection: duckdb.DuckDBPyConnection, folder: Path, numbers: str, **changes: Any
) -> list[str]:
    """What the contract says of a metric with one cell that holds these numbers."""
    path = folder / "made_up.sql"
    path.write_text(PLACE + numbers)
    metric = made_up_metric("made_up", sql=PLACE + numbers, path=path, **changes)
    create_metric_view(connection, metric)
    problems = cell_problems(connection, {metric.name: metric})[metric.name]
    assert all(problem.startswith(f"{path}:1: ") for problem in problems)
    return problems


@pytest.mark.parametrize("kind", ["share", "mean"])
def test_good_weighted_cells_have_no_problem(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str
) -> None:
    assert problems_of(warehouse, tmp_path, GOOD[kind], kind=kind) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "message"),
    [
        ("share", "40 as n, ", "", "weighted answers need both n and total_of_squared_weights"),
        ("share", ", 60.0 as total_of_squared_weights", "", "returns no column 'total_of_squared"),
        ("mean", "44.0 as total_of_weights, ", "", "returns no column 'total_of_weights'"),
        ("mean", ", 60.0 as total_of_squared_weights", "", "need both total_of_weights and"),
        ("share", "40 as n", "null::int as n", "n must not be null"),
        ("share", "40 as n", "40.5 as n", "n must be the number of people"),
        ("share", "40 as n", "0 as n", "n must be the number of people"),
        ("share", "40 as n", "40 as n, 44 as total_of_weights", "not part of the cell"),
        ("share", "44.25", "'nan'::double", "must be finite"),
        ("share", "30.5", "44.3", "0 <= numerator <= denominator"),
        ("share", "60.0", "2000.0", "the sum of the squared weights"),  # more than 44.25 squared
        ("share", "60.0", "44.0", "the sum of the squared weights"),  # less than 44.25 squared / 40
        ("mean", "60.0", "1e9", "the sum of the squared weights"),
        ("mean", "600.0", "500.0", "total_of_squares that of weight times squared value"),
    ],
)
def test_wrong_sums_of_weights_are_named(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    kind: str,
    old: str,
    new: str,
    message: str,
) -> None:
    assert GOOD[kind].count(old) == 1
    problems = problems_of(warehouse, tmp_path, GOOD[kind].replace(old, new), kind=kind)
    assert len(problems) >= 1 and message in problems[0]


def test_head_counts_are_not_weighted(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (problem,) = problems_of(warehouse, tmp_path, GOOD["share"], family="response")
    assert "a metric with counts_people: numerator counts heads, which are not weighted" in problem


def test_groups_that_are_compared_have_no_total_of_their_own(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    keys = {"breakdown": "language", "compare_groups": True}
    numbers = "'english' as language, 30 as numerator, 40 as denominator"
    assert problems_of(warehouse, tmp_path, numbers, **keys) == []
    total = numbers.replace("'english'", "null::varchar")
    (problem,) = problems_of(warehouse, tmp_path, total, **keys)
    assert "leave total rows out, and give people of unknown group a group" in problem
    assert problems_of(warehouse, tmp_path, total, breakdown="language") == []


def values_of(rows: list[tuple[object, ...]], names: str) -> str:
    """A select of constant rows."""
    texts = [
        ", ".join("null" if v is None else repr(v) if isinstance(v, str) else str(v) for v in row)
        for row in rows
    ]
    return f"select * from (values ({'), ('.join(texts)})) as t ({names})"


def test_gaps_are_silent_where_a_group_or_the_total_is_suppressed(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Beside one small group no other is told; where all are in one group nobody else is left."""
    rows = [
        (component, service, "email", "2024Q3", f"a11/agree5/w/{attribute}", group, n // 2, n)
        for component, service, attribute, group, n in [
            ("TSA", "tsa-contact-center", "language", "english", 400),
            ("TSA", "tsa-contact-center", "language", "spanish", 6),
            ("FEMA", "fema-disaster-assistance", "language", "english", 300),
            ("FEMA", "fema-disaster-assistance", "language", "spanish", 50),
            ("USCIS", "uscis-contact-center", "language", "english", 200),
            ("USCIS", "uscis-contact-center", "language", "spanish", 90),
            ("TSA", "tsa-contact-center", "first_time", "yes", 406),
        ]
    ]
    names = "component, service, channel, quarter, basis, member, numerator, denominator"
    path = tmp_path / "by_group.sql"
    path.write_text(f"select *, null::date as month from ({values_of(rows, names)})")
    keys = {"breakdown": "member", "compare_groups": True}
    metric = made_up_metric("by_group", sql=path.read_text(), path=path, **keys)
    tables = publish_metrics(warehouse, {"by_group": metric}, is_private=True)
    gaps = tables["group_gap"]
    gaps = gaps[(gaps["level"] == "service") & (gaps["channel"] == "all")]
    gaps = gaps[gaps["period"] == "2024Q3"].set_index(["component", "basis", "breakdown"])
    numbers = ["value", "rest_value", "n", "rest_n", "gap", "gap_low", "gap_high", "gap_call"]
    language = "a11/agree5/w/language"
    for group, why in (("english", "suppressed"), ("spanish", "ewer than 11 people")):
        row = gaps.loc[("TSA", language, group)]
        assert row[numbers].isna().all()
        assert why in row["reason"]
    alone = gaps.loc[("TSA", "a11/agree5/w/first_time", "yes")]
    assert alone[numbers].isna().all() and alone["reason"] == "Nobody is in another group."
    for component in ("FEMA", "USCIS"):
        for group in ("english", "spanish"):
            row = gaps.loc[(component, language, group)]
            is_told = pd.notna(row["gap"])
            assert is_told == pd.isna(row["reason"]) == pd.notna(row["gap_call"])
    told = gaps[gaps["gap"].notna()]
    assert len(told) == 4 and set(told["gap_call"]) == {"no clear difference"}
    assert (told[["n", "rest_n"]] % 10 == 0).all(axis=None)


def test_a_gap_needs_the_minimum_effect_too(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """A million people: every gap is more than chance, but some are too small to matter."""
    place = ("TSA", "tsa-contact-center", "email", "2024Q3")
    shares, means = [], []
    for attribute, gap in (("less", 15_000), ("more", 25_000)):
        basis = f"a11/agree5/w/{attribute}"
        shares += [
            (*place, basis, "one", 700_000 + gap, 1_000_000),
            (*place, basis, "two", 700_000, 1_000_000),
        ]
    for attribute, gap in (("less", 80_000), ("more", 120_000)):
        basis = f"a11/agree5/w/{attribute}"
        means += [
            (*place, basis, "one", 3_000_000 - gap, 10_000_000, 1_000_000),
            (*place, basis, "two", 3_000_000, 10_000_000, 1_000_000),
        ]
    names = "component, service, channel, quarter, basis, member"
    catalog = {}
    for kind, rows, numbers in (
        ("share", shares, "numerator, denominator"),
        ("mean", means, "total, total_of_squares, n"),
    ):
        path = tmp_path / f"{kind}.sql"
        sql = f"select *, null::date as month from ({values_of(rows, f'{names}, {numbers}')})"
        path.write_text(sql)
        catalog[kind] = made_up_metric(
            kind, kind, sql=sql, path=path, breakdown="member", compare_groups=True
        )
    gaps = publish_metrics(warehouse, catalog)["group_gap"]
    gaps = gaps[(gaps["level"] == "service") & (gaps["period"] == "2024Q3")]
    gaps = gaps[(gaps["channel"] == "all") & (gaps["breakdown"] == "one")]
    found = {
        (row.metric, row.basis.split("/")[3]): (round(row.gap, 6), row.gap_call)
        for row in gaps.itertuples()
    }
    assert found == {
        ("share", "less"): (0.015, "no clear difference"),
        ("share", "more"): (0.025, "above"),
        ("mean", "less"): (-0.08, "no clear difference"),
        ("mean", "more"): (-0.12, "below"),
    }


GAP_KEY = ("trust", "service", "TSA", "one", "all", "quarter", "2024Q3", "b")


@pytest.mark.parametrize(
    ("group", "total", "value", "n_failing"),
    [
        (0.4, 0.5, 0.4, 0),
        (None, 0.5, 0.4, 1),
        (0.4, None, 0.4, 1),
        (0.4, "missing", 0.4, 1),
        (None, 0.5, None, 0),
        (0.4, None, None, 0),
    ],
)
def test_a_gap_that_tells_what_is_hidden_fails_its_check(
    tmp_path: Path, group: object, total: object, value: object, n_failing: int
) -> None:
    name = "no_gap_tells_what_is_hidden.sql"
    shutil.copy(SQL / "checks" / name, tmp_path / name)
    key = "metric, level, component, service, channel, period_kind, period, basis, breakdown"
    published = [(*GAP_KEY, "spanish", group), (*GAP_KEY, "english", 0.6)]
    if total != "missing":
        published.append((*GAP_KEY, None, total))
    numbers = "value, rest_value, n, rest_n, gap, gap_low, gap_high"
    connection = duckdb.connect(":memory:")
    connection.execute(f"create table published as {values_of(published, f'{key}, value')}")
    rows = [(*GAP_KEY, "spanish", None, None, None, value, None, None, None)]
    connection.execute(f"create table group_gap as {values_of(rows, f'{key}, {numbers}')}")
    (result,) = run_check_queries(connection, tmp_path)
    assert result["n_rows"] == n_failing


def test_groups_are_never_compared_with_earlier_ones_of_another_attribute(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    place = ("TSA", "tsa-contact-center", "email")
    rows = [
        (*place, quarter, f"a11/agree5/{basis}", group, 60, 100)
        for quarter, basis, group in [
            ("2024Q2", "old/language", "english"),
            ("2024Q2", "old/language", "korean"),
            ("2024Q3", "old/language", "english"),
            ("2024Q4", "new/language", "english"),
            ("2024Q4", "new/language", "spanish"),
            ("2024Q4", "new/language", "korean"),
            ("2024Q4", "new/region", "east"),
            ("2024Q4", "new/region", "west"),
        ]
    ]
    names = "component, service, channel, quarter, basis, member, numerator, denominator"
    path = tmp_path / "by_group.sql"
    path.write_text(f"select *, null::date as month from ({values_of(rows, names)})")
    keys = {"breakdown": "member", "compare_groups": True}
    metric = made_up_metric("by_group", sql=path.read_text(), path=path, **keys)
    published = publish_metrics(warehouse, {"by_group": metric})["published"]
    now = published[(published["level"] == "service") & (published["channel"] == "all")]
    now = now[now["period"] == "2024Q4"]
    found = {
        (basis.split("/")[3], group if isinstance(group, str) else None): reason
        for basis, group, reason in zip(
            now["basis"], now["breakdown"], now["change_reason"], strict=True
        )
    }
    other_words = "Wording: 2024Q3 asked the question in other words."
    assert found[("language", "english")] == found[("language", None)] == other_words
    assert found[("language", "korean")].startswith(
        "Wording: there is no usable figure for 2024Q3, and the last one, for 2024Q2, was asked"
    )
    # Nothing of these came earlier: neither the region nor anybody who speaks Spanish.
    for new in [("language", "spanish"), ("region", "east"), ("region", "west"), ("region", None)]:
        assert pd.isna(found[new]), new
    calls = now.set_index(now["basis"].str.split("/").str[3])["change_call"]
    assert calls["region"].isna().all()


def test_a_service_lacks_nothing_that_another_one_owes(home: Path) -> None:
    with open_warehouse(home) as connection:
        connection.execute(
            "insert into service by name select 'tsa-other' as service, component, name, "
            "description, designated_from, is_customers_shared, source "
            "from service where service = 'tsa-contact-center'"
        )
        build_aggregates(connection)
        with gate_schema(connection) as schema:
            catalog = metrics_of("trust")
            make_cells(connection, catalog, schema)
            make_metric_table(connection, catalog, schema)
            run_gate(connection)
            told = connection.execute(
                "select level, service, status, reason from gate.published "
                "where metric = 'trust' and component = 'TSA' and channel = 'all' "
                "and period = '2022Q1' and level in ('component', 'service') order by all"
            ).fetchall()
    assert told[:2] == [
        ("component", "all", "partial", "Some designated services are missing."),
        ("service", "tsa-contact-center", "ok", None),
    ]


def test_quarters_that_are_not_due_yet_are_no_gaps(home: Path) -> None:
    """The board of reports goes on beyond the last quarter with figures."""
    catalog = {name: read_catalog()[name] for name in ("trust", "reporting_status")}
    with open_warehouse(home) as connection:
        build_aggregates(connection)
        connection.execute("delete from reporting_board where quarter > '2023Q1'")
        rows = {}
        for is_longer in (False, True):
            if is_longer:
                connection.execute(
                    "insert into reporting_board select * replace (later.quarter as quarter) "
                    "from reporting_board cross join (select unnest(['2023Q2', '2024Q1']) "
                    "as quarter) as later where reporting_board.quarter = '2023Q1'"
                )
            with gate_schema(connection) as schema:
                make_cells(connection, catalog, schema)
                make_metric_table(connection, catalog, schema)
                run_gate(connection)
                rows[is_longer] = connection.execute(
                    "select metric, level, component, service, channel, period, basis, breakdown, "
                    "status, reason, value from gate.published order by all"
                ).df()
    longer = rows[True]
    assert {"2023Q2", "2024Q1"} <= set(longer.loc[longer["metric"] == "reporting_status", "period"])
    trust = [frame[frame["metric"] == "trust"].reset_index(drop=True) for frame in rows.values()]
    assert trust[0]["period"].max() == "FY2023" and "2023Q2" not in set(trust[1]["period"])
    pd.testing.assert_frame_equal(*trust)


def test_reasons_of_refused_responses_stay_inside(home: Path) -> None:
    with open_warehouse(home) as connection:
        connection.execute("""
            insert into data_load by name
            select
                900 + unnest([0, 1]) as load_id, 'made-up' as format,
                'response' as fills,
                unnest([null, 'tsa-contact-center-phone']) as survey, 'x.csv' as file_name,
                'x' as sha256, date '2023-05-21' as as_of, now()::timestamp as loaded_at,
                4 as n_rows, 0 as n_accepted, 0 as n_duplicate, 4 as n_rejected
        """)
        connection.execute("""
            insert into rejected_row
            select load, line, name, 'My call about visa 4711 is no number', '{}'
            from
                (select unnest([900, 901]) as load),
                (select unnest([2, 3, 3]) as line, unnest(['trust', 'trust', 'ease']) as name)
        """)
        publishing.publish(connection, home, catalog=few(), is_demonstration=True)
    edition = open_edition(home)
    rejected = edition.table("rejected_row")
    assert list(rejected.columns) == [
        *("load_id", "line_number", "column_name", "reason", "n_rows"),
    ]
    assert sorted(zip(rejected["line_number"], rejected["column_name"], strict=True)) == [
        *((2, "trust"), (3, "ease"), (3, "trust")),
    ]
    assert rejected["reason"].str.contains("4711").all() and set(rejected["n_rows"]) == {1}
    loads = edition.table("data_load")
    (number,) = loads.loc[loads["file_name"] == "x.csv", "load_id"]
    assert set(rejected["load_id"]) == {number}
    assert edition.manifest["is_demonstration"] is True


def test_a_failing_check_publishes_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (current_id(home), edition_ids(home))
    checks = tmp_path / "checks"
    checks.mkdir()
    (checks / "no_trust.sql").write_text(
        "/* Nobody trusts. One row per row that does. */\nselect metric, value from published "
        "where metric = 'trust' and value > 0\n"
    )
    run = publishing.run_check_queries
    monkeypatch.setattr(publishing, "run_check_queries", lambda c: run(c, checks))
    with open_warehouse(home) as connection, pytest.raises(CxError, match=r"no_trust\.sql:1: "):
        publishing.publish(connection, home, catalog=few())
    assert (current_id(home), edition_ids(home)) == before


def test_a_publish_that_dies_leaves_nothing_half_done(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (current_id(home), sorted(path.name for path in (home / "editions").iterdir()))

    def die(*_: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(write.json, "dumps", die)
    with open_warehouse(home) as connection, pytest.raises(OSError, match="No space left"):
        publishing.publish(connection, home, catalog=few())
    monkeypatch.undo()
    after = (current_id(home), sorted(path.name for path in (home / "editions").iterdir()))
    assert after == before
    with open_warehouse(home) as connection:
        publishing.publish(connection, home, catalog=few())
    assert len(edition_ids(home)) == 2
    assert current_id(home) == edition_ids(home)[-1]


def test_an_edition_says_what_it_is_made_of(federal: Edition) -> None:
    manifest = federal.manifest
    assert manifest["as_of"] == "2023-05-21"
    assert manifest["is_demonstration"] is False
    assert (manifest["data_from"], manifest["data_through"]) == ("2021Q1", "2023Q1")
    assert manifest["inputs"][0]["n_rows"] == "481"
    assert manifest["metrics"].keys() == read_catalog().keys()
    assert manifest["n_published"] == len(federal.rows())
    assert {check["n_rows"] for check in manifest["checks"]} == {0}
    text = (federal.home / "editions" / federal.id / "manifest.json").read_text()
    assert json.loads(text) == manifest
    names = {path.name for path in (federal.home / "editions" / federal.id).iterdir()}
    assert {"public.duckdb", "component-TSA.duckdb", "manifest.json"} <= names


def test_the_public_file_holds_nothing_raw(federal: Edition) -> None:
    assert not {"survey_report", "survey_report_answer", "current_answer"} & set(
        federal.table_names
    )
    assert "detail" not in federal.table("finding").columns
    assert "raw_text" not in federal.table("rejected_row").columns


def test_an_empty_warehouse_is_not_published(tmp_path: Path) -> None:
    with open_warehouse(tmp_path) as connection, pytest.raises(CxError, match="holds no figures"):
        publishing.publish(connection, tmp_path, catalog=few())
    assert current_id(tmp_path) is None


def test_a_target_is_judged_by_the_whole_interval(home: Path, federal: Edition) -> None:
    place = {"metric": "trust", "level": "component", "component": "TSA", "channel": "all"}
    values = {p: one(federal, **place, period=p)["value"] for p in ("2022Q3", "2022Q4", "2023Q1")}
    aims = dict(zip(values, (-0.1, 0, 0.1), strict=True))
    with open_warehouse(home) as connection:
        connection.execute("delete from target")
        connection.executemany(
            "insert into target values ('trust', 'component', 'TSA', 'all', ?, ?, ?, 'Made up')",
            [[period, period, values[period] + aims[period]] for period in values],
        )
        publishing.publish(connection, home, catalog=few())
    rows = {period: one(open_edition(home), **place, period=period) for period in values}
    assert [row["target_call"] for row in rows.values()] == ["met", "unclear", "missed"]
    for period, row in rows.items():
        assert row["target"] == pytest.approx(values[period] + aims[period])


def test_a_suppressed_figure_stands_beside_no_target(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [
        ("TSA", "tsa-contact-center", "email", "2024Q3", "a11/agree5/w", 3, 6),
        ("FEMA", "fema-disaster-assistance", "email", "2024Q3", "a11/agree5/w", 100, 200),
        ("USCIS", "uscis-contact-center", "email", "2024Q3", "a11/agree5/x", 150, 300),
    ]
    names = "component, service, channel, quarter, basis, numerator, denominator"
    path = tmp_path / "made_up.sql"
    path.write_text(f"select *, null::date as month from ({values_of(rows, names)})")
    warehouse.execute(
        "insert into target select 'made_up', 'component', component, 'all', '2024Q1', null, "
        "0.4, 'Made up for this test' from component"
    )
    metric = made_up_metric("made_up", sql=path.read_text(), path=path)
    tables = publish_metrics(warehouse, {"made_up": metric}, is_private=True)
    published = tables["published"]
    at = published[(published["level"] == "component") & (published["channel"] == "all")]
    at = at[at["period"] == "2024Q3"].set_index("component")
    assert at.loc["TSA", "status"] == "suppressed" and pd.isna(at.loc["TSA", "target"])
    assert at.loc["USCIS", "target"] == 0.4 and at.loc["USCIS", "target_call"] == "met"


@pytest.mark.parametrize(
    ("component", "call"), [("TSA", "below"), ("FEMA", "below"), ("USCIS", None), ("all", None)]
)
def test_a_figure_stands_beside_the_rest_of_the_government(
    federal: Edition, component: str, call: str | None
) -> None:
    """The whole government less the Component, or less the Department. Beside USCIS and the
    Department one service gave more than half of the answers, so nothing is called."""
    level = "department" if component == "all" else "component"
    at = {"metric": "trust", "channel": "all", "period": "2023Q1"}
    row = one(federal, level=level, component=component, **at)
    whole = one(federal, table="benchmark", basis=row["basis"], **at)
    good, n = (int(whole[name]) - int(row[name]) for name in ("numerator", "denominator"))
    assert row["benchmark"] == pytest.approx(good / n, abs=1e-12)
    own_services = int(whole["n_services"]) - int(row["benchmark_services"])
    assert own_services == (3 if component == "all" else 1)
    assert (row["benchmark_largest"] > 0.5) == (call is None)
    if call is None:
        assert pd.isna(row["benchmark_call"])
        return
    assert row["benchmark_call"] == call
    low, high = confint_proportions_2indep(
        int(row["numerator"]), int(row["denominator"]), good, n, method="newcomb", compare="diff"
    )
    assert (low > 0, high < 0) == (call == "above", call == "below")


def test_a_wording_that_nobody_else_uses_has_no_benchmark(federal: Edition) -> None:
    at = {"level": "component", "component": "TSA", "channel": "all", "period": "2023Q1"}
    row = one(federal, metric="effectiveness", **at)
    assert row["basis"].endswith("inquiry-resolved")
    assert pd.isna(row["benchmark"]) and pd.isna(row["benchmark_call"])

"""What the gate publishes: contracts, identities, comparability, and that it stays shut."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from metrics import publish as publishing
from metrics.catalog import Metric, read_catalog
from metrics.edition import Edition, current_id, edition_ids, open_edition
from metrics.errors import CxError
from metrics.settings import PUBLISHED
from metrics.warehouse import open_warehouse

CONTRACT = """
metric level component service channel period_kind period basis breakdown value numerator
denominator n low high status reason previous_value change change_low change_high change_call
target target_call
"""
STATUSES = {
    *("ok", "few", "suppressed", "partial"),
    *("not_reported", "not_designated", "not_asked"),
}
CALLS = {"up", "down", "no clear change", "not comparable"}
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


def test_statuses_and_verdicts_are_those_of_the_contract(federal: Edition) -> None:
    rows = federal.rows()
    assert set(rows["status"]) <= STATUSES
    assert set(rows["change_call"].dropna()) == CALLS
    assert set(rows["level"]) == {"department", "component", "service"}
    assert set(rows["period_kind"]) == {"quarter", "fiscal_year"}


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
    rows = rows[rows["value"].notna()].fillna({"breakdown": "", "denominator": 0})
    key = ["metric", "channel", "period", "basis", "breakdown"]
    department = rows[rows["level"] == "department"].set_index(key)
    parts = rows[rows["level"] == "component"].groupby(key)[["numerator", "denominator"]].sum()
    assert len(department) > 1000
    pd.testing.assert_frame_equal(
        department[["numerator", "denominator"]].sort_index(), parts.sort_index(), check_like=True
    )
    key = ["metric", "level", "component", "service", "channel", "basis", "breakdown"]
    years = rows[rows["period_kind"] == "fiscal_year"].set_index([*key, "period"])
    quarters = rows[rows["period_kind"] == "quarter"]
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
    """Both TSA channels stay level or move little while the total falls by 7 points."""
    at = {"metric": "trust", "level": "component", "component": "TSA", "period": "2022Q4"}
    total = one(federal, channel="all", **at)
    before = one(federal, channel="all", **{**at, "period": "2022Q3"})
    assert total["value"] < before["value"] - 0.05
    assert total["change_call"] == "not comparable"
    assert total["change_reason"].startswith("Scope: ")
    assert one(federal, channel="email", **at)["change_call"] == "up"


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
    copy: Path = shutil.copytree(federal_home, tmp_path / "home")
    return copy


def _replaced(name: str, **changes: Any) -> dict[str, Metric]:
    catalog = read_catalog()
    catalog[name] = catalog[name].model_copy(update=changes)
    return catalog


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("n_4 + n_5 as numerator", "n_answers + 1 as numerator", "0 <= numerator <= denominator"),
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
    path = tmp_path / "trust.sql"
    path.write_text(metric.path.read_text().replace(old, new))
    sql = metric.sql.replace(old, new)
    assert sql != metric.sql
    before = (current_id(home), edition_ids(home))
    catalog = _replaced("trust", sql=sql, path=path)
    with open_warehouse(home) as connection, pytest.raises(CxError) as refused:
        publishing.publish(connection, home, catalog=catalog)
    assert f"{path}:" in str(refused.value)
    assert message in str(refused.value)
    assert (current_id(home), edition_ids(home)) == before


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
        publishing.publish(connection, home)
    assert (current_id(home), edition_ids(home)) == before


def test_a_publish_that_dies_leaves_nothing_half_done(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (current_id(home), sorted(path.name for path in (home / "editions").iterdir()))

    def die(*_: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(publishing.json, "dumps", die)
    with open_warehouse(home) as connection, pytest.raises(OSError, match="No space left"):
        publishing.publish(connection, home)
    monkeypatch.undo()
    after = (current_id(home), sorted(path.name for path in (home / "editions").iterdir()))
    assert after == before
    with open_warehouse(home) as connection:
        publishing.publish(connection, home)
    assert len(edition_ids(home)) == 2
    assert current_id(home) == edition_ids(home)[-1]


def test_an_edition_says_what_it_is_made_of(federal: Edition) -> None:
    manifest = federal.manifest
    assert manifest["as_of"] == "2023-05-21"
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
        publishing.publish(connection, tmp_path)
    assert current_id(tmp_path) is None


def test_a_target_is_judged_by_the_whole_interval(home: Path, federal: Edition) -> None:
    value = one(
        federal,
        metric="trust",
        level="component",
        component="FEMA",
        channel="all",
        period="2023Q1",
    )["value"]
    calls = {}
    with open_warehouse(home) as connection:
        for name, aim in (("met", value - 0.1), ("unclear", value), ("missed", value + 0.1)):
            connection.execute("delete from target")
            connection.execute(
                "insert into target values ('trust', 'component', 'FEMA', 'all', '2023Q1', null, "
                "?, 'Made up for this test')",
                [aim],
            )
            publishing.publish(connection, home)
            row = one(
                open_edition(home),
                metric="trust",
                level="component",
                component="FEMA",
                channel="all",
                period="2023Q1",
            )
            calls[name] = row["target_call"]
            assert row["target"] == pytest.approx(aim)
    assert calls == {"met": "met", "unclear": "unclear", "missed": "missed"}


@pytest.mark.parametrize(
    ("component", "call"), [("TSA", "below"), ("FEMA", "below"), ("USCIS", "above")]
)
def test_a_figure_stands_beside_the_government_where_others_asked_alike(
    federal: Edition, component: str, call: str
) -> None:
    at = {"level": "component", "component": component, "channel": "all", "period": "2023Q1"}
    row = one(federal, metric="trust", **at)
    reference = one(
        federal,
        table="benchmark",
        metric="trust",
        channel="all",
        period="2023Q1",
        basis=row["basis"],
    )
    assert row["benchmark"] == reference["value"]
    assert row["benchmark_call"] == call
    assert (row["low"] > row["benchmark"]) == (call == "above")
    assert (row["high"] < row["benchmark"]) == (call == "below")


def test_a_wording_that_nobody_else_uses_has_no_benchmark(federal: Edition) -> None:
    at = {"level": "component", "component": "TSA", "channel": "all", "period": "2023Q1"}
    row = one(federal, metric="effectiveness", **at)
    assert row["basis"].endswith("inquiry-resolved")
    assert pd.isna(row["benchmark"]) and pd.isna(row["benchmark_call"])

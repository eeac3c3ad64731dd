"""The statistics of the gate against libraries and computations of others."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from statistics import NormalDist

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)
from statsmodels.stats.weightstats import DescrStatsW

from metrics.base.settings import FILE_NAME
from metrics.base.sqlfiles import macro_statements
from metrics.edition.edition import Edition
from metrics.gate.steps import RULES
from metrics.warehouse.store import prepare
from tests.made_up import constants, made_up_metric, publish_metrics

SHARES = ("trust", "satisfaction", "ease", "response_rate")


@cache
def with_macros() -> duckdb.DuckDBPyConnection:
    """An empty database with the macros alone."""
    connection = duckdb.connect(":memory:")
    for statement in macro_statements():
        connection.execute(statement)
    return connection


@pytest.fixture(scope="module")
def macros() -> duckdb.DuckDBPyConnection:
    return with_macros()


def _value(macros: duckdb.DuckDBPyConnection, expression: str, *values: object) -> object:
    return macros.execute(f"select {expression}", list(values)).fetchall()[0][0]


def test_wilson_bounds_equal_the_library(macros: duckdb.DuckDBPyConnection) -> None:
    draw = np.random.default_rng(280)
    n = np.concatenate([draw.integers(1, 50, 2000), draw.integers(1, 10_000_000, 3000)])
    k = np.array([draw.integers(0, size + 1) for size in n])
    edge = [(0, 1), (1, 1), (0, 10), (10, 10), (8, 10), (0, 10_000_000), (10_000_000, 10_000_000)]
    k = np.concatenate([k, [pair[0] for pair in edge], n[:200], np.zeros(200, dtype=int)])
    n = np.concatenate([n, [pair[1] for pair in edge], n[:200], n[:200]])
    cases = pd.DataFrame({"k": k.astype("int64"), "n": n.astype("int64")})
    macros.register("cases", cases)
    ours = macros.execute(
        "select wilson_low(k, n) as low, wilson_high(k, n) as high from cases"
    ).df()
    macros.unregister("cases")
    low, high = proportion_confint(cases["k"], cases["n"], method="wilson")
    np.testing.assert_allclose(ours["low"], np.clip(low, 0, 1), atol=1e-12)
    np.testing.assert_allclose(ours["high"], np.clip(high, 0, 1), atol=1e-12)
    assert (ours["low"] <= k / n).all() and (ours["high"] >= k / n).all()


def test_one_rule_says_what_is_favorable_wherever_answers_are_counted(
    federal_home: Path, demo_home: Path
) -> None:
    by_code = " + ".join(
        f"coalesce(n_{code} * favorable({code}, is_two_answers)::int, 0)" for code in range(6)
    )
    for home in (federal_home, demo_home):
        connection = duckdb.connect(home / FILE_NAME, read_only=True)
        counted = connection.execute(
            f"select count(*), count_if(n_favourable <> {by_code}), count_if(is_two_answers) "
            "from survey_answers"
        ).fetchone()
        connection.close()
        assert counted is not None and counted[0] > 300 and counted[1] == 0
    assert counted[2] > 100  # the demonstration has both scales


def test_the_lowest_favorable_code_of_a_survey_is_that_of_the_macro(demo_home: Path) -> None:
    connection = duckdb.connect(demo_home / FILE_NAME, read_only=True)
    found = connection.execute(
        "select count(*), count_if(favorable(code, is_two_answers) <> (code >= favourable_from)) "
        "from survey_question cross join (select unnest([0, 1, 2, 3, 4, 5]) as code) "
        "where code < 2 or not is_two_answers"
    ).fetchone()
    connection.close()
    assert found is not None and found[0] > 200 and found[1] == 0


def test_wilson_of_nothing_is_null(macros: duckdb.DuckDBPyConnection) -> None:
    assert _value(macros, "wilson_low(0, 0)") is None
    assert _value(macros, "wilson_high(null, 10)") is None


def test_two_proportion_z_equals_the_library(macros: duckdb.DuckDBPyConnection) -> None:
    draw = np.random.default_rng(11)
    for _ in range(300):
        n_1, n_2 = (int(x) for x in draw.integers(2, 5000, 2))
        k_1, k_2 = int(draw.integers(0, n_1 + 1)), int(draw.integers(0, n_2 + 1))
        if k_1 + k_2 in (0, n_1 + n_2):
            continue
        z, _ = proportions_ztest([k_2, k_1], [n_2, n_1])
        ours = _value(macros, "two_proportion_z(?, ?, ?, ?)", k_1, n_1, k_2, n_2)
        assert ours == pytest.approx(z, abs=1e-9)
    assert _value(macros, "two_proportion_z(0, 5, 0, 7)") == 0
    assert _value(macros, "two_proportion_z(5, 5, 7, 7)") == 0


@settings(max_examples=300, deadline=None)
@given(some.lists(some.integers(0, 100_000), min_size=5, max_size=5).filter(any))
def test_means_are_rounded_half_up(counts: list[int]) -> None:
    total = sum(code * count for code, count in enumerate(counts, start=1))
    n = sum(counts)
    ours = with_macros().execute("select rounded_mean(?, ?)", [total, n]).fetchall()[0][0]
    exact = (Decimal(total) / Decimal(n)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(repr(ours)) == exact


def test_means_of_negative_and_fractional_totals_are_rounded_away_from_zero(
    macros: duckdb.DuckDBPyConnection,
) -> None:
    assert _value(macros, "rounded_mean(10.5e0, 4)") == 2.63
    assert _value(macros, "rounded_mean(-1, 8)") == -0.13
    assert _value(macros, "rounded_mean(-7, 2)") == -3.5
    assert _value(macros, "rounded_mean(1, 0)") is None


def test_fiscal_quarters_of_ten_years(macros: duckdb.DuckDBPyConnection) -> None:
    quarter_of_month = {10: 1, 11: 1, 12: 1, 1: 2, 2: 2, 3: 2, 4: 3, 5: 3, 6: 3, 7: 4, 8: 4, 9: 4}
    day, rows = date(2018, 1, 1), []
    while day < date(2028, 1, 1):
        year = day.year + 1 if day.month > 9 else day.year
        rows.append((day, f"{year}Q{quarter_of_month[day.month]}", f"FY{year}"))
        day += timedelta(days=1)
    frame = pd.DataFrame(rows, columns=["day", "quarter", "year"])
    macros.register("days", frame)
    wrong = macros.execute("""
        select count(*) from days
        where fiscal_quarter(day::date) <> quarter or fiscal_year(quarter) <> year
            or day::date not between quarter_start(quarter) and quarter_end(quarter)
            or quarter_add(quarter_add(quarter, 5), -5) <> quarter
            or report_due_on(quarter) <> quarter_end(quarter) + 30
    """).fetchall()[0][0]
    macros.unregister("days")
    assert wrong == 0
    assert len(frame) == 3652
    assert _value(macros, "period_before('2021-01', 'month', false)") == "2020-12"
    assert _value(macros, "period_before('2021Q1', 'quarter', false)") == "2020Q4"
    assert _value(macros, "period_before('2021Q1', 'quarter', true)") == "2020Q1"
    assert _value(macros, "period_before('FY2021', 'fiscal_year', true)") == "FY2020"


def test_periods_are_numbered_one_by_one(macros: duckdb.DuckDBPyConnection) -> None:
    days = pd.date_range("2017-10-01", "2029-09-01", freq="MS")
    months = [f"{day:%Y-%m}" for day in days]
    quarters = [f"{day.year + (day.month > 9)}Q{(day.month + 2) // 3 % 4 + 1}" for day in days[::3]]
    years = [f"FY{year}" for year in range(2018, 2030)]
    for kind, periods, of_a_year in (
        ("month", months, 12),
        ("quarter", quarters, 4),
        ("fiscal_year", years, 1),
    ):
        numbers = [_value(macros, f"period_number('{one}', '{kind}')") for one in periods]
        assert np.diff(numbers).tolist() == [1] * (len(periods) - 1), kind
        for is_year, back in (("false", 1), ("true", of_a_year)):
            assert _value(macros, f"periods_back('{kind}', {is_year})") == back
            for at in range(back, len(periods)):
                before = f"period_before('{periods[at]}', '{kind}', {is_year})"
                assert _value(macros, before) == periods[at - back]
    assert _value(macros, "period_number('2021Q2', 'month')") is None


def _pairs(federal: Edition, metrics: tuple[str, ...]) -> list[tuple[pd.Series, pd.Series]]:
    """Published rows with a change, each with the row of the period before."""
    rows = federal.rows(metric=list(metrics), period_kind="quarter")
    quarters = federal.periods("quarter")
    before_of = dict(zip(quarters[1:], quarters[:-1], strict=True))
    key = ["metric", "level", "component", "service", "channel", "period", "basis"]
    by_key = {tuple(row[name] for name in key): row for _, row in rows.iterrows()}
    pairs = []
    for _, row in rows[rows["change"].notna()].iterrows():
        address = [row[name] for name in key]
        address[5] = before_of[row["period"]]
        pairs.append((row, by_key[tuple(address)]))
    return pairs


def test_intervals_of_differences_of_shares_are_newcombes(federal: Edition) -> None:
    pairs = [pair for pair in _pairs(federal, SHARES) if pair[0]["change_history"] == "sampling"]
    assert len(pairs) > 60
    for now, before in pairs:
        low, high = confint_proportions_2indep(
            int(now["numerator"]),
            int(now["denominator"]),
            int(before["numerator"]),
            int(before["denominator"]),
            method="newcomb",
            compare="diff",
        )
        assert now["change"] == pytest.approx(now["value"] - before["value"], abs=1e-12)
        assert now["change_low"] == pytest.approx(low, abs=1e-9)
        assert now["change_high"] == pytest.approx(high, abs=1e-9)
        assert now["previous_value"] == before["value"]


def _answers(federal: Edition, row: pd.Series) -> np.ndarray:
    """All answers behind a published mean, one number each, from the distribution."""
    spread = federal.rows(
        metric=row["metric"].replace("_mean", "_distribution"),
        level=row["level"],
        component=row["component"],
        service=row["service"],
        channel=row["channel"],
        period=row["period"],
        basis=row["basis"],
    )
    spread = spread[spread["breakdown"].notna()]
    return np.repeat(spread["breakdown"].astype(int), spread["numerator"].astype(int)).to_numpy()


def test_intervals_of_means_and_their_differences(federal: Edition) -> None:
    pairs = _pairs(federal, ("trust_mean", "ease_mean"))
    pairs = [pair for pair in pairs if pair[0]["change_history"] == "sampling"]
    assert len(pairs) > 20
    for now, before in pairs[:20]:
        new, old = _answers(federal, now), _answers(federal, before)
        assert len(new) == now["n"]
        errors = [sample.std(ddof=1) / np.sqrt(len(sample)) for sample in (new, old)]
        assert now["low"] == pytest.approx(new.mean() - 1.959963984540054 * errors[0], abs=1e-9)
        assert now["high"] == pytest.approx(new.mean() + 1.959963984540054 * errors[0], abs=1e-9)
        both = np.hypot(*errors)
        change = new.mean() - old.mean()
        assert now["change"] == pytest.approx(change, abs=1e-9)
        assert now["change_low"] == pytest.approx(change - 1.959963984540054 * both, abs=1e-9)
        assert now["change_high"] == pytest.approx(change + 1.959963984540054 * both, abs=1e-9)


Z = NormalDist().inv_cdf(0.975)
PLACES = [
    ("TSA", "tsa-contact-center", "email"),
    ("TSA", "tsa-contact-center", "mobile"),
    ("FEMA", "fema-disaster-assistance", "email"),
    ("USCIS", "uscis-contact-center", "mobile"),
]
CELL = "component, service, channel, quarter, null::date as month"
SUMS = {
    ("share", False): "count(*) filter (where score >= 4) as numerator, count(*) as denominator",
    ("share", True): "coalesce(sum(weight) filter (where score >= 4), 0) as numerator, "
    "sum(weight) as denominator, count(*) as n, "
    "sum(weight * weight) as total_of_squared_weights",
    ("mean", False): "sum(score) as total, sum(score * score) as total_of_squares, count(*) as n",
    ("mean", True): "sum(weight * score) as total, sum(weight * score * score) as "
    "total_of_squares, count(*) as n, sum(weight) as total_of_weights, "
    "sum(weight * weight) as total_of_squared_weights",
}
"""What a metric returns of the table person, by kind and whether it is weighted."""


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """Made-up respondents with score, weight and three attributes that matter more, less
    and not at all; the groups have hundreds of people, but for a few cells."""
    draw = np.random.default_rng(1927)
    frames = []
    for component, service, channel in PLACES:
        for quarter, shift in (("2024Q3", 0.0), ("2024Q4", 0.35), ("2025Q1", 0.4)):
            n = int(draw.integers(300, 900))
            language = draw.choice(["english", "spanish", "korean"], n, p=[0.7, 0.25, 0.05])
            region = draw.choice(["east", "west"], n, p=[0.6, 0.4])
            taste = 3.3 + shift - 0.9 * (language == "spanish") + 0.15 * (region == "east")
            frames.append(
                pd.DataFrame(
                    {
                        "component": component,
                        "service": service,
                        "channel": channel,
                        "quarter": quarter,
                        "language": language,
                        "region": region,
                        "first_time": draw.choice(["yes", "no"], n),
                        "score": np.clip(np.round(draw.normal(taste, 1.2)), 1, 5).astype(int),
                        "weight": np.round(draw.lognormal(0, 0.6, n), 4),
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def made_up(
    people: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, pd.DataFrame]]:
    """The gate's tables for eight metrics of those respondents: share and mean, weighted
    or not, of all and by group."""
    folder: Path = tmp_path_factory.mktemp("metrics")
    connection = duckdb.connect(":memory:")
    prepare(connection)
    connection.register("person_frame", people)
    connection.execute("create table person as from person_frame")
    catalog = {}
    for (kind, is_weighted), sums in SUMS.items():
        for is_grouped in (False, True):
            name = f"{'weighted_' * is_weighted}{kind}{'_by_group' * is_grouped}"
            basis = "a11/agree5/made-up"
            selects = [
                f"select {CELL}, '{basis}{f'/{attribute}' * is_grouped}' as basis, "
                f"{f'{attribute} as member, ' * is_grouped}{sums} from person group by all"
                for attribute in (["language", "region", "first_time"] if is_grouped else [""])
            ]
            path = folder / f"{name}.sql"
            path.write_text(constants(connection, " union all ".join(selects)))
            catalog[name] = made_up_metric(
                name,
                kind,
                sql=path.read_text(),
                path=path,
                breakdown="member" if is_grouped else None,
                compare_groups=is_grouped,
            )
    yield publish_metrics(connection, catalog)
    connection.close()


CELLS: dict[tuple[str, ...], pd.Index] = {}
"""Who is in a cell; weights and scores differ from test to test, people do not."""


def of_row(people: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    """The respondents of the cell of a row, of all groups; each cell is found once."""
    cell = tuple(row[["component", "service", "channel", "period_kind", "period"]])
    if cell not in CELLS:
        CELLS[cell] = _of_cell(people, row).index
    return people.loc[CELLS[cell]]


def _of_cell(people: pd.DataFrame, row: pd.Series) -> pd.DataFrame:
    inside = pd.Series(True, index=people.index)
    for name in ("component", "service", "channel"):
        if row[name] != "all":
            inside &= people[name] == row[name]
    if row["period_kind"] == "quarter":
        return people[inside & (people["quarter"] == row["period"])]
    return people[inside & ("FY" + people["quarter"].str[:4] == row["period"])]


def n_effective(weight: pd.Series) -> float:
    """Kish's effective sample size."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def half_up(value: float) -> float:
    return float(Decimal(repr(float(value))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def wilson(share: float, n: float) -> tuple[float, float]:
    low, high = proportion_confint(share * n, n, method="wilson")
    return float(low), float(high)


def test_weighted_shares_equal_an_independent_computation(
    people: pd.DataFrame, made_up: dict[str, pd.DataFrame]
) -> None:
    rows = made_up["published"]
    rows = rows[(rows["metric"] == "weighted_share") & rows["value"].notna()]
    assert set(rows["level"]) == {"department", "component", "service"}
    assert set(rows["period_kind"]) == {"quarter", "fiscal_year"} and len(rows) > 60
    for _, row in rows.iterrows():
        mine = of_row(people, row)
        share = np.average(mine["score"] >= 4, weights=mine["weight"])
        size = n_effective(mine["weight"])
        assert row["n"] == len(mine)
        assert row["value"] == pytest.approx(share, abs=1e-9)
        assert row["denominator"] == pytest.approx(mine["weight"].sum(), abs=1e-6)
        assert row["design_effect"] == pytest.approx(len(mine) / size, rel=1e-9)
        assert row["design_effect"] > 1.2
        assert (row["low"], row["high"]) == pytest.approx(wilson(share, size), abs=1e-9)


def test_weighted_means_equal_an_independent_computation(
    people: pd.DataFrame, made_up: dict[str, pd.DataFrame]
) -> None:
    """Mean and variance by DescrStatsW; the error of the mean by hand, because the library
    takes weights for counts of people."""
    rows = made_up["published"]
    rows = rows[(rows["metric"] == "weighted_mean") & rows["value"].notna()]
    assert len(rows) > 60
    for _, row in rows.iterrows():
        mine = of_row(people, row)
        n, size = len(mine), n_effective(mine["weight"])
        described = DescrStatsW(mine["score"], weights=mine["weight"])
        error = np.sqrt(described.var * n / (n - 1) / size)
        assert row["n"] == n
        assert row["value"] == half_up(described.mean)
        assert row["low"] == pytest.approx(described.mean - Z * error, abs=1e-9)
        assert row["high"] == pytest.approx(described.mean + Z * error, abs=1e-9)
        assert row["design_effect"] == pytest.approx(n / size, rel=1e-9)


def test_answers_of_equal_weight_count_as_if_unweighted(
    people: pd.DataFrame, made_up: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    connection = duckdb.connect(":memory:")
    prepare(connection)
    connection.register("person_frame", people.assign(weight=1.0))
    connection.execute("create table person as from person_frame")
    catalog = {}
    for kind in ("share", "mean"):
        sql = (
            f"select {CELL}, 'a11/agree5/made-up' as basis, {SUMS[kind, True]} "
            "from person group by all"
        )
        path = tmp_path / f"{kind}.sql"
        path.write_text(constants(connection, sql))
        catalog[kind] = made_up_metric(kind, kind, sql=path.read_text(), path=path)
    weighted = publish_metrics(connection, catalog)["published"]
    connection.close()
    plain = made_up["published"]
    plain = plain[plain["metric"].isin(["share", "mean"])]
    key = ["metric", "level", "component", "service", "channel", "period", "basis"]
    left = weighted.sort_values(key, ignore_index=True)
    right = plain.sort_values(key, ignore_index=True)
    assert set(left["design_effect"].dropna()) == {1.0} and right["design_effect"].isna().all()
    # Verdicts depend on what else is compared at once, here on other metrics.
    others = ["design_effect", "breakdown", "change_call"]
    pd.testing.assert_frame_equal(
        left.drop(columns=others),
        right.drop(columns=others),
        check_dtype=False,
        rtol=1e-12,
    )


@pytest.mark.parametrize(
    ("scores", "weights", "expected"),
    [
        ([4, 5, 4, 4], [3.1, 0.9, 0.0001, 3.9999], 4.11),  # 4.1125
        ([1, 2], [0.7, 0.3], 1.3),
        ([4, 5], [0.31, 0.09], 4.23),  # 4.225 exactly, 4.2249999... in binary sums
        ([1, 2], [0.1255, 0.0045], 1.03),  # 1.0346
        ([3, 4], [0.199, 0.001], 3.01),  # 3.005
    ],
)
def test_weighted_means_are_rounded_half_up(
    tmp_path: Path, scores: list[int], weights: list[float], expected: float
) -> None:
    exact = sum(Decimal(s) * Decimal(str(w)) for s, w in zip(scores, weights, strict=True)) / sum(
        Decimal(str(w)) for w in weights
    )
    assert float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP)) == expected
    frame = pd.DataFrame({"score": scores * 20, "weight": weights * 20}).assign(
        component="TSA", service="tsa-contact-center", channel="email", quarter="2024Q3"
    )
    connection = duckdb.connect(":memory:")
    prepare(connection)
    connection.register("person_frame", frame)
    connection.execute("create table person as from person_frame")
    sql = f"select {CELL}, 'a/b/c' as basis, {SUMS['mean', True]} from person group by all"
    path = tmp_path / "rounded.sql"
    path.write_text(constants(connection, sql))
    catalog = {"rounded": made_up_metric("rounded", "mean", sql=path.read_text(), path=path)}
    rows = publish_metrics(connection, catalog)["published"]
    connection.close()
    assert set(rows["value"].dropna()) == {expected}


def test_few_weighted_answers_are_an_effective_number(
    people: pd.DataFrame, made_up: dict[str, pd.DataFrame]
) -> None:
    rows = made_up["published"]
    groups = rows[(rows["metric"] == "weighted_mean_by_group") & (rows["breakdown"] == "korean")]
    few = {}
    for index, row in groups[groups["value"].notna()].iterrows():
        mine = of_row(people, row)
        few[index] = n_effective(mine.loc[mine["language"] == "korean", "weight"]) < 30
    assert any(few[index] and groups.loc[index, "n"] >= 30 for index in few)
    assert not all(few.values())
    assert {index: groups.loc[index, "status"] == "few" for index in few} == few


def test_changes_of_weighted_shares_are_tested_with_the_effective_number(
    people: pd.DataFrame, tmp_path: Path
) -> None:
    """One metric alone, so that all that is compared at once is at hand. Its
    weights vary more, so that the design effect decides some verdicts."""
    people = people.assign(weight=people["weight"] ** 2)
    connection = duckdb.connect(":memory:")
    prepare(connection)
    connection.register("person_frame", people)
    connection.execute("create table person as from person_frame")
    basis = "'a11/agree5/made-up' as basis"
    path = tmp_path / "alone.sql"
    sql = f"select {CELL}, {basis}, {SUMS['share', True]} from person group by all"
    path.write_text(constants(connection, sql))
    alone = made_up_metric("alone", sql=path.read_text(), path=path)
    rows = publish_metrics(connection, {"alone": alone})["published"]
    connection.close()
    rows = rows[rows["change"].notna() & (rows["period_kind"] == "quarter")]
    rows = rows.reset_index(drop=True)
    assert len(rows) > 15
    p = {"effective": [], "people": []}
    for _, row in rows.iterrows():
        before_period = {"2024Q4": "2024Q3", "2025Q1": "2024Q4"}[row["period"]]
        sides = [of_row(people, row), of_row(people, row.replace(row["period"], before_period))]
        shares = [float(np.average(m["score"] >= 4, weights=m["weight"])) for m in sides]
        sizes = [n_effective(m["weight"]) for m in sides]
        counts = [share * size for share, size in zip(shares, sizes, strict=True)]
        low, high = confint_proportions_2indep(
            counts[0], sizes[0], counts[1], sizes[1], method="newcomb", compare="diff"
        )
        assert row["change"] == pytest.approx(shares[0] - shares[1], abs=1e-9)
        assert (row["change_low"], row["change_high"]) == pytest.approx((low, high), abs=1e-9)
        p["effective"].append(float(proportions_ztest(counts, sizes)[1]))
        heads = [len(m) for m in sides]
        yes = [share * n for share, n in zip(shares, heads, strict=True)]
        p["people"].append(float(proportions_ztest(yes, heads)[1]))
    at_once = [rows["level"], rows["period"], rows["channel"] == "all"]
    calls = {}
    for name, values in p.items():
        adjusted = (
            pd.Series(values)
            .groupby(at_once)
            .transform(lambda chances: multipletests(chances, method="fdr_bh")[1])
        )
        is_clear = (adjusted < RULES.false_discovery_rate) & (
            rows["change"].abs() >= RULES.minimum_effect_share
        )
        direction = np.where(rows["change"] > 0, "up", "down")
        calls[name] = np.where(is_clear, direction, "no clear change").tolist()
    is_finest = rows["level"].eq("service") & rows["channel"].ne("all")
    assert rows["change_history"].eq("sampling").all()
    is_clear = rows["change_call"].isin(["up", "down"])
    finest = [call for call, is_one in zip(calls["effective"], is_finest, strict=True) if is_one]
    found = rows.loc[is_finest, "change_call"].where(is_clear, "no clear change")
    assert found.tolist() == finest
    assert calls["effective"] != calls["people"], "the design effect makes a difference"
    assert {"up", "cannot tell"} <= set(rows["change_call"])


def gap_of(people: pd.DataFrame, row: pd.Series) -> tuple[float, float, float, float]:
    """Gap of a group to everybody else, bounds and p-value, from the respondents."""
    mine = of_row(people, row)
    is_member = mine[row["basis"].split("/")[3]] == row["breakdown"]
    sides = [mine[is_member], mine[~is_member]]
    assert [row["n"], row["rest_n"]] == [len(side) for side in sides]
    weights = [
        side["weight"] if row["metric"].startswith("weighted") else side["weight"] * 0 + 1.0
        for side in sides
    ]
    sizes = [n_effective(weight) for weight in weights]
    if "share" in row["metric"]:
        shares = [
            float(np.average(side["score"] >= 4, weights=weight))
            for side, weight in zip(sides, weights, strict=True)
        ]
        assert (row["value"], row["rest_value"]) == pytest.approx(shares, abs=1e-9)
        counts = [share * size for share, size in zip(shares, sizes, strict=True)]
        low, high = confint_proportions_2indep(
            counts[0], sizes[0], counts[1], sizes[1], method="newcomb", compare="diff"
        )
        p = float(proportions_ztest(counts, sizes)[1])
        return shares[0] - shares[1], low, high, p
    described = [
        DescrStatsW(side["score"], weights=weight)
        for side, weight in zip(sides, weights, strict=True)
    ]
    assert [row["value"], row["rest_value"]] == [half_up(side.mean) for side in described]
    error = np.sqrt(
        sum(
            side.var * len(part) / (len(part) - 1) / size
            for side, part, size in zip(described, sides, sizes, strict=True)
        )
    )
    gap = float(described[0].mean - described[1].mean)
    return gap, gap - Z * error, gap + Z * error, 2 * (1 - NormalDist().cdf(abs(gap / error)))


def test_gaps_between_groups_equal_the_libraries(
    people: pd.DataFrame, made_up: dict[str, pd.DataFrame]
) -> None:
    """Every gap from the respondents themselves, with Newcombe's interval and Welch's, and
    Benjamini-Hochberg by statsmodels over all attributes and places of a metric at once."""
    gaps = made_up["group_gap"]
    gaps = gaps[gaps["gap"].notna()].reset_index(drop=True)
    assert set(gaps["metric"]) == {
        f"{weighted}{kind}_by_group" for weighted in ("", "weighted_") for kind in ("share", "mean")
    }
    assert set(gaps["period_kind"]) == {"quarter", "fiscal_year"}
    assert gaps["gap_call"].value_counts().min() > 20
    assert set(gaps["gap_call"]) == {"above", "below", "no clear difference"}
    p = []
    for _, row in gaps.iterrows():
        gap, low, high, chance = gap_of(people, row)
        assert row["gap"] == pytest.approx(gap, abs=1e-9)
        assert (row["gap_low"], row["gap_high"]) == pytest.approx((low, high), abs=1e-9)
        p.append(chance)
    gaps["p"] = p
    at_once = [gaps["metric"], gaps["level"], gaps["period_kind"], gaps["period"]]
    at_once += [gaps["channel"] == "all"]
    gaps["adjusted"] = gaps.groupby(at_once)["p"].transform(
        lambda values: multipletests(values, method="fdr_bh")[1]
    )
    n_saved = 0
    for _, row in gaps.iterrows():
        is_share = "share" in row["metric"]
        least = RULES.minimum_effect_share if is_share else RULES.minimum_effect_mean
        is_clear = row["adjusted"] < RULES.false_discovery_rate and abs(row["gap"]) >= least
        expected = ("above" if row["gap"] > 0 else "below") if is_clear else "no clear difference"
        assert row["gap_call"] == expected, row
        n_saved += row["p"] < RULES.false_discovery_rate <= row["adjusted"]
    assert n_saved > 5, "the adjustment makes a difference"


def test_two_groups_mirror_each_other(made_up: dict[str, pd.DataFrame]) -> None:
    gaps = made_up["group_gap"]
    gaps = gaps[gaps["basis"].str.endswith("/region") & gaps["gap"].notna()]
    key = ["metric", "level", "component", "service", "channel", "period"]
    east, west = (gaps[gaps["breakdown"] == name].set_index(key) for name in ("east", "west"))
    assert len(east) == len(west) > 50
    west = west.loc[east.index]
    np.testing.assert_allclose(east["gap"], -west["gap"], atol=1e-12)
    np.testing.assert_allclose(east["gap_low"], -west["gap_high"], atol=1e-12)
    assert (east["rest_value"] - west["value"]).abs().max() < 1e-9
    assert (east["rest_n"] == west["n"]).all()
    mirror = {"above": "below", "below": "above", "no clear difference": "no clear difference"}
    assert east["gap_call"].map(mirror).tolist() == west["gap_call"].tolist()
    assert set(east["gap_call"]) >= {"above", "no clear difference"}

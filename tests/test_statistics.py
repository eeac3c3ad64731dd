"""The statistics of the gate against libraries and computations of others."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
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

from metrics.edition import Edition
from metrics.publish import RULES
from metrics.warehouse import macro_statements

SHARES = ("trust", "satisfaction", "ease", "response_rate")


@pytest.fixture(scope="module")
def macros() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    for statement in macro_statements():
        connection.execute(statement)
    return connection


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
    connection = duckdb.connect(":memory:")
    for statement in macro_statements():
        connection.execute(statement)
    ours = connection.execute("select rounded_mean(?, ?)", [total, n]).fetchall()[0][0]
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
    pairs = _pairs(federal, SHARES)
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


@pytest.mark.parametrize("period", ["2021Q4", "2022Q2", "2022Q4", "2023Q1"])
@pytest.mark.parametrize("is_single_channel", [True, False])
def test_verdicts_need_the_adjusted_test_and_the_minimum_effect(
    federal: Edition, period: str, is_single_channel: bool
) -> None:
    """Benjamini-Hochberg over all experience metrics compared at once, by statsmodels."""
    rows = federal.rows(level="service", period=period)
    families = federal.metrics["family"]
    rows = rows[rows["metric"].map(families).eq("experience") & rows["change"].notna()]
    rows = rows[rows["channel"].ne("all") == is_single_channel]
    if rows.empty:
        pytest.fail("nothing to compare in this period")
    kinds = rows["metric"].map(federal.metrics["kind"])
    p = []
    for (_, row), kind in zip(rows.iterrows(), kinds, strict=True):
        if kind == "share":
            before = row["previous_value"]
            quarters = federal.periods("quarter")
            earlier = federal.rows(
                metric=row["metric"],
                level="service",
                component=row["component"],
                service=row["service"],
                channel=row["channel"],
                basis=row["basis"],
                period=quarters[quarters.index(period) - 1],
                breakdown=row["breakdown"] if isinstance(row["breakdown"], str) else None,
            ).iloc[0]
            assert earlier["value"] == before
            counts = [int(row["numerator"]), int(earlier["numerator"])]
            sizes = [int(row["denominator"]), int(earlier["denominator"])]
            same = sum(counts) in (0, sum(sizes))
            p.append(1.0 if same else float(proportions_ztest(counts, sizes)[1]))
        else:
            half = (row["change_high"] - row["change_low"]) / 2
            z = row["change"] / (half / 1.959963984540054)
            p.append(float(2 * (1 - NormalDist().cdf(abs(z)))))
    adjusted = multipletests(p, method="fdr_bh")[1]
    for (_, row), kind, value in zip(rows.iterrows(), kinds, adjusted, strict=True):
        least = RULES.minimum_effect_share if kind == "share" else RULES.minimum_effect_mean
        is_clear = value < RULES.false_discovery_rate and abs(row["change"]) >= least
        expected = ("up" if row["change"] > 0 else "down") if is_clear else "no clear change"
        assert row["change_call"] == expected

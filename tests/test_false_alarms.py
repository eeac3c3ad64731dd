"""How often the gate calls news what is none, and finds what is there: data without any
change, or with a planted one, sent through the gate as published figures are."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from metrics.define.catalog import Metric
from metrics.gate.steps import HEADLINES, RULES
from metrics.warehouse.store import prepare
from tests.made_up import constants, made_up_metric, publish_metrics

PLACES = [
    (component, service, channel)
    for component, service in (
        ("TSA", "tsa-contact-center"),
        ("FEMA", "fema-disaster-assistance"),
        ("USCIS", "uscis-contact-center"),
    )
    for channel in ("automated_phone", "email", "computer")
]
QUARTERS = [f"{year}Q{quarter}" for year in (2020, 2021, 2022, 2023) for quarter in (1, 2, 3, 4)]
LEVEL_OF_CHANNEL = {"automated_phone": 0.85, "computer": 0.7, "email": 0.4}
N_WORLDS = 60


def world(draw: np.random.Generator, *, wobble: float = 0.0, planted: float = 0.0) -> pd.DataFrame:
    """Answers of nine services and channels, of which the mix shifts wildly from quarter to
    quarter. Each place keeps its share of favorable answers, but for what it wobbles by (points
    of a standard deviation) and a rise planted in the last quarter."""
    rows = []
    for component, service, channel in PLACES:
        usual, size = LEVEL_OF_CHANNEL[channel], draw.uniform(200, 3000)
        for quarter in QUARTERS:
            share = usual + wobble * draw.standard_normal()
            share += planted * (quarter == QUARTERS[-1])
            n = int(size * draw.lognormal(0, 0.7)) + 50
            good = draw.binomial(n, min(max(share, 0.01), 0.99))
            rows.append((component, service, channel, quarter, int(good), n))
    return pd.DataFrame(
        rows, columns=["component", "service", "channel", "quarter", "numerator", "denominator"]
    )


def events_world(draw: np.random.Generator, clumps: float) -> pd.DataFrame:
    """Complaints in waves: Poisson counts whose rate is drawn anew each quarter (gamma, with
    `clumps` its relative variance)."""
    rows = []
    for component, service, channel in PLACES:
        usual = draw.uniform(2, 8)
        for quarter in QUARTERS:
            customers = int(draw.uniform(50, 150))
            rate = usual * draw.gamma(1 / clumps, clumps)
            rows.append(
                (
                    component,
                    service,
                    channel,
                    quarter,
                    int(draw.poisson(rate * customers)),
                    customers,
                )
            )
    return pd.DataFrame(
        rows, columns=["component", "service", "channel", "quarter", "numerator", "denominator"]
    )


def published(
    connection: duckdb.DuckDBPyConnection, worlds: dict[str, pd.DataFrame], **keys: object
) -> pd.DataFrame:
    """Publish each world as a metric of its own; of metrics that are no headline each is a
    family of tests."""
    catalog: dict[str, Metric] = {}
    for name, cells in worlds.items():
        connection.register("cells", cells)
        select = "select component, service, channel, quarter, null::date as month, "
        select += "'b' as basis, numerator, denominator from cells"
        if keys.get("kind") == "ratio":
            select = select.replace("denominator", "denominator::double as denominator")
        catalog[name] = made_up_metric(name, sql=constants(connection, select), **keys)
        connection.unregister("cells")
    rows = publish_metrics(connection, catalog)["published"]
    rows = rows[rows["period_kind"] == "quarter"]
    stacked = [
        rows.rename(columns={f"{prefix}{name}": f"the_{name}" for name in names})
        .filter(["metric", "level", "channel", "period", *(f"the_{name}" for name in names)])
        .assign(is_year=bool(prefix))
        for prefix in ("", "year_ago_")
        for names in [("change_call", "change_history", "detectable_change", "like_change")]
    ]
    told = pd.concat(stacked).rename(columns=lambda name: name.removeprefix("the_"))
    return told.assign(is_all=told["channel"].eq("all")).dropna(subset=["change_call"])


def false_families(told: pd.DataFrame) -> tuple[float, int]:
    """Share of families of tests with a call of up or down, and how many families there are."""
    told = told.assign(
        is_called=told["change_call"].isin(["up", "down"]),
        purpose=told["metric"].where(~told["metric"].isin(HEADLINES), "headline"),
    )
    families = told.groupby(["purpose", "level", "period", "is_all", "is_year"])["is_called"].any()
    return float(families.mean()), len(families)


@pytest.fixture(scope="module")
def steady() -> pd.DataFrame:
    connection = duckdb.connect(":memory:")
    prepare(connection)
    draw = np.random.default_rng(280)
    worlds = {f"steady_{number:02}": world(draw) for number in range(N_WORLDS)}
    worlds |= {name: world(draw) for name in HEADLINES}
    told = published(connection, worlds)
    connection.close()
    return told


@pytest.mark.parametrize("is_all", [True, False])
@pytest.mark.parametrize("level", ["department", "component", "service"])
def test_where_nothing_changes_few_families_say_otherwise(
    steady: pd.DataFrame, level: str, is_all: bool
) -> None:
    """The mix shifts, so that all channels together move by many points."""
    part = steady[steady["level"].eq(level) & steady["is_all"].eq(is_all)]
    share, n = false_families(part)
    assert n > 1000
    assert share <= 0.05, f"{share:.3f} of {n} families"


def test_headlines_of_a_steady_department_make_no_news(steady: pd.DataFrame) -> None:
    share, n = false_families(steady[steady["metric"].isin(HEADLINES)])
    assert n > 100
    assert share <= 0.05
    assert steady["change_call"].eq("same").mean() > 0.1


def test_what_a_series_varies_by_is_no_news(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Shares that wobble by three points, and complaints that come in waves: where there is a
    history, few families say up or down; sampling alone would say so of most."""
    draw = np.random.default_rng(58)
    shares = {f"wobbly_{number:02}": world(draw, wobble=0.03) for number in range(25)}
    rates = {f"waves_{number:02}": events_world(draw, 0.15) for number in range(25)}
    told = published(warehouse, shares)
    more = published(warehouse, rates, kind="ratio", minimum_n=0, counts_events=True)
    for frame in (told, more):
        known = frame[frame["change_history"].isin(["own", "alike"])]
        unknown = frame[frame["change_history"].eq("sampling")]
        share, n = false_families(known)
        assert n > 500
        assert share <= 0.07, f"{share:.3f} of {n} families"
        assert false_families(unknown)[0] > 0.5


@pytest.mark.parametrize("points", [2, 5, 10])
def test_planted_changes_are_found_as_often_as_is_stated(
    warehouse: duckdb.DuckDBPyConnection, points: int
) -> None:
    draw = np.random.default_rng(points)
    worlds = {f"planted_{number:02}": world(draw, planted=points / 100) for number in range(30)}
    told = published(warehouse, worlds)
    last = told[told["period"].eq(QUARTERS[-1]) & ~told["is_year"]]
    assert not last["change_call"].eq("down").any()
    is_found = last["change_call"].eq("up")
    is_within_reach = last["detectable_change"] <= points / 100
    if points == RULES.minimum_effect_share * 100:
        # Half of what is just large enough is seen smaller, and more of what is rare to tell.
        assert not is_within_reach.any() and 0.05 < is_found.mean() < 0.5
        return
    assert is_within_reach.sum() > 100
    assert is_found[is_within_reach].mean() >= RULES.power
    assert is_found.mean() > (0.5 if points == 5 else 0.9)

"""Real answers with weights, from file to published row, against pandas and statsmodels."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from statsmodels.stats.weightstats import DescrStatsW

from metrics.edition import Edition, open_edition
from metrics.publish import publish
from metrics.warehouse import open_warehouse
from tests import sfo

YEARS = (2017, 2018)


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    home = tmp_path_factory.mktemp("sfo_published")
    for year in YEARS:
        sfo.sfo_file(year)
    sfo.sfo_reference(home / "reference")
    with open_warehouse(home) as connection:
        for year in YEARS:
            sfo.load_sfo(connection, home, year)
        publish(connection, home)
    return open_edition(home)


def half_up(value: float) -> float:
    return float(Decimal(repr(float(value))).quantize(Decimal("0.01"), ROUND_HALF_UP))


@pytest.mark.parametrize("year", YEARS)
def test_ease_of_security_is_what_pandas_computes(edition: Edition, year: int) -> None:
    frame = sfo.sfo_frame(year).dropna(subset="ease")

    def row(metric: str) -> dict[str, float]:
        found = edition.rows(
            metric=metric,
            level="component",
            component="TSA",
            channel="all",
            period=sfo.sfo_quarter(year),
        )
        return dict(found.iloc[0]) if len(found) == 1 else {}

    share, mean = row("ease"), row("ease_mean")
    assert share["n"] == mean["n"] == len(frame) > 2000
    assert share["value"] == pytest.approx((frame["ease"] >= 4).mean(), abs=1e-12)
    assert mean["value"] == half_up(frame["ease"].mean())

    weighted, weighted_mean = row("ease_weighted"), row("ease_weighted_mean")
    answers = DescrStatsW(frame["ease"], weights=frame["weight"])
    favourable = DescrStatsW((frame["ease"] >= 4).astype(float), weights=frame["weight"])
    assert weighted["n"] == len(frame)
    assert weighted["value"] == pytest.approx(favourable.mean, abs=1e-6)
    assert weighted_mean["value"] == half_up(answers.mean)
    design_effect = len(frame) * (frame["weight"] ** 2).sum() / frame["weight"].sum() ** 2
    assert weighted["design_effect"] == pytest.approx(design_effect, rel=1e-6)
    assert weighted["high"] - weighted["low"] > share["high"] - share["low"]

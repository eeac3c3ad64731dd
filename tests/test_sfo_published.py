"""Real answers with weights, from file to published row, against pandas and statsmodels."""

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from metrics.edition.edition import Edition, open_edition
from metrics.gate.publish import publish
from metrics.warehouse.store import open_warehouse
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

    own = edition.team("TSA").table("own_figure")
    where = {"level": "component", "channel": "all", "period": sfo.sfo_quarter(year)}

    def row(metric: str) -> dict[str, float]:
        """The exact figure, which the team's own file holds."""
        is_meant = (own[list(where)] == pd.Series(where)).all(axis=1) & (own["metric"] == metric)
        found = own[is_meant]
        return dict(found.iloc[0]) if len(found) == 1 else {}

    def told(metric: str) -> dict[str, float]:
        """The published figure, which is rounded."""
        found = edition.rows(metric=metric, component="TSA", **where)
        return dict(found.iloc[0]) if len(found) == 1 else {}

    share, mean = row("ease"), row("ease_mean")
    assert share["n"] == mean["n"] == len(frame) > 2000
    assert share["value"] == pytest.approx((frame["ease"] >= 4).mean(), abs=1e-12)
    assert mean["value"] == half_up(frame["ease"].mean())

    weighted, weighted_mean = row("ease_weighted"), row("ease_weighted_mean")
    answers = DescrStatsW(frame["ease"], weights=frame["weight"])
    favorable = DescrStatsW((frame["ease"] >= 4).astype(float), weights=frame["weight"])
    assert weighted["n"] == len(frame)
    assert weighted["value"] == pytest.approx(favorable.mean, abs=1e-6)
    assert weighted_mean["value"] == half_up(answers.mean)
    design_effect = len(frame) * (frame["weight"] ** 2).sum() / frame["weight"].sum() ** 2
    assert told("ease_weighted")["design_effect"] == round(design_effect, 1)
    assert weighted["high"] - weighted["low"] > share["high"] - share["low"]
    for metric, digits in (("ease", 3), ("ease_mean", 2), ("ease_weighted", 3)):
        public, exact = told(metric), row(metric)
        assert public["is_rounded"] and pd.isna(public["numerator"])
        assert public["n"] == round(len(frame), -1)
        for name in ("value", "low", "high"):
            assert public[name] == pytest.approx(round(exact[name], digits), abs=1e-12)

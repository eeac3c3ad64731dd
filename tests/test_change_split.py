"""A change splits into mix and within: by hand, and in a thousand random cases."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from metrics.define.catalog import Metric
from metrics.edition.edition import Edition
from metrics.gate.steps import gate_schema, make_metric_table, run_gate
from metrics.tell import sentences
from metrics.warehouse.store import build_aggregates
from tests.made_up import made_up_metric, make_private

KEY = ["level", "component", "service", "channel", "period_kind", "period", "basis"]


def split(
    warehouse: duckdb.DuckDBPyConnection,
    cells: pd.DataFrame,
    metric: Metric,
    is_private: bool = False,
) -> dict[str, pd.DataFrame]:
    """Run the real gate over made-up cells of one metric, of a public source or of single
    responses. `cells` has component, service, channel, quarter, k (sum of answers) and n."""
    build_aggregates(warehouse)
    with gate_schema(warehouse):
        warehouse.register("made_up", cells)
        warehouse.execute("""
            create or replace table gate.cell as
            select
                'made_up' as metric, component, service, channel, quarter, null::date as month,
                'a11/agree5/made-up' as basis, null::varchar as breakdown,
                k::double as numerator, n::double as denominator, 5 * k::double as squares,
                null::double as squared_weights, n::bigint as n
            from made_up
        """)
        warehouse.unregister("made_up")
        make_metric_table(warehouse, {"made_up": metric}, "gate")
        if is_private:
            make_private(warehouse)
        run_gate(warehouse)
        return {
            name: warehouse.execute(f"from gate.{name}").df()
            for name in ("change_split", "change_leaf", "published")
        }


def cells_of(*rows: tuple[str, str, str, int, int]) -> pd.DataFrame:
    """Cells of one service of TSA: channel, quarter, good answers, answers."""
    return pd.DataFrame(
        [("TSA", "s", channel, quarter, k, n) for _, channel, quarter, k, n in rows],
        columns=["component", "service", "channel", "quarter", "k", "n"],
    )


HAND = cells_of(
    ("", "phone", "2024Q2", 50, 100),
    ("", "email", "2024Q2", 80, 100),
    ("", "phone", "2024Q3", 120, 200),
    ("", "email", "2024Q3", 35, 50),
)
SMALL_LEAF = pd.concat([HAND, cells_of(("", "computer", "2024Q3", 4, 8))])


def test_a_case_worked_by_hand(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Before: 130 of 200 = 65 %. Now: 155 of 250 = 62 %. Phone went from half of the answers
    to 4 of 5, and from 50 to 60 %; e-mail from half to 1 of 5, and from 80 to 70 %.
    Mix: 0.3 x 0.55 - 0.3 x 0.75 = -0.06. Within: 0.1 x 0.65 - 0.1 x 0.35 = 0.03."""
    found = split(warehouse, HAND, made_up_metric("made_up", sql="select 1"))
    whole = found["change_split"]
    (row,) = whole[(whole["level"] == "service") & (whole["compared_with"] == "period")].to_dict(
        "records"
    )
    assert (row["period"], row["before_period"], row["n_leaves"]) == ("2024Q3", "2024Q2", 2)
    assert row["change"] == pytest.approx(-0.03)
    assert row["mix"] == pytest.approx(-0.06)
    assert row["within"] == pytest.approx(0.03)
    leaves = found["change_leaf"]
    phone = leaves[(leaves["level"] == "service") & (leaves["leaf_channel"] == "phone")].iloc[0]
    assert phone["mix"] == pytest.approx(0.165) and phone["within"] == pytest.approx(0.065)
    assert (phone["share_before"], phone["share_now"]) == (0.5, 0.8)
    assert (phone["value_before"], phone["value_now"]) == (0.5, 0.6)
    said = sentences.split_sentence(pd.Series(row), "Trust", "share")
    assert said == (
        "Trust fell 3.0 points since FY2024 Q2: 3.0 points up within services and channels, "
        "6.0 points down because the shares of the answers shifted."
    )


@pytest.mark.parametrize("kind", ["share", "mean"])
def test_parts_add_up_to_the_change_in_a_thousand_random_cases(
    warehouse: duckdb.DuckDBPyConnection, kind: str
) -> None:
    random = np.random.default_rng(280)
    rows = []
    for number in range(1000):
        for channel in ("phone", "email", "computer"):
            for quarter in ("2024Q2", "2024Q3"):
                if random.random() < 0.1 and channel != "phone":
                    continue  # a channel that answered in one quarter only, or in none
                n = int(random.integers(30, 3000))
                top = n if kind == "share" else 5 * n
                k = int(random.integers(top // 5, top + 1))
                rows.append(("TSA", f"s{number}", channel, quarter, k, n))
    cells = pd.DataFrame(rows, columns=["component", "service", "channel", "quarter", "k", "n"])
    metric = made_up_metric("made_up", sql="select 1", kind=kind, minimum_n=0)
    found = split(warehouse, cells, metric)
    whole = found["change_split"]
    whole = whole[(whole["level"] == "service") & (whole["compared_with"] == "period")]
    sums = cells.groupby(["service", "quarter"])[["k", "n"]].sum()
    value = (sums["k"] / sums["n"]).unstack("quarter")
    wanted = (value["2024Q3"] - value["2024Q2"]).dropna()
    got = whole.set_index("service")
    n_channels = cells.groupby("service")["channel"].nunique()
    several = n_channels.index[n_channels > 1]
    assert set(got.index) == set(several) and len(got) > 950
    parts = got["mix"] + got["within"]
    np.testing.assert_allclose(parts, wanted[got.index], atol=1e-12)
    np.testing.assert_allclose(got["change"], wanted[got.index], atol=1e-12)
    # The same by Kitagawa's formula, from the cells alone.
    for service in random.choice(several, 60, replace=False):
        own = cells[cells["service"] == service].pivot(
            index="channel", columns="quarter", values=["k", "n"]
        )
        n = own["n"].fillna(0).to_numpy()
        p = n / n.sum(axis=0)
        r = (own["k"] / own["n"]).to_numpy()
        r = np.where(np.isnan(r), r[:, ::-1], r)
        mix = ((p[:, 1] - p[:, 0]) * r.mean(axis=1)).sum()
        assert got.loc[service, "mix"] == pytest.approx(mix, abs=1e-12)


@pytest.mark.parametrize(
    ("cells", "is_private"),
    [
        (SMALL_LEAF, True),  # a leaf is suppressed
        (HAND[HAND["channel"] == "phone"], False),  # one leaf alone
        # unknown
        (HAND.assign(channel=HAND["channel"].where(HAND["channel"] == "phone", None)), False),
        (HAND[HAND["quarter"] == "2024Q3"], False),  # nothing before
    ],
    ids=["suppressed", "one leaf", "unknown channel", "no period before"],
)
def test_where_leaves_are_not_known_nothing_is_told(
    warehouse: duckdb.DuckDBPyConnection, cells: pd.DataFrame, is_private: bool
) -> None:
    found = split(warehouse, cells, made_up_metric("made_up", sql="select 1"), is_private)
    assert len(found["change_split"]) == len(found["change_leaf"]) == 0
    assert found["published"]["value"].notna().any()


def test_of_a_public_source_a_small_leaf_is_told(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = split(warehouse, SMALL_LEAF, made_up_metric("made_up", sql="select 1"))
    leaves = found["change_leaf"]
    small = leaves[(leaves["level"] == "service") & (leaves["leaf_channel"] == "computer")]
    assert set(small["value_now"]) == {0.5} and len(small)
    assert not (found["published"]["status"] == "suppressed").any()


def test_everything_told_can_be_worked_out_from_published_rows(federal: Edition) -> None:
    leaves = federal.table("change_leaf")
    assert len(leaves) > 100
    published = federal.rows(level="service", breakdown=None)
    at = ["metric", "component", "service", "channel", "period_kind", "period", "basis"]
    figures = published.set_index(at)
    for period, column in (("period", "now"), ("before_period", "before")):
        there = leaves[leaves[f"value_{column}"].notna()]
        keys = there[
            ["metric", "leaf_component", "leaf_service", "leaf_channel", "period_kind"]
        ].assign(period=there[period], basis=there["basis"])
        rows = figures.loc[pd.MultiIndex.from_frame(keys.set_axis(at, axis=1))]
        assert rows["value"].notna().all()
        ratio = (rows["numerator"] / rows["denominator"]).astype(float).to_numpy()
        np.testing.assert_allclose(there[f"value_{column}"], ratio, atol=1e-12)
    whole = federal.table("change_split")
    now = federal.rows(breakdown=None).set_index(["metric", *KEY])
    split_keys = pd.MultiIndex.from_frame(whole[["metric", *KEY]])
    value = now.loc[split_keys]
    before = now.loc[
        pd.MultiIndex.from_frame(whole.assign(period=whole["before_period"])[["metric", *KEY]])
    ]
    wanted = (value["numerator"] / value["denominator"]).astype(float).to_numpy() - (
        before["numerator"] / before["denominator"]
    ).astype(float).to_numpy()
    np.testing.assert_allclose(whole["change"], wanted, atol=1e-9)

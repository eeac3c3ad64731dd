"""Verdicts on changes, worked out again from what an edition prints: like for like, ordinary
variation, tests, smallest effects. Nothing here uses the SQL or Python of the gate."""

import math
from collections import defaultdict
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import confint_poisson

from metrics.edition.edition import Edition, open_edition

Z = 1.959963984540054
HEADLINES = {
    *("trust", "satisfaction", "effectiveness", "ease", "efficiency", "transparency"),
    "employee",
}
LEVELS = {
    "department": [],
    "component": ["component"],
    "service": ["component", "service"],
}
WHAT = ["metric", "basis", "breakdown"]
PLACE = ["level", "component", "service", "channel"]


def number_of(period: str) -> int:
    """Quarters, and years in steps of four, in a row."""
    if period.startswith("FY"):
        return int(period[2:]) * 4
    return int(period[:4]) * 4 + int(period[5])


def parts_of(edition: Edition) -> pd.DataFrame:
    """The service and channel of each quarter behind all figures, once for its quarter and
    once for its year; of means what one answer varies by."""
    rows = edition.query("""
        select published.*, metric.kind, metric.counts_events
        from published inner join metric on published.metric = metric.metric
        where published.level = 'service' and published.channel <> 'all'
            and published.period_kind = 'quarter' and metric.over_time = 'sum'
            and metric."window" is null and published.denominator > 0
            and (metric.kind in ('share', 'mean') and metric.minimum_n > 0 or metric.counts_events)
    """)
    rows["breakdown"] = rows["breakdown"].fillna("")
    rows["variance"] = ((rows["high"] - rows["low"]) / 2 / Z) ** 2
    for name in ("numerator", "denominator"):
        rows[name] = rows[name].astype(float)
    rows["exact"] = rows["numerator"] / rows["denominator"]
    is_share = rows["kind"].eq("share")
    share_ends = proportion_confint(
        rows.loc[is_share, "numerator"], rows.loc[is_share, "denominator"], method="wilson"
    )
    events = rows["counts_events"]
    rate_ends = confint_poisson(
        rows.loc[events, "numerator"], rows.loc[events, "denominator"], method="score"
    )
    for name, at in (("below", 0), ("above", 1)):
        rows[name] = Z * rows["variance"] ** 0.5
        rows.loc[is_share, name] = np.abs(rows.loc[is_share, "exact"] - share_ends[at])
        rows.loc[events, name] = np.abs(rows.loc[events, "exact"] - rate_ends[at])
    own = rows.assign(part="")
    of_year = rows.assign(part=rows["period"].str[-2:], period="FY" + rows["period"].str[:4])
    return pd.concat([own, of_year])


def changes_of(parts: pd.DataFrame) -> pd.DataFrame:
    """The change at a fixed mix of every figure, against the period before and a year before."""
    leaf = ["component", "service", "channel", "part"]
    parts = parts.assign(at=parts["period"].map(number_of), leaf=parts[leaf].agg("/".join, axis=1))
    found = []
    for (level, place), is_single in product(LEVELS.items(), (False, True)):
        key = [*WHAT, *place, *(["channel"] if is_single else [])]
        whole = parts.assign(
            share=parts["denominator"]
            / parts.groupby([*key, "period"])["denominator"].transform("sum")
        )
        for is_year in (False, True):
            is_fiscal = whole["period"].str.startswith("FY")
            back = np.where(is_fiscal | is_year, 4, 1)
            keep = ["share", "exact", "numerator", "denominator", "variance", "below", "above"]
            before = whole[[*dict.fromkeys([*key, "leaf"]), "at", "kind", *keep]]
            both = whole.assign(before=whole["at"] - back).merge(
                before.rename(columns={"at": "before"} | {name: f"{name}_0" for name in keep}),
                on=[*dict.fromkeys([*key, "leaf"]), "before", "kind"],
            )
            same_kind = both["period"].str.startswith("FY") == both["part"].ne("")
            both = both[same_kind]
            group = both.groupby([*key, "period"], sort=False)
            both["weight"] = (both["share"] + both["share_0"]) / (
                group["share"].transform("sum") + group["share_0"].transform("sum")
            )
            pooled = (both["numerator"] + both["numerator_0"]) / (
                both["denominator"] + both["denominator_0"]
            )
            each = 1 / both["denominator"] + 1 / both["denominator_0"]
            both["null"] = np.select(
                [both["kind"].eq("share"), both["counts_events"]],
                [pooled * (1 - pooled) * each, pooled * each],
                both["variance"] + both["variance_0"],
            )
            w = both["weight"]
            both["change"] = w * (both["exact"] - both["exact_0"])
            both["value_before"] = w * both["exact_0"]
            both["null_variance"] = w**2 * both["null"]
            both["low2"] = w**2 * (both["below"] ** 2 + both["above_0"] ** 2)
            both["high2"] = w**2 * (both["above"] ** 2 + both["below_0"] ** 2)
            sums = ["change", "value_before", "null_variance", "low2", "high2", "share"]
            sums += ["share_0", "numerator", "numerator_0"]
            told = both.groupby([*key, "period"], sort=False)[sums].sum()
            more = both.groupby([*key, "period"], sort=False)
            told["signature"] = more["leaf"].agg(lambda names: "|".join(sorted(names)))
            told["kind"] = more["kind"].first()
            told["counts_events"] = more["counts_events"].first()
            told = told.reset_index().assign(level=level, is_year=is_year)
            for name in ("component", "service", "channel"):
                told[name] = told.get(name, "all")
            found.append(told)
    told = pd.concat(found, ignore_index=True)
    told["overlap"] = told[["share", "share_0"]].min(axis=1)
    return told[told["overlap"] >= 0.5 - 1e-12].reset_index(drop=True)


def with_history(told: pd.DataFrame) -> pd.DataFrame:
    """Ordinary variation from the steps before: the series' own, else of all like it."""
    told = told.assign(
        at=told["period"].map(number_of),
        period_kind=np.where(told["period"].str.startswith("FY"), "fiscal_year", "quarter"),
        is_all=told["channel"].eq("all"),
    )
    middle = told["value_before"] + told["change"] / 2
    scale = np.select(
        [told["kind"].eq("share"), told["counts_events"]],
        [np.sqrt(np.maximum(0, middle * (1 - middle))), middle],
        1.0,
    )
    scale = np.where((scale == 0) | (told["null_variance"] < 1e-18), np.nan, scale)
    told["size"] = told["change"].abs() / scale
    told["sampling"] = told["null_variance"] ** 0.5 / scale
    told["least"] = np.select(
        [told["kind"].eq("share"), told["kind"].eq("mean")],
        [np.minimum(0.02, math.log(1.25) * middle * (1 - middle)), 0.1],
        0.1 * told["value_before"],
    )
    steps = [list(row) for row in zip(told["at"], told["size"], told["sampling"], strict=True)]
    alike = ["metric", "level", "is_all", "period_kind", "is_year"]
    series = [*WHAT, *PLACE, "period_kind", "is_year"]
    pool_of, pools = told.groupby(alike).ngroup().tolist(), defaultdict(list)
    for pool, step in zip(pool_of, steps, strict=True):
        pools[pool].append(step)
    found = {}
    for own in told.groupby(series).indices.values():
        for place, index in enumerate(sorted(own, key=lambda one: steps[one][0])):
            before = sorted(own, key=lambda one: steps[one][0])[max(0, place - 12) : place]
            earlier, history = [steps[one] for one in before], "own"
            earlier = [step for step in earlier if not math.isnan(step[1])]
            if len(earlier) < 6:
                pool = np.array(pools[pool_of[index]])
                earlier, history = pool[(pool[:, 0] < steps[index][0])], "alike"
                earlier = earlier[~np.isnan(earlier[:, 1])]
                if len(earlier) < 12:
                    found[index] = (0.0, math.nan, "sampling")
                    continue
            if history == "own":
                _, size, sampling = np.mean(earlier, axis=0)
                beside = max(0.0, math.pi / 2 * size**2 - sampling**2)
            else:
                _, size2, sampling2 = np.mean(np.square(earlier), axis=0)
                beside = max(0.0, size2 - sampling2)
            noise = steps[index][2] ** 2
            found[index] = (beside / noise if noise > 0 else 0.0, len(earlier), history)
    for at, name in enumerate(("ratio", "steps", "history")):
        told[name] = [found[index][at] for index in range(len(told))]
    return told


def judged(opened: Edition) -> pd.DataFrame:
    """Every change with its verdict, worked out here."""
    told = with_history(changes_of(parts_of(opened)))
    order = {"department": 0, "component": 1, "service": 2}
    told = told.assign(order=told["level"].map(order) * 2 + ~told["is_all"]).sort_values("order")
    # Figures that count the same answers vary as the one does that stands highest.
    figure = [*WHAT, "period", "is_year", "signature"]
    learned = ["ratio", "steps", "history"]
    highest = told.drop_duplicates(figure)[[*figure, *learned]]
    told = told.drop(columns=learned).merge(highest, on=figure, how="left")
    with np.errstate(divide="ignore", invalid="ignore"):
        told["freedom"] = np.where(
            told["ratio"] > 0, 0.62 * told["steps"] * (1 + told["ratio"]) / told["ratio"], np.inf
        )
        told["error"] = (told["null_variance"] * (1 + told["ratio"])) ** 0.5
        score = np.where(told["error"] > 0, told["change"].abs() / told["error"], 0)
    told["p"] = 2 * student.sf(score, told["freedom"])
    once = told.drop_duplicates([*WHAT, "period", "is_year", "signature"]).copy()
    once["purpose"] = once["metric"].where(~once["metric"].isin(HEADLINES), "headline")
    once["p_adjusted"] = 1.0
    for _, part in once.groupby(["is_year", "purpose", "level", "period", "is_all"]):
        once.loc[part.index, "p_adjusted"] = multipletests(part["p"], method="fdr_bh")[1]
    figure = [*WHAT, "period", "is_year", "signature"]
    told = told.merge(once[[*figure, "p_adjusted"]], on=figure, how="left")
    is_few = told["counts_events"] & (told[["numerator", "numerator_0"]].max(axis=1) < 20)
    is_clear = (told["p_adjusted"] < 0.05) & (told["change"].abs() >= told["least"])
    is_same = (told["error"] > 1e-9) & (
        told["change"].abs() + student.isf(0.05, told["freedom"]) * told["error"] < told["least"]
    )
    told["call"] = np.select(
        [is_few, is_clear & (told["change"] > 0), is_clear, is_same],
        ["cannot tell", "up", "down", "same"],
        "cannot tell",
    )
    widening = (1 + told["ratio"]) ** 0.5 * student.isf(0.025, told["freedom"]) / Z
    told["low"] = told["change"] - widening * told["low2"] ** 0.5
    told["high"] = told["change"] + widening * told["high2"] ** 0.5
    return told


@pytest.fixture(scope="module")
def both(federal: Edition) -> pd.DataFrame:
    """What is worked out here beside what is published, row by row."""
    published = federal.query(
        "from published where period_kind in ('quarter', 'fiscal_year') and value is not null"
    )
    published["breakdown"] = published["breakdown"].fillna("")
    names = ["change_call", "like_change", "like_change_low", "like_change_high", "change_history"]
    names += ["change"]
    address = [*WHAT, *PLACE, "period"]
    stacked = pd.concat(
        published[[*address, *(f"{prefix}{name}" for name in names)]]
        .set_axis([*address, *names], axis=1)
        .assign(is_year=bool(prefix))
        for prefix in ("", "year_ago_")
    )
    ours = judged(federal)
    return ours.merge(stacked, on=[*address, "is_year"], how="inner", suffixes=("", "_printed"))


def test_every_verdict_is_found_again_from_what_is_printed(both: pd.DataFrame) -> None:
    compared = both[both["change_call"].isin(["up", "down", "same", "cannot tell"])]
    assert len(compared) > 9_000
    assert set(compared["change_call"]) == {"up", "down", "same", "cannot tell"}
    assert set(compared["level"]) == {"department", "component", "service"}
    np.testing.assert_allclose(compared["like_change"], compared["change"], atol=1e-9)
    np.testing.assert_allclose(compared["like_change_low"], compared["low"], atol=1e-8)
    np.testing.assert_allclose(compared["like_change_high"], compared["high"], atol=1e-8)
    assert compared["change_history"].eq(compared["history"]).all()
    other = compared[compared["change_call"] != compared["call"]]
    assert other.empty, other[[*WHAT, *PLACE, "period", "call", "change_call"]].head()
    for is_year in (False, True):
        years = compared[compared["period"].str.startswith("FY") & compared["is_year"].eq(is_year)]
        assert years["change_call"].isin(["up", "down"]).any()


def test_of_one_service_and_channel_the_interval_is_newcombes(both: pd.DataFrame) -> None:
    single = both[both["kind"].eq("share") & both["ratio"].eq(0) & both["level"].eq("service")]
    single = single[~single["is_all"] & ~single["period"].str.startswith("FY")]
    single = single[single["like_change"].notna()].head(300)
    assert len(single) == 300
    for row in single.itertuples():
        n, n_0 = (row.numerator / (row.value_before + row.change), row.numerator_0)
        if not row.numerator or not row.numerator_0:
            continue
        low, high = confint_proportions_2indep(
            round(row.numerator),
            round(n),
            round(n_0),
            round(n_0 / row.value_before),
            method="newcomb",
            compare="diff",
        )
        assert row.like_change_low == pytest.approx(low, abs=1e-9)
        assert row.like_change_high == pytest.approx(high, abs=1e-9)


def test_a_rise_that_only_the_mix_made_is_none(federal: Edition) -> None:
    """TSA, FY2021 Q4: trust, satisfaction and efficiency of all channels rose by 2.5 to 3.1
    points, because many more called and callers are more content than those who write. Within
    telephone and e-mail each of them fell."""
    for metric in ("trust", "satisfaction", "efficiency"):
        rows = federal.rows(metric=metric, level="service", component="TSA", period="2021Q4")
        rows = rows.set_index("channel")
        single = rows.drop("all").dropna(subset=["change"])
        assert len(single) == 2 and (single["change"] < 0).all()
        pooled = rows.loc["all"]
        assert 0.024 < pooled["change"] < 0.032
        assert single["change"].min() < pooled["like_change"] < 0
        assert pooled["change_call"] in ("same", "cannot tell", "down")


def test_a_value_known_as_a_bound_has_no_change(demo_home: Path) -> None:
    """Quantiles that read "at least", and those beside one a period or a year before."""
    rows = open_edition(demo_home).query(
        "select published.* from published inner join metric on published.metric = metric.metric "
        "where metric.kind = 'quantile' and published.value is not null"
    )
    is_bound = rows["reason"].fillna("").str.contains("At least this much")
    assert is_bound.sum() > 300
    assert rows.loc[is_bound, ["change", "year_ago_change"]].isna().all(axis=None)
    told = rows["change_reason"].fillna("").str.startswith("At least: ")
    assert told[~is_bound].sum() > 20
    assert rows.loc[told, "change"].isna().all()
    assert rows.loc[told, "change_call"].eq("not comparable").all()
    assert rows.loc[~is_bound & ~told, "change"].notna().mean() > 0.5


def test_figures_that_count_the_same_answers_have_the_same_call(
    federal: Edition, demo_home: Path
) -> None:
    """A Component and its one service."""
    for opened, least in ((federal, 5_000), (open_edition(demo_home), 3_000)):
        pairs = opened.query("""
            select
                whole.change_call, part.change_call as part_call,
                whole.year_ago_change_call as year_call, part.year_ago_change_call as part_year
            from published as whole
            inner join published as part
                on whole.metric = part.metric and whole.component = part.component
                    and whole.channel = part.channel and whole.period = part.period
                    and whole.period_kind = part.period_kind and whole.basis = part.basis
                    and whole.breakdown is not distinct from part.breakdown
            where whole.level = 'component' and part.level = 'service' and whole.value = part.value
                and whole.n is not distinct from part.n
                -- Of other answers an earlier figure may be another, or hidden.
                and whole.previous_value is not distinct from part.previous_value
                and whole.year_ago_value is not distinct from part.year_ago_value
                and whole.component in (
                    select component from published where level = 'service'
                    group by component having count(distinct service) = 1
                )
        """).fillna("")
        assert len(pairs) > least
        assert (pairs["change_call"] == pairs["part_call"]).all()
        assert (pairs["year_call"] == pairs["part_year"]).all()

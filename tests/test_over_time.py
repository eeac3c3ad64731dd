"""Control limits and plans for more answers, against computations of others."""

import re
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from statsmodels.stats.power import zt_ind_solve_power
from statsmodels.stats.proportion import (
    proportion_confint,
    samplesize_proportions_2indep_onetail,
)

from metrics.base import planner
from metrics.base.periods import periods_between
from metrics.base.settings import SQL
from metrics.edition.edition import Edition, open_edition
from metrics.gate.steps import RULES
from metrics.tell import charts
from metrics.tell.charts.trend import LIMIT_DASHES, _limit_words
from metrics.tell.limits import limit_lines
from metrics.tell.sentences import needed_text
from tests.apps import open_page

SERIES = ["metric", "level", "component", "service", "channel", "period_kind", "basis", "breakdown"]
SIGNALS = ["outside", "run", "near_limit", "trend"]
SELECT = re.sub(
    r"/\*.*?\*/", "", (SQL / "publish" / "control_limit.sql").read_text("utf-8"), flags=re.DOTALL
)

Point = dict[str, Any]


def xmr(values: list[float], is_share: bool, is_signed: bool) -> list[Point]:
    """Limits and signals of one stretch, each rule tried on every window by itself."""
    center = sum(values) / len(values)
    steps = [abs(b - a) for a, b in pairwise(values)]
    reach = 2.66 * sum(steps) / len(steps)
    low = center - reach if is_signed else max(center - reach, 0)
    high = min(center + reach, 1) if is_share else center + reach
    found: list[Point] = [
        dict.fromkeys(SIGNALS) | {"center": center, "lower_limit": low, "upper_limit": high}
        for _ in values
    ]

    def side(value: float) -> str:
        apart = value - center
        return "" if abs(apart) <= 1e-9 else "above" if apart > 0 else "below"

    def is_near(value: float) -> bool:
        return abs(value - center) > reach / 2 + 1e-9

    for at, value in enumerate(values):
        if abs(value - center) > reach + 1e-9:
            found[at]["outside"] = side(value)
    for start in range(len(values)):
        eight = values[start : start + 8]
        for name in ("below", "above"):
            if len(eight) == 8 and all(side(value) == name for value in eight):
                for point in found[start : start + 8]:
                    point["run"] = name
        four = range(start, min(start + 4, len(values)))
        for name, limit in (("above", "upper"), ("below", "lower")):
            near = [at for at in four if is_near(values[at]) and side(values[at]) == name]
            for at in near if len(near) >= 3 else []:
                found[at]["near_limit"] = limit
        six = values[start : start + 6]
        for sign, name in ((-1, "falling"), (1, "rising")):
            if len(six) == 6 and all(sign * (b - a) > 1e-9 for a, b in pairwise(six)):
                for point in found[start : start + 6]:
                    # A peak belongs to what rose to it.
                    point["trend"] = "rising" if point["trend"] == "rising" else name
    return found


def number(period: str) -> int:
    """Place of a quarter or month among those of all years."""
    year, part = re.split(r"Q|-", period)
    return (4 if "Q" in period else 12) * int(year) + int(part)


def mix_moved(row: dict[str, Any], kind: str) -> bool:
    """Whether the mix alone moved a value by the smallest change that counts."""
    if row["change"] is None or row["like_change"] is None:
        return False
    least = {"share": 0.02, "mean": 0.1}.get(kind)
    least = 0.1 * row["previous_value"] if least is None else least
    return bool(abs(row["change"] - row["like_change"]) >= least)


def expected(published: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """The whole table of control limits, from published rows, in plain Python."""
    about = {row["metric"]: row for row in metrics.to_dict("records")}
    usable = {
        name
        for name, row in about.items()
        if row["over_time"] == "sum"
        and row["interval"] != "none"
        and (row["kind"] in ("share", "mean") or row["counts_events"] is True)
        and row["breakdown"] not in ("answer", "band")
    }
    is_used = published["metric"].isin(usable) & published["status"].isin(["ok", "few"])
    rows = published[is_used & published["period_kind"].ne("fiscal_year")]
    names = ["value", "change_call", "change", "like_change", "previous_value"]
    rows = rows[[*SERIES, "period", *names]].sort_values([*SERIES, "period"])
    records = rows.astype(object).where(rows.notna(), None).to_dict("records")
    told = []
    for key, series in groupby(records, lambda row: tuple(row[name] for name in SERIES)):
        stretches: list[list[Point]] = []
        for row in series:
            is_next = stretches and number(row["period"]) == number(stretches[-1][-1]["period"]) + 1
            is_moved = mix_moved(row, about[key[0]]["kind"])
            if not is_next or row["change_call"] == "not comparable" or is_moved:
                stretches.append([])
            stretches[-1].append(row)
        needed = {"quarter": 8, "month": 12}[key[5]]
        for stretch in stretches:
            base = dict(zip(SERIES, key, strict=True)) | {
                "first_period": stretch[0]["period"],
                "n_points": len(stretch),
                "n_needed": needed,
            }
            if len(stretch) < needed:
                told.append(base | {"period": stretch[-1]["period"]})
                continue
            metric = about[key[0]]
            values = [row["value"] for row in stretch]
            points = xmr(values, metric["kind"] == "share", metric["signed"] is True)
            told += [
                base | {"period": row["period"]} | point
                for row, point in zip(stretch, points, strict=True)
            ]
    columns = [*SERIES, "period", "first_period", "n_points", "n_needed"]
    columns += ["center", "lower_limit", "upper_limit", *SIGNALS]
    return pd.DataFrame(told, columns=columns)


def same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Hold that two tables of control limits say the same."""
    key = [*SERIES, "period"]
    numbers = ["center", "lower_limit", "upper_limit"]
    tables = []
    for frame in (ours, theirs):
        frame = frame.astype(dict.fromkeys(numbers, float))
        words = [name for name in frame if name not in (*numbers, "n_points", "n_needed")]
        texts = frame[words].astype(object)
        frame[words] = texts.where(texts.notna(), "")
        tables.append(frame.sort_values(key, ignore_index=True)[list(theirs.columns)])
    pd.testing.assert_frame_equal(*tables, check_dtype=False, rtol=0, atol=1e-8)


def test_the_published_limits_are_those_of_plain_python(federal: Edition) -> None:
    published = federal.query("from published")
    ours = federal.query("from control_limit")
    theirs = expected(published, federal.table("metric"))
    assert len(theirs) > 3000 and theirs["center"].notna().sum() > 1000
    assert theirs[SIGNALS].notna().any().sum() >= 3
    same(ours, theirs)


@cache
def with_setting() -> duckdb.DuckDBPyConnection:
    """An empty database with the thresholds alone."""
    connection = duckdb.connect(":memory:")
    connection.execute(
        "create table setting as select 8 as minimum_quarters, 12 as minimum_months, "
        "0.02e0 as minimum_effect_share, 0.1e0 as minimum_effect_mean, "
        "0.1e0 as minimum_effect_rate"
    )
    connection.execute((SQL / "macros" / "period_number.sql").read_text())
    return connection


def limits_of(
    series: list[list[float | None]], kind: str = "share", mixed: tuple[int, ...] = (), **more: Any
) -> pd.DataFrame:
    """Run the step of the gate over made-up series of quarters; None is a gap. Another mix moved
    the values at the places `mixed`."""
    quarters = periods_between("2000Q1", "2039Q4")
    rows = pd.DataFrame(
        [
            {
                **dict.fromkeys(SERIES, "all"),
                "metric": "m",
                "component": f"C{at}",
                "period_kind": "quarter",
                "period": quarters[place],
                "status": "ok",
                "value": value,
                "breakdown": None,
                "change_call": None,
                "change": 0.03,
                "like_change": 0.03 - 0.05 * (place in mixed),
                "previous_value": 0.5,
            }
            for at, values in enumerate(series)
            for place, value in enumerate(values)
            if value is not None
        ]
    )
    about = {"metric": "m", "kind": kind, "signed": False, "counts_events": False}
    about |= {"over_time": "sum", "interval": "sampling", "breakdown": None} | more
    metric = pd.DataFrame([about])
    connection = with_setting()
    for name, frame in (("published", rows), ("metric", metric)):
        connection.register("given", frame)
        empty = [column for column in frame if frame[column].isna().all()]
        texts = ", ".join(f"{column}::varchar as {column}" for column in empty)
        connection.execute(
            f"create or replace table {name} as select * replace ({texts}) from given"
        )
    found = connection.execute(SELECT).df()
    same(found, expected(rows, metric))
    return found.sort_values(["component", "period"], ignore_index=True)


def test_a_case_worked_by_hand() -> None:
    # Mean 520 / 10 = 52. Steps 2 3 2 1 2 3 19 20 1, sum 53, mean 5.888...; times 2.66 is
    # 15.6644: limits 36.3356 and 67.6644. Only 70 lies outside.
    values = [50, 52, 49, 51, 50, 48, 51, 70, 50, 49]
    found = limits_of([[value / 100 for value in values]])
    assert found["center"].unique().tolist() == [0.52]
    assert found["lower_limit"].unique() == pytest.approx([0.363355556], abs=1e-9)
    assert found["upper_limit"].unique() == pytest.approx([0.676644444], abs=1e-9)
    assert found["outside"].isna().tolist() == [value != 70 for value in values]
    assert found.loc[7, "outside"] == "above"
    assert found[["run", "near_limit", "trend"]].isna().all(axis=None)
    (line,) = limit_lines(found.assign(value=[value / 100 for value in values]), "share")
    assert line.startswith(
        "Control limits of FY2000 Q1 to FY2002 Q2: 36.3% to 67.7% around the center 52%."
    )
    assert "FY2001 Q4 (70%) lies above the upper limit 67.7%." in line


def test_each_signal_marks_its_values_alone() -> None:
    run = [0.52, 0.51] * 4 + [0.48, 0.49, 0.47, 0.46] * 2
    trend = [0.50, 0.52, 0.50, 0.52, 0.50, 0.51, 0.52, 0.53, 0.54, 0.55, 0.50, 0.52]
    near = [0.50, 0.52] * 4 + [0.47, 0.46, 0.47, 0.50, 0.52, 0.51]
    found = limits_of([run, trend, near])
    first = found[found["component"] == "C0"]["run"].fillna("").tolist()
    assert first == ["above"] * 8 + ["below"] * 8
    second = found[found["component"] == "C1"]["trend"].fillna("").tolist()
    assert second == [""] * 4 + ["rising"] * 6 + ["", ""]
    third = found[found["component"] == "C2"]["near_limit"].fillna("").tolist()
    assert third == [""] * 8 + ["lower"] * 3 + [""] * 3


def test_many_signals_of_a_sort_are_counted() -> None:
    found = limits_of([[0.50, 0.51] * 10])
    found["value"] = [0.50, 0.51] * 10
    found["outside"] = [None, "above"] * 10
    (line,) = limit_lines(found, "share")
    assert "10 of 20 quarters lie outside the limits, the latest FY2004 Q4 (51%)." in line
    found.loc[:13, "outside"] = None
    (line,) = limit_lines(found, "share")
    assert [line.count(f"FY200{end} (51%) lies above") for end in ("3 Q4", "4 Q2", "4 Q4")] == [
        *(1, 1, 1)
    ]


def test_a_stretch_too_short_has_a_count_and_no_limits() -> None:
    found = limits_of([[0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5, None, 0.5, 0.9]])
    assert found["n_points"].tolist() == [7, 2]
    assert found[["center", "lower_limit", "upper_limit", *SIGNALS]].isna().all(axis=None)
    lines = limit_lines(found.assign(value=0.5), "share")
    assert lines == [
        "Control limits need at least 8 comparable quarters in a row; up to FY2002 Q2 there are 2."
    ]


def test_values_that_never_differ_are_no_signal() -> None:
    found = limits_of([[1 / 3] * 12])
    assert found[SIGNALS].isna().all(axis=None) and len(found) == 12


def test_a_value_that_another_mix_moved_begins_a_new_stretch() -> None:
    values = [0.5, 0.52, 0.49, 0.51, 0.5, 0.48, 0.51, 0.5, 0.7, 0.71, 0.7]
    found = limits_of([values], mixed=(8,))
    assert found["n_points"].tolist() == [8] * 8 + [3]
    assert found["first_period"].unique().tolist() == ["2000Q1", "2002Q1"]


SOME_SERIES = some.lists(
    some.lists(some.one_of(some.none(), some.integers(0, 12)), min_size=1, max_size=40)
    # Few gaps, so that stretches get long; few values, so that ties, runs and rows come up.
    .map(lambda values: [v if v is not None or i % 9 == 0 else 6 for i, v in enumerate(values)])
    .filter(lambda values: any(value is not None for value in values)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, deadline=None)
@given(SOME_SERIES, some.sampled_from(["share", "mean"]), some.booleans())
def test_any_series_gives_what_plain_python_gives(
    series: list[list[int | None]], kind: str, signed: bool
) -> None:
    scaled = [[None if value is None else value / 12 for value in values] for values in series]
    limits_of(scaled, kind, signed=signed and kind == "mean")


# Plans for more answers.


@pytest.mark.parametrize("share", [0.0, 0.02, 0.31, 0.5, 0.815, 1.0])
@pytest.mark.parametrize("wanted", [0.005, 0.03, 0.1])
def test_a_margin_is_reached_with_so_many_answers_and_not_with_one_less(
    share: float, wanted: float
) -> None:
    n = planner.answers_for_margin(share, wanted)
    for size, is_enough in ((n, True), (n - 1, False)):
        low, high = proportion_confint(share * size, size, method="wilson")
        assert ((high - low) / 2 <= wanted + 1e-12) == is_enough, size


def test_a_margin_that_makes_no_sense_is_refused() -> None:
    for share, wanted in ((1.2, 0.03), (0.5, 0), (0.5, 0.7)):
        with pytest.raises(ValueError, match="from 0 to 1"):
            planner.answers_for_margin(share, wanted)


def test_answers_for_shares_are_those_of_the_library() -> None:
    draw = np.random.default_rng(6)
    before, now = draw.uniform(0.01, 0.99, (2, 200))
    ours = planner.answers_for_shares(before, now)
    theirs = [
        samplesize_proportions_2indep_onetail(b - a, a, power=0.8, alternative="two-sided")
        for a, b in zip(before, now, strict=True)
    ]
    np.testing.assert_array_equal(ours, np.ceil(theirs))


def test_so_many_answers_tell_a_change_eight_times_of_ten() -> None:
    draw = np.random.default_rng(280)
    for before, now in ((0.8, 0.77), (0.5, 0.52), (0.95, 0.93)):
        n = int(planner.answers_for_shares(before, now))
        first, second = (draw.binomial(n, share, 20_000) for share in (before, now))
        pooled = (first + second) / (2 * n)
        z = (second - first) / n / np.sqrt(pooled * (1 - pooled) * 2 / n)
        assert np.mean(np.abs(z) > 1.959964) == pytest.approx(0.8, abs=0.01)


def test_answers_for_means_are_those_of_the_library() -> None:
    for deviation, change in ((1.2, 0.1), (0.8, 0.25), (3.0, 0.4)):
        theirs = zt_ind_solve_power(change / deviation, alpha=0.05, power=0.8)
        ours = planner.answers_for_means(2 * deviation**2, change)
        assert float(ours) == np.ceil(theirs)


def test_what_would_settle_an_unclear_change_follows_from_published_rows(federal: Edition) -> None:
    published = federal.query(
        "select published.*, metric.kind from published inner join metric "
        "on published.metric = metric.metric where kind in ('share', 'mean') "
        "and published.breakdown is null"
    )
    key = ["metric", "level", "component", "service", "channel", "period_kind", "basis"]
    published = published.sort_values([*key, "period"])
    for name in ("n", "value", "low", "high"):
        published[f"before_{name}"] = published.groupby(key)[name].shift()
    unclear = published[published["change_call"] == "cannot tell"]
    plans = federal.query("from answers_needed")
    both = unclear.merge(plans, on=[*key, "period"], how="outer", suffixes=("", "_of_plan"))
    assert len(both) == len(unclear) == len(plans) > 1000
    assert both["n"].eq(both["n_of_plan"]).all()
    assert both["before_n"].eq(both["previous_n"]).all()
    # Where the series varies by itself, more answers are needed, or none are enough.
    alone = both[both["change_history"].eq("sampling")]
    for row in pd.concat(part.head(25) for _, part in alone.groupby("kind")).itertuples():
        if row.kind == "share":
            middle = (row.value + row.before_value) / 2
            least = min(RULES.minimum_effect_share, np.log(1.25) * middle * (1 - middle))
            # At a fixed mix the middle is another one.
            assert row.planned_change == pytest.approx(2 * least, rel=0.25)
            up = row.planned_change if row.value <= 0.5 else -row.planned_change
            needed = samplesize_proportions_2indep_onetail(
                up, row.value, power=0.8, alternative="two-sided"
            )
        else:
            assert row.planned_change == 2 * RULES.minimum_effect_mean
            deviations = [
                (high - low) / 2 / 1.959963984540054 * n**0.5
                for low, high, n in (
                    (row.low, row.high, row.n),
                    (row.before_low, row.before_high, row.before_n),
                )
            ]
            pooled = (sum(value**2 for value in deviations) / 2) ** 0.5
            needed = zt_ind_solve_power(row.planned_change / pooled, alpha=0.05, power=0.8)
        assert row.n_planned == pytest.approx(needed, abs=1.001)
    by_itself = both[both["change_history"].eq("own")]
    assert by_itself["n_planned"].isna().any() and by_itself["n_planned"].notna().any()


@pytest.mark.parametrize(("before", "now"), [(0.7, 0.75), (0.7, 0.73), (0.05, 0.07), (0.5, 0.6)])
def test_a_plan_gives_the_power_that_it_promises(before: float, now: float) -> None:
    """In 20,000 pairs of periods with as many answers as planned, the rule for up finds the
    change in about 80 of 100."""
    n = int(planner.answers_to_call(before, now))
    draw = np.random.default_rng(280)
    first, second = (draw.binomial(n, share, 20_000) / n for share in (before, now))
    middle = (first + second) / 2
    z = np.abs(second - first) / np.sqrt(2 * middle * (1 - middle) / n)
    least = np.minimum(0.02, np.log(1.25) * middle * (1 - middle))
    found = (z > 1.959964) & (np.abs(second - first) >= least)
    assert 0.785 < found.mean() < 0.83


def test_no_plan_is_made_for_what_is_never_called_a_change() -> None:
    assert planner.answers_to_call(0.7, 0.72) == np.inf
    assert "no number of answers" in planner.change_plan_text(70, 2)


def plan(**more: Any) -> pd.Series:
    """A row of the table answers_needed."""
    row = {"period": "2022Q2", "n": 480, "previous_n": 510}
    return pd.Series(row | {"planned_change": 0.04, "n_planned": 2371} | more)


def test_what_is_said_of_a_plan_fits_what_there_was() -> None:
    there = "there were 480, and 510 in the quarter before"
    assert needed_text(plan(), "share") == (
        f"Detecting a change of 4.0 points takes about 2,400 answers a quarter; {there}."
    )
    assert "the series itself varies by more" in needed_text(plan(n_planned=None), "share")
    assert "what changed is smaller" in needed_text(plan(n_planned=400), "share")


# In charts and on pages.

EMAIL = {"level": "component", "component": "TSA", "service": "all", "channel": "email"}


def drawn(edition: Edition, **more: Any) -> charts.Figure:
    equals = {"metric": "trust", "period_kind": "quarter", "breakdown": None, **EMAIL, **more}
    rows = edition.rows(**equals)
    return charts.trend(
        rows.assign(series=rows["channel"]),
        edition.periods("quarter"),
        "share",
        "Trust",
        limits=edition.rows("control_limit", **equals),
    )


def marks(figure: charts.Figure) -> list[Any]:
    return [layer["mark"].get("strokeDash") for layer in figure.spec["layer"]]


def test_one_line_has_its_limits_drawn_said_and_in_the_table(federal: Edition) -> None:
    limits = federal.rows("control_limit", metric="trust", period_kind="quarter", **EMAIL)
    assert limits["center"].notna().all() and len(limits) >= 8
    figure = drawn(federal)
    assert all(dash in marks(figure) for dash in LIMIT_DASHES.values())
    held = limits.merge(federal.rows(metric="trust", period_kind="quarter", **EMAIL))
    lines = limit_lines(held, "share")
    assert lines and set(lines) <= set(figure.lines)
    assert all(line in figure.alt for line in figure.lines)
    assert set(figure.columns["Control limits"]) == set(figure.columns["Signal"])
    assert len(figure.columns["Signal"]) == len(limits)
    assert any(line.startswith("A year before") for line in figure.lines)


def test_several_lines_have_words_alone(federal: Edition) -> None:
    figure = drawn(federal, channel=["email", "automated_phone"])
    assert all(dash not in marks(figure) for dash in LIMIT_DASHES.values())
    assert any(line.startswith("email: ") for line in figure.lines)
    assert "Signal" not in figure.columns


def test_the_component_page_reads_the_series_and_plans(
    federal_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    app = open_page("component.py", component="TSA", channel="email", margin="2", change="ten")
    assert not app.exception
    said = "\n".join(text.value for text in app.markdown)
    assert any(line in said for line in drawn(open_edition(federal_home)).lines)
    inputs = {box.label: box for box in app.number_input}
    assert inputs["Margin to either side, in points"].value == 2
    expected_share = inputs["Expected share, in percent"].value
    n = planner.answers_for_margin(expected_share / 100, 0.02)
    assert f"2 points to either side of {expected_share:g}%, {n:,} answers" in said
    assert "change to be told, in points “ten”" in app.warning[0].value
    inputs["Margin to either side, in points"].set_value(4).run()
    assert app.query_params["margin"] == "4"


def test_series_in_which_nothing_stands_out_are_named_in_one_line() -> None:
    def held(signal: str | None) -> pd.DataFrame:
        return pd.DataFrame(
            {
                **{name: [None, None] for name in SIGNALS},
                "outside": [None, signal],
                "series": "",
                "period": ["2023Q1", "2023Q2"],
                "first_period": "2023Q1",
                "value": [0.5, 0.6],
                "center": 0.55,
                "lower_limit": 0.4,
                "upper_limit": 0.7,
                "n_points": 2,
                "n_needed": 2,
            }
        )

    names = ["A", "B", "C", "D"]
    frames = [held(None).assign(series=name) for name in names[:3]]
    frames.append(held("above").assign(series="D"))
    said = _limit_words(pd.concat(frames), names, "share")
    assert said[0].startswith("A; B; C: all values lie within the control limits")
    assert [line.split(":")[0] for line in said] == ["A; B; C", "D"]
    few = _limit_words(pd.concat(frames[1:]), names[1:], "share")
    assert [line.split(":")[0] for line in few] == ["B", "C", "D"]

"""Quantiles of bands, rates of events, totals that may not be told, and what totals of
other figures than surveys lack."""

import inspect
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import rates

from metrics.base.errors import CxError
from metrics.base.settings import SQL
from metrics.base.sqlfiles import macro_statements
from metrics.define.catalog import Metric, read_metric
from metrics.define.cells import cell_problems
from metrics.define.plausible import empty_note
from metrics.gate.steps import PYTHON_STEPS, RULES, ordered_steps
from metrics.warehouse.store import build_aggregates, create_metric_view
from tests import made_up
from tests.conftest import own_file
from tests.made_up import made_up_metric, publish_metrics

SOME_FILE = SQL / "metrics" / "measure.sql"
"""The cell contract wants a file to name, whatever stands in it."""

BANDS = [(0, 15), (15, 30), (30, 60), (60, None)]


def waits(seed: int) -> pd.DataFrame:
    """Customers per Component, month and band; in 2021Q3 half wait over an hour."""
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        [
            {
                "component": component,
                "month": f"2021-{month:02}-01",
                "quarter": f"2021Q{(month + 2) // 3 + 1}",
                "band": f"{low}-{high}" if high else f"{low}+",
                "n": 2000 if high is None and month > 3 else int(draw.integers(20, 400)),
            }
            for component in ("TSA", "CBP")
            for month in range(1, 7)
            for low, high in BANDS
        ]
    )


def select_of(frame: pd.DataFrame, numbers: str, breakdown: str | None = None) -> str:
    columns = ["component", "quarter", "month", *([breakdown] if breakdown else [])]
    values = ", ".join(
        "(" + ", ".join("null" if pd.isna(v) else repr(v) for v in row) + ")"
        for row in frame[[*columns, *numbers.split(", ")]].itertuples(index=False)
    )
    dimensions = "component, null::varchar as service, null::varchar as channel, quarter, "
    extra = f"{breakdown}, " if breakdown else ""
    return (
        f"select {dimensions} month::date as month, 'a/b/c' as basis, {extra}{numbers} "
        f"from (values {values}) as cells ({', '.join([*columns, numbers])})"
    )


def of_bands(quantile: float, seed: int = 3, **changes: object) -> Metric:
    return made_up_metric(
        "made_up",
        "quantile",
        **{
            "quantile": quantile,
            "breakdown": "band",
            "family": "operations",
            "better": "lower",
            "unit": "minutes",
            "sql": select_of(waits(seed), "n", "band"),
            "path": SOME_FILE,
            **changes,
        },
    )


@pytest.mark.parametrize("quantile", [0.25, 0.5, 0.9])
def test_a_quantile_is_that_of_all_customers(
    warehouse: duckdb.DuckDBPyConnection, quantile: float
) -> None:
    rows = publish_metrics(warehouse, {"made_up": of_bands(quantile)})["published"]
    assert rows["breakdown"].isna().all(), "bands are no figures of their own"
    assert rows[["numerator", "denominator"]].isna().all(axis=None)
    cells = waits(3)
    edges = np.array([0, 15, 30, 60])
    seen = set()
    for row in rows[rows["value"].notna()].itertuples():
        part = cells if row.component == "all" else cells[cells["component"] == row.component]
        column = {"month": "month", "quarter": "quarter"}.get(row.period_kind)
        if column:
            part = part[part[column].str.startswith(row.period)]
        counts = part.groupby("band", sort=False)["n"].sum().to_numpy()
        aim, cumulated = quantile * counts.sum(), np.concatenate([[0], counts.cumsum()])
        assert row.n == counts.sum()
        if aim > cumulated[3]:
            assert (row.value, row.status) == (60, "partial")
            assert row.reason.startswith("At least this much: the longest band has no upper bound.")
            seen.add("open")
        else:
            assert row.value == pytest.approx(np.interp(aim, cumulated[:4], edges))
            seen.add("closed")
    assert seen == ({"open"} if quantile == 0.9 else {"open", "closed"})


def test_bands_and_quantiles_that_break_the_contract_are_named(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    frame = waits(3)
    frame.loc[0, "band"], frame.loc[1, "n"] = "up to 15", -1
    path = tmp_path / "made_up.sql"
    metric = of_bands(0.5, sql=select_of(frame, "n", "band"), path=path)
    path.write_text(metric.sql)
    create_metric_view(warehouse, metric)
    problems = "\n".join(cell_problems(warehouse, {metric.name: metric})[metric.name])
    assert "1 cells: a band reads like '0-15', or '120+' without upper bound" in problems
    assert "1 cells: n counts customers and is not below 0" in problems


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("kind: share", "kind: quantile", "kind quantile needs the key quantile"),
        ("kind: share", "kind: share\nquantile: 0.5", "needs kind quantile"),
        ("kind: share", "kind: share\ncounts_events: true", "needs kind ratio"),
    ],
)
def test_headers_that_do_not_fit_are_refused(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    path = own_file("trust", tmp_path)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(CxError, match=problem):
        read_metric(path)


def test_bounds_and_test_of_rates_equal_the_library() -> None:
    connection = duckdb.connect(":memory:")
    for statement in macro_statements():
        connection.execute(statement)
    draw = np.random.default_rng(7)
    for k1, k2 in [*draw.integers(0, 3000, (60, 2)).tolist(), (0, 5)]:
        t1, t2 = (float(x) for x in draw.uniform(1, 900, 2))
        bounds = connection.execute("select poisson_low($k), poisson_high($k)", {"k": k1})
        assert bounds.fetchall()[0] == pytest.approx(
            rates.confint_poisson(k1, 1, method="score"), abs=1e-9
        )
        z = connection.execute("select two_rate_z(?, ?, ?, ?)", [k1, t1, k2, t2]).fetchall()[0][0]
        test = rates.test_poisson_2indep(k2, t2, k1, t1, method="score", compare="diff")
        assert z == pytest.approx(test.statistic, abs=1e-9)
    nothing = "select two_rate_z(0, 1, 0, 1), two_rate_z(1, 0, 1, 2)"
    assert connection.execute(nothing).fetchall() == [(None, None)]


RATES = pd.DataFrame(
    {
        "component": "TSA",
        "quarter": ["2021Q2"] * 3 + ["2021Q3"] * 3 + ["2021Q4"] * 2,
        "month": [f"2021-{month:02}-01" for month in range(1, 9)],
        "numerator": [900, 1000, 1100, 1200, 1300, 1250, 1300, 1260],
        "denominator": [50.0, 50.0, 51.0, 50.0, 52.0, 49.0, 50.0, 50.0],
    }
)


def rate_of_events(counts: pd.DataFrame) -> Metric:
    """A rate of events that have numerator and denominator in these rows."""
    return made_up_metric(
        "made_up",
        "ratio",
        counts_events=True,
        minimum_n=0,
        path=SOME_FILE,
        family="feedback",
        sql=select_of(counts, "numerator, denominator"),
    )


def test_a_rate_of_events_rises_where_the_test_and_the_effect_say_so(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    metric = rate_of_events(RATES)
    rows = publish_metrics(warehouse, {"made_up": metric})["published"]
    own = rows[rows["level"] == "component"].set_index("period")
    assert own.loc["2021Q2", "value"] == pytest.approx(3000 / 151)
    low, high = rates.confint_poisson(3000, 151, method="score")
    assert own.loc["2021Q2", ["low", "high"]].tolist() == pytest.approx([low, high])
    assert own.loc["2021Q3", "change_call"] == "up"
    # 2560 of 100 against 3750 of 151 is 3 % more: less than what is called a change.
    assert own.loc["2021Q4", "change"] == pytest.approx(2560 / 100 - 3750 / 151)
    assert RULES.minimum_effect_rate == 0.1
    assert own.loc["2021Q4", "change_call"] == "same"
    assert own.loc["2021Q4", "change_low"] < own.loc["2021Q4", "change"]


@pytest.mark.parametrize(
    ("events", "is_clear", "is_large", "expected"),
    [
        # 5 % more of very many: no chance, but less than what counts as a change.
        ([300_000, 315_000], True, False, "same"),
        # Half as many again of twenty: more than counts, and no more than chance.
        ([20, 30], False, True, "cannot tell"),
        ([1_000, 1_500], True, True, "up"),
        # No chance, but too few events for any rate.
        ([1, 19], True, True, "cannot tell"),
        ([1, 20], True, True, "up"),
    ],
)
def test_a_change_of_a_rate_needs_both_the_test_and_the_effect(
    warehouse: duckdb.DuckDBPyConnection,
    events: list[int],
    is_clear: bool,
    is_large: bool,
    expected: str,
) -> None:
    counts = pd.DataFrame(
        {
            "component": "TSA",
            "quarter": ["2021Q2", "2021Q3"],
            "month": ["2021-01-01", "2021-04-01"],
            "numerator": events,
            "denominator": 100.0,
        }
    )
    metric = rate_of_events(counts)
    p = rates.test_poisson_2indep(events[1], 100, events[0], 100, method="score").pvalue
    assert (p < RULES.false_discovery_rate / 10) == is_clear
    assert (events[1] / events[0] - 1 > RULES.minimum_effect_rate) == is_large
    rows = publish_metrics(warehouse, {"made_up": metric})["published"]
    own = rows[rows["level"] == "component"].set_index("period")
    assert own.loc["2021Q3", "change_call"] == expected


def test_what_a_total_of_other_figures_lacks_is_named(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    metric = made_up_metric(
        "made_up",
        "total",
        minimum_n=0,
        path=SOME_FILE,
        family="feedback",
        sql=select_of(RATES.rename(columns={"numerator": "value"}), "value"),
    )
    rows = publish_metrics(warehouse, {"made_up": metric})["published"]
    found = rows.set_index(["level", "period"])[["status", "reason"]]
    assert found.loc[("component", "2021Q3"), "status"] == "ok"
    assert tuple(found.loc[("component", "2021Q4")]) == ("partial", "Covers 2 of 3 months.")
    assert found.loc[("component", "FY2021"), "reason"] == "Covers 8 of 12 months."
    assert tuple(found.loc[("department", "2021Q3")]) == ("partial", "Covers TSA only.")
    assert found.loc[("department", "2021Q4"), "reason"] == "Covers 2 of 3 months. Covers TSA only."


def mark_as_partial(connection: duckdb.DuckDBPyConnection) -> None:
    build_aggregates(connection)
    connection.execute(
        "insert into partial_source values ('burden', 'TSA', '2021Q3', 'Copied by hand.')"
    )


def test_a_total_of_a_part_is_not_told(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = RATES.assign(form=["a", "b"] * 4, value=RATES["numerator"])
    metric = made_up_metric(
        "made_up",
        "total",
        minimum_n=0,
        path=SOME_FILE,
        family="burden",
        breakdown="form",
        sql=select_of(frame, "value", "form"),
    )
    with monkeypatch.context() as patch:
        patch.setattr(made_up, "build_aggregates", mark_as_partial)
        rows = publish_metrics(warehouse, {"made_up": metric})["published"]
    rows["breakdown"] = rows["breakdown"].fillna("total")
    own = rows[rows["level"] == "component"].set_index(["period", "breakdown"])
    hidden = own.loc[("2021Q3", "total")]
    assert (hidden["status"], hidden["reason"]) == ("not_reported", "Copied by hand.")
    assert hidden[["value", "numerator", "n", "change", "previous_value"]].isna().all()
    assert own.loc[("2021Q3", "a"), "value"] == 1300
    assert own.loc[("2021Q2", "total"), "value"] == 3000
    all_of_them = rows[rows["level"] == "department"].set_index(["period", "breakdown"])
    for period in ("2021Q3", "FY2021"):
        assert all_of_them.loc[(period, "total"), "reason"] == "Copied by hand."
        assert pd.isna(all_of_them.loc[(period, "total"), "value"])


def test_of_many_metrics_without_a_cell_the_first_are_named() -> None:
    few = empty_note(["b", "a"])
    assert few.startswith("No cell: a, b. ")
    many = empty_note(f"m{number:02d}" for number in range(30))
    assert many.startswith("No cell: m00, m01, m02, m03, m04 and 25 more (without_cells in ")


def test_every_step_runs_after_the_steps_whose_tables_it_reads() -> None:
    names = [step.name for step in ordered_steps()]
    assert (
        len(names)
        == len(set(names))
        == len(list((SQL / "publish").glob("*.sql"))) + len(PYTHON_STEPS)
    )
    read_by_sql: set[str] = set()
    for path in (SQL / "publish").glob("*.sql"):
        code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        read = set(re.findall(r"\b(?:from|join)\s+(\w+)", code)) & set(names) - {path.stem}
        read_by_sql |= read
        assert all(names.index(one) < names.index(path.stem) for one in read), path.name
    for step in PYTHON_STEPS:
        assert step.name in read_by_sql, "no select reads what it makes"
        read = set(re.findall(r"gate\.(\w+)", inspect.getsource(step.run))) & set(names)
        assert read - {step.name} == set(step.references), step.name

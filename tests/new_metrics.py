"""Metrics that an analyst might add, one of each kind with and without parts, each as one
file beside those that ship. All count the answers on ease, so that the published counts of
single answers prove them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from metrics.base.settings import SQL
from metrics.define.catalog import Metric, read_catalog
from metrics.define.fixtures import FIXTURES
from metrics.define.trial import tried
from metrics.gate.publish import publish
from metrics.warehouse.store import open_warehouse

Counts = dict[int, float]
"""Answers from 1 to 5 and how many gave each."""

GIVEN = {1: 1, 2: 2, 3: 3, 4: 4, 5: 10}
"""Answers in the fixtures: 20 in all."""

HEADER = """/*
title: {title}
description: Made up for a test of where new metrics appear. One row per cell.
question: null
kind: {kind}
unit: {unit}
better: {better}
family: {family}
basis: Instrument family, scale and wording of the question.
over_time: sum
breakdown: {breakdown}
minimum_n: 11
{quantile}source: Made up for a test
owner: An analyst
version: 1
changelog:
  1: First version.
*/
"""


@dataclass(frozen=True)
class New:
    """A metric to add: its header, the numbers of its select by part (None is all), what
    the fixture gives, and the value worked out another way from counts of answers."""

    name: str
    kind: str
    family: str
    better: str
    unit: str
    numbers: dict[str | None, dict[str, str]]
    expected: dict[str | None, dict[str, float]]
    value: Callable[[Counts], float]
    part_values: dict[str, Callable[[Counts], float]]

    @property
    def title(self) -> str:
        """Title on the pages."""
        return f"Brand new {self.name.removeprefix('new_').replace('_', ' ')}"

    @property
    def breakdown(self) -> str | None:
        """Name of the breakdown column."""
        if self.kind == "quantile":
            return "band"
        return "side" if set(self.numbers) != {None} else None

    @property
    def sql(self) -> str:
        """The metric file."""
        quantile = "quantile: 0.5\n" if self.kind == "quantile" else ""
        text = HEADER.format(
            title=self.title,
            kind=self.kind,
            unit=self.unit,
            better=self.better,
            family=self.family,
            breakdown=self.breakdown or "null",
            quantile=quantile,
        )
        selects = []
        for part, numbers in self.numbers.items():
            columns = ["component", "service", "channel", "quarter", "month", "basis"]
            if self.breakdown:
                code = "null" if part is None else f"'{part}'"
                columns.append(f"{code}::varchar as {self.breakdown}")
            columns += [f"{number} as {name}" for name, number in numbers.items()]
            selects.append(
                f"select {', '.join(columns)}\nfrom survey_answers where measure = 'ease'"
            )
        return text + "\nunion all\n".join(selects) + "\n"

    @property
    def fixture(self) -> str:
        """The fixture beside it."""
        cell = {"component": "TSA", "service": "tsa-contact-center", "channel": "email"}
        cell |= {"quarter": "2021Q2"}
        counts = {f"n_{answer}": n for answer, n in GIVEN.items()} | {"n_answers": 20}
        basis = {"basis": "a11/agree5/easy-to-contact"}
        given = [cell | basis | counts | {"measure": measure} for measure in ("ease", "trust")]
        expected = [
            cell
            | {"month": None}
            | basis
            | ({self.breakdown: part} if self.breakdown else {})
            | numbers
            for part, numbers in self.expected.items()
        ]
        return yaml.safe_dump({"given": {"survey_answers": given}, "expected": expected})


def _mean(answers: list[int]) -> dict[str, str]:
    return {
        "total": " + ".join(f"{a} * n_{a}" for a in answers),
        "total_of_squares": " + ".join(f"{a * a} * n_{a}" for a in answers),
        "n": " + ".join(f"n_{a}" for a in answers),
    }


def _average(counts: Counts, answers: list[int]) -> float:
    """Mean of some answers, to the cent, half up."""
    n = sum(counts[a] for a in answers)
    return int(100 * sum(a * counts[a] for a in answers) / n + 0.5) / 100


def _median(counts: Counts) -> float:
    half, seen = sum(counts.values()) / 2, 0.0
    for answer, n in sorted(counts.items()):
        if seen + n >= half:
            return answer - 1 + (half - seen) / n
        seen += n
    raise AssertionError("there is no answer")


def _total(counts: Counts) -> float:
    return sum(counts.values())


NEW = (
    New(
        *("new_share", "share", "experience", "higher", "share of answers"),
        {None: {"numerator": "n_5", "denominator": "n_answers"}},
        {None: {"numerator": 10, "denominator": 20}},
        lambda c: c[5] / _total(c),
        {},
    ),
    New(
        *("new_share_parts", "share", "experience", "neither", "share of answers"),
        {
            None: {"numerator": "n_1 + n_5", "denominator": "n_answers"},
            "lowest": {"numerator": "n_1", "denominator": "n_answers"},
            "highest": {"numerator": "n_5", "denominator": "n_answers"},
        },
        {
            None: {"numerator": 11, "denominator": 20},
            "lowest": {"numerator": 1, "denominator": 20},
            "highest": {"numerator": 10, "denominator": 20},
        },
        lambda c: (c[1] + c[5]) / _total(c),
        {"lowest": lambda c: c[1] / _total(c), "highest": lambda c: c[5] / _total(c)},
    ),
    New(
        *("new_mean", "mean", "experience", "higher", "points from 1 to 5"),
        {None: _mean([1, 2, 3, 4, 5])},
        {None: {"total": 80, "total_of_squares": 350, "n": 20}},
        lambda c: _average(c, [1, 2, 3, 4, 5]),
        {},
    ),
    New(
        *("new_mean_parts", "mean", "operations", "neither", "points from 1 to 5"),
        {"low_side": _mean([1, 2, 3]), "high_side": _mean([4, 5])},
        {
            "low_side": {"total": 14, "total_of_squares": 36, "n": 6},
            "high_side": {"total": 66, "total_of_squares": 314, "n": 14},
        },
        lambda c: _average(c, [1, 2, 3, 4, 5]),
        {"low_side": lambda c: _average(c, [1, 2, 3]), "high_side": lambda c: _average(c, [4, 5])},
    ),
    New(
        *("new_ratio", "ratio", "operations", "higher", "good answers for each bad one"),
        {None: {"numerator": "n_4 + n_5", "denominator": "n_1 + n_2"}},
        {None: {"numerator": 14, "denominator": 3}},
        lambda c: (c[4] + c[5]) / (c[1] + c[2]),
        {},
    ),
    New(
        *("new_ratio_parts", "ratio", "operations", "higher", "good answers for each bad one"),
        {
            "mild": {"numerator": "n_4", "denominator": "n_2"},
            "extreme": {"numerator": "n_5", "denominator": "n_1"},
        },
        {
            "mild": {"numerator": 4, "denominator": 2},
            "extreme": {"numerator": 10, "denominator": 1},
        },
        lambda c: (c[4] + c[5]) / (c[1] + c[2]),
        {"mild": lambda c: c[4] / c[2], "extreme": lambda c: c[5] / c[1]},
    ),
    New(
        *("new_total", "total", "operations", "neither", "answers"),
        {None: {"value": "n_answers", "n": "n_answers"}},
        {None: {"value": 20, "n": 20}},
        _total,
        {},
    ),
    New(
        *("new_total_parts", "total", "experience", "neither", "answers"),
        {
            "bad": {"value": "n_1 + n_2", "n": "n_1 + n_2"},
            "good": {"value": "n_4 + n_5", "n": "n_4 + n_5"},
        },
        {"bad": {"value": 3, "n": 3}, "good": {"value": 14, "n": 14}},
        lambda c: _total(c) - c[3],
        {"bad": lambda c: c[1] + c[2], "good": lambda c: c[4] + c[5]},
    ),
    New(
        *("new_quantile", "quantile", "operations", "lower", "minutes"),
        {f"{a - 1}-{a}": {"n": f"n_{a}"} for a in GIVEN},
        {f"{a - 1}-{a}": {"n": n} for a, n in GIVEN.items()},
        _median,
        {},
    ),
)


def add_to(folder: Path) -> dict[str, Metric]:
    """Write the new metrics and their fixtures beside copies of those that ship; return
    the catalog of all of them."""
    metrics, fixtures = folder / "metrics", folder / "fixtures"
    shutil.copytree(SQL / "metrics", metrics)
    shutil.copytree(FIXTURES, fixtures)
    for new in NEW:
        (metrics / f"{new.name}.sql").write_text(new.sql, encoding="utf-8")
        (fixtures / f"{new.name}.yaml").write_text(new.fixture, encoding="utf-8")
    return read_catalog(metrics)


def problems(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Return what is wrong with the new metrics, fixtures included."""
    catalog = read_catalog(folder / "metrics")
    new = {one.name: catalog[one.name] for one in NEW}
    with tried(connection, new, fixtures=folder / "fixtures") as trials:
        return [problem for trial in trials.values() for problem in trial.problems]


def publish_new_metrics(federal_home: Path, folder: Path) -> None:
    """Publish the federal figures once more, with the new metrics, in `folder`/home."""
    home = folder / "home"
    shutil.copytree(federal_home, home, ignore=shutil.ignore_patterns("editions", "datasets"))
    catalog = add_to(folder)
    with open_warehouse(home) as connection:
        connection.execute("delete from activity_count where place is not null")
        fixtures = folder / "fixtures"
        publish(connection, home, title="With new metrics", catalog=catalog, fixtures=fixtures)
        assert problems(connection, folder) == []

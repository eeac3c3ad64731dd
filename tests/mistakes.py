"""Mistakes that somebody who writes a metric may make, and what catches each.

Each is a small edit of a select like those that ship. Its fixture expects what the wrong select
returns, as if it had been copied from there, so that what catches it is no number worked out by
hand, unless it says so.
"""

from dataclasses import dataclass, field
from typing import Any

HEADER = """\
title: {title}
description: Share of answers that are favorable, as somebody wrote it. One row per cell.
question: null
kind: {kind}
unit: {unit}
better: {better}
family: {family}
basis: Instrument family, scale and wording of the question.
over_time: {over_time}
breakdown: {breakdown}
minimum_n: {minimum_n}
{more}source: Made up for a test
owner: An analyst
version: 1
changelog:
  1: First version.
"""

SHARE = """select
    component,
    service,
    channel,
    quarter,
    month,
    basis,
    n_favourable as numerator,
    n_answers as denominator
from survey_answers
where measure = 'trust'"""
MEAN = """select
    component,
    service,
    channel,
    quarter,
    month,
    basis,
    n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4 + 5 * n_5 as total,
    n_1 + 4 * n_2 + 9 * n_3 + 16 * n_4 + 25 * n_5 as total_of_squares,
    n_answers as n
from survey_answers
where measure = 'trust' and not is_two_answers"""
GROUPED = """select
    component,
    service,
    channel,
    quarter,
    month,
    basis,
    sum(n_favourable)::bigint as numerator,
    sum(n_answers)::bigint as denominator
from survey_answers
where measure = 'trust'
group by component, service, channel, quarter, month, basis"""
JOINED = """select
    answers.component,
    answers.service,
    answers.channel,
    answers.quarter,
    answers.month,
    answers.basis,
    sum(answers.n_favourable)::bigint as numerator,
    sum(answers.n_answers)::bigint as denominator
from survey_answers as answers
{join}
where answers.measure = 'trust'
group by
    answers.component, answers.service, answers.channel, answers.quarter,
    answers.month, answers.basis"""
COMPLAINTS = """select
    component,
    service,
    channel,
    quarter,
    month,
    'complaints' as basis,
    sum(n)::bigint as value
from current_activity
where activity = 'complaint' and is_total
group by component, service, channel, quarter, month"""
STOCK = """select
    component,
    null as service,
    null as channel,
    quarter,
    null::date as month,
    basis,
    sum(hours)::double as value
from burden_inventory
where is_counted
group by component, quarter, basis"""
SELECTS = {
    "share": SHARE,
    "mean": MEAN,
    "grouped": GROUPED,
    "joined": JOINED,
    "complaints": COMPLAINTS,
    "stock": STOCK,
}
HEADERS = {
    "mean": {"kind": "mean", "unit": "points from 1 to 5"},
    "complaints": {
        "kind": "total",
        "unit": "complaints",
        "better": "lower",
        "family": "feedback",
        "minimum_n": "0",
    },
    "stock": {
        "kind": "total",
        "unit": "hours",
        "better": "lower",
        "family": "burden",
        "over_time": "last",
        "minimum_n": "0",
    },
}
DEFAULTS = {
    "kind": "share",
    "unit": "share of answers",
    "better": "higher",
    "family": "experience",
    "over_time": "sum",
    "breakdown": "null",
    "minimum_n": "11",
    "more": "",
}


@dataclass(frozen=True)
class Attempt:
    """A metric that somebody wrote: which select it starts from, texts of it that are
    replaced, keys of its header, and a text of the problem that catches it (None: it is
    honest). `says` is the mistake in words."""

    name: str
    says: str
    base: str
    edits: dict[str, str] = field(default_factory=dict)
    catch: str | None = None
    header: dict[str, str] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The select."""
        text = SELECTS[self.base]
        for old, new in self.edits.items():
            assert old in text, (self.name, old)
            text = text.replace(old, new)
        return text

    @property
    def text(self) -> str:
        """The metric file."""
        keys = DEFAULTS | HEADERS.get(self.base, {}) | self.header
        return f"/*\n{HEADER.format(title=self.name.replace('_', ' '), **keys)}*/\n{self.sql}\n"


def _answers(
    component: str, service: str, channel: str | None, quarter: str, **more: Any
) -> dict[str, Any]:
    counts = {"n_0": 0, "n_1": 1, "n_2": 1, "n_3": 1, "n_4": 3, "n_5": 4}
    sums = {"n_favourable": 7, "n_unfavourable": 2, "n_answers": 10}
    place = {"component": component, "service": service, "channel": channel, "quarter": quarter}
    asked = {"measure": "trust", "basis": "a11/agree5/increased-confidence"}
    return place | asked | {"is_two_answers": False} | counts | sums | more


LARGE: dict[str, Any] = {
    "n_1": 10,
    "n_2": 20,
    "n_3": 20,
    "n_4": 30,
    "n_5": 20,
    "n_favourable": 50,
    "n_unfavourable": 30,
    "n_answers": 100,
}
TSA, FED = ("TSA", "tsa-contact-center"), ("FED", "va-2")
GIVEN: dict[str, list[dict[str, Any]]] = {
    "survey_answers": [
        _answers(*TSA, "email", "2021Q2"),
        _answers(*TSA, "phone", "2021Q2", **LARGE),
        _answers(*FED, "phone", "2021Q2"),
        _answers(*TSA, "phone", "2021Q2", measure="ease", basis="a11/agree5/easy-to-complete"),
    ],
    "current_activity": [
        {"component": "TSA", "quarter": "2021Q2", "month": "2021-01-01", "activity": "complaint"}
        | {"category": category, "is_complete": True, "is_by_place": False, "n": n}
        | {"is_total": category is None, "is_by_category": category is not None}
        for category, n in ((None, 9), ("locks", 5), ("screening", 4))
    ],
    "burden_inventory": [
        {"component": "TSA", "quarter": "2021Q2", "basis": "burden/inventory/approved"}
        | {"is_counted": True, "is_partial_inventory": False, "icr_reference": icr}
        | {"hours": 120, "responses": 60}
        for icr in ("1", "2")
    ],
    "service": [
        {"service": name, "component": "TSA", "name": name, "description": name}
        | {"is_customers_shared": False, "source": "a test"}
        for name in ("tsa-contact-center", "tsa-precheck")
    ],
    "channel": [{"channel": "phone", "name": "Phone"}, {"channel": "email", "name": "E-mail"}],
}
"""Rows of the fixtures, by table."""

ADD = "cannot be added up"
PLACE = "the gate and the pages choose places"
PERIOD = "years later do not give the same cells"
LATER = "keep quarters apart"
BASES = "different bases are added up"
BESIDE = "count nothing, and another order of rows"
HELD = "holds there"
UNKNOWN = "so the comparison is never true"
ORDER = "without `order by`"
SQUARES = "have this total and these squares"
TIMES = "n_favourable as numerator,\n    n_answers as denominator"
SUMS = "sum(n_favourable)::bigint as numerator,\n    sum(n_answers)::bigint as denominator"
PEOPLE = "counts people who answered a survey"


def _filter(condition: str) -> dict[str, str]:
    return {"measure = 'trust'": f"measure = 'trust' and {condition}"}


def _numbers(numerator: str, denominator: str) -> dict[str, str]:
    return {TIMES: f"{numerator} as numerator,\n    {denominator} as denominator"}


def _sums(numerator: str, denominator: str) -> dict[str, str]:
    return {SUMS: f"{numerator} as numerator,\n    {denominator} as denominator"}


def _basis(basis: str) -> dict[str, str]:
    return {"    basis,\n    sum": f"    {basis} as basis,\n    sum", "month, basis": "month"}


def _mean(total: str, squares: str, n: str = "n_answers") -> dict[str, str]:
    return {
        "n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4 + 5 * n_5 as total": f"{total} as total",
        "n_1 + 4 * n_2 + 9 * n_3 + 16 * n_4 + 25 * n_5": squares,
        "n_answers as n": f"{n} as n",
    }


TOTAL = "n_1 + 2 * n_2 + 3 * n_3 + 4 * n_4 + 5 * n_5"
SCALE = "n_1 + 4 * n_2 + 9 * n_3 + 16 * n_4 + 25 * n_5"

ROLLING = {
    "{join}": "inner join survey_answers as earlier\n    on answers.basis = "
    "earlier.basis\n    and answers.service = earlier.service\n    and "
    "answers.channel is not distinct from earlier.channel\n    and "
    "earlier.measure = 'trust'\n    and earlier.quarter between "
    "quarter_add(answers.quarter, -3)\n    and answers.quarter",
    "sum(answers.": "sum(earlier.",
    "from survey_answers as answers": "from (\n    select distinct\n        component, "
    "service, channel, quarter, month, basis, measure\n    from survey_answers\n) as "
    "answers",
}

MISTAKES = (
    # What is in a cell
    Attempt(
        "division",
        "A share as numerator, 1 as denominator",
        "share",
        _numbers("n_favourable / n_answers", "1"),
        ADD,
    ),
    Attempt(
        "percent",
        "A rounded percentage of 100",
        "share",
        _numbers("round(100.0 * n_favourable / n_answers)", "100"),
        ADD,
    ),
    Attempt(
        "average",
        "`avg()` of the counts",
        "grouped",
        _sums("avg(n_favourable)", "avg(n_answers)"),
        ADD,
    ),
    Attempt(
        "average_of_shares",
        "The average of shares, times the answers",
        "grouped",
        _sums("avg(n_favourable / n_answers) * sum(n_answers)", "sum(n_answers)"),
        ADD,
    ),
    Attempt(
        "middle",
        "`median()` of the counts",
        "grouped",
        _sums("median(n_favourable)", "median(n_answers)"),
        ADD,
    ),
    Attempt(
        "largest",
        "`max()` of the counts",
        "grouped",
        _sums("max(n_favourable)", "max(n_answers)"),
        ADD,
    ),
    Attempt(
        "smallest",
        "`min()` of the counts",
        "grouped",
        _sums("min(n_favourable)", "min(n_answers)"),
        ADD,
    ),
    Attempt(
        "rows_for_people",
        "`count(*)` of rows in place of answers",
        "grouped",
        _sums("count_if(n_favourable > 0)", "count(*)"),
        ADD,
    ),
    Attempt(
        "distinct_counts",
        "`count(distinct ...)` of counts",
        "grouped",
        _sums("count(distinct n_favourable)", "count(distinct n_answers)"),
        ADD,
    ),
    Attempt(
        "distinct_sums",
        "`sum(distinct ...)`",
        "grouped",
        _sums("sum(distinct n_favourable)", "sum(distinct n_answers)"),
        ADD,
    ),
    Attempt(
        "squared",
        "Squares of the counts",
        "share",
        _numbers("power(n_favourable, 2)", "power(n_answers, 2)"),
        ADD,
    ),
    Attempt(
        "root",
        "Square roots of the counts",
        "share",
        _numbers("sqrt(n_favourable)", "sqrt(n_answers)"),
        ADD,
    ),
    Attempt(
        "logarithm",
        "Logarithms of the counts",
        "share",
        _numbers("ln(n_favourable)", "ln(n_answers)"),
        ADD,
    ),
    Attempt(
        "capped",
        "Counts cut at a largest one",
        "share",
        _numbers("least(n_favourable, 50)", "least(n_answers, 50)"),
        ADD,
    ),
    Attempt("constant", "1 of 1 for each row", "share", _numbers("1", "1"), ADD),
    Attempt(
        "smoothed",
        "One more answer, so that nothing is 0",
        "share",
        _numbers("n_favourable + 1", "n_answers + 2"),
        ADD,
    ),
    Attempt(
        "rounded",
        "Counts rounded to tens",
        "share",
        _numbers("round(n_favourable / 10) * 10", "round(n_answers / 10) * 10"),
        ADD,
    ),
    Attempt(
        "latest_row",
        "The latest row of a quarter in place of all",
        "share",
        _filter(
            "true\nqualify row_number() over (\n    partition by component, service, "
            "channel, quarter, basis\n    order by month desc\n) = 1"
        ),
        ADD,
    ),
    Attempt(
        "doubled",
        "Everything twice",
        "grouped",
        _sums("2 * sum(n_favourable)", "2 * sum(n_answers)"),
        HELD,
    ),
    Attempt(
        "all_measures",
        "The answers to all questions together",
        "grouped",
        {
            "where measure = 'trust'\n": "",
            "    basis,\n    sum": "    'all' as basis,\n    sum",
            "month, basis": "month",
        },
        BASES,
    ),
    Attempt(
        "swapped",
        "Numerator and denominator the wrong way round",
        "share",
        _numbers("n_answers", "n_favourable"),
        "0 <= numerator <= denominator",
    ),
    Attempt(
        "negative",
        "A number below 0 that nobody announced",
        "complaints",
        {"sum(n)::bigint": "-sum(n)::bigint"},
        "must not be below 0",
    ),
    Attempt(
        "missing_number",
        "A number that is null",
        "share",
        _numbers("n_favourable", "null::bigint"),
        "must not be null",
    ),
    # Means
    Attempt(
        "square_of_total",
        "The square of the total for the sum of squares",
        "mean",
        _mean(TOTAL, f"power({TOTAL}, 2)"),
        SQUARES,
    ),
    Attempt(
        "forgotten_squares",
        "The total once more for the sum of squares",
        "mean",
        _mean(TOTAL, TOTAL),
        SQUARES,
    ),
    Attempt("no_squares", "0 for the sum of squares", "mean", _mean(TOTAL, "0"), SQUARES),
    Attempt(
        "scale_from_0",
        "A total of codes from 0, squares of codes from 1",
        "mean",
        _mean(f"{TOTAL} - n_answers", SCALE),
        SQUARES,
    ),
    Attempt(
        "favourable_total",
        "Favorable answers for the total",
        "mean",
        _mean("n_favourable", SCALE),
        SQUARES,
    ),
    Attempt(
        "n_of_favourable",
        "Favorable answers for n",
        "mean",
        _mean(TOTAL, SCALE, "n_favourable"),
        SQUARES,
    ),
    Attempt(
        "mean_as_total",
        "The mean for the total",
        "mean",
        _mean(f"({TOTAL}) / n_answers", f"({SCALE}) / n_answers", "1"),
        ADD,
    ),
    # Places
    Attempt(
        "without_email",
        "`channel <> 'email'`, which drops rows without a channel too",
        "share",
        _filter("channel <> 'email'"),
        PLACE,
    ),
    Attempt("phone_alone", "`channel = 'phone'`", "share", _filter("channel = 'phone'"), PLACE),
    Attempt(
        "two_channels",
        "`channel in (...)`",
        "share",
        _filter("channel in ('phone', 'email')"),
        PLACE,
    ),
    Attempt(
        "known_channel", "`channel is not null`", "share", _filter("channel is not null"), PLACE
    ),
    Attempt("channel_like", "`channel like 'p%'`", "share", _filter("channel like 'p%'"), PLACE),
    Attempt(
        "filled_channel",
        "Rows without a channel told as calls",
        "share",
        {"    channel,": "    coalesce(channel, 'phone') as channel,"},
        PLACE,
    ),
    Attempt(
        "one_service", "`service = ...`", "share", _filter("service = 'tsa-contact-center'"), PLACE
    ),
    Attempt(
        "but_one_service",
        "`service <> ...` of a service that no given row has",
        "share",
        _filter("service <> 'va-1'"),
        UNKNOWN,
    ),
    Attempt("one_component", "`component = 'TSA'`", "share", _filter("component = 'TSA'"), PLACE),
    Attempt(
        "without_others", "`component <> 'FED'`", "share", _filter("component <> 'FED'"), PLACE
    ),
    Attempt(
        "starts_with",
        "Components by their first letter",
        "share",
        _filter("starts_with(component, 'T')"),
        PLACE,
    ),
    Attempt(
        "renamed_component",
        "A Component told as another",
        "share",
        {
            "    component,": "    case component when 'TSA' then 'CBP' else component "
            "end as component,"
        },
        PLACE,
    ),
    # Periods
    Attempt("one_quarter", "`quarter = '2021Q2'`", "share", _filter("quarter = '2021Q2'"), PERIOD),
    Attempt(
        "until_quarter", "`quarter < '2022Q1'`", "share", _filter("quarter < '2022Q1'"), PERIOD
    ),
    Attempt(
        "one_year", "Quarters of one year", "share", _filter("left(quarter, 4) = '2021'"), PERIOD
    ),
    Attempt(
        "latest_quarter",
        "The latest quarter of each Component alone",
        "share",
        _filter("true\nqualify quarter = max(quarter) over (partition by component)"),
        LATER,
    ),
    Attempt("rolling", "Four quarters together, and no key `window`", "joined", ROLLING, LATER),
    Attempt(
        "running_total",
        "A running total over all quarters",
        "grouped",
        _sums(
            "sum(sum(n_favourable)) over (\n        partition by component, service, "
            "channel, basis order by quarter\n    )::bigint",
            "sum(sum(n_answers)) over (\n        partition by component, service, channel, "
            "basis order by quarter\n    )::bigint",
        ),
        LATER,
    ),
    Attempt(
        "quarter_before",
        "The quarter before in place of its own",
        "grouped",
        _sums(
            "coalesce(lag(sum(n_favourable)) over (\n        partition by component, "
            "service, channel, basis order by quarter\n    ), sum(n_favourable))",
            "coalesce(lag(sum(n_answers)) over (\n        partition by component, service, "
            "channel, basis order by quarter\n    ), sum(n_answers))",
        ),
        LATER,
    ),
    Attempt(
        "wrong_quarter",
        "The quarter after the one of the rows",
        "share",
        {"    quarter,": "    quarter_add(quarter, 1) as quarter,"},
        HELD,
    ),
    Attempt(
        "last_of_a_flow",
        "`over_time: last` for what happens in each quarter",
        "share",
        {},
        "over_time is last",
        {"over_time": "last"},
    ),
    Attempt(
        "sum_of_a_stock",
        "`over_time: sum` for what is there in each quarter",
        "stock",
        {},
        "over_time is sum",
        {"over_time": "sum"},
    ),
    # Bases
    Attempt("constant_basis", "A constant for the basis", "grouped", _basis("'trust'"), BASES),
    Attempt(
        "measure_as_basis",
        "The measure for the basis",
        "grouped",
        _basis("measure") | {"quarter, month": "quarter, month, measure"},
        BASES,
    ),
    Attempt(
        "family_as_basis",
        "Scales and wordings of a family together",
        "grouped",
        _basis("split_part(basis, '/', 1)")
        | {"quarter, month": "quarter, month, split_part(basis, '/', 1)"},
        BASES,
    ),
    Attempt(
        "scale_as_basis",
        "Families and wordings of a scale together",
        "grouped",
        _basis("split_part(basis, '/', 2)")
        | {"quarter, month": "quarter, month, split_part(basis, '/', 2)"},
        BASES,
    ),
    Attempt(
        "wording_as_basis",
        "Families and scales of a wording together",
        "grouped",
        _basis("split_part(basis, '/', 3)")
        | {"quarter, month": "quarter, month, split_part(basis, '/', 3)"},
        BASES,
    ),
    Attempt(
        "last_basis", "`max(basis)` of what is added up", "grouped", _basis("max(basis)"), BASES
    ),
    # Joins, and rows that do not count
    Attempt(
        "fan_out",
        "A join that meets several rows",
        "joined",
        {
            "{join}": "inner join current_activity as counts\n    on answers.component = "
            "counts.component\n    and answers.quarter = counts.quarter"
        },
        BESIDE,
    ),
    Attempt(
        "joined_services",
        "A join with services by Component alone",
        "joined",
        {"{join}": "left join service\n    on answers.component = service.component"},
        BESIDE,
    ),
    Attempt("crossed", "A cross join", "joined", {"{join}": "cross join channel"}, BESIDE),
    Attempt(
        "joined_with_itself",
        "Answers joined with themselves by Component",
        "joined",
        {
            "{join}": "inner join survey_answers as other\n    on answers.component = "
            "other.component\n    and answers.quarter = other.quarter\n    and "
            "other.measure = 'trust'"
        },
        ADD,
    ),
    Attempt("total_forgotten", "`is_total` forgotten", "complaints", {" and is_total": ""}, BESIDE),
    Attempt(
        "other_flag",
        "`is_complete` for `is_total`",
        "complaints",
        {"is_total": "is_complete"},
        BESIDE,
    ),
    Attempt(
        "two_tellings",
        "Rows that count in the total and by category together",
        "complaints",
        {"and is_total": "and (is_total or is_by_category)"},
        HELD,
    ),
    Attempt(
        "partial_inventory", "`is_counted` forgotten", "stock", {"where is_counted\n": ""}, BESIDE
    ),
    Attempt(
        "doubled_complaints",
        "The total added to itself",
        "complaints",
        {"sum(n)::bigint": "(sum(n) + sum(n))::bigint"},
        HELD,
    ),
    # Order
    Attempt(
        "any_row",
        "`row_number()` without an order",
        "share",
        _filter(
            "true\nqualify row_number() over (\n    partition by component, service, "
            "channel, quarter, basis\n) = 1"
        ),
        ORDER,
    ),
    Attempt(
        "any_value_before",
        "`lag()` without an order",
        "share",
        _numbers("coalesce(lag(n_favourable) over (partition by component), 0)", "n_answers"),
        ORDER,
    ),
    Attempt(
        "any_ten",
        "`limit` without an order",
        "share",
        {"where measure = 'trust'": "where measure = 'trust'\nlimit 10"},
        ORDER,
    ),
    Attempt(
        "any_of_alike",
        "`distinct on` without an order",
        "share",
        {"select\n": "select distinct on (component, service, channel, quarter, basis)\n"},
        ORDER,
    ),
    # Literals
    Attempt(
        "unknown_measure",
        "`measure = 'trusst'`",
        "share",
        {"'trust'": "'trusst'"},
        "did you mean 'trust'?",
    ),
    Attempt(
        "unknown_channel",
        "`channel <> 'fone'`",
        "share",
        _filter("channel <> 'fone'"),
        "did you mean 'phone'?",
    ),
    Attempt(
        "unknown_component",
        "`component <> 'TSAA'`",
        "share",
        _filter("component <> 'TSAA'"),
        "did you mean 'TSA'?",
    ),
    Attempt(
        "unknown_activity",
        "`activity = 'complaints'`",
        "complaints",
        {"activity = 'complaint'": "activity = 'complaints'"},
        "did you mean 'complaint'?",
    ),
    Attempt(
        "unknown_category",
        "`category = 'lock'`",
        "complaints",
        {"and is_total": "and is_total and category = 'lock'"},
        "category 'lock'",
    ),
    # Header
    Attempt(
        "no_minimum",
        "`minimum_n: 0` over answers of people",
        "share",
        {},
        PEOPLE,
        {"minimum_n": "0"},
    ),
    Attempt(
        "low_minimum",
        "`minimum_n: 5` over answers of people",
        "share",
        {},
        PEOPLE,
        {"minimum_n": "5"},
    ),
)

HONEST = (
    Attempt("plain_share", "A plain share", "share"),
    Attempt("plain_mean", "A plain mean", "mean"),
    Attempt("plain_complaints", "Complaints", "complaints"),
    Attempt("plain_stock", "Hours of an inventory", "stock"),
    Attempt(
        "prefix",
        "A word before the basis",
        "share",
        {"    basis,": "    'favorable/' || basis as basis,"},
    ),
    Attempt(
        "suffix",
        "A word after the basis",
        "share",
        {"    basis,": "    basis || '/favorable' as basis,"},
    ),
    Attempt(
        "net_trust",
        "Favorable less unfavorable answers as a signed mean",
        "mean",
        _mean("n_favourable - n_unfavourable", "n_favourable + n_unfavourable"),
        None,
        {"unit": "net share of answers", "more": "signed: true\n"},
    ),
    Attempt(
        "grouped_join",
        "A join with rows that were grouped before",
        "joined",
        {
            "{join}": "inner join (\n    select distinct component, quarter\n    from "
            "current_activity\n) as counts\n    on answers.component = "
            "counts.component\n    and answers.quarter = counts.quarter"
        },
    ),
    Attempt(
        "rolling_declared",
        "Four quarters together, with the key `window`",
        "joined",
        ROLLING,
        None,
        {"more": "window: 4\n"},
    ),
    Attempt(
        "customers",
        "A condition that leaves no row of a place out",
        "share",
        _filter("n_answers > 0"),
    ),
)

CATCHES = {
    ADD: "Told in parts, its cells are not sums",
    PLACE: "Moved elsewhere, or without a channel, its cells are gone",
    PERIOD: "Moved by four years, its cells are gone",
    LATER: "A later quarter changes other cells",
    BASES: "Rows of another basis change its cells",
    BESIDE: "Rows that count nothing change its cells",
    HELD: "Its table holds less in that place and period",
    UNKNOWN: "No table has the literal",
    ORDER: "A row is chosen without an order",
    SQUARES: "No values on the scale have this total and these squares",
    PEOPLE: "Its table counts people",
}
"""What catches a mistake, in the words of docs/mistakes.md, by a text of the problem."""


def page() -> str:
    """The page docs/mistakes.md."""
    lines = [
        "# Mistakes and what catches them",
        "",
        "For analysts who write a metric. Each of these was written as one, with a fixture that",
        "expects what the wrong select returns, and `check` and `publish` refused it with file,",
        "line and remedy. A test does so again and holds this page to tests/mistakes.py.",
        "",
        "| Mistake | What catches it |",
        "|---|---|",
        *(
            f"| {one.says} | {CATCHES.get(str(one.catch)) or f'Message: {one.catch}'} |"
            for one in MISTAKES
        ),
        "",
        "These are right, and pass:",
        "",
        "| Honest |",
        "|---|",
        *(f"| {one.says} |" for one in HONEST),
        "",
    ]
    return "\n".join(lines)

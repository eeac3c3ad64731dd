"""What becomes of the columns of a file with single responses: its plan."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from metrics.base.errors import CxError
from metrics.intake.sources.survey import Codes, Survey

HOME_ZONE = "America/New_York"
"""Time zone in which a response has its day, and so its fiscal quarter."""


@dataclass(frozen=True)
class Text:
    """A column of the file with what its texts stand for (- is nothing); `values` None:
    as it is."""

    column: str
    values: dict[str, str] | None = None


@dataclass(frozen=True)
class Choices:
    """A column of the file that lists the drivers ticked, separated by commas.

    `options` maps the lower-case text of an option to its driver.
    """

    column: str
    branch: str
    options: dict[str, str]


@dataclass(frozen=True)
class Exclusion:
    """Rows to leave out: lower-case texts of a column, and why."""

    column: str
    texts: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Plan:
    """Which column of a file holds what; columns by their name in the file.

    `skipped` is the number of rows below the header that are no responses. `upload`
    are the columns that name the upload of a row and the job that processed it: a row
    without an identifier is then known by its place in the upload. Columns that the
    plan does not name are not kept, not even of rejected rows: what a survey tool
    exports beside the answers is mostly personal data.
    """

    survey: Survey
    answers: dict[str, tuple[str, Codes]] = field(default_factory=dict)
    choices: tuple[Choices, ...] = ()
    required: tuple[str, ...] = ()
    response_id: str | None = None
    quarter: str | None = None
    submitted_at: str | None = None
    time_format: str | None = None
    time_zone: str = HOME_ZONE
    channel: Text | None = None
    comment: str | None = None
    weight: str | None = None
    segments: dict[str, Text] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    skipped: int = 0
    upload: tuple[str, str] | None = None


def require_columns(names: Iterable[str], plan_columns: Iterable[str], where: str) -> None:
    """Raise CxError where a file lacks columns that a plan needs, or has them twice."""
    wanted, known = list(dict.fromkeys(plan_columns)), Counter(name.strip() for name in names)
    repeated = [name for name in wanted if known[name] > 1]
    if repeated:
        raise CxError(
            f"{where}: column {', '.join(repr(name) for name in repeated)} is there more than "
            "once, so it is not clear which one counts; rename or remove the others"
        )
    missing = [name for name in wanted if not known[name]]
    if missing:
        raise CxError(
            f"{where}: column {', '.join(repr(name) for name in missing)} is missing; there are: "
            + ", ".join(repr(name) for name in names)
        )


def plan_columns(plan: Plan) -> list[str]:
    """Return the columns that a plan reads."""
    columns = [column for column, _ in plan.answers.values()]
    columns += [choice.column for choice in plan.choices]
    columns += [exclusion.column for exclusion in plan.exclusions]
    columns += [text.column for text in plan.segments.values()]
    columns += [plan.channel.column] if plan.channel else []
    columns += plan.upload or ()
    single = (plan.response_id, plan.submitted_at, plan.comment, plan.weight)
    return list(dict.fromkeys(columns + [name for name in single if name]))


def _first_day(quarter: str) -> date:
    year, number = int(quarter[:4]), int(quarter[5])
    return date(year - 1, 10, 1) if number == 1 else date(year, 3 * number - 5, 1)


def with_quarter(plan: Plan, quarter: str | None, where: str) -> Plan:
    """Set the fiscal quarter that the user names. Raises CxError where neither the
    user nor a date in the file tells it."""
    plan = replace(plan, quarter=quarter or plan.quarter)
    if plan.quarter is not None and not re.fullmatch(r"20\d\dQ[1-4]", plan.quarter):
        raise CxError(f"{plan.quarter!r} is no fiscal quarter; write it like 2024Q4")
    if plan.quarter is not None and _first_day(plan.quarter) > date.today():
        raise CxError(f"{plan.quarter} has not begun yet; name the quarter of the responses")
    if plan.quarter is None and plan.submitted_at is None:
        raise CxError(
            f"{where}: the responses carry no date; name their fiscal quarter with --quarter, "
            "such as --quarter 2024Q4"
        )
    return plan

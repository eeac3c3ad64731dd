"""What a simpler form would save: the calculator of the page Burden. Pure functions.

People fill a form in `times` a year. Everything else follows: responses are people
times how often, hours are responses times minutes over 60. Money is hours times a
documented wage; the cost burden of a form (item 13) is another thing, and no change of
minutes changes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class FormBurden:
    """What a form takes a year as it stands: responses, hours, and US dollars an hour
    where a wage is documented (None where not). Both counts are above 0."""

    responses: float
    hours: float
    usd_per_hour: float | None = None

    @property
    def minutes(self) -> float:
        """Minutes per response, on average over all ways to answer."""
        return 60 * self.hours / self.responses


@dataclass(frozen=True)
class Scenario:
    """How a form could be.

    minutes: per response on paper or in any other way but online, with the questions
    of today. minutes_online: the same online. online: share of responses given online,
    in percent. questions_now, questions: number of questions today and then.
    times_now, times: how often a year a person answers today and then.
    """

    minutes: float
    minutes_online: float
    online: float = 0.0
    questions_now: int = 10
    questions: int = 10
    times_now: float = 1.0
    times: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What a scenario comes to a year: people, responses, minutes per response, hours,
    US dollars (None without a wage), and hours and dollars less than today (negative
    where they are more)."""

    people: float
    responses: float
    minutes: float
    hours: float
    usd: float | None
    hours_saved: float
    usd_saved: float | None


LIMITS: dict[str, tuple[float, float]] = {
    "minutes": (0, 100_000),
    "minutes_online": (0, 100_000),
    "online": (0, 100),
    "questions_now": (1, 1_000),
    "questions": (0, 1_000),
    "times_now": (0.01, 366),
    "times": (0, 366),
}
"""Lowest and highest value of each part of a scenario."""

WHOLE = ("questions_now", "questions")
"""Parts of a scenario that are whole numbers."""


def as_it_stands(form: FormBurden) -> Scenario:
    """Return the scenario in which nothing changes."""
    minutes = min(form.minutes, LIMITS["minutes"][1])
    return Scenario(minutes, minutes)


def read_scenario(
    texts: Mapping[str, str], form: FormBurden
) -> tuple[Scenario, list[tuple[str, str]]]:
    """Return the scenario that a link carries, and the parts that could not be used, as
    pairs of name and text; those stay as they are today."""
    scenario, wrong = as_it_stands(form), []
    for name, (low, high) in LIMITS.items():
        if name not in texts:
            continue
        text = texts[name]
        value: Any
        try:
            value = int(text) if name in WHOLE else float(text)
        except ValueError:
            value = float("nan")
        if low <= value <= high:
            scenario = replace(scenario, **{name: value})
        else:
            wrong.append((name, text))
    return scenario, wrong


def link_texts(scenario: Scenario, form: FormBurden) -> dict[str, str]:
    """Return the parts of a scenario that differ from today, as texts for a link."""
    today = as_it_stands(form)
    return {
        name: repr(getattr(scenario, name))
        for name in LIMITS
        if getattr(scenario, name) != getattr(today, name)
    }


def outcome(form: FormBurden, scenario: Scenario) -> Outcome:
    """Return what a scenario comes to.

    Each question is taken to cost the same time, so minutes go with the number of
    questions.
    """
    people = form.responses / scenario.times_now
    responses = people * scenario.times
    share = scenario.online / 100
    minutes = (1 - share) * scenario.minutes + share * scenario.minutes_online
    minutes *= scenario.questions / scenario.questions_now
    hours = responses * minutes / 60
    saved = form.hours - hours
    wage = form.usd_per_hour
    return Outcome(
        people,
        responses,
        minutes,
        hours,
        None if wage is None else hours * wage,
        saved,
        None if wage is None else saved * wage,
    )


def goal_progress(goals: pd.DataFrame) -> dict[str, Any]:
    """Return baseline, goal and reported hours of the table burden_goal, the latest
    statement of each, and the shares reported over goal and over baseline (0 to 1).
    What is not there is None."""
    latest = goals.sort_values("stated_on").groupby("measure").last()
    found: dict[str, Any] = {
        name: int(latest.loc[name, "hours"]) if name in latest.index else None
        for name in ("baseline", "goal", "reported")
    }
    for name in ("goal", "baseline"):
        base, reported = found[name], found["reported"]
        found[f"share_of_{name}"] = reported / base if base and reported is not None else None
    return found


def usd_per_hour(wages: pd.DataFrame, control_number: str, year: int) -> float | None:
    """Return what an hour on a form is worth in US dollars with benefits, by the table
    wage: the form's own row before the one for all forms, the latest year up to
    `year`; None where there is none."""
    known = wages[wages["year"] <= year]
    own = known[known["omb_control_number"] == control_number]
    for rows in (own, known[known["omb_control_number"].isna()]):
        if len(rows):
            row = rows.sort_values("year").iloc[-1]
            return float(row["hourly_wage_usd"]) * float(row["multiplier"])
    return None


def calendar_year(quarter: str) -> int:
    """Return the calendar year in which a fiscal quarter such as 2024Q1 begins."""
    year, number = quarter.split("Q")
    return int(year) - (number == "1")

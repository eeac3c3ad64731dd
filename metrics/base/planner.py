"""How many answers it takes: for a margin, and to tell a change from chance.

The formulas belong to the gate's intervals and tests, so that what is planned for is what
will be judged. A comparison is planned for as if it were the only one: the gate adjusts its
tests for all that is compared at once, so it never asks for less.
"""

from bisect import bisect_left
from math import ceil, inf, log, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIGNIFICANCE, POWER = 0.05, 0.80
"""Level of a two-sided test, and how often it shall find a change that is there."""

Z_TEST = NormalDist().inv_cdf(1 - SIGNIFICANCE / 2)
Z_POWER = NormalDist().inv_cdf(POWER)

SMALLEST_SHARE, SMALLEST_ODDS = 0.02, 1.25
"""The smallest change of a share that is called one: a difference, of rare shares a ratio of
odds where that asks for less."""

MOST_ANSWERS = 10_000_000
"""Answers up to which a margin is looked for."""


def margin(share: float, n: float) -> float:
    """Return half the width of Wilson's 95 % interval of a share (0 to 1) of n answers."""
    z = Z_TEST
    spread = share * (1 - share) / n + z * z / (4 * n * n)
    return z * sqrt(spread) / (1 + z * z / n)


def answers_for_margin(share: float, wanted: float) -> int:
    """Return the fewest answers with which the 95 % interval of an expected share (0 to 1)
    reaches at most `wanted` (as a share, 0.03 is 3 points) to either side, on average.

    Raises ValueError where the share is not from 0 to 1, or the margin not between
    0.0005 and 0.5.
    """
    if not 0 <= share <= 1 or not 0.0005 <= wanted <= 0.5:
        raise ValueError("a share is from 0 to 1, a margin from 0.0005 to 0.5")
    # Wilson's interval gets narrower with every answer, whatever the share.
    sizes = range(1, MOST_ANSWERS)
    return sizes[bisect_left(sizes, True, key=lambda n: margin(share, n) <= wanted)]


def answers_for_shares(before: ArrayLike, now: ArrayLike) -> NDArray[np.float64]:
    """Return how many must answer in each of two periods so that the pooled two-proportion
    z test tells these shares (0 to 1) apart: 5 % level, two-sided, 80 % power (Fleiss).
    Infinite, or no number where both are 0 or 1, where the shares are equal."""
    first, second = (np.asarray(value, dtype=float) for value in (before, now))
    middle = (first + second) / 2
    pooled = np.sqrt(2 * middle * (1 - middle))
    apart = np.sqrt(first * (1 - first) + second * (1 - second))
    with np.errstate(divide="ignore", invalid="ignore"):
        n = ((Z_TEST * pooled + Z_POWER * apart) / (second - first)) ** 2
    return np.asarray(np.ceil(n), dtype=float)


def answers_for_means(variances: ArrayLike, change: ArrayLike) -> NDArray[np.float64]:
    """Return how many must answer in each of two periods so that the z test of two means
    tells a change apart: `variances` is the sum of both variances of one answer. Infinite
    where the change is 0."""
    with np.errstate(divide="ignore"):
        n = (Z_TEST + Z_POWER) ** 2 * np.asarray(variances) / np.square(change)
    return np.asarray(np.ceil(n), dtype=float)


def towards_half(share: ArrayLike, change: ArrayLike) -> NDArray[Any]:
    """Return the share that lies a change away towards one half: to tell it needs more
    answers than to tell the one on the other side."""
    share = np.asarray(share, dtype=float)
    return np.asarray(np.clip(np.where(share > 0.5, share - change, share + change), 0, 1))


def margin_text(percent: float, points: float) -> str:
    """Return in a sentence how many answers a margin (points to either side) around an
    expected share (percent) takes."""
    n = answers_for_margin(percent / 100, points / 100)
    return (
        f"For an interval of {points:g} points to either side of {percent:g}%, "
        f"{n:,} answers are needed."
    )


def answers_to_call(before: float, now: float) -> float:
    """Return how many must answer in each of two periods so that a change between two shares (0
    to 1) is called one in 80 of 100 cases: the test finds it, and what is seen is as large
    as the smallest change that is called one. Infinite where the change is not larger than
    that: half of what is seen is then smaller, however many answer."""
    middle = (before + now) / 2
    smallest = min(SMALLEST_SHARE, log(SMALLEST_ODDS) * middle * (1 - middle))
    beyond = abs(now - before) - smallest
    if beyond <= 1e-9:
        return inf
    spread = before * (1 - before) + now * (1 - now)
    return max(float(answers_for_shares(before, now)), ceil(spread * (Z_POWER / beyond) ** 2))


def change_plan_text(percent: float, points: float) -> str:
    """Return in a sentence how many answers it takes to tell a change of points from an
    expected share (percent) apart from chance."""
    other = float(towards_half(percent / 100, points / 100))
    n = answers_to_call(percent / 100, other)
    if n == inf:
        return (
            f"A change from {percent:g}% to {100 * other:g}% is no larger than the smallest that "
            "is called a change, so no number of answers is sure to show it."
        )
    return (
        f"To tell {percent:g}% and {100 * other:g}% apart in 80 of 100 cases, {n:,.0f} answers are "
        "needed in each of the two periods."
    )

"""The audit's searches against counting all possibilities by hand or by brute force."""

import itertools

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from metrics.base.sqlfiles import macro_statements
from metrics.gate.audit import Range, System, open_up


def system(
    sums: list[list[int]],
    truth: list[int],
    told: list[tuple[float, float] | None],
    most: int = 10,
) -> System:
    """Figures (lines of 0 and 1 over the leaves) with the interval told of each, or None."""
    n = len(truth)
    return System(
        csr_array(np.array(sums, dtype=float)),
        np.array(truth),
        np.array([-np.inf if one is None else one[0] for one in told]),
        np.array([np.inf if one is None else one[1] for one in told]),
        np.zeros(n),
        np.full(n, float(most)),
        csr_array((0, n)),
        np.zeros(n, dtype=int),
    )


def by_four(_: int, found: Range) -> bool:
    return found.highest - found.lowest >= 3


def nobody(binding: list[int]) -> list[int]:
    return []


def test_a_number_that_one_sum_gives_away_is_not_open() -> None:
    # 7 hidden + 8 told = 15 told exactly: the hidden one is 7 and nothing else.
    told = system([[1, 0], [0, 1], [1, 1]], [7, 8], [None, (8, 8), (15, 15)])
    (found,) = open_up(told, np.array([0]), by_four, nobody).values()
    assert (found.lowest, found.highest) == (7, 7)


def test_a_leaf_that_an_equation_holds_does_not_move_alone() -> None:
    # The two leaves are always equal, and the second one is told.
    told = system([[1, 0], [0, 1]], [7, 7], [None, (7, 7)])
    told.equal = csr_array(np.array([[1.0, -1.0]]))
    (held,) = open_up(told, np.array([0]), by_four, nobody).values()
    assert (held.lowest, held.highest) == (7, 7)


def test_rounded_sums_leave_a_number_open() -> None:
    # The same, told to the nearest ten: 8 as 10 (5 to 14), 15 as 20 (15 to 24).
    told = system([[1, 0], [0, 1], [1, 1]], [7, 8], [None, (5, 14), (15, 24)], most=14)
    (found,) = open_up(told, np.array([0]), by_four, nobody).values()
    assert found.highest - found.lowest >= 3


def test_what_pins_a_number_down_is_offered_for_hiding() -> None:
    told = system([[1, 0], [0, 1], [1, 1]], [7, 8], [None, (8, 8), (15, 15)])
    offered: list[list[int]] = []

    def hide(binding: list[int]) -> list[int]:
        offered.append(binding)
        return [1]

    ranges = open_up(told, np.array([0]), by_four, hide)
    assert set(offered[0]) == {1, 2}
    assert by_four(0, ranges[0])


def test_two_sums_together_can_pin_down_what_neither_does_alone() -> None:
    # A table of 2 x 2 with all margins told exactly and one inner number told: all follow.
    sums = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 1]]
    told = [None, (9, 9), (7, 7), (8, 8), (8, 8), (3, 3)]
    (found,) = open_up(system(sums, [4, 5, 4, 3], told), np.array([0]), by_four, nobody).values()
    assert (found.lowest, found.highest) == (4, 4)
    told[-1] = None
    (found,) = open_up(system(sums, [4, 5, 4, 3], told), np.array([0]), by_four, nobody).values()
    assert (found.lowest, found.highest) == (1, 8)


@settings(max_examples=60, deadline=None)
@given(
    truth=st.lists(st.integers(0, 4), min_size=3, max_size=4),
    data=st.data(),
)
def test_a_range_is_what_brute_force_finds(truth: list[int], data: st.DataObject) -> None:
    n = len(truth)
    n_sums = data.draw(st.integers(1, 4))
    lines = [
        data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n).filter(any))
        for _ in range(n_sums)
    ]
    exact = np.array(lines) @ np.array(truth)
    slack = [data.draw(st.tuples(st.integers(0, 1), st.integers(0, 2))) for _ in lines]
    told = [(float(x - a), float(x + b)) for x, (a, b) in zip(exact, slack, strict=True)]
    line = [1] + [0] * (n - 1)
    possible = [
        leaves[0]
        for leaves in itertools.product(range(7), repeat=n)
        if all(
            low <= np.dot(one, leaves) <= high for one, (low, high) in zip(lines, told, strict=True)
        )
    ]
    for needed in range(1, 7):

        def is_open(_: int, seen: Range, needed: int = needed) -> bool:
            return seen.highest - seen.lowest >= needed

        told_of_it = system([line, *lines], truth, [None, *told], most=6)
        (found,) = open_up(told_of_it, np.array([0]), is_open, nobody).values()
        assert min(possible) <= found.lowest and found.highest <= max(possible)
        assert is_open(0, found) == (max(possible) - min(possible) >= needed)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("coarse_count(44)", 40),
        ("coarse_count(45)", 50),
        ("coarse_count(4973)", 4970),
        ("coarse_value(0.4567, 'share', 999)", 0.46),
        ("coarse_value(0.4567, 'share', 1000)", 0.457),
        ("coarse_value(-0.0249, 'share', 100)", -0.02),
        ("coarse_value(4.263, 'mean', 999)", 4.3),
        ("coarse_value(4.263, 'mean', 1000)", 4.26),
        ("coarse_value(1014, 'total', 1014)", 1010),
        ("coarse_value(58.889, 'ratio', 500)", 59),
        ("coarse_value(58.889, 'ratio', 5000)", 58.9),
        ("coarse_value(0, 'ratio', 500)", 0),
        ("coarse_value(null, 'share', 500)", None),
    ],
)
def test_public_figures_are_rounded(call: str, told: float | None) -> None:
    with duckdb.connect() as connection:
        for statement in macro_statements():
            connection.execute(statement)
        (value,) = connection.execute(f"select {call}").fetchall()[0]
    assert value == (None if told is None else pytest.approx(told))

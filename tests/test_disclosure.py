"""Attacks on the published table: nothing that is suppressed may be worked out."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from metrics import disclosure
from tests.attack import (
    LEAF,
    PLACE,
    SHOWN,
    STOCK,
    TOPICS,
    Attacker,
    Printed,
    cells_of,
    likert,
    publish_made_up,
    random_leaves,
    response,
    weighted,
    weights,
    with_weights,
)

EVERYTHING = [*likert("a"), likert("b")[0], *response("a"), *TOPICS, *STOCK]
SHARE = likert("a")[0]
RESPONDENTS = Printed("respondents", "total", weights("r"), None, "response")


def attacked(
    connection: duckdb.DuckDBPyConnection, leaves: pd.DataFrame, printed: list[Printed]
) -> Attacker:
    tables = publish_made_up(connection, cells_of(leaves, printed), printed)
    return Attacker(leaves, printed, tables)


def made_up(seed: int) -> tuple[pd.DataFrame, list[Printed]]:
    """Random cells; every fourth set has months and fewer metrics."""
    if seed % 4 == 3:
        leaves = random_leaves(seed, 2, 2, True, 0.05, first_quarter=seed % 3)
        return leaves, [SHARE, *response("a"), *TOPICS, *STOCK]
    small = [0.03, 0.06, 0.12][seed % 3]
    return random_leaves(seed, 3, 3, False, small, first_quarter=seed % 4), EVERYTHING


@pytest.mark.parametrize("seed", range(6))
def test_no_suppressed_count_can_be_worked_out(
    warehouse: duckdb.DuckDBPyConnection, seed: int
) -> None:
    attacker = attacked(warehouse, *made_up(seed))
    status = attacker.published["status"]
    assert (status == "suppressed").sum() > 20 and attacker.published["value"].notna().sum() > 20
    assert attacker.determined() == []

    residuals = attacker.residuals()
    small = [row for row in residuals if 0 < row[1] < 11]
    assert small == [], "suppressed parts of a visible total are fewer people than the threshold"
    pinned = [row for row in residuals if row[2] in (0, row[1])]
    assert pinned == [], "all people of the suppressed parts gave the same answer"

    hidden = attacker.published[status == "suppressed"]
    assert hidden[SHOWN].isna().all(axis=None)
    assert_nothing_earlier_leaks(attacker.published)


def assert_nothing_earlier_leaks(published: pd.DataFrame) -> None:
    """Later rows repeat earlier values only where those are visible themselves."""
    visible: dict[str, set[float]] = {}
    key = published["metric"] + "|" + published["breakdown"].astype(object).fillna("").astype(str)
    for name in ("level", "component", "service", "channel", "period_kind"):
        key = key + "|" + published[name]
    for address, period, value in zip(key, published["period"], published["value"], strict=True):
        if not np.isnan(value):
            visible.setdefault(f"{address}|{period}", set()).add(value)
    n_checked = 0
    for number, row in enumerate(published.to_dict("records")):
        for prefix, is_year in (("previous", False), ("year_ago", True)):
            if not np.isnan(row[f"{prefix}_value"]):
                earlier = period_before(row["period"], is_year)
                assert visible[f"{key.iloc[number]}|{earlier}"] == {row[f"{prefix}_value"]}
                n_checked += 1
    assert n_checked > 0


def period_before(period: str, is_year: bool) -> str:
    if period.startswith("FY"):
        return f"FY{int(period[2:]) - 1}"
    if "Q" in period:
        number = int(period[:4]) * 4 + int(period[5]) - 1 - (4 if is_year else 1)
        return f"{number // 4}Q{number % 4 + 1}"
    return str(pd.Period(period, "M") - (12 if is_year else 1))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_whole_numbers_of_people_pin_nothing_down(
    warehouse: duckdb.DuckDBPyConnection, seed: int
) -> None:
    leaves = random_leaves(seed, 2, 2, False, 0.1)
    attacker = attacked(warehouse, leaves, [SHARE, *TOPICS])
    assert len(attacker.secrets()) > 20
    assert attacker.pinned() == []


def only_small_cells(grid: pd.DataFrame) -> set[int]:
    small = (grid["guard"] > 0) & (grid["guard"] < grid["minimum_n"])
    return set(grid.loc[small, "row_id"].astype(int))


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_without_complementary_suppression_the_attack_succeeds(
    warehouse: duckdb.DuckDBPyConnection, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosure, "hidden_rows", only_small_cells)
    attacker = attacked(warehouse, *made_up(seed))
    assert len(attacker.determined()) > 20
    assert any(0 < people < 11 for _, people, _ in attacker.residuals())


def test_without_linear_algebra_the_attack_succeeds(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosure.Suppression, "hide_determined", lambda _: False)
    leaves = random_leaves(0, 4, 4, False, 0.05, first_quarter=1)
    assert attacked(warehouse, leaves, STOCK).determined()


GROUPS = weighted("q")


@pytest.mark.parametrize("seed", range(4))
def test_no_suppressed_group_of_weighted_answers_can_be_worked_out(
    warehouse: duckdb.DuckDBPyConnection, seed: int
) -> None:
    leaves = with_weights(random_leaves(seed, 3, 2, False, 0.05, first_quarter=seed), seed)
    attacker = attacked(warehouse, leaves, GROUPS)
    published, gaps = attacker.published, attacker.group_gap
    status = published["status"]
    assert (status == "suppressed").sum() > 20 and published["value"].notna().sum() > 20
    assert gaps["gap"].notna().sum() > 20 and gaps["gap"].isna().sum() > 20
    assert attacker.determined() == []
    residuals = attacker.residuals()
    assert [row for row in residuals if 0 < row[1] < 11] == []
    assert [row for row in residuals if row[2] in (0, row[1])] == []
    assert published.loc[status == "suppressed", SHOWN].isna().all(axis=None)


def test_groups_without_complementary_suppression_are_worked_out(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosure, "hidden_rows", only_small_cells)
    leaves = with_weights(random_leaves(0, 3, 2, False, 0.05), 0)
    attacker = attacked(warehouse, leaves, GROUPS)
    assert len(attacker.determined()) > 10
    assert any(0 < people < 11 for _, people, _ in attacker.residuals())


def people(place: str, english: dict[str, int], spanish: dict[str, int]) -> dict[str, object]:
    """A leaf of weighted answers in two groups, each as answer and weight to people,
    such as {"1w2": 30}: thirty favourable answers that weigh 2."""
    component, service, channel, quarter = place.split("/")
    counts = dict.fromkeys((name for item in GROUPS for name in item.people), 0)
    for group, given in (("english", english), ("spanish", spanish)):
        counts |= {f"q{name}{group}": number for name, number in given.items()}
    return {
        **dict(zip(LEAF, [component, service, channel, quarter, None], strict=True)),
        **counts,
    }


def hidden_groups(
    connection: duckdb.DuckDBPyConnection, leaves: list[dict[str, object]], kind: str = "share"
) -> set[tuple[str, str | None]]:
    """Service and group (None for both) whose figure of a quarter is suppressed, where
    only shares, or only means, are published."""
    printed = [item for item in GROUPS if item.kind == kind]
    tables = publish_made_up(connection, cells_of(pd.DataFrame(leaves), printed), printed)
    rows = tables["published"]
    rows = rows[(rows["channel"] == "email") & (rows["period"] == "2021Q1")]
    rows = rows[rows["level"] == "service"]
    hidden = rows[rows["status"] == "suppressed"]
    gaps = tables["group_gap"]
    gaps = gaps[(gaps["channel"] == "email") & (gaps["period"] == "2021Q1")]
    silent = gaps[(gaps["level"] == "service") & gaps["gap"].isna()]
    numbers = ["value", "rest_value", "n", "rest_n", "gap_low", "gap_high"]
    assert silent[numbers].isna().all(axis=None)
    assert silent["gap_call"].isna().all() and silent["reason"].notna().all()
    assert set(hidden["service"]) <= set(silent["service"])
    return {
        (service, group if isinstance(group, str) else None)
        for service, group in zip(hidden["service"], hidden["breakdown"], strict=True)
    }


def test_one_small_group_of_two_hides_both(warehouse: duckdb.DuckDBPyConnection) -> None:
    many = {"1w1": 60, "0w2": 50}
    leaves = [
        people("TSA/one/email/2021Q1", many, {"1w3": 3, "0w2": 2}),
        people("TSA/two/email/2021Q1", many, {"1w1": 30, "0w2": 20}),
        people("TSA/three/email/2021Q1", many, {"1w1": 40, "0w2": 20}),
    ]
    # 115 less the 110 English answers would be the 5 Spanish ones. They are hidden in
    # another service too, where both groups go along in the same way.
    assert hidden_groups(warehouse, leaves) == {
        (service, group) for service in ("one", "two") for group in ("english", "spanish")
    }


def test_people_count_not_their_weights(warehouse: duckdb.DuckDBPyConnection) -> None:
    many = {"1w1": 60, "0w2": 50}
    leaves = [
        people("TSA/one/email/2021Q1", many, {"1w3": 6, "0w3": 4}),  # weights of 30, but 10 people
        people("TSA/two/email/2021Q1", many, {"1w1": 30, "0w2": 20}),
        people("TSA/three/email/2021Q1", many, {"1w1": 40, "0w2": 20}),
    ]
    assert ("one", "spanish") in hidden_groups(warehouse, leaves)
    leaves[0] = people("TSA/one/email/2021Q1", many, {"1w3": 6, "0w3": 5})
    assert hidden_groups(warehouse, leaves) == set()


@pytest.mark.parametrize("kind", ["share", "mean"])
def test_weighted_people_of_suppressed_groups_do_not_all_give_the_same_answer(
    warehouse: duckdb.DuckDBPyConnection, kind: str
) -> None:
    mixed = {"1w1": 60, "0w2": 50}
    leaves = [
        people("TSA/one/email/2021Q1", mixed, {"1w3": 6}),
        people("TSA/two/email/2021Q1", mixed, {"1w2": 20}),
        people("TSA/three/email/2021Q1", mixed, {"1w2": 50, "0w1": 50}),
    ]
    # Of services one and two alone it would be known that all 26 were favourable.
    assert ("three", "spanish") in hidden_groups(warehouse, leaves, kind)
    leaves[0] = people("TSA/one/email/2021Q1", mixed, {"1w3": 4, "0w1": 2})
    assert ("three", "spanish") not in hidden_groups(warehouse, leaves, kind)


@pytest.mark.parametrize("kind", ["share", "mean"])
def test_nor_do_those_of_all_groups_together(
    warehouse: duckdb.DuckDBPyConnection, kind: str
) -> None:
    leaves = [
        people("TSA/one/email/2021Q1", {"1w3": 6}, {}),
        people("TSA/two/email/2021Q1", {"1w2": 10}, {}),
        people("TSA/three/email/2021Q1", {"1w2": 50, "0w1": 50}, {"1w1": 30, "0w1": 40}),
        people("TSA/four/email/2021Q1", {"1w2": 90, "0w1": 70}, {"1w1": 80, "0w1": 60}),
    ]
    # The total of the Component less those of three and four would be 16 favourable people.
    assert {("one", None), ("three", None)} <= hidden_groups(warehouse, leaves, kind)


def leaf(place: str, **counts: int) -> dict[str, object]:
    """A leaf written as component/service/channel/quarter; `yes` of `n` were satisfied."""
    component, service, channel, quarter = place.split("/")
    yes, n = counts.pop("yes", None), counts.pop("n", 0)
    yes = n // 2 if yes is None else yes
    return {
        **dict(zip(LEAF, [component, service, channel, quarter, None], strict=True)),
        **dict.fromkeys(["a1", "a2", "a3", "b1", "b2", "b3", "b4", "b5"], 0),
        "a1": n - yes,
        "a4": 0,
        "a5": yes,
        "r": n,
        "o": 3 * n,
        "s": n,
        **counts,
    }


def shown(
    connection: duckdb.DuckDBPyConnection,
    leaves: list[dict[str, object]],
    printed: list[Printed],
    table: str = "published",
) -> dict[str, float | None]:
    """Published counts by address, None where suppressed. The address leaves out what
    is the same in every row of the hand-made cases: metric/place/channel/period."""
    tables = publish_made_up(connection, cells_of(pd.DataFrame(leaves), printed), printed)
    found = {}
    for row in tables[table].to_dict("records"):
        if table == "benchmark":
            row |= {"component": "all", "service": "all", "level": "government"}
        place = {"service": row["service"], "component": row["component"]}.get(row["level"])
        address = f"{row['metric']}/{place or row['level']}/{row['channel']}/{row['period']}"
        count = row["numerator"] if row["denominator"] != row["denominator"] else row["denominator"]
        found[address] = None if count != count else count
    return found


def hidden(found: dict[str, float | None], ending: str) -> set[str]:
    return {
        address.removesuffix(ending).split("/", 1)[1]
        for address, count in found.items()
        if count is None and address.endswith(ending)
    }


def test_a_small_cell_takes_its_only_sibling_along(warehouse: duckdb.DuckDBPyConnection) -> None:
    leaves = [leaf("TSA/one/email/2021Q1", n=5), leaf("TSA/two/email/2021Q1", n=100)]
    found = shown(warehouse, leaves, [SHARE])
    # 105 - 100 would be 5: both services, at all channels and e-mail, quarter and year.
    assert {address for address, count in found.items() if count is None} == {
        f"a_share/{service}/{channel}/{period}"
        for service in ("one", "two")
        for channel in ("all", "email")
        for period in ("2021Q1", "FY2021")
    }
    assert found["a_share/TSA/all/FY2021"] == 105


def test_the_smallest_sibling_is_taken_and_no_more(warehouse: duckdb.DuckDBPyConnection) -> None:
    leaves = [
        leaf("TSA/one/email/2021Q1", n=5),
        leaf("TSA/two/email/2021Q1", n=60),
        leaf("TSA/three/email/2021Q1", n=40),
    ]
    assert hidden(shown(warehouse, leaves, [SHARE]), "/email/2021Q1") == {"one", "three"}


def test_small_siblings_together_reach_the_threshold(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    # 2 + 3 people are fewer than 11, so the sum of both may not be known either.
    leaves = [
        leaf("TSA/one/email/2021Q1", n=2),
        leaf("TSA/two/email/2021Q1", n=3),
        leaf("TSA/three/email/2021Q1", n=40),
        leaf("TSA/four/email/2021Q1", n=60),
    ]
    assert hidden(shown(warehouse, leaves, [SHARE]), "/email/2021Q1") == {"one", "two", "three"}
    leaves[1] = leaf("TSA/two/email/2021Q1", n=9)
    assert hidden(shown(warehouse, leaves, [SHARE]), "/email/2021Q1") == {"one", "two"}


def test_a_component_with_one_small_service_is_hidden_with_another_component(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    leaves = [
        leaf("FEMA/aid/email/2021Q1", n=5),
        leaf("TSA/help/email/2021Q1", n=100),
        leaf("USCIS/visa/email/2021Q1", n=200),
    ]
    found = shown(warehouse, leaves, [SHARE])
    assert hidden(found, "/all/2021Q1") == {"FEMA", "aid", "TSA", "help"}
    assert found["a_share/department/all/2021Q1"] == 305


def test_a_small_cell_without_siblings_hides_up_to_the_department(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    leaves = [
        leaf("FEMA/aid/email/2021Q1", n=5),
        leaf("FEMA/aid/email/2021Q2", n=80),
        leaf("FEMA/aid/email/2021Q3", n=90),
    ]
    found = shown(warehouse, leaves, [SHARE])
    everywhere = {"department", "FEMA", "aid"}
    # The year stays, so a second quarter has to go at every level.
    assert hidden(found, "/all/2021Q1") == hidden(found, "/all/2021Q2") == everywhere
    assert hidden(found, "/all/2021Q3") == hidden(found, "/all/FY2021") == set()


def test_a_stock_of_few_is_hidden_only_where_it_is_the_last(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    few_first = [leaf("FEMA/aid/email/2021Q1", n=5), leaf("FEMA/aid/email/2021Q2", n=80)]
    found = shown(warehouse, few_first, STOCK)
    # The year is the second quarter, so the first one is in no sum over time.
    assert hidden(found, "/all/2021Q1") == {"department", "FEMA", "aid"}
    assert found["open_cases/aid/all/2021Q2"] == found["open_cases/aid/all/FY2021"] == 80
    few_last = [leaf("FEMA/aid/email/2021Q1", n=80), leaf("FEMA/aid/email/2021Q2", n=5)]
    found = shown(warehouse, few_last, STOCK)
    assert hidden(found, "/all/2021Q2") == hidden(found, "/all/FY2021")
    assert hidden(found, "/all/FY2021") == {"department", "FEMA", "aid"}
    assert found["open_cases/aid/all/2021Q1"] == 80


@pytest.mark.parametrize(
    ("printed", "expected"),
    [(SHARE, {"one", "three"}), (likert("a")[2], {"one", "two", "three"})],
)
def test_suppressed_people_do_not_all_give_the_same_answer(
    warehouse: duckdb.DuckDBPyConnection, printed: Printed, expected: set[str]
) -> None:
    leaves = [
        leaf("TSA/one/email/2021Q1", n=6, yes=6),
        leaf("TSA/two/email/2021Q1", n=20, yes=20),
        leaf("TSA/three/email/2021Q1", n=100, yes=50),
        leaf("TSA/four/email/2021Q1", n=200, yes=90),
    ]
    # With two instead of three all 26 people would be known to be satisfied.
    assert hidden(shown(warehouse, leaves, [printed]), "/email/2021Q1") == expected
    leaves[0] = leaf("TSA/one/email/2021Q1", n=6, yes=2)
    assert hidden(shown(warehouse, leaves, [printed]), "/email/2021Q1") == {"one", "two"}


def test_a_count_hidden_in_one_metric_is_not_printed_by_another(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Service one has 5 answers of 40 respondents; two has as many of both.
    leaves = [
        leaf("TSA/one/email/2021Q1", n=5, r=40),
        leaf("TSA/two/email/2021Q1", n=100, r=100),
        leaf("TSA/three/email/2021Q1", n=300, r=310),
    ]
    found = shown(warehouse, leaves, [SHARE, RESPONDENTS])
    assert found["a_share/two/all/2021Q1"] is None
    assert found["respondents/two/all/2021Q1"] is None, "it would print the 100 of a_share"
    assert found["respondents/one/all/2021Q1"] is None, "or 450 - 310 - 40 would"
    assert found["respondents/three/all/2021Q1"] == 310
    monkeypatch.setattr(disclosure._Cells, "printing", lambda *_: [])
    found = shown(warehouse, leaves, [SHARE, RESPONDENTS])
    assert found["respondents/two/all/2021Q1"] == 100, "the case has teeth"


def test_few_offered_customers_are_hidden_although_nobody_answered(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rate = response("a")[1]
    leaves = [
        leaf("TSA/one/email/2021Q1", n=0, o=8),
        leaf("TSA/two/email/2021Q1", n=30, o=90),
        leaf("TSA/three/email/2021Q1", n=40, o=300),
    ]
    found = shown(warehouse, leaves, [rate])
    assert hidden(found, "/email/2021Q1") == {"one", "two"}
    assert found["response_rate/TSA/email/2021Q1"] == 398


def test_the_government_benchmark_does_not_print_what_the_department_hides(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    leaves = [
        leaf("TSA/one/email/2021Q1", n=5),
        leaf("TSA/one/mobile/2021Q1", n=60),
        leaf("TSA/one/computer/2021Q1", n=500),
    ]
    found = shown(warehouse, leaves, [SHARE])
    assert found["a_share/department/mobile/2021Q1"] is None
    benchmark = shown(warehouse, leaves, [SHARE], "benchmark")
    assert set(benchmark) == {
        f"a_share/government/{channel}/{period}"
        for channel in ("all", "computer")
        for period in ("2021Q1", "FY2021")
    }
    # Nor where other agencies have figures: theirs are public, and subtraction is easy.
    leaves.append(leaf("FED/va/mobile/2021Q1", n=1000))
    benchmark = shown(warehouse, leaves, [SHARE], "benchmark")
    assert not any("/mobile/" in address for address in benchmark)
    assert benchmark["a_share/government/all/2021Q1"] == 1565


def test_few_people_of_unknown_channel_are_not_left_over_by_subtraction(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    leaves = [
        leaf("TSA/one/email/2021Q1", n=60),
        leaf("TSA/one/mobile/2021Q1", n=500),
        leaf("TSA/one/-/2021Q1", n=5),
    ]
    leaves[2]["channel"] = None
    found = shown(warehouse, leaves, [SHARE])
    # 565 - 500 - 60 would be the 5 people whose channel nobody knows.
    assert found["a_share/one/all/2021Q1"] == 565
    assert found["a_share/one/mobile/2021Q1"] == 500
    assert found["a_share/one/email/2021Q1"] is None


def test_few_people_of_unknown_month_are_not_left_over_by_subtraction(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    days = [f"2020-{month}-01" for month in (10, 11, 12)]
    leaves = [leaf("TSA/one/email/2021Q1", n=n) for n in (60, 70, 500, 5)]
    for row, day in zip(leaves, [*days, None], strict=True):
        row["month"] = day
    found = shown(warehouse, leaves, [SHARE])
    assert found["a_share/one/all/2021Q1"] == 635
    assert found["a_share/one/all/2020-10"] is None
    assert found["a_share/one/all/2020-12"] == 500


def test_a_metric_that_adds_up_the_bases_of_another_does_not_reveal_one(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rate, total = response("a")[1], RESPONDENTS
    phone = pd.DataFrame([leaf("FEMA/aid/email/2021Q1", n=5)])
    web = pd.DataFrame([leaf("FEMA/aid/email/2021Q1", n=900)])
    cells = pd.concat(
        [
            cells_of(phone, [rate]).assign(basis="phone"),
            cells_of(web, [rate]).assign(basis="web"),
            cells_of(phone.assign(r=905), [total]),
        ]
    )
    published = publish_made_up(warehouse, cells, [rate, total])["published"]
    row = published[(published["level"] == "service") & (published["channel"] == "all")]
    row = row[row["period"] == "2021Q1"].set_index(["metric", "basis"])["numerator"]
    assert np.isnan(row["response_rate", "phone"])
    # 905 people less 900 by web would be the 5 by phone.
    assert np.isnan(row["respondents", "one"]) or np.isnan(row["response_rate", "web"])


def test_nothing_is_hidden_where_every_cell_is_large(warehouse: duckdb.DuckDBPyConnection) -> None:
    leaves = random_leaves(5, 3, 3, False, 0.0)
    numbers = [name for name in leaves if name not in LEAF]
    leaves[numbers] = leaves[numbers] + 11
    attacker = attacked(warehouse, leaves, [*likert("a"), *TOPICS, *STOCK])
    assert set(attacker.published["status"]) <= {"ok", "few", "partial"}


def test_large_blocks_of_equations_are_judged_like_small_ones(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves = random_leaves(2, 4, 4, False, 0.05, first_quarter=1)
    monkeypatch.setattr(disclosure, "DENSE", 0)
    attacker = attacked(warehouse, leaves, [SHARE, *response("a"), *STOCK])
    assert attacker.determined() == []


def test_hiding_is_the_same_whatever_the_order_of_the_rows() -> None:
    draw = np.random.default_rng(0)
    places = [("service", "TSA", f"s{number}") for number in range(6)] + [
        ("component", "TSA", "all"),
        ("department", "all", "all"),
    ]
    people = [4, 30, 40, 50, 60, 70, 254, 254]
    grid = pd.DataFrame(places, columns=PLACE[:3]).assign(
        metric="m",
        kind="share",
        family="experience",
        basis="b",
        breakdown=None,
        channel="all",
        period_kind="quarter",
        period="2021Q1",
        numerator=[number // 2 for number in people],
        denominator=people,
        squares=np.nan,
        squared_weights=np.nan,
        n=people,
        guard=people,
        minimum_n=11,
        is_breakdown_additive=False,
        over_time="sum",
        row_id=range(8),
    )
    assert disclosure.hidden_rows(grid) == {0, 1}
    for _ in range(5):
        assert disclosure.hidden_rows(grid.iloc[draw.permutation(8)]) == {0, 1}

"""What a public edition hides cannot be worked out from it, and little is hidden."""

import csv
import random
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from metrics.base.settings import ROOT
from metrics.edition.edition import open_edition
from metrics.gate import disclosure
from metrics.warehouse.store import open_warehouse
from tests.attack import Attacker, Hidden, possible_counts, read_truth
from tests.conftest import made_once
from tests.response_file import Row, load, own_reference, write_csv, write_mapping
from tests.small_cells import (
    CHANNELS,
    load_responses,
    publish_people,
    reference,
    response,
    small_cells,
)

QUESTION = ("trust", "trust_mean", "trust_distribution", "trust_unfavorable_share")
METRICS = (*QUESTION, "trust_neutral_share", "trust_by_segment", "driver_negative_share")
CASES = ROOT.parent / "shared" / "cases"
SERVICE = ("TSA", "made-up-tsa")


def worked_out(edition: Path) -> tuple[list[Hidden], list[Hidden]]:
    """Protected numbers that the attacker went for, and those that he got too close to."""
    found = Attacker(edition / "public.duckdb").attack(read_truth(edition))
    return found, [hidden for hidden in found if not hidden.is_open]


def trust_by_channel(edition: Path, period: str) -> dict[str, str]:
    """Status of trust of the made-up service by channel."""
    with duckdb.connect(edition / "public.duckdb", read_only=True) as connection:
        rows = connection.execute(
            "select channel, status from published "
            "where metric = 'trust' and level = 'service' and period = ?",
            [period],
        ).fetchall()
    return dict(rows)


@pytest.fixture(scope="session")
def few_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with responses in cells of 1 to 15, not yet published."""

    def make(home: Path) -> None:
        (home / "files").mkdir()
        small_cells(home / "files", home, n=400, services=2, channels=3)

    return made_once(tmp_path_factory, "few", make)


def copied(home: Path, target: Path) -> Path:
    shutil.copytree(home, target)
    return target


def test_nothing_protected_is_worked_out_of_small_cells(few_home: Path, tmp_path: Path) -> None:
    found, closed = worked_out(publish_people(copied(few_home, tmp_path / "home"), *METRICS))
    assert {hidden.kind for hidden in found} == {"size", "answers"}
    assert closed == []


def test_publishing_the_same_again_hides_the_same(few_home: Path, tmp_path: Path) -> None:
    home = copied(few_home, tmp_path / "home")
    hidden, gaps = [], []
    for _ in range(2):
        with duckdb.connect(publish_people(home, *METRICS) / "public.duckdb", read_only=True) as c:
            hidden.append(c.execute("from published where status = 'suppressed' order by all").df())
            gaps.append(c.execute("from group_gap order by all").df())
    assert len(hidden[0]) > 100 and gaps[0]["gap"].isna().any()
    pd.testing.assert_frame_equal(*hidden)
    pd.testing.assert_frame_equal(*gaps)


def test_no_gap_is_told_beside_a_hidden_group(demo_home: Path) -> None:
    cell = "metric, level, component, service, channel, period_kind, period, basis"
    told = open_edition(demo_home).query(
        f"with hidden as (select distinct {cell} from published where status = 'suppressed') "
        f"select count(*) filter (gap is not null) as beside, "
        f"count(*) filter (reason like 'The figure of another group%') as silent "
        f"from group_gap inner join hidden using ({cell})"
    )
    assert told["beside"].item() == 0
    assert told["silent"].item() > 100


def test_a_change_or_gap_tells_no_more_than_the_two_figures(demo_home: Path) -> None:
    demo = open_edition(demo_home)
    told = demo.query(
        "select published.*, metric.kind from published "
        "inner join metric on published.metric = metric.metric where is_rounded"
    )
    gaps = demo.query(
        "select group_gap.*, metric.kind from group_gap inner join metric "
        "on group_gap.metric = metric.metric where gap is not null"
    )
    for rows, one, other, difference in (
        (told, "value", "previous_value", "change"),
        (told, "value", "year_ago_value", "year_ago_change"),
        (gaps, "value", "rest_value", "gap"),
    ):
        rows = rows[(rows["kind"] == "share") & rows[difference].notna()]
        between = rows[one] - rows[other]
        off = (rows[difference] - between).abs()
        is_whole = ((between * 100) - (between * 100).round()).abs() < 1e-6
        assert is_whole.sum() > 1000, difference
        assert off[is_whole].max() < 1e-9, difference
        assert off.max() <= 0.005 + 1e-9, difference


def test_the_attack_succeeds_where_the_audit_is_off(
    few_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("protect_sizes", "protect_answers"):
        monkeypatch.setattr(disclosure._Control, name, lambda _: None)
    edition = publish_people(copied(few_home, tmp_path / "home"), *METRICS)
    found, closed = worked_out(edition)
    truth = read_truth(edition)
    assert {hidden.kind for hidden in closed} == {"size", "answers"}
    assert len(closed) > len(found) / 4
    for hidden in closed:
        behind = truth.people if hidden.kind == "size" else truth.value
        assert hidden.low - 1e-4 <= behind[hidden.key] <= hidden.high + 1e-4, hidden


def test_every_reading_of_a_told_share_holds_the_true_one() -> None:
    row = {"n": 40.0, "family": "experience", "status": "ok", "share_low": 0.625 - 1e-9}
    row |= {"share_high": 0.635, "low": 0.48, "high": 0.76}
    assert (43, 27) in possible_counts(row)
    assert all(35 <= n <= 44 and 0.62 < x / n < 0.64 for n, x in possible_counts(row))


def test_two_answers_hide_themselves_and_one_more(tmp_path: Path) -> None:
    """400 + 400 + 200 + 12 answers in four channels, 2 in a fifth: nobody wrote a comment and
    everybody answered every question."""
    rows: list[Row] = [
        {
            "id": f"{channel}{number}",
            "when": "2024-02-15",
            "channel": channel,
            "trust": "54321"[number % 5],
            "ease": "12345"[number % 5],
        }
        for channel, n in zip(CHANNELS, (400, 400, 200, 12, 2), strict=True)
        for number in range(n)
    ]
    reference(tmp_path / "reference", [SERVICE])
    mapping = write_mapping(
        tmp_path / "mapping.yaml",
        f"""
        survey: {SERVICE[1]}
        response_id: id
        submitted_at: when
        channel: {{column: channel}}
        answers: {{trust: 1, ease: 2}}
        """,
    )
    with open_warehouse(tmp_path) as connection:
        load(connection, "csv", write_csv(tmp_path / "rows.csv", rows), mapping=mapping)
    edition = publish_people(
        tmp_path, *QUESTION, "trust_item_response_rate", "comment_rate", "respondents"
    )
    for period in ("2024Q2", "FY2024"):
        status = trust_by_channel(edition, period)
        told = {channel for channel, one in status.items() if one != "suppressed"}
        assert {"all", *CHANNELS[:4]} - told == set()
        assert CHANNELS[4] not in told
    with duckdb.connect(edition / "public.duckdb", read_only=True) as connection:
        sizes = connection.execute("select n from published where n > 0").fetchall()
    assert len(sizes) > 20
    assert all(n % 10 == 0 for (n,) in sizes)


def test_a_small_month_of_one_channel_hides_no_quarter(tmp_path: Path) -> None:
    """300 people in nine months and two channels, 7 of them in one month and channel."""
    draw = random.Random(4)
    reference(tmp_path / "reference", [SERVICE])
    counts = {
        (channel, month): 7 if (channel, month) == ("website", 3) else draw.randint(12, 22)
        for channel in ("website", "in_person")
        for month in range(9)
    }
    rows = [
        response(draw, number, channel, date(2025 + (9 + month) // 12, (9 + month) % 12 + 1, 1))
        | {"id": f"{channel}{month}-{number}"}
        for (channel, month), n in counts.items()
        for number in range(n)
    ]
    load_responses(tmp_path, tmp_path, {SERVICE[1]: rows})
    edition = publish_people(tmp_path, *METRICS, "comment_rate", "respondents")
    for period in ("2026Q1", "2026Q2", "2026Q3", "FY2026"):
        assert trust_by_channel(edition, period)["all"] != "suppressed"
    assert trust_by_channel(edition, "2026-01")["website"] == "suppressed"


@pytest.mark.parametrize("name", ["precheck_full", "precheck_split"])
def test_the_enrollment_survey_shows_every_quarter_and_the_year(name: str, tmp_path: Path) -> None:
    folder = CASES / "survey"
    if not folder.exists():
        pytest.skip("needs the survey cases kept beside the checkout")
    tables = {}
    for path in folder.glob("added_*.csv"):
        table = path.stem.removeprefix("added_")
        with (ROOT / "data" / "reference" / f"{table}.csv").open(encoding="utf-8") as shipped:
            header = next(csv.reader(shipped))
        with path.open(encoding="utf-8") as added:
            tables[table] = [dict(zip(header, row, strict=True)) for row in csv.reader(added)]
    own_reference(tmp_path / "reference", **tables)
    with open_warehouse(tmp_path) as connection:
        load(connection, "csv", folder / f"{name}.csv", mapping=folder / "mapping.yaml")
    edition = publish_people(tmp_path, *QUESTION, "comment_rate", "respondents")
    for period in ("2026Q1", "2026Q2", "2026Q3", "FY2026"):
        assert trust_by_channel(edition, period)["all"] != "suppressed"

"""Waits and other times: what is accepted and refused, and medians and shares against
figures computed from the files by other means."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from metrics.base.errors import CxError
from metrics.base.numbers import band_text, bands_of, time_text
from metrics.base.settings import PUBLISHED, ROOT
from metrics.edition.edition import Edition, open_edition
from metrics.gate.publish import publish
from metrics.intake.load import LoadResult, load_files
from metrics.intake.sources.cbp_waits import BANDS, COLUMNS
from metrics.tell.charts import bands
from metrics.warehouse.store import build_aggregates, open_warehouse
from tests.apps import open_page
from tests.conftest import metrics_of

FILES = ROOT.parent / "shared" / "data" / "cbp"
SHIPPED = PUBLISHED / "time-bands" / "cbp_waits.csv"
BASIS = "wait/minutes/0-15-30-45-60-90-120+"


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """The hourly files of O'Hare, kept beside the checkout."""
    found = sorted(FILES.glob("cbp_airport_wait_ORD_*.csv"))
    if not found:
        pytest.skip("needs the hourly waits in ../shared/data/cbp, see docs")
    return found


@pytest.fixture(scope="module")
def hours(files: list[Path]) -> pd.DataFrame:
    """Every row of the hourly files as pandas reads it, without those whose bands and
    excluded passengers do not add up."""
    frame = pd.concat([pd.read_csv(path) for path in files], ignore_index=True)
    frame["day"] = pd.to_datetime(frame["date"], format="mixed")
    counted = frame[list(BANDS)].sum(axis=1)
    good = frame[counted + frame["all_excluded"] == frame["all_total"]]
    return good.assign(
        counted=counted, month=good["day"].dt.strftime("%Y-%m"), start=good["hour"].str[:2]
    )


def publish_waits(home: Path, paths: list[Path]) -> tuple[list[LoadResult], Edition]:
    """Load files into a warehouse of their own and publish the operations alone."""
    with open_warehouse(home) as connection:
        results = load_files(connection, "auto", paths)
        publish(connection, home, catalog=metrics_of("operations"))
    return results, open_edition(home)


@pytest.fixture(scope="module")
def hourly(
    files: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[LoadResult], Edition]:
    return publish_waits(tmp_path_factory.mktemp("hourly"), files)


def quantile(counts: np.ndarray, q: float) -> float:
    """The quantile of counts per band: where the straight lines between the cumulated
    counts at the bounds of the bands reach the share q."""
    bounds = np.array([0, 15, 30, 45, 60, 90, 120])
    cumulated = np.concatenate([[0], np.cumsum(counts)[:-1]]) / counts.sum()
    return float(np.interp(q, cumulated, bounds))


def test_three_hours_are_data_errors(hourly: tuple[list[LoadResult], Edition]) -> None:
    results, _ = hourly
    assert [(r.n_rows, r.n_accepted, r.n_duplicate, r.n_rejected) for r in results] == [
        (6650, 6650, 0, 0),
        (6704, 6703, 0, 1),
        (7008, 7006, 0, 2),
        (6933, 6933, 0, 0),
        (2155, 2155, 0, 0),
    ]
    reasons = [(reason.first_line, reason.column, reason.reason) for r in results
               for reason in r.reasons]  # fmt: skip
    assert reasons == [
        (
            line,
            "all_total",
            f"The bands and the excluded add up to {found} passengers, but the total is {total}; "
            "ask the publisher which is right.",
        )
        for line, found, total in [(3555, 787, 809), (1948, 919, 942), (2021, 544, 563)]
    ]


def test_bands_add_up_to_the_passengers_counted(
    hourly: tuple[list[LoadResult], Edition], hours: pd.DataFrame
) -> None:
    _, edition = hourly
    rows = edition.rows(metric="wait_distribution", level="component", channel="all")
    parts = rows[rows["breakdown"].notna()]
    for kind, label in (("month", hours["month"]), ("quarter", None)):
        if label is None:
            later = hours["day"] + pd.DateOffset(months=3)
            label = later.dt.year.astype(str) + "Q" + later.dt.quarter.astype(str)
        counted = hours.groupby(label)["counted"].sum()
        known = parts[parts["period_kind"] == kind].groupby("period")
        assert known["numerator"].sum().to_dict() == counted.to_dict()
        assert known["value"].sum().to_numpy() == pytest.approx(1)
        volume = edition.rows(
            metric="waits_counted", level="component", channel="all", period_kind=kind
        ).set_index("period")["value"]
        assert volume.to_dict() == counted.to_dict()
        total = hours.groupby(label)["all_total"].sum() - hours.groupby(label)["all_excluded"].sum()
        assert volume.to_dict() == total.to_dict()


@pytest.mark.parametrize(("metric", "q"), [("wait_median", 0.5), ("wait_90th", 0.9)])
def test_quantiles_are_those_of_all_passengers(
    hourly: tuple[list[LoadResult], Edition], hours: pd.DataFrame, metric: str, q: float
) -> None:
    _, edition = hourly
    rows = edition.rows(metric=metric, level="component", channel="all", breakdown=None)
    later = hours["day"] + pd.DateOffset(months=3)
    labels = {
        "month": hours["month"],
        "quarter": later.dt.year.astype(str) + "Q" + later.dt.quarter.astype(str),
        "fiscal_year": "FY" + later.dt.year.astype(str),
    }
    for kind, label in labels.items():
        expected = {
            period: quantile(part.to_numpy(), q)
            for period, part in hours.groupby(label)[list(BANDS)].sum().iterrows()
        }
        found = rows[rows["period_kind"] == kind].set_index("period")["value"].to_dict()
        assert found == pytest.approx(expected)
        assert len(found) == {"month": 54, "quarter": 18, "fiscal_year": 5}[kind]


def test_long_waits_by_hour_of_day(
    hourly: tuple[list[LoadResult], Edition], hours: pd.DataFrame
) -> None:
    _, edition = hourly
    rows = edition.rows(
        metric="wait_over_hour_by_hour", level="component", channel="all", period="2020-05"
    ).set_index("breakdown")
    month = hours[hours["month"] == "2020-05"].groupby("start")
    long = month[["all_n_61..90", "all_n_91..120", "all_n_120.."]].sum().sum(axis=1)
    counted = month["counted"].sum()
    enough = counted >= 11
    assert not enough.all()
    expected = (long / counted)[enough].to_dict()
    assert rows[rows.index.notna()]["value"].to_dict() == pytest.approx(expected)


def test_the_shipped_months_publish_what_the_hours_do(
    hourly: tuple[list[LoadResult], Edition], tmp_path: Path
) -> None:
    _, edition = hourly
    _, shipped = publish_waits(tmp_path, [SHIPPED])
    frames = [
        found.query("from published where metric <> 'wait_over_hour_by_hour' order by all")
        for found in (edition, shipped)
    ]
    assert len(frames[0]) > 1000
    pd.testing.assert_frame_equal(*frames)


@pytest.mark.parametrize("order", [1, -1])
def test_hours_replace_the_months_they_are_of(
    files: list[Path], warehouse: duckdb.DuckDBPyConnection, order: int
) -> None:
    """Whichever is loaded first, no passenger counts twice."""
    for path in [SHIPPED, files[-1]][::order]:
        load_files(warehouse, "auto", [path])
    build_aggregates(warehouse)
    found = warehouse.execute(
        "select sum(n), count(distinct hour) from current_times where month = '2020-01-01'"
    ).fetchall()
    with SHIPPED.open(encoding="utf-8") as file:
        shipped = sum(int(row["n"]) for row in csv.DictReader(file) if row["start"] == "2020-01")
    assert found == [(shipped, 24)] and shipped > 300_000


def hour(**more: str) -> dict[str, str]:
    row = dict.fromkeys(COLUMNS, "0") | {"airport": "ORD", "terminal": "Terminal 5"}
    return row | {"date": "1/31/2016", "hour": "2300 - 0000", "all_n_0..15": "5",
                  "all_n_120..": "2", "all_excluded": "3", "all_total": "10"} | more  # fmt: skip


def write(path: Path, rows: list[dict[str, str]], header: list[str] | None = None) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def reasons(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return warehouse.execute(
        "select line_number, column_name, reason from rejected_row order by all"
    ).fetchall()


def test_both_ways_to_write_a_day_are_the_same_day(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", [hour()])
    (first,) = load_files(warehouse, "auto", [path])
    assert (first.format, first.n_accepted) == ("cbp-waits", 1)
    assert warehouse.execute(
        "select component, place, starts_at::varchar, band_from, band_to, n from time_band "
        "where n > 0 order by band_from"
    ).fetchall() == [
        ("CBP", "ORD Terminal 5", "2016-01-31 23:00:00", 0, 15, 5),
        ("CBP", "ORD Terminal 5", "2016-01-31 23:00:00", 120, None, 2),
    ]
    (again,) = load_files(warehouse, "auto", [write(tmp_path / "b.csv", [hour(date="2016-01-31")])])
    assert (again.n_accepted, again.n_duplicate) == (0, 1)
    restated = hour(**{"all_n_0..15": "6", "all_total": "11"})
    (result,) = load_files(warehouse, "auto", [write(tmp_path / "c.csv", [restated])])
    assert (result.n_accepted, result.n_restated) == (1, 1)
    build_aggregates(warehouse)
    assert warehouse.execute("select sum(n) from current_times").fetchall() == [(8,)]


BAD_HOURS = [
    ({"airport": ""}, "airport"),
    ({"airport": "Chicago"}, "airport"),
    ({"terminal": ""}, "terminal"),
    ({"date": "31/1/2016"}, "date"),
    ({"date": "2/30/2016"}, "date"),
    ({"date": "1/31/16"}, "date"),
    ({"date": "2016-13-01"}, "date"),
    ({"date": ""}, "date"),
    ({"hour": "2300 - 2400"}, "hour"),
    ({"hour": "2300 - 0100"}, "hour"),
    ({"hour": "23"}, "hour"),
    ({"hour": ""}, "hour"),
    ({"all_n_0..15": "five"}, "all_n_0..15"),
    ({"all_n_0..15": "-5"}, "all_n_0..15"),
    ({"all_n_0..15": "5.0"}, "all_n_0..15"),
    ({"all_n_120..": ""}, "all_n_120.."),
    ({"all_excluded": ""}, "all_excluded"),
    ({"all_total": "9"}, "all_total"),
]


def test_a_bad_hour_names_line_and_column(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [hour(terminal=f"Terminal {n}") | change for n, (change, _) in enumerate(BAD_HOURS)]
    path = write(tmp_path / "bad.csv", [*rows, hour()])
    (result,) = load_files(warehouse, "auto", [path])
    assert (result.n_accepted, result.n_rejected) == (1, len(BAD_HOURS))
    found = reasons(warehouse)
    assert [(line, column) for line, column, _ in found] == [
        (line, column) for line, (_, column) in enumerate(BAD_HOURS, start=2)
    ]
    assert all(reason.endswith(".") for *_, reason in found)


def test_the_same_hour_twice_counts_neither(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "twice.csv", [hour(), hour(date="2016-01-31"), hour(date="2/1/2016")])
    (result,) = load_files(warehouse, "auto", [path])
    assert (result.n_accepted, result.n_rejected) == (1, 2)
    assert {column for _, column, _ in reasons(warehouse)} == {"hour"}


BAND = {"component": "USCIS", "service": "uscis-contact-center", "channel": "phone", "place": "",
        "step": "answer", "unit": "seconds", "start": "2024-08", "period_kind": "month",
        "band_from": "0", "band_to": "30", "n": "12"}  # fmt: skip


def statement(**more: str) -> list[dict[str, str]]:
    """A whole distribution: 12 up to 30 seconds, nobody up to 60, 4 longer."""
    counts = [("0", "30", "12"), ("30", "60", "0"), ("60", "", "4")]
    return [BAND | {"band_from": low, "band_to": high, "n": n} | more for low, high, n in counts]


def times(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    build_aggregates(warehouse)
    return warehouse.execute(
        "select quarter, month::varchar, bands, band, n, n_all from current_times "
        "order by quarter, month, band_from"
    ).fetchall()


def test_a_statement_of_any_team_is_accepted(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "times.csv", statement())
    (result,) = load_files(warehouse, "auto", [path])
    assert (result.format, result.n_accepted) == ("time-bands", 3)
    expected = [
        ("2024Q4", "2024-08-01", "0-30-60+", band, n, 16)
        for band, n in [("0-30", 12), ("30-60", 0), ("60+", 4)]
    ]
    assert times(warehouse) == expected
    (again,) = load_files(warehouse, "auto", [path])
    assert (again.n_accepted, again.n_duplicate) == (0, 3)
    assert times(warehouse) == expected


def test_a_file_with_needed_columns_alone_and_every_kind_of_period(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    starts = {"hour": "2024-08-03 23:00", "day": "2024-07-03", "month": "2024-09",
              "quarter": "2024Q3"}  # fmt: skip
    rows = [
        {name: value for name, value in row.items() if name not in ("service", "channel", "place")}
        for kind, start in starts.items()
        for row in statement(period_kind=kind, start=start)
    ]
    (result,) = load_files(warehouse, "auto", [write(tmp_path / "times.csv", rows)])
    assert result.n_accepted == 12
    assert [row[:2] for row in times(warehouse)[::3]] == [
        ("2024Q3", None),
        ("2024Q4", "2024-07-01"),
        ("2024Q4", "2024-08-01"),
        ("2024Q4", "2024-09-01"),
    ]


def test_a_quarter_counts_only_without_its_months(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = statement() + statement(period_kind="quarter", start="2024Q4")
    rows += statement(period_kind="day", start="2024-08-07")
    load_files(warehouse, "auto", [write(tmp_path / "times.csv", rows)])
    assert len(times(warehouse)) == 3
    assert {row[1] for row in times(warehouse)} == {"2024-08-01"}


@pytest.mark.parametrize(
    ("edges", "bands"),
    [(["0", "10", "20"], "0-10-20+"), (["0", "30"], "0-30+"), (["0", "15", "30"], "0-15-30+")],
)
def test_times_restated_in_other_bands_replace_the_old_ones(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, edges: list[str], bands: str
) -> None:
    first = write(tmp_path / "first.csv", statement())
    load_files(warehouse, "auto", [first])
    rows = [BAND | {"band_from": low, "band_to": high, "n": "7"}
            for low, high in zip(edges, [*edges[1:], ""], strict=True)]  # fmt: skip
    load_files(warehouse, "auto", [write(tmp_path / "second.csv", rows)])
    found = times(warehouse)
    assert {row[2] for row in found} == {bands}
    assert sum(row[4] for row in found) == 7 * len(edges)
    load_files(warehouse, "auto", [first])
    assert [row[2:5] for row in times(warehouse)] == [
        ("0-30-60+", "0-30", 12),
        ("0-30-60+", "30-60", 0),
        ("0-30-60+", "60+", 4),
    ]


BAD_BANDS = [
    ({"component": "FBI"}, "component"),
    ({"component": ""}, "component"),
    ({"service": "tsa-contact-center"}, "service"),
    ({"channel": "pigeon"}, "channel"),
    ({"step": "queue"}, "step"),
    ({"unit": "minutes"}, "unit"),
    ({"unit": ""}, "unit"),
    ({"period_kind": "week"}, "period_kind"),
    ({"start": "2024-13"}, "start"),
    ({"start": "2024-08-01"}, "start"),
    ({"start": ""}, "start"),
    ({"n": "-1"}, "n"),
    ({"n": "3.5"}, "n"),
    ({"n": ""}, "n"),
    ({"band_from": "zero"}, "band_from"),
    ({"band_to": "1e2"}, "band_to"),
]


@pytest.mark.parametrize(("change", "column"), BAD_BANDS)
def test_a_bad_band_takes_its_distribution_with_it(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, change: dict[str, str], column: str
) -> None:
    rows = statement()
    rows[1] |= change
    good = statement(start="2024-09")
    (result,) = load_files(warehouse, "time-bands", [write(tmp_path / "times.csv", rows + good)])
    assert (result.n_accepted, result.n_rejected) == (3, 3)
    assert (3, column) in {(line, name) for line, name, _ in reasons(warehouse)}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (statement()[1:], "must begin at 0"),
        ([statement()[0], statement()[2]], "The band before must end where this one begins"),
        ([*statement(), statement()[1]], "more than once"),
        ([BAND | {"band_to": "0"}], "above its lower bound"),
        (statement()[:2], "must have no upper bound"),
        ([BAND | {"band_to": ""}, *statement()[1:]], "The band before must end"),
    ],
)
def test_a_distribution_without_a_band_is_refused(
    warehouse: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    rows: list[dict[str, str]],
    reason: str,
) -> None:
    (result,) = load_files(warehouse, "time-bands", [write(tmp_path / "times.csv", rows)])
    assert (result.n_accepted, result.n_rejected) == (0, len(rows))
    assert any(reason in text for *_, text in reasons(warehouse))


def damaged(path: Path) -> Iterator[tuple[str, bytes, str]]:
    text = path.read_text("utf-8")
    lines = text.splitlines(keepends=True)
    yield "latin", text.replace("Terminal 5", "Términal 5").encode("latin-1"), ":2:"
    yield "utf16", text.encode("utf-16"), ":1:"
    yield "empty", b"", "is empty"
    yield "header only", lines[0].encode(), ":2:"
    yield "cut", text[: len(text) - 25].encode(), ":3:"
    yield "missing", text.replace("all_excluded", "", 1).encode(), ":1:"
    yield "renamed", text.replace("all_total", "total", 1).encode(), ":1:"


def test_a_damaged_file_is_refused_whole(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write(tmp_path / "good.csv", [hour(), hour(date="2/1/2016")])
    for name, content, where in damaged(path):
        bad = tmp_path / f"{name}.csv"
        bad.write_bytes(content)
        with pytest.raises(CxError) as error:
            load_files(warehouse, "cbp-waits", [bad])
        assert f"{bad}" in str(error.value) and where in str(error.value), name
    bom = tmp_path / "bom.csv"
    bom.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\r\n", b"\n"))
    (result,) = load_files(warehouse, "auto", [bom])
    assert result.n_accepted == 2


def test_an_unknown_or_missing_column_of_our_own_is_refused(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = [row | {"median": "12"} for row in statement()]
    with pytest.raises(CxError, match="'median' is not expected"):
        load_files(warehouse, "time-bands", [write(tmp_path / "a.csv", rows)])
    rows = [{k: v for k, v in row.items() if k != "unit"} for row in statement()]
    with pytest.raises(CxError, match="unit"):
        load_files(warehouse, "time-bands", [write(tmp_path / "b.csv", rows)])


def with_standard(home: Path, limit: str) -> None:
    folder = home / "reference"
    folder.mkdir(parents=True)
    (folder / "service_standard.csv").write_text(
        "component,service,step,unit,time_limit,valid_from,valid_to,source\n"
        "USCIS,,answer,seconds,60,2024Q1,2024Q3,Made up\n"
        f"USCIS,,answer,seconds,{limit},2024Q4,,Made up\n",
        encoding="utf-8",
    )


def test_the_share_within_the_standard_is_that_of_the_quarter(tmp_path: Path) -> None:
    with_standard(tmp_path / "home", "30")
    rows = statement(n="20") + statement(start="2024-05", n="10")
    _, edition = publish_waits(tmp_path / "home", [write(tmp_path / "times.csv", rows)])
    found = edition.rows(
        metric="answer_within_standard", level="component", channel="all", period_kind="quarter"
    )
    assert found[["period", "basis", "numerator", "n"]].to_numpy().tolist() == [
        ["2024Q3", "answer/seconds/within-60", 20, 30],
        ["2024Q4", "answer/seconds/within-30", 20, 60],
    ]


def test_a_standard_between_two_bounds_stops_publishing(tmp_path: Path) -> None:
    with_standard(tmp_path / "home", "45")
    with pytest.raises(CxError, match=r"service_standard\.csv:3"):
        publish_waits(tmp_path / "home", [write(tmp_path / "times.csv", statement())])


def test_few_people_are_told_exactly(tmp_path: Path) -> None:
    """9 people used the chat. What an agency published is never hidden, nor rounded."""
    rows = statement() + statement(channel="live_chat", n="3")
    _, edition = publish_waits(tmp_path / "home", [write(tmp_path / "times.csv", rows)])
    for channel, n in (("live_chat", 9), ("phone", 16), ("all", 25)):
        found = edition.rows(level="component", period="2024Q4", channel=channel)
        assert set(found["status"]) <= {"ok", "few", "partial"} and len(found)
        assert found["value"].notna().all() and not found["is_rounded"].any()
        assert found.loc[found["metric"] == "answer_median", "n"].tolist() == [n]


def test_times_and_bands_read_like_words() -> None:
    assert bands_of(BASIS) == ["0-15", "15-30", "30-45", "45-60", "60-90", "90-120", "120+"]
    assert bands_of("answer/seconds/0-7.5+") == ["0-7.5", "7.5+"]
    assert band_text("0-15", "minutes") == "up to 15 minutes"
    assert band_text("15-30", "minutes") == "15 to 30 minutes"
    assert band_text("60-120", "seconds") == "60 seconds to 2 minutes"
    assert band_text("120+", "minutes") == "more than 120 minutes"
    assert time_text(12.345, "minutes") == "12.3 minutes"
    assert time_text(27000, "seconds") == "7.5 hours"
    assert time_text(120, "minutes", is_open=True) == "more than 120.0 minutes"
    assert time_text(None, "days") == "–"


def test_the_bars_of_the_bands_say_every_share(federal: Edition) -> None:
    rows = federal.rows(metric="wait_distribution", level="component", period="2020Q3")
    rows = rows[(rows["channel"] == "all") & rows["breakdown"].notna()]
    rows = rows.assign(
        answer=rows["breakdown"],
        order=rows["breakdown"].map({band: i for i, band in enumerate(bands_of(BASIS))}),
    ).sort_values("order")
    figure = bands(rows, ["2020Q3"], "Waits")
    assert figure.alt.startswith("Stacked bar chart. Waits. FY2020 Q3: 0-15 ")
    (data,) = figure.spec["datasets"].values()
    assert data[-1]["end"] == pytest.approx(1)
    assert [item["start"] for item in data[1:]] == pytest.approx([i["end"] for i in data[:-1]])


@pytest.fixture
def page(federal_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CX_HOME", str(federal_home))

    return open_page


def test_the_page_shows_the_published_times(page: Any, federal: Edition) -> None:
    app = page("time.py", component="CBP", at_quarter="2019Q4")
    assert not app.exception
    answers = [title.value for title in app.subheader]
    assert "Half waited up to 12.8 minutes, nine of ten up to 39.6 minutes in FY2019 Q4" in answers
    row = federal.rows(
        metric="waits_counted", level="component", component="CBP", channel="all", period="2019Q4"
    ).iloc[0]
    assert any(f"{int(row['value']):,} people" in answer for answer in answers)
    words = " ".join(item.value for item in app.markdown)
    assert "CBP has no documented standard for this step." in words
    assert "No figures on contact center for CBP." in words


def test_the_page_says_where_there_is_nothing(page: Any) -> None:
    app = page("time.py", component="USSS")
    assert not app.exception
    words = " ".join(item.value for item in app.markdown)
    assert "No figures on wait in line for USSS." in words
    app = page("time.py", component="CBP", at_quarter="2021Q1")
    words = " ".join(item.value for item in app.markdown)
    assert "Figures run from FY2016 Q2 to FY2020 Q3." in words


def test_the_component_page_has_the_times_beside_the_survey(page: Any) -> None:
    app = page("component.py", component="CBP", period="2023Q1")
    assert not app.exception
    assert "Time to next step" in [header.value for header in app.header]
    tables = [table.value for table in app.table]
    (line,) = next(t for t in tables if "Within the standard" in t).to_dict("records")
    assert line == {
        "Step": "Wait in line",
        "Period": "FY2020 Q3",
        "Median": "12.8 minutes",
        "90th percentile": "47.1 minutes",
        "Within the standard": "No standard documented",
        "People": "58,719",
    }
    captions = " ".join(caption.value for caption in app.caption)
    assert "There is none for FY2023 Q1; the latest is shown." in captions
    assert "Counted at ORD Terminal 5 only." in captions


def test_the_surveys_keep_their_own_periods(federal: Edition) -> None:
    """Waits are of 2016 to 2020, surveys of 2021 to 2023; no kind of period mixes in."""
    assert federal.periods("fiscal_year") == ["FY2021", "FY2022", "FY2023"]
    assert federal.periods("quarter")[0] == "2021Q1"
    operations = federal.periods("quarter", family="operations")
    assert operations[0] == "2016Q2" and all("Q" in period for period in operations)

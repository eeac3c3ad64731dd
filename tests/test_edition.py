"""Editions: sealed connections, right rows for every thread, choosing, comparing."""

import csv
import json
import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from metrics.base.errors import CxError
from metrics.base.settings import FILE_NAME, PUBLISHED
from metrics.define.catalog import Metric, read_catalog, read_metric
from metrics.define.fixtures import FIXTURES
from metrics.edition.diff import diff_editions, difference_notes
from metrics.edition.edition import KEY, Edition, open_edition
from metrics.edition.manifest import current_id, edition_ids, read_manifest, use_edition
from metrics.gate.publish import publish
from metrics.gate.steps import RULES
from metrics.intake.load import load_files
from metrics.warehouse.store import open_warehouse
from tests.conftest import metrics_of, own_file, own_fixture, without_counts
from tests.sealed import reseal


@pytest.mark.parametrize(
    "statement",
    [
        "from read_csv('{file}')",
        "from read_text('{file}')",
        "from read_blob('{file}')",
        "from '{file}'",
        "from glob('{folder}/*')",
        "attach '{folder}/other.duckdb' as other",
        "copy published to '{folder}/out.csv'",
        "export database '{folder}/out'",
        "set enable_external_access = true",
        "set memory_limit = '64GB'",
        "install httpfs",
        "load httpfs",
        "insert into published by name select 'x' as metric",
        "create table mine as select 1 as x",
        "drop table published",
        "from frame",
    ],
)
def test_an_edition_gives_access_to_nothing_else(
    federal: Edition, tmp_path: Path, statement: str
) -> None:
    frame = pd.DataFrame({"x": [1]})
    assert len(frame) == 1, "a frame of the process, which SQL must not see"
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    with pytest.raises(duckdb.Error):
        federal.query(statement.format(file=secret, folder=tmp_path))
    assert list(tmp_path.iterdir()) == [secret]
    assert len(federal.rows(metric="trust")) > 0


def test_eight_threads_get_the_rows_they_asked_for(federal: Edition) -> None:
    everything = federal.rows()
    columns = ["value", "numerator", "denominator", "status"]
    everything = everything[everything["value"].notna()].reset_index(drop=True)
    assert len(everything) > 1000

    def look_up(seed: int) -> list[str]:
        wrong = []
        for position in random.Random(seed).sample(range(len(everything)), 25):
            want = everything.iloc[position]
            key = {name: None if pd.isna(want[name]) else want[name] for name in KEY}
            found = federal.rows(**key)
            numbers = [frame[columns].fillna(-1).tolist() for frame in (want, found.iloc[0])]
            if len(found) != 1 or numbers[0] != numbers[1]:
                wrong.append(f"{key}: {found[columns].to_dict()}")
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert [wrong for part in pool.map(look_up, range(8)) for wrong in part] == []


def test_filters_choose_rows(federal: Edition) -> None:
    rows = federal.rows(metric="trust", component=["TSA", "USCIS"], breakdown=None)
    assert set(rows["component"]) == {"TSA", "USCIS"}
    assert set(rows["metric"]) == {"trust"}
    shares = federal.rows(metric="trust_distribution", component="TSA", breakdown="5")
    assert set(shares["breakdown"]) == {"5"}
    totals = federal.rows(metric="trust_distribution", component="TSA", breakdown=None)
    assert len(totals) > 0 and totals["breakdown"].isna().all()
    assert federal.rows(metric="no such metric").empty
    assert federal.rows(metric="trust' or true --").empty


def test_an_unknown_filter_or_table_is_named(federal: Edition) -> None:
    with pytest.raises(CxError, match="rows cannot be filtered by 'compnent'; use metric, level,"):
        federal.rows(compnent="TSA")
    with pytest.raises(CxError, match="rows cannot be filtered by 'component'; use metric, chan"):
        federal.rows("benchmark", component="TSA")
    with pytest.raises(CxError, match="there are no rows of 'raw'; use published, benchmark"):
        federal.rows("raw")
    with pytest.raises(CxError, match="the edition has no table 'survey_report'; it has activ"):
        federal.table("survey_report")
    assert len(federal.rows("benchmark", metric="trust", period="2021Q2")) > 0


def test_an_edition_holds_no_raw_table(federal: Edition) -> None:
    raw = {"survey_report", "survey_report_answer", "survey_answers", "survey_volumes"}
    assert raw.isdisjoint(federal.table_names)
    assert "raw_text" not in federal.table("rejected_row").columns


def new_version(metric: Metric, folder: Path, change: str, old: str, new: str) -> Metric:
    """The second version of a shipped metric, in a file of its own: `old` in the select is
    `new`, and the changelog says so."""
    path = own_file(metric.name, folder)
    text = path.read_text()
    assert old in text
    text = text.replace(old, new).replace("version: 1\n", "version: 2\n")
    path.write_text(text.replace("  1: First version.\n", f"  1: First version.\n  2: {change}\n"))
    return read_metric(path)


BEST_ALONE = {"70": "30", "700": "300", "9": "5", "6": "0"}
"""Numerators of the fixture of trust, and what they are where the best answer counts alone."""


def fixtures_with(home: Path, numerators: dict[str, str], name: str = "trust") -> Path:
    """Write the fixtures into a folder, that of one metric with other numerators."""
    folder = home / "fixtures"
    if not folder.exists():
        shutil.copytree(FIXTURES, folder)
        own_fixture("satisfaction", folder)  # it would stand on what is changed here
    text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in numerators.items():
        text = text.replace(f"numerator: {old},", f"numerator: {new},")
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def two_editions(
    federal_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Edition, Edition]]:
    """Before and after: report 620 has 100 good answers more, report 651 only five
    answers, and trust counts the best answer alone."""
    home = tmp_path_factory.mktemp("two")
    shutil.copy(federal_home / FILE_NAME, home / FILE_NAME)
    without_counts(home)
    catalog = metrics_of("trust", "satisfaction", "respondents")
    redefined = new_version(
        catalog["trust"], home, "Best answer alone.", "n_favourable as", "n_5 as"
    )
    figures = home / "restated"
    shutil.copytree(PUBLISHED, figures)
    path = figures / "survey_report_answer.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if (row["survey_id"], row["question"]) == ("620", "1"):
            row["n_5"] = str(int(row["n_5"]) + 100)
            row["published_mean"] = ""
        if (row["survey_id"], row["question"]) == ("651", "1"):
            row |= {f"n_{code}": "1" for code in range(1, 6)} | {"published_mean": ""}
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with open_warehouse(home) as connection:
        before = publish(connection, home, catalog=catalog)
        (result,) = load_files(connection, "auto", [figures])
        assert (result.n_accepted, result.n_restated) == (2, 2)
        after = publish(
            *(connection, home),
            catalog=catalog | {"trust": redefined},
            fixtures=fixtures_with(home, BEST_ALONE),
        )
    yield open_edition(home, before), open_edition(home, after)


def test_diff_says_what_changed_and_why(two_editions: tuple[Edition, Edition]) -> None:
    frame = diff_editions(*two_editions)
    because = frame.groupby("metric")["because"].agg(set).to_dict()
    assert because == {"trust": {"definition"}, "satisfaction": {"data"}}
    quarter = frame[
        (frame["metric"] == "satisfaction")
        & (frame["level"] == "service")
        & (frame["channel"] == "all")
        & (frame["period"] == "2023Q1")
    ].set_index("component")
    # What an agency published is a fact: five answers are few, and never hidden.
    assert quarter.loc["USCIS", "because"] == "data"
    assert (quarter.loc["USCIS", "status_before"], quarter.loc["USCIS", "status_after"]) == (
        "ok",
        "few",
    )
    assert quarter.loc["USCIS", "value_after"] == 0.4
    assert quarter.loc["TSA", "because"] == "data"
    assert quarter.loc["TSA", "value_after"] > quarter.loc["TSA", "value_before"]


def test_diff_says_where_a_figure_was_suppressed(
    two_editions: tuple[Edition, Edition], tmp_path: Path
) -> None:
    before, after = two_editions
    folder = shutil.copytree(after.home / "editions" / after.id, tmp_path / "editions" / after.id)
    with duckdb.connect(folder / "public.duckdb") as connection:
        connection.execute(
            "update published set value = null, low = null, high = null, n = null, "
            "numerator = null, denominator = null, status = 'suppressed' "
            "where metric = 'satisfaction' and component = 'USCIS' and level = 'service' "
            "and channel = 'all' and period = '2023Q1'"
        )
    hidden = open_edition(tmp_path, reseal(tmp_path, after.id))
    (row,) = diff_editions(before, hidden).query("status_after == 'suppressed'").itertuples()
    assert (row.metric, row.component, row.because) == ("satisfaction", "USCIS", "suppression")
    assert (row.status_before, pd.isna(row.value_after)) == ("ok", True)


def test_diff_names_the_new_version_and_its_change(two_editions: tuple[Edition, Edition]) -> None:
    notes = difference_notes(*two_editions)
    assert "trust: Version 2: Best answer alone." in notes
    # The restated figures are one load more; the first load stays held.
    assert "Loaded files: 1 new or changed, 0 no longer held as they were." in notes
    back = difference_notes(*reversed(two_editions))
    assert "trust: Without version 2: Best answer alone." in back


@pytest.fixture
def few(federal_home: Path, tmp_path: Path) -> tuple[Path, dict[str, Metric]]:
    """A warehouse, and three metrics that are published in a moment."""
    shutil.copy(federal_home / FILE_NAME, tmp_path / FILE_NAME)
    return without_counts(tmp_path), metrics_of("trust", "satisfaction", "respondents")


def test_a_definition_that_holds_from_a_quarter_explains_no_earlier_change(
    few: tuple[Path, dict[str, Metric]],
) -> None:
    """The best answer alone counts from FY2022 Q3 on; TSA's answers of FY2021 Q2 and FY2022 Q4
    are doubled at the same time."""
    home, catalog = few
    change = "{from: 2022Q3, change: Best answer alone.}"
    new = "case when quarter < '2022Q3' then n_favourable else n_5 end as"
    redefined = new_version(catalog["trust"], home, change, "n_favourable as", new)
    with open_warehouse(home) as connection:
        before = open_edition(home, publish(connection, home, catalog=catalog))
        connection.execute("""
            update survey_report_answer
            set n_1 = 2 * n_1, n_2 = 2 * n_2, n_3 = 2 * n_3, n_4 = 2 * n_4, n_5 = 2 * n_5,
                published_mean = null
            where survey_id in (
                select survey_id from survey_report
                where component = 'TSA' and channel = 'email' and quarter in ('2021Q2', '2022Q4')
            )
        """)
        catalog, other = catalog | {"trust": redefined}, fixtures_with(home, {"6": "0"})
        after = open_edition(home, publish(connection, home, catalog=catalog, fixtures=other))
    assert "trust: Version 2 (from FY2022 Q3): Best answer alone." in difference_notes(
        before, after
    )
    frame = diff_editions(before, after)
    frame = frame[(frame["metric"] == "trust") & (frame["component"] == "TSA")]
    because = frame.groupby("period")["because"].agg(set).to_dict()
    # FY2022 Q2 stands beside the year before.
    assert because["2021Q2"] == because["2022Q2"] == because["FY2021"] == {"data"}
    for period in ("2022Q3", "2022Q4", "2023Q1", "FY2022", "FY2023"):
        assert because[period] == {"definition"}
    assert "2022Q1" not in because
    year = after.rows(metric="trust", component="TSA", period="FY2022")
    assert year["reason"].str.startswith("Definition: version 2 applies from 2022Q3").all()


def test_other_rules_change_verdicts_alone(few: tuple[Path, dict[str, Metric]]) -> None:
    home, catalog = few
    strict = replace(RULES, minimum_effect_share=0.5, minimum_effect_odds=1e9)
    with open_warehouse(home) as connection:
        before = open_edition(home, publish(connection, home, catalog=catalog))
        after = open_edition(home, publish(connection, home, catalog=catalog, rules=strict))
    frame = diff_editions(before, after)
    assert set(frame["because"]) == {"comparison"}
    assert set(frame["change_call_before"].dropna()) >= {"up", "down"}
    assert not frame["change_call_after"].isin(["up", "down"]).any()
    assert difference_notes(before, after) == [
        "Both editions hold the same loaded files.",
        "Rule minimum_effect_odds: 1.25 -> 1000000000.0.",
        "Rule minimum_effect_share: 0.02 -> 0.5.",
    ]


def test_a_silent_change_of_a_definition_is_not_published(
    few: tuple[Path, dict[str, Metric]],
) -> None:
    home, catalog = few
    trust = catalog["trust"]
    silent = trust.model_copy(update={"sql": trust.sql.replace("n_favourable as", "n_5 as")})
    better = new_version(trust, home, "Best answer alone.", "n_favourable as", "n_5 as")
    other = fixtures_with(home, BEST_ALONE)
    with open_warehouse(home) as connection:
        first = publish(connection, home, catalog=catalog)
        with pytest.raises(
            CxError, match=rf"since edition {first} \(version 1\); raise version to"
        ):
            publish(connection, home, catalog=catalog | {"trust": silent}, fixtures=other)
        assert edition_ids(home) == [first] and current_id(home) == first
        second = publish(connection, home, catalog=catalog | {"trust": better}, fixtures=other)
        with pytest.raises(CxError, match=rf"version is 1, but edition {second} has version 2"):
            publish(connection, home, catalog=catalog)
        use_edition(home, first)
        publish(connection, home, catalog=catalog)


def test_an_edition_says_since_when_it_has_a_version(few: tuple[Path, dict[str, Metric]]) -> None:
    home, catalog = few
    better = new_version(catalog["trust"], home, "Best answer alone.", "n_favourable as", "n_5 as")
    with open_warehouse(home) as connection:
        first = publish(connection, home, catalog=catalog)
        # The first edition came out earlier, and is of before the day was kept.
        path = home / "editions" / first / "manifest.json"
        manifest = json.loads(path.read_text())
        for entry in manifest["metrics"].values():
            del entry["since"]
        path.write_text(json.dumps(manifest | {"published_at": "2024-02-03T04:05:06+00:00"}))
        changed, other = catalog | {"trust": better}, fixtures_with(home, BEST_ALONE)
        publish(connection, home, catalog=changed, fixtures=other)
        last = open_edition(home, publish(connection, home, catalog=changed, fixtures=other))
    today = datetime.now(UTC).date().isoformat()
    since = {name: entry["since"] for name, entry in last.manifest["metrics"].items()}
    assert since["satisfaction"] == since["respondents"] == "2024-02-03"
    assert since["trust"] in (today, last.manifest["published_at"][:10])
    assert last.metrics["since"].to_dict() == since


def test_diff_of_an_edition_with_itself_is_empty(federal: Edition) -> None:
    assert diff_editions(federal, federal).empty


def test_diff_takes_amounts_added_up_in_another_order_for_the_same(
    two_editions: tuple[Edition, Edition],
) -> None:
    before, _ = two_editions
    other = Edition(before.home, before.id, before.manifest)
    other.__dict__["_connection"] = connection = duckdb.connect(":memory:")
    rows = before.query("from published")
    known = rows.index[rows["value"].abs() > 0]
    rows.loc[known[0], "value"] *= 1 + 4e-15
    rows.loc[known[1], "value"] *= 1 + 1e-9
    connection.register("rows_left", rows)
    connection.execute("create table published as from rows_left")
    found = diff_editions(before, other)
    key = ["metric", "component", "channel", "period"]
    assert found[key].to_numpy().tolist() == [rows.loc[known[1], key].tolist()]


def test_diff_names_rows_that_came_and_went(two_editions: tuple[Edition, Edition]) -> None:
    before, _ = two_editions
    smaller = Edition(before.home, before.id, before.manifest)
    smaller.__dict__["_connection"] = connection = duckdb.connect(":memory:")
    rows = before.query("from published where component <> 'TSA'")
    connection.register("rows_left", rows)
    connection.execute("create table published as from rows_left")
    gone = diff_editions(before, smaller)
    assert set(gone["difference"]) == {"removed"} and set(gone["component"]) == {"TSA"}
    came = diff_editions(smaller, before)
    assert set(came["difference"]) == {"added"} and len(came) == len(gone)


def test_choosing_an_edition(two_editions: tuple[Edition, Edition]) -> None:
    before, after = two_editions
    home = before.home
    assert edition_ids(home) == [before.id, after.id]
    assert current_id(home) == after.id
    use_edition(home, before.id)
    assert open_edition(home).id == before.id
    with pytest.raises(CxError, match=f"there is no edition 'nope'; there are: {before.id}, "):
        use_edition(home, "nope")
    assert current_id(home) == before.id
    use_edition(home, after.id)
    with pytest.raises(CxError, match=r"there is no edition '\.\./x'; see"):
        open_edition(home, "../x")


def test_no_edition_and_a_broken_one_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CxError, match="nothing is published yet; run `python -m metrics build`"):
        open_edition(tmp_path)
    broken = tmp_path / "editions" / "broken"
    broken.mkdir(parents=True)
    (broken / "manifest.json").write_text("{")
    with pytest.raises(CxError, match=r"manifest\.json cannot be read: .*; publish again"):
        read_manifest(tmp_path, "broken")


def test_the_manifest_says_where_the_numbers_come_from(
    federal_home: Path, federal: Edition
) -> None:
    manifest = read_manifest(federal_home, federal.id)
    sources = {source["file_name"]: source for source in manifest["inputs"]}
    assert len(sources) == 1 + len(list(PUBLISHED.glob("*/*.csv")))
    source = sources["survey_report.csv, survey_report_answer.csv"]
    assert source["n_rows"] == source["n_accepted"] == "481"
    assert set(manifest["metrics"]) == set(read_catalog())
    assert manifest["n_published"] == len(federal.rows())
    assert (manifest["data_from"], manifest["data_through"]) == ("2021Q1", "2023Q1")
    assert {check["n_rows"] for check in manifest["checks"]} == {0}

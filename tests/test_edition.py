"""Editions: sealed connections, right rows for every thread, choosing, comparing."""

import csv
import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from metrics.catalog import read_catalog, read_metric
from metrics.edition import (
    KEY,
    Edition,
    current_id,
    diff_editions,
    edition_ids,
    open_edition,
    read_manifest,
    use_edition,
)
from metrics.errors import CxError
from metrics.load import load_files
from metrics.publish import publish
from metrics.settings import PUBLISHED
from metrics.warehouse import FILE_NAME, open_warehouse


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


@pytest.fixture(scope="module")
def two_editions(
    federal_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Edition, Edition]]:
    """Before and after: report 620 has 100 good answers more, report 651 only five
    answers, and trust counts the best answer alone."""
    home = tmp_path_factory.mktemp("two")
    shutil.copy(federal_home / FILE_NAME, home / FILE_NAME)
    catalog = {
        name: metric
        for name, metric in read_catalog().items()
        if name in ("trust", "satisfaction", "respondents")
    }
    text = (
        catalog["trust"].path.read_text().replace("n_favourable as numerator", "n_5 as numerator")
    )
    (home / "trust.sql").write_text(text)
    redefined = read_metric(home / "trust.sql")
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
        after = publish(connection, home, catalog=catalog | {"trust": redefined})
    yield open_edition(home, before), open_edition(home, after)


def test_diff_says_what_changed_and_why(two_editions: tuple[Edition, Edition]) -> None:
    frame = diff_editions(*two_editions)
    because = frame.groupby("metric")["because"].agg(set).to_dict()
    assert because == {"trust": {"definition"}, "satisfaction": {"data", "suppression"}}
    quarter = frame[
        (frame["metric"] == "satisfaction")
        & (frame["level"] == "service")
        & (frame["channel"] == "all")
        & (frame["period"] == "2023Q1")
    ].set_index("component")
    assert quarter.loc["USCIS", "because"] == "suppression"
    assert (quarter.loc["USCIS", "status_before"], quarter.loc["USCIS", "status_after"]) == (
        "ok",
        "suppressed",
    )
    assert pd.isna(quarter.loc["USCIS", "value_after"])
    assert quarter.loc["TSA", "because"] == "data"
    assert quarter.loc["TSA", "value_after"] > quarter.loc["TSA", "value_before"]


def test_diff_of_an_edition_with_itself_is_empty(federal: Edition) -> None:
    assert diff_editions(federal, federal).empty


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
    with pytest.raises(CxError, match=r"manifest\.json: cannot be read .*; choose another"):
        read_manifest(tmp_path, "broken")


def test_the_manifest_says_where_the_numbers_come_from(
    federal_home: Path, federal: Edition
) -> None:
    manifest = read_manifest(federal_home, federal.id)
    sources = {source["file_name"]: source for source in manifest["inputs"]}
    assert len(sources) == 1 + len(list(PUBLISHED.glob("*/*.csv")))
    source = sources["survey_report.csv"]
    assert source["n_rows"] == source["n_accepted"] == "481"
    assert set(manifest["metrics"]) == set(read_catalog())
    assert manifest["n_published"] == len(federal.rows())
    assert (manifest["data_from"], manifest["data_through"]) == ("2021Q1", "2023Q1")
    assert {check["n_rows"] for check in manifest["checks"]} == {0}

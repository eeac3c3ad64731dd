"""Lineage: the edges are those of the SQL and of the loads, and pages and tables draw them."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from metrics.base.numbers import counted
from metrics.base.settings import FILE_NAME, PUBLISHED, REFERENCE, ROOT, SQL
from metrics.define import template
from metrics.define.catalog import read_catalog
from metrics.edition.edition import Edition, open_edition
from metrics.edition.lineage import NO_FILES, edges_of, sources_of, tree_of
from metrics.gate import lineage
from metrics.tell import charts
from metrics.tell.charts.lineage import LONGEST_NAME, STEPS
from metrics.tell.placement import pages_of, with_pages
from tests.apps import open_page
from ui.registry import EVERY_PAGE

NODES = {
    path.stem: folder
    for folder in ("tables", "aggregates", "metrics")
    for path in (SQL / folder).glob("*.sql")
}


def read_by_pattern(path: Path) -> set[str]:
    """Names after from, join and unpivot in a file, found without a parser of SQL; names that no
    file of sql/ has are CTEs and functions."""
    code = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    code = re.sub(r"--.*|'[^']*'", "", code)
    ctes = set(re.findall(r"(\w+) as (?:materialized )?\(\s*(?:--.*\s*)*(?:select|with)", code))
    found = set(re.findall(r"\b(?:from|join|unpivot)\s+(\w+)\b(?!\s*\()", code))
    return {name for name in found - ctes if name in NODES}


@pytest.fixture(scope="module")
def edges(federal: Edition) -> pd.DataFrame:
    return with_pages(federal.table("lineage"))


def test_the_edges_of_the_sql_are_those_a_pattern_finds(edges: pd.DataFrame) -> None:
    for folder, kind in (("aggregates", "aggregate"), ("metrics", "metric")):
        for path in sorted((SQL / folder).glob("*.sql")):
            for name in template.names_in(path):
                rows = edges[(edges["to_kind"] == kind) & (edges["to_name"] == name)]
                assert set(rows["from_name"]) == read_by_pattern(path), name
                assert len(rows), name


def test_every_chain_ends_in_files_and_no_edge_is_twice(edges: pd.DataFrame) -> None:
    assert not edges.duplicated().any()
    written = set(zip(edges["to_kind"], edges["to_name"], strict=True))
    read = set(zip(edges["from_kind"], edges["from_name"], strict=True))
    assert {kind for kind, _ in read - written} == {"file", "raw"}
    assert {kind for kind, _ in written - read} <= {"page", "aggregate", "reference", "raw"}
    for name in read_catalog():
        made = sources_of(edges, name)
        assert made.raw or made.reference, name
        assert set(made.direct) <= set(made.aggregates), name


def test_files_of_loads_lead_to_the_tables_that_hold_their_rows(
    federal_home: Path, edges: pd.DataFrame
) -> None:
    loaded = edges[edges["load_id"].notna()]
    connection = duckdb.connect(str(federal_home / FILE_NAME), read_only=True)
    held = set()
    for table, kind in lineage.kinds_of_tables().items():
        if kind == "raw" and table not in (*NO_FILES, "rejected_row"):
            for (load_id,) in connection.execute(
                f"select distinct load_id from {table}"
            ).fetchall():
                held.add((load_id, table))
    names = dict(connection.execute("select load_id, file_name from data_load").fetchall())
    connection.close()
    assert set(zip(loaded["load_id"], loaded["to_name"], strict=True)) == held
    assert {names[row.load_id] for row in loaded.itertuples()} == set(loaded["from_name"])
    assert "complaints_by_place.csv" in set(loaded["from_name"])
    assert (PUBLISHED / "counts" / "complaints_by_place.csv").exists()


def test_reference_tables_name_the_file_that_filled_them(
    edges: pd.DataFrame, demo_home: Path
) -> None:
    def files(table: pd.DataFrame) -> dict[str, str]:
        rows = table[(table["from_kind"] == "file") & (table["to_kind"] == "reference")]
        return dict(zip(rows["to_name"], rows["from_name"], strict=True))

    shipped = files(edges)
    assert shipped == {path.stem: f"data/reference/{path.name}" for path in REFERENCE.glob("*.csv")}
    own = {path.stem for path in (demo_home / "reference").glob("*.csv")}
    demo = files(open_edition(demo_home).table("lineage"))
    assert own and {name for name in demo if demo[name] != shipped.get(name)} == own
    assert all(demo[name] == f"reference/{name}.csv" for name in own)


def test_no_edge_names_the_machine(edges: pd.DataFrame, demo_home: Path) -> None:
    for table in (edges, open_edition(demo_home).table("lineage")):
        texts = table.drop(columns="load_id").fillna("").to_numpy().ravel()
        assert not [text for text in texts if text.startswith(("/", "~")) or str(ROOT) in text]


def test_the_table_says_what_it_holds(federal: Edition) -> None:
    tables = federal.query("select comment from duckdb_tables() where table_name = 'lineage'")
    assert tables["comment"].tolist() == [lineage.COMMENT]
    columns = federal.query(
        "select column_name, comment from duckdb_columns() where table_name = 'lineage'"
    )
    assert columns["column_name"].tolist() == lineage.COLUMNS
    assert columns["comment"].notna().all()


def test_an_edition_knows_no_pages_and_edges_to_old_ones_are_left_out(federal: Edition) -> None:
    kept = federal.table("lineage")
    assert "page" not in set(kept["to_kind"])
    old = kept.head(1).assign(from_kind="metric", from_name="trust", to_kind="page", to_name="Gone")
    told = with_pages(pd.concat([kept, old]))
    assert "Gone" not in set(told["to_name"])
    assert told.dtypes.equals(kept.dtypes)
    assert len(told) == len(kept) + sum(len(pages_of(name)) for name in read_catalog())


def test_a_metric_is_on_pages_that_exist() -> None:
    titles = {entry.title for entry in EVERY_PAGE}
    for metric in read_catalog().values():
        pages = pages_of(metric.name)
        assert pages and set(pages) <= titles, metric.name


def test_a_tree_has_every_table_and_page_of_a_metric(edges: pd.DataFrame) -> None:
    for name in read_catalog():
        tree = tree_of(edges, name)
        made = sources_of(edges, name)
        assert tree.loc[0, ["depth", "kind", "name"]].tolist() == [0, "metric", name]
        assert (tree["depth"].diff().dropna() <= 1).all(), "no line may skip a level"
        assert sorted(tree.loc[tree["kind"] == "page", "name"]) == sorted(pages_of(name))
        assert set(tree.loc[tree["kind"] == "raw", "name"]) == set(made.raw), name
        stems = {Path(path).stem for path in tree.loc[tree["kind"] == "reference", "name"]}
        assert stems == set(made.reference), name


def test_many_loads_are_counted_not_listed() -> None:
    edges = pd.DataFrame(
        [("raw", "activity_count", "metric", "m", None, None)]
        + [("file", f"{n}.csv", "raw", "activity_count", "counts", n) for n in range(1, 9)],
        columns=lineage.COLUMNS,
    )
    names = tree_of(edges, "m")["name"].tolist()
    assert names == [
        *("m", "activity_count", "8.csv", "7.csv", "6.csv", "5.csv", "4.csv", "3 more files"),
    ]


def test_the_chart_draws_each_line_below_the_one_it_belongs_to() -> None:
    tree = pd.DataFrame(
        [
            (0, "metric", "m", ""),
            (1, "aggregate", "a", "and 2 more steps"),
            (2, "raw", "t", ""),
            (3, "file", "f" * 60, "format counts"),
            (2, "reference", "data/reference/r.csv", ""),
        ],
        columns=["depth", "kind", "name", "note"],
    )
    figure = charts.lineage(tree, "Where m comes from")
    rows = next(iter(figure.spec["datasets"].values()))
    assert [row["parent"] for row in rows] == [0, 0, 1, 2, 1]
    assert rows[1]["label"] == "a, and 2 more steps"
    assert len(rows[3]["label"]) <= LONGEST_NAME and "…" in rows[3]["label"]
    assert f"{'f' * 60} (format counts), below t." in figure.alt
    assert len({shape for _, shape, _ in STEPS.values()}) == len(STEPS)


@pytest.mark.parametrize("metric", ["trust", "complaints", "invalid_rows"])
def test_the_page_draws_the_lineage_and_lists_every_edge(
    federal_home: Path, edges: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, metric: str
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    app: Any = open_page("metrics.py", metric=metric)
    assert not app.exception
    own = edges_of(edges, metric)
    title = next(one.value for one in app.subheader if "made from" in one.value)
    assert counted(own["load_id"].nunique(), "loaded file") in title
    alt = app.get("vega_lite_chart")[0].proto.alt
    assert all(f": {table}" in alt for table in sources_of(edges, metric).raw)
    tables = [table.value for table in app.table]
    (shown,) = [table for table in tables if "From what" in table.columns]
    assert shown["From"].tolist() == own["from_name"].tolist()
    assert shown["To"].tolist() == own["to_name"].tolist()

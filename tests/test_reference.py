"""Targets, benchmarks from outside and annotations: each wrong row is named by file and line,
all at once."""

import shutil
from pathlib import Path

import duckdb
import pytest

from metrics.base.errors import CxError
from metrics.base.settings import DEMO, REFERENCE
from metrics.warehouse.store import prepare

HEADERS = {
    "target": "metric,level,component,service,valid_from,valid_to,value,source",
    "external_benchmark": "metric,level,component,service,channel,valid_from,valid_to,value,label,"
    "source",
    "annotation": "happened_on,component,service,family,metric,text,source",
}
TARGET = "trust,component,TSA,all,2024Q1,2024Q4,0.7,Plan"
BENCHMARK = "trust,component,TSA,all,email,2024Q1,2024Q4,0.7,Index,Paper"
ANNOTATION = "2024-01-31,TSA,tsa-contact-center,experience,trust,An outage.,Log"


def load(folder: Path, table: str, *rows: str) -> duckdb.DuckDBPyConnection:
    """Prepare a warehouse whose own reference table has these rows."""
    folder.mkdir(exist_ok=True)
    (folder / f"{table}.csv").write_text("\n".join([HEADERS[table], *rows]) + "\n")
    connection = duckdb.connect(":memory:")
    prepare(connection, folder)
    return connection


def problems(folder: Path, table: str, *rows: str) -> list[str]:
    with pytest.raises(CxError) as caught:
        load(folder, table, *rows)
    where = f"{folder / table}.csv:"
    lines = str(caught.value).splitlines()
    assert all(line.startswith(where) for line in lines)
    return [line.removeprefix(where) for line in lines]


@pytest.mark.parametrize(
    ("table", "row"),
    [("target", TARGET), ("external_benchmark", BENCHMARK), ("annotation", ANNOTATION)],
)
def test_a_good_row_is_loaded(tmp_path: Path, table: str, row: str) -> None:
    connection = load(tmp_path, table, row)
    assert connection.table(table).shape[0] == 1


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("target", "trust,", "confidence,", "metric 'confidence' is unknown; use a name of sql/"),
        ("target", "TSA,", "NASA,", "component 'NASA' is unknown; use a code of component.csv"),
        ("target", "TSA,all", "TSA,moon", "service 'moon' is unknown; use a code of service.csv"),
        ("target", "component,TSA,all", "service,FEMA,tsa-contact-center", "is not one of 'FEMA'"),
        ("target", "component,TSA", "team,TSA", "level 'team' is unknown; use department, comp"),
        ("target", "component,TSA", "department,TSA", "the component must read 'all'; it reads"),
        ("target", "component,TSA", "component,all", "the component must name one component; it"),
        ("target", "component,TSA", "service,TSA", "the service must name one service; it reads"),
        ("target", "TSA,all", "TSA,tsa-contact-center", "the service must read 'all'; it reads 't"),
        ("target", "2024Q1", "2024-01", "valid_from '2024-01' is no fiscal quarter; write it as"),
        ("target", "2024Q1", "", "valid_from '' is no fiscal quarter; write it as 2024Q1"),
        ("target", "2024Q4", "2024Q5", "valid_to '2024Q5' is no fiscal quarter; write it as"),
        ("target", "2024Q4", "2023Q4", "valid_from 2024Q1 is after valid_to 2023Q4; swap them"),
        ("target", "0.7", "70", "value 70 of a share must lie between 0 and 1; write 75 % as 0.75"),
        ("target", "0.7", "much", "value 'much' is no number; write it as 0.75"),
        ("target", "0.7", "nan", "value 'nan' is no number; write it as 0.75"),
        ("target", "Plan", " ", "source is blank; say who set or published it and where"),
        ("external_benchmark", "email", "owl", "channel 'owl' is unknown; use a code of channel."),
        ("external_benchmark", "Index", "", "label is blank; fill it in"),
        ("external_benchmark", "0.7", "1.7", "value 1.7 of a share must lie between 0 and 1"),
        ("annotation", "2024-01-31", "2024-02-31", "happened_on '2024-02-31' is no date; write it"),
        ("annotation", "experience", "weather", "family 'weather' is unknown; use experience, re"),
        ("annotation", "experience", "burden", "metric 'trust' is of family 'experience', not"),
        ("annotation", ",trust", ",confidence", "metric 'confidence' is unknown; use a name of"),
        ("annotation", "TSA", "FEMA", "service 'tsa-contact-center' is not one of 'FEMA'; its com"),
        ("annotation", "An outage.", "", "text is blank; say what happened"),
        ("annotation", "Log", "", "source is blank; say who set or published it and where"),
    ],
)
def test_a_wrong_row_names_file_line_and_remedy(
    tmp_path: Path, table: str, old: str, new: str, message: str
) -> None:
    good = {"target": TARGET, "external_benchmark": BENCHMARK, "annotation": ANNOTATION}[table]
    assert old in good
    found = problems(tmp_path, table, good.replace(old, new, 1))
    assert all(problem.startswith("2: ") for problem in found)
    assert sum(message in problem for problem in found) == 1


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    rows = [TARGET, TARGET.replace("trust", "x"), TARGET.replace("TSA", "x").replace("0.7", "7")]
    found = problems(tmp_path, "target", *rows)
    assert [line.split(":")[0] for line in found] == ["3", "4", "4"]


@pytest.mark.parametrize("table", ["target", "external_benchmark"])
def test_two_rows_for_one_quarter_are_named(tmp_path: Path, table: str) -> None:
    row = {"target": TARGET, "external_benchmark": BENCHMARK}[table]
    later = row.replace("2024Q4", "").replace("2024Q1", "2024Q4")
    (problem,) = problems(tmp_path, table, later, row)
    assert problem.startswith("2: holds from 2024Q4, while line 3 holds for the same metric and")
    after = row.replace("2024Q4", "").replace("2024Q1", "2025Q1")
    other = later.replace("TSA", "FEMA")
    assert load(tmp_path, table, row, after, other).table(table).shape[0] == 3


def test_the_projects_own_rows_stay_right_where_other_services_replace_its_own(
    tmp_path: Path,
) -> None:
    """A data set of another agency brings its own services, and no annotations."""
    header, *rows = (REFERENCE / "service.csv").read_text().splitlines()
    (tmp_path / "service.csv").write_text(header + "\n" + rows[0].replace("tsa-", "new-") + "\n")
    connection = duckdb.connect(":memory:")
    prepare(connection, tmp_path)
    assert connection.table("annotation").shape[0] > 0


def test_what_ships_is_right(tmp_path: Path) -> None:
    for folder in (REFERENCE, DEMO / "reference"):
        shutil.copytree(folder, tmp_path / folder.parent.name)
        connection = duckdb.connect(":memory:")
        prepare(connection, tmp_path / folder.parent.name)
        sources = connection.execute(
            "select source from target union all select source from external_benchmark"
        ).fetchall()
        is_demo = folder.is_relative_to(DEMO)
        assert bool(sources) == is_demo
        assert all(source.startswith("Demonstration") for (source,) in sources)

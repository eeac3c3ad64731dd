"""The Data Package, read back without the code that wrote it."""

import csv
import hashlib
import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import pyarrow
import pyarrow.parquet
import pytest

from metrics.cli.main import main
from metrics.deliver.package import MEDIA_TYPES, Publisher, _write_file, export_package
from metrics.edition.edition import DEMONSTRATION, Edition, open_edition

CAST = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "array": json.loads,
}
PUBLISHER = Publisher("Example Agency", "A. Person", "cx@example.gov", "https://example.gov/cx/")


@pytest.fixture(scope="module")
def folder(federal: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "new"
    export_package(federal, path, "csv", PUBLISHER)
    return path


def read(folder: Path, name: str = "datapackage.json") -> dict[str, Any]:
    return dict(json.loads((folder / name).read_text(encoding="utf-8")))


def test_it_holds_every_public_table_and_nothing_else(folder: Path, federal: Edition) -> None:
    package = read(folder)
    names = [resource["name"] for resource in package["resources"]]
    assert sorted(names) == sorted(federal.table_names)
    files = {resource["path"] for resource in package["resources"]}
    assert {path.name for path in folder.iterdir()} == files | {"datapackage.json", "data.json"}
    assert package["version"] == federal.id
    assert package["$schema"].endswith("/2.0/datapackage.json")
    assert re.fullmatch(r"[a-z0-9-]+", package["name"])
    assert package["licenses"][0]["path"] and len(package["sources"]) == len(
        federal.manifest["inputs"]
    )


def test_files_are_those_described(folder: Path, federal: Edition) -> None:
    for resource in read(folder)["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            assert next(rows) == [field["name"] for field in resource["schema"]["fields"]]
            casts = [CAST[field["type"]] for field in resource["schema"]["fields"]]
            n_rows = 0
            for row in rows:
                n_rows += 1
                for cast, text in zip(casts, row, strict=True):
                    if text:
                        cast(text)  # type: ignore[operator]
        counted = federal.query(f"select count(*) as n from {resource['name']}")["n"].iloc[0]
        assert n_rows == resource["rows"] == counted, resource["name"]


def test_frictionless_finds_the_package_valid_and_a_spoiled_one_not(
    folder: Path, tmp_path: Path
) -> None:
    found = frictionless.validate(str(folder / "datapackage.json"))
    assert found.valid, found.flatten(["name", "rowNumber", "fieldName", "type", "note"])[:5]
    assert {task.name for task in found.tasks} == {one["name"] for one in read(folder)["resources"]}
    # One table is enough to see that what is spoiled is found.
    package = read(folder)
    (resource,) = [one for one in package["resources"] if one["name"] == "annotation"]
    lines = (folder / resource["path"]).read_text("utf-8").splitlines()
    lines.append("x" + "," * lines[0].count(","))
    (tmp_path / resource["path"]).write_text("\n".join(lines), encoding="utf-8")
    package["resources"] = [resource]
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid


def test_missing_is_told_from_empty(federal: Edition) -> None:
    """The package reads an empty value as missing, so no text may be empty."""
    for table in federal.table_names:
        frame = federal.table(table)
        for name in frame.columns[[str(kind) in ("str", "object") for kind in frame.dtypes]]:
            assert not (frame[name].astype(str) == "").any(), (table, name)


def test_values_are_the_published_ones(folder: Path, federal: Edition) -> None:
    with (folder / "published.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if (row["metric"], row["component"], row["period"]) == ("trust", "TSA", "2021Q2")
            and (row["level"], row["channel"]) == ("component", "all")
        ]
    (wanted,) = federal.rows(
        metric="trust", component="TSA", period="2021Q2", level="component", channel="all"
    ).to_dict("records")
    assert [(float(r["value"]), int(r["n"]), r["breakdown"]) for r in rows] == [
        (wanted["value"], wanted["n"], "")
    ]


def test_json_holds_the_same_rows(federal: Edition, tmp_path: Path) -> None:
    export_package(federal, tmp_path / "new", "json")
    package = read(tmp_path / "new")
    for resource in package["resources"]:
        rows = json.loads((tmp_path / "new" / resource["path"]).read_text(encoding="utf-8"))
        assert len(rows) == resource["rows"]
        wanted = federal.arrow(f"from {resource['name']}").to_pylist()
        dates = [{k: v for k, v in row.items() if isinstance(v, date)} for row in wanted]
        for row, known, days in zip(rows, wanted, dates, strict=True):
            assert {name: row[name] for name in known if name not in days} == {
                name: float(value) if isinstance(value, Decimal) else value
                for name, value in known.items()
                if name not in days
            }
            assert all(
                type(day).fromisoformat(row[name]) == day.replace(**whole_seconds(day))
                for name, day in days.items()
            )
    assert {resource["mediatype"] for resource in package["resources"]} == {"application/json"}


def whole_seconds(day: date) -> dict[str, int]:
    """What to leave out of a time, which files tell to the second."""
    return {"microsecond": 0} if isinstance(day, datetime) else {}


def test_no_text_of_a_csv_file_runs_as_a_formula(tmp_path: Path) -> None:
    texts = ["=1+1", "@name", "-0.5", "+4.1%", "plain", None, "-x"]
    rows = pyarrow.table({"text": texts, "number": range(7)})
    _write_file(rows, tmp_path / "table.csv", "csv")
    _write_file(rows, tmp_path / "table.json", "json")
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        found = [row["text"] for row in csv.DictReader(file)]
    assert found == ["'=1+1", "'@name", "-0.5", "+4.1%", "plain", "", "'-x"]
    exact = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert [row["text"] for row in exact] == texts


def test_keys_address_one_row(folder: Path) -> None:
    keyed = 0
    for resource in read(folder)["resources"]:
        schema = resource["schema"]
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for key in [schema.get("primaryKey"), *schema.get("uniqueKeys", [])]:
            if key is None:
                continue
            keyed += 1
            values = [tuple(row[name] for name in key) for row in rows]
            assert len(values) == len(set(values)), resource["name"]
            if key == schema.get("primaryKey"):
                assert all(all(value) for value in values), resource["name"]
    assert keyed > 10


def test_what_readers_use_most_is_described(folder: Path) -> None:
    tables = {resource["name"]: resource for resource in read(folder)["resources"]}
    for name in ("published", "benchmark", "lineage", "data_load", "component"):
        fields = tables[name]["schema"]["fields"]
        assert [field["name"] for field in fields if "description" not in field] == [], name
        assert tables[name]["description"]


def test_the_record_has_what_dcat_us_asks_for(folder: Path, federal: Edition) -> None:
    catalog = read(folder, "data.json")
    assert catalog["conformsTo"]["identifier"] == "https://resources.data.gov/dcat-us/3.0.0"
    (dataset,) = catalog["dataset"]
    assert {"title", "description", "publisher", "contactPoint", "identifier"} <= set(dataset)
    assert dataset["publisher"]["name"] == "Example Agency"
    assert dataset["contactPoint"]["fn"] and dataset["contactPoint"]["hasEmail"].startswith(
        "mailto:"
    )
    assert dataset["temporal"][0]["startDate"] == "2020-10-01"  # FY2021 Q1
    assert dataset["temporal"][0]["endDate"] == "2022-12-31"  # FY2023 Q1
    hashes = {item["path"]: item["hash"] for item in read(folder)["resources"]}
    for one in dataset["distribution"]:
        path = one["downloadURL"].removeprefix("https://example.gov/cx/")
        assert one["checksum"]["checksumValue"] == hashes[path].removeprefix("sha256:")
        assert int(one["byteSize"]) == (folder / path).stat().st_size


def test_made_up_figures_say_so_everywhere(demo_home: Path, tmp_path: Path) -> None:
    edition = open_edition(demo_home)
    export_package(edition, tmp_path / "demo", "parquet", PUBLISHER)
    package, catalog = read(tmp_path / "demo"), read(tmp_path / "demo", "data.json")
    for text in (package["title"], package["description"], catalog["dataset"][0]["title"]):
        assert DEMONSTRATION in text
    for resource in package["resources"]:
        assert resource["path"].startswith("DEMONSTRATION_")
        table = pyarrow.parquet.read_table(tmp_path / "demo" / resource["path"])
        assert table.num_rows == resource["rows"]
        assert table.column_names == [field["name"] for field in resource["schema"]["fields"]]
        assert set(table["data_set"].to_pylist()) <= {DEMONSTRATION}
        assert resource["mediatype"] == MEDIA_TYPES["parquet"]


def test_the_command_refuses_what_would_be_half(
    federal_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CX_HOME", str(federal_home))
    target = tmp_path / "out"
    assert main(["export", "package", str(target), "--publisher", "Agency"]) == 2
    wrong = ["--publisher", "A", "--contact", "B", "--email", "nobody"]
    assert main(["export", "package", str(target), *wrong]) == 1
    assert not target.exists()
    assert main(["export", "package", str(target)]) == 0
    assert "No data.json" in capsys.readouterr().out and not (target / "data.json").exists()
    assert main(["export", "package", str(target)]) == 1
    assert "not empty" in capsys.readouterr().err

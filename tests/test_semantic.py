"""The catalog for other tools: what they would compute is what is published."""

import json
from pathlib import Path

import pytest
import yaml
from dbt_semantic_interfaces.parsing.dir_to_model import parse_yaml_files_to_semantic_manifest
from dbt_semantic_interfaces.parsing.objects import YamlConfigFile
from dbt_semantic_interfaces.protocols import SemanticManifest
from dbt_semantic_interfaces.validations.semantic_manifest_validator import (
    SemanticManifestValidator,
)

from metrics.cli.main import main
from metrics.define.catalog import Metric, read_catalog
from metrics.deliver import semantic
from metrics.edition.edition import Edition
from metrics.warehouse.store import read_warehouse

KEYS = {
    "metric": {"name", "expression", "description", "ai_context", "custom_extensions"},
    "dataset": {"name", "source", "primary_key", "unique_keys", "description", "fields"},
    "field": {"name", "expression", "dimension", "label", "description"},
}
"""Keys that Open Semantic Interchange 0.1.1 knows."""


@pytest.fixture(scope="module")
def catalog() -> dict[str, Metric]:
    return read_catalog()


@pytest.mark.parametrize(
    "name", ["trust", "respondents", "response_rate", "complaint_rate", "trust_distribution"]
)
def test_the_expression_gives_the_published_value(
    federal_home: Path, federal: Edition, catalog: dict[str, Metric], name: str
) -> None:
    metric = catalog[name]
    (model,) = semantic.osi(catalog)["semantic_model"]
    (one,) = [item for item in model["metrics"] if item["name"] == name]
    expression = one["expression"]["dialects"][0]["expression"]
    part = metric.breakdown or "null"
    published = federal.rows(
        metric=name, level="component", component="TSA", channel="all", service="all"
    )
    published = published[
        published["value"].notna()
        & (published["period_kind"] == "quarter")
        & (published["breakdown"].notna() | (metric.breakdown is None))
    ]
    with read_warehouse(federal_home) as connection:
        connection.execute("use memory")
        connection.execute("set search_path = 'memory,warehouse'")
        connection.execute(f"create view {name} as {metric.sql}")
        rows = connection.execute(
            f"select quarter, basis, {part}::varchar, {expression} from {name} "
            "where component = 'TSA' group by all"
        ).fetchall()
    computed = {row[:3]: row[3] for row in rows}
    assert len(published)
    for row in published.itertuples():
        breakdown = row.breakdown if isinstance(row.breakdown, str) else None
        assert computed[row.period, row.basis, breakdown] == pytest.approx(row.value)


def test_semantic_models_hang_together(catalog: dict[str, Metric]) -> None:
    written = semantic.metricflow(catalog)
    measures, dimensions = {}, set()
    for model in written["semantic_models"]:
        columns = semantic.columns_of(catalog[model["name"]])
        for measure in model["measures"]:
            assert measure["expr"] in columns, model["name"]
            measures[measure["name"]] = model["name"]
        for dimension in model["dimensions"]:
            dimensions.add(f"{model['primary_entity']}__{dimension['name']}")
            assert dimension["name"] in [*columns, "quarter_start", "fiscal_quarter"]
    names = [metric["name"] for metric in written["metrics"]]
    assert len(names) == len(set(names)) and set(catalog) <= set(names)
    for metric in written["metrics"]:
        given = metric["type_params"]
        if metric["type"] == "ratio":
            assert {given["numerator"]["name"], given["denominator"]["name"]} <= set(names)
        else:
            assert given["measure"] in measures
        if "filter" in metric:
            assert metric["filter"].split("'")[1] in dimensions
    for metric in catalog.values():
        has_part = metric.kind in ("share", "ratio", "mean")
        (one,) = [item for item in written["metrics"] if item["name"] == metric.name]
        assert one["type"] == ("ratio" if has_part else "simple"), metric.name
        assert one["config"]["meta"]["minimum_n"] == metric.minimum_n


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What MetricFlow reads by itself."""
    path = tmp_path_factory.mktemp("flow") / "semantic_manifest.yml"
    assert main(["export", "catalog", "--format", "metricflow", str(path)]) == 0
    return path.read_text("utf-8")


def problems(text: str) -> list[str]:
    """What the package of MetricFlow says of a manifest."""
    file = YamlConfigFile(filepath="semantic_manifest.yml", contents=text)
    parsed = parse_yaml_files_to_semantic_manifest([file])
    issues = list(parsed.issues.all_issues)
    if not issues:
        checked = SemanticManifestValidator[SemanticManifest]().validate_semantic_manifest(
            parsed.semantic_manifest
        )
        issues += checked.all_issues
    return [issue.message for issue in issues]


def test_metricflow_reads_every_metric_and_finds_nothing_to_say(
    manifest: str, catalog: dict[str, Metric]
) -> None:
    assert problems(manifest) == []
    documents = list(yaml.safe_load_all(manifest))
    assert set(catalog) == {
        one["semantic_model"]["name"] for one in documents if "semantic_model" in one
    }
    spoiled = manifest.replace("name: trust_numerator", "name: trust_nominator", 1)
    assert any("trust_numerator" in problem for problem in problems(spoiled))


def test_quarters_begin_where_the_macro_says(federal_home: Path) -> None:
    with read_warehouse(federal_home) as connection:
        connection.execute("use warehouse")
        wrong = connection.execute(
            f"select distinct quarter from warehouse.reporting_board "
            f"where {semantic.QUARTER_START} <> quarter_start(quarter)"
        ).fetchall()
        (n,) = connection.execute(
            "select count(distinct quarter) from warehouse.reporting_board"
        ).fetchall()[0]
    assert wrong == [] and n >= 8


def test_a_stock_is_not_added_up_over_quarters(catalog: dict[str, Metric]) -> None:
    for model in semantic.metricflow(catalog)["semantic_models"]:
        is_stock = catalog[model["name"]].over_time == "last"
        assert all(("non_additive_dimension" in one) == is_stock for one in model["measures"])
    assert any(metric.over_time == "last" for metric in catalog.values())


def test_the_interchange_file_has_only_keys_of_its_version(catalog: dict[str, Metric]) -> None:
    written = semantic.osi(catalog)
    assert set(written) == {"version", "semantic_model"} and written["version"] == "0.1.1"
    (model,) = written["semantic_model"]
    assert {item["name"] for item in model["metrics"]} == set(catalog)
    for item in model["metrics"]:
        assert set(item) <= KEYS["metric"] and {"name", "expression"} <= set(item)
        assert "before disclosure control" in item["description"]
        for extension in item["custom_extensions"]:
            assert json.loads(extension["data"])["version"] == catalog[item["name"]].version
    for dataset in model["datasets"]:
        assert set(dataset) <= KEYS["dataset"] and {"name", "source"} <= set(dataset)
        fields = [field["name"] for field in dataset["fields"]]
        assert sorted(fields) == sorted(semantic.columns_of(catalog[dataset["name"]]))
        assert all(set(field) <= KEYS["field"] for field in dataset["fields"])


def test_the_command_writes_files_that_read_back(
    tmp_path: Path, catalog: dict[str, Metric]
) -> None:
    flow, swap = tmp_path / "flow", tmp_path / "swap.json"
    assert main(["export", "catalog", "--format", "metricflow", str(flow)]) == 0
    assert main(["export", "catalog", "--format", "osi", str(swap)]) == 0
    text = (flow / "models" / "semantic_models.yml").read_text("utf-8")
    assert yaml.safe_load(text) == semantic.metricflow(catalog)
    assert (flow / "models" / "trust.sql").read_text("utf-8").strip() == catalog["trust"].sql
    assert {path.stem for path in (flow / "models").glob("*.sql")} == set(catalog)
    assert json.loads(swap.read_text("utf-8")) == semantic.osi(catalog)
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["export", "catalog", "--format", "osi", str(tmp_path / "file" / "x.json")]) == 1

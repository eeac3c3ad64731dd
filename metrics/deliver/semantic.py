"""The catalog for other tools: dbt's semantic layer (MetricFlow) and Open Semantic
Interchange.

Both describe the cells that a metric's select returns, which lie in the private
warehouse. Neither format knows disclosure control, intervals or bases that must not be
added up, so the descriptions say so: figures for the public come from editions alone.
"""

import json
from pathlib import Path
from typing import Any

import sqlglot
import yaml
from sqlglot import exp

from metrics.base.errors import CxError
from metrics.define.catalog import WEIGHTED, Metric
from metrics.tell.sentences import without_grain

OSI_VERSION = "0.1.1"
"""Version of Open Semantic Interchange (now Apache Ossie) that is written: the last one
that is released."""

WARNING = (
    "Cells of the warehouse, before disclosure control: publish figures from editions alone. "
    "Never add up different bases."
)
_TEXTS = ("component", "service", "channel", "basis")

QUARTER_START = (
    "cast(case right(quarter, 1) "
    "when '1' then cast(cast(left(quarter, 4) as integer) - 1 as varchar) || '-10-01' "
    "when '2' then left(quarter, 4) || '-01-01' "
    "when '3' then left(quarter, 4) || '-04-01' "
    "else left(quarter, 4) || '-07-01' end as date)"
)
"""First day of a fiscal quarter such as 2021Q1 in plain SQL, for tools that do not know the
project's macros."""


def columns_of(metric: Metric) -> list[str]:
    """Return the names of the columns that the metric's select returns."""
    tree = sqlglot.parse_one(metric.sql, dialect="duckdb")
    return tree.named_selects if isinstance(tree, exp.Query) else []


def numbers_of(metric: Metric) -> tuple[str, str | None]:
    """Return the columns that a metric divides: numerator and denominator, the latter
    None where it is a sum. Of a quantile that is the number of customers in a band."""
    if metric.kind == "mean":
        weights = WEIGHTED["mean"][0]
        return "total", weights if weights in columns_of(metric) else "n"
    if metric.kind in ("share", "ratio"):
        return "numerator", "denominator"
    return ("n" if metric.kind == "quantile" else "value"), None


def _says(metric: Metric) -> str:
    parts = [without_grain(metric.description), f"Unit: {metric.unit}.", WARNING]
    if metric.kind == "quantile":
        parts.append(
            f"Customers by band; the figure itself is their quantile {metric.quantile}, "
            "interpolated within a band, which this format cannot say."
        )
    if metric.breakdown:
        parts.append(f"Always group by {metric.breakdown}: its parts need not add up.")
    return " ".join(parts)


def _about(metric: Metric) -> dict[str, Any]:
    return {
        "kind": metric.kind,
        "unit": metric.unit,
        "better": metric.better,
        "family": metric.family,
        "over_time": metric.over_time,
        "minimum_n": metric.minimum_n,
        "owner": metric.owner,
        "source": metric.source,
        "version": metric.version,
        "definition_hash": metric.definition_hash,
        **({"quantile": metric.quantile} if metric.quantile is not None else {}),
    }


def has_own_total(metric: Metric) -> bool:
    """Whether the select may give total rows of its own, which must not be added to the
    parts. Of groups that are compared and of bands it may not."""
    return bool(metric.breakdown) and not metric.compare_groups and metric.kind != "quantile"


def metricflow(catalog: dict[str, Metric]) -> dict[str, Any]:
    """Return the catalog as semantic models and metrics of MetricFlow, one semantic
    model per metric over a dbt model of the same name: its cells.

    A share, ratio or mean is a ratio metric of two measures. A metric with a breakdown
    counts the parts; `<name>_total` counts the total rows where the select may give them.
    A stock is taken at its last quarter.
    """
    models, metrics = [], []
    for metric in catalog.values():
        models.append(_semantic_model(metric))
        metrics += _flow_metrics(metric)
    return {"semantic_models": models, "metrics": metrics}


def _semantic_model(metric: Metric) -> dict[str, Any]:
    dimensions: list[dict[str, Any]] = [
        {
            "name": "quarter_start",
            "type": "time",
            "expr": QUARTER_START,
            "label": "First day of the fiscal quarter",
            "type_params": {"time_granularity": "quarter"},
        },
        # A plain "quarter" is reserved for calendar quarters.
        {"name": "fiscal_quarter", "type": "categorical", "expr": "quarter"},
        *({"name": name, "type": "categorical"} for name in _TEXTS if name != "basis"),
    ]
    if metric.breakdown:
        dimensions.append({"name": metric.breakdown, "type": "categorical"})
    measures = []
    for column in dict.fromkeys(name for name in numbers_of(metric) if name):
        measure: dict[str, Any] = {
            "name": f"{metric.name}_{column}",
            "agg": "sum",
            "expr": column,
            "agg_time_dimension": "quarter_start",
        }
        if metric.over_time == "last":
            measure["non_additive_dimension"] = {
                "name": "quarter_start",
                "window_choice": "max",
                "window_groupings": ["basis"],
            }
        measures.append(measure)
    return {
        "name": metric.name,
        "description": f"Cells of {metric.title}. {WARNING}",
        "model": f"ref('{metric.name}')",
        "defaults": {"agg_time_dimension": "quarter_start"},
        "primary_entity": f"{metric.name}_cell",
        "entities": [{"name": "basis", "type": "foreign"}],
        "dimensions": dimensions,
        "measures": measures,
    }


def _flow_metrics(metric: Metric) -> list[dict[str, Any]]:
    parts = [(metric.name, metric.title, "is not null")]
    if has_own_total(metric):
        parts.append((f"{metric.name}_total", f"{metric.title}, total rows", "is null"))
    made = []
    for name, title, condition in parts:
        numerator, denominator = numbers_of(metric)
        one: dict[str, Any] = {"name": name, "label": title, "description": _says(metric)}
        if denominator:
            one |= {
                "type": "ratio",
                "type_params": {
                    # A ratio takes metrics, which these two are.
                    "numerator": {"name": f"{metric.name}_{numerator}"},
                    "denominator": {"name": f"{metric.name}_{denominator}"},
                },
            }
        else:
            one |= {"type": "simple", "type_params": {"measure": f"{metric.name}_{numerator}"}}
        if has_own_total(metric):
            dimension = f"{metric.name}_cell__{metric.breakdown}"
            one["filter"] = f"{{{{ Dimension('{dimension}') }}}} {condition}"
        one["config"] = {"meta": _about(metric)}
        made.append(one)
    for column in numbers_of(metric) if numbers_of(metric)[1] else ():
        made.append(
            {
                "name": f"{metric.name}_{column}",
                "label": f"{metric.title}, {str(column).replace('_', ' ')}",
                "description": f"Part of {metric.name}. {WARNING}",
                "type": "simple",
                "type_params": {"measure": f"{metric.name}_{column}"},
            }
        )
    return made


def osi(catalog: dict[str, Metric]) -> dict[str, Any]:
    """Return the catalog as one semantic model of Open Semantic Interchange: a dataset
    of cells per metric, and the metric as an expression over it in ANSI SQL.

    A metric with a breakdown leaves total rows out of its sums; stocks are sums over the
    cells chosen, and the description says that one quarter must be chosen.
    """
    return {
        "version": OSI_VERSION,
        "semantic_model": [
            {
                "name": "dhs_cx_metrics",
                "description": "Customer experience metrics of the US Department of Homeland "
                f"Security, one dataset of cells per metric. {WARNING}",
                "datasets": [_dataset(metric) for metric in catalog.values()],
                "metrics": [_osi_metric(metric) for metric in catalog.values()],
            }
        ],
    }


def _expression(text: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": text}]}


def _dataset(metric: Metric) -> dict[str, Any]:
    names = [*_TEXTS, "quarter", "month", *([metric.breakdown] if metric.breakdown else [])]
    numbers = [name for name in columns_of(metric) if name not in names]
    return {
        "name": metric.name,
        "source": f"warehouse.main.{metric.name}",
        "description": f"Cells of {metric.title}. {WARNING}",
        "fields": [
            *(
                {
                    "name": name,
                    "expression": _expression(name),
                    "dimension": {"is_time": name in ("quarter", "month")},
                }
                for name in names
            ),
            *({"name": name, "expression": _expression(name)} for name in numbers),
        ],
    }


def _osi_metric(metric: Metric) -> dict[str, Any]:
    def summed(column: str) -> str:
        if has_own_total(metric):
            part = f"{metric.name}.{metric.breakdown}"
            return f"SUM(CASE WHEN {part} IS NOT NULL THEN {metric.name}.{column} END)"
        return f"SUM({metric.name}.{column})"

    numerator, denominator = numbers_of(metric)
    text = summed(numerator)
    if denominator:
        text = f"1.0 * {text} / NULLIF({summed(denominator)}, 0)"
    says = _says(metric)
    if metric.over_time == "last":
        says += " A stock: choose one quarter, never add quarters up."
    return {
        "name": metric.name,
        "expression": _expression(text),
        "description": says,
        "ai_context": {"synonyms": [metric.title]},
        "custom_extensions": [{"vendor_name": "COMMON", "data": json.dumps(_about(metric))}],
    }


FORMATS = ("metricflow", "osi")


def _yaml(written: Any) -> str:
    return str(yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=100))


def _manifest(written: dict[str, Any]) -> str:
    """Semantic models and metrics as MetricFlow reads them by itself: one YAML document each."""
    documents: list[dict[str, Any]] = [{"project_configuration": {"time_spines": []}}]
    for model in written["semantic_models"]:
        # By itself MetricFlow names a table of the warehouse; ref() is dbt's.
        relation = {"alias": model["name"], "schema_name": "main"}
        own = {name: value for name, value in model.items() if name != "model"}
        documents.append({"semantic_model": own | {"node_relation": relation}})
    documents += [{"metric": metric} for metric in written["metrics"]]
    return "---\n".join(map(_yaml, documents))


def export_catalog(catalog: dict[str, Metric], format_name: str, target: Path) -> list[Path]:
    """Write the catalog in one of FORMATS; return the files written.

    `target` is a file, or a folder: then the file is named after the format, and for
    MetricFlow a dbt project's `models` lies beside it: the same definitions in one document,
    as dbt reads them, and a dbt model for each metric, its select.
    Raises CxError where a file cannot be written.
    """
    is_folder = target.is_dir() or not target.suffix
    written: dict[Path, str] = {}
    if format_name == "metricflow":
        path = target / "semantic_manifest.yml" if is_folder else target
        definitions = metricflow(catalog)
        written[path] = _manifest(definitions)
        if is_folder:
            models = target / "models"
            written[models / "semantic_models.yml"] = _yaml(definitions)
            for metric in catalog.values():
                written[models / f"{metric.name}.sql"] = f"{metric.sql}\n"
    else:
        path = target / "dhs_cx_metrics.osi.json" if is_folder else target
        written[path] = (
            _yaml(osi(catalog))
            if path.suffix in (".yml", ".yaml")
            else json.dumps(osi(catalog), indent=2, ensure_ascii=False) + "\n"
        )
    for path, text in written.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CxError(
                f"{path}: cannot be written ({error.strerror}); name another file"
            ) from error
    return list(written)

"""The public tables of an edition as files that describe themselves: a Frictionless Data
Package (v2), and a DCAT-US 3.0 record for data.json.

Only public.duckdb is read, so nothing leaves that a reader of the pages may not see.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import compute, csv, parquet

from metrics.base.duck import sql_text
from metrics.base.errors import CxError
from metrics.base.settings import SQL
from metrics.deliver.files import MARK_COLUMN, defused, marked_name, runs_as_formula
from metrics.edition.edition import DEMONSTRATION, FILTERS, Edition

PROFILE = "https://datapackage.org/profiles/2.0/"
LICENSE = {
    "name": "other-pd",
    "title": "U.S. Government Work, in the public domain in the United States",
    "path": "https://www.usa.gov/government-works",
}
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}
DCAT = {
    "@type": "Standard",
    "title": "DCAT-US 3.0",
    "identifier": "https://resources.data.gov/dcat-us/3.0.0",
}

COLUMN_TEXTS = {
    "metric": "Metric, as in the table metric.",
    "level": "department, component or service.",
    "component": "Component, as in the table component; 'all' where all are meant.",
    "service": "Service, as in the table service; 'all' where all are meant.",
    "channel": "Channel, as in the table channel; 'all' where all are meant.",
    "period_kind": "month, quarter or fiscal_year.",
    "period": "2021-01, 2021Q2 or FY2021; fiscal years run from October to September.",
    "quarter": "Fiscal quarter, such as 2021Q2 (January to March 2021).",
    "basis": "What may be pooled: figures of different bases are never added up or compared.",
    "breakdown": "Part that the row is about; missing for the total.",
    "kind": "share, mean, ratio, total or quantile.",
    "compared_with": "period (the one before) or year (the same period a year before).",
    "before_period": "The earlier period.",
    "mix": "Part of the change that comes from other shares of the answers.",
    "within": "Part of the change that happened within services and channels.",
    "n_leaves": "Services and channels behind the figure.",
    "leaf_component": "Component of a service and channel behind the figure.",
    "leaf_service": "Service behind the figure.",
    "leaf_channel": "Channel behind the figure.",
    "share_before": "Share of the answers, 0 to 1, in the earlier period.",
    "share_now": "Share of the answers, 0 to 1.",
    "value_before": "Its value in the earlier period; missing where nobody answered.",
    "value_now": "Its value; missing where nobody answered.",
    "value": "The figure, a share between 0 and 1; missing where status says why.",
    "numerator": "What is divided, or the sum itself.",
    "denominator": "What it is divided by.",
    "n": "People (or reports) behind the figure.",
    "low": "Lower bound of the 95 % interval.",
    "high": "Upper bound of the 95 % interval.",
    "status": "ok, few, suppressed, partial, not_reported, not_designated or not_asked.",
    "reason": "Why there is no figure, or how to read it.",
    "previous_value": "Figure of the period before.",
    "change": "Difference to the period before.",
    "change_low": "Lower bound of the 95 % interval of the change.",
    "change_high": "Upper bound of the 95 % interval of the change.",
    "like_change": "Difference to the period before at a fixed mix of services and channels.",
    "like_change_low": "Lower bound of its 95 % interval.",
    "like_change_high": "Upper bound of its 95 % interval.",
    "detectable_change": "Smallest change that would most likely (80 %) have been detected.",
    "change_history": "What counts beside sampling: own (what the series varied by before), alike "
    "(what series of the same metric did) or sampling (nothing).",
    "change_call": "up, down, same, cannot tell or not comparable.",
    "change_reason": "Why the change is not comparable.",
    "year_ago_value": "Figure of a year before.",
    "year_ago_change": "Difference to a year before.",
    "year_ago_change_low": "Lower bound of its 95 % interval.",
    "year_ago_change_high": "Upper bound of its 95 % interval.",
    "year_ago_like_change": "Difference to a year before at a fixed mix of services and channels.",
    "year_ago_like_change_low": "Lower bound of its 95 % interval.",
    "year_ago_like_change_high": "Upper bound of its 95 % interval.",
    "year_ago_detectable_change": "Smallest change since then that would most likely have been "
    "detected.",
    "year_ago_change_history": "What counts beside sampling, as in change_history.",
    "year_ago_change_call": "up, down, same, cannot tell or not comparable.",
    "year_ago_change_reason": "Why it is not comparable.",
    "target": "Target of the figure.",
    "target_call": "met, missed or unclear.",
    "benchmark": "The same figure of the rest of the government: of all federal services but those "
    "of the Component, or of the Department.",
    "benchmark_services": "Services behind the benchmark.",
    "benchmark_largest": "Share of its answers, 0 to 1, that come from the service with the most.",
    "external_benchmark": "Benchmark from outside, as in the table external_benchmark.",
    "external_benchmark_label": "What the benchmark from outside is.",
    "n_services": "Services of the whole government behind the figure.",
    "n_services_elsewhere": "Those of them outside the Department.",
    "benchmark_call": "above, below or unclear; missing where one service is more than half of the "
    "benchmark.",
    "design_effect": "By how much weights widen the interval; missing without weights.",
    "is_rounded": "Whether the figure is made of single responses and therefore told rounded.",
    "first_period": "First of the comparable periods in a row to which the limits belong.",
    "n_points": "Values in a row from which the limits are made.",
    "n_needed": "Values in a row from which on there are limits.",
    "center": "Mean of the values in a row; missing where there are too few.",
    "lower_limit": "Lower control limit: normal variation stays above it.",
    "upper_limit": "Upper control limit: normal variation stays below it.",
    "outside": "above or below, where the value lies outside the limits.",
    "run": "above or below, where eight in a row lie on this side of the center.",
    "near_limit": "upper or lower, where three of four in a row lie nearer to it than to the "
    "center.",
    "trend": "rising or falling, where six in a row do.",
    "previous_n": "People behind the figure of the period before.",
    "planned_change": "Twice the smallest change that is called one.",
    "n_planned": "People needed in each period to find it with 80 % power; missing where the "
    "series itself varies by more.",
    MARK_COLUMN: "Says that the figures are made up.",
}
"""What columns hold that no table of sql/tables describes."""


@dataclass(frozen=True)
class Publisher:
    """Who answers for a published package, as DCAT-US asks: the organization, the name and
    e-mail address of a contact, and the address under which the files will lie, if known."""

    organization: str
    contact: str
    email: str
    address: str | None = None


def export_package(
    opened: Edition, folder: Path, file_format: str = "csv", publisher: Publisher | None = None
) -> list[Path]:
    """Write every public table of an edition, datapackage.json, and with a publisher
    data.json; return the files written.

    Made-up figures say so in the names of the files, in a first column and in both
    descriptions. Raises CxError where the folder holds other files, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CxError(f"{folder}: is there already and not empty; name a new folder")
    if publisher and not re.fullmatch(r"[\w.+-]+@[\w.-]+\.[\w-]+", publisher.email):
        raise CxError(f"{publisher.email!r} is no e-mail address; DCAT-US asks for one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        described = _describe(opened)
        resources = [
            _write(opened, table, columns, folder, file_format)
            for table, columns in described.items()
        ]
        package = _package(opened, resources)
        written = [folder / resource["path"] for resource in resources]
        written.append(_write_json(folder / "datapackage.json", package))
        if publisher:
            written.append(_write_json(folder / "data.json", _catalog(opened, package, publisher)))
    except OSError as error:
        raise CxError(f"{folder}: cannot be written ({error.strerror}); name a folder") from error
    return written


def _write_json(path: Path, content: dict[str, Any]) -> Path:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _describe(opened: Edition) -> dict[str, pd.DataFrame]:
    """Columns of each public table, in order: column_name, data_type, comment."""
    frame = opened.query(
        "select table_name, column_name, data_type, comment from duckdb_columns() "
        "where not internal and database_name = current_database() "
        "order by table_name, column_index"
    )
    return {str(table): rows for table, rows in frame.groupby("table_name")}


def _field_type(data_type: str) -> str:
    """Type of a Table Schema for a type of DuckDB."""
    if data_type.endswith("[]"):
        return "array"
    if data_type.endswith("INT") or data_type == "INTEGER":
        return "integer"
    if data_type.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return "number"
    return {"BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime"}.get(data_type, "string")


def _write(
    opened: Edition, table: str, columns: pd.DataFrame, folder: Path, file_format: str
) -> dict[str, Any]:
    """Write one table; return its resource."""
    selected, fields = [], []
    if opened.is_demonstration:
        selected.append(f"{sql_text(DEMONSTRATION)} as {MARK_COLUMN}")
        fields.append(
            {"name": MARK_COLUMN, "type": "string", "description": COLUMN_TEXTS[MARK_COLUMN]}
        )
    for name, data_type, comment in zip(
        columns["column_name"], columns["data_type"], columns["comment"], strict=True
    ):
        kind = _field_type(data_type)
        column = f'"{name}"'
        if data_type in ("HUGEINT", "UBIGINT"):
            column = f"{column}::bigint as {column}"
        elif file_format == "csv" and kind == "array":
            column = f"to_json({column})::varchar as {column}"
        elif file_format != "parquet" and kind == "date":
            column = f"strftime({column}, '%Y-%m-%d') as {column}"
        elif file_format != "parquet" and kind == "datetime":
            column = f"strftime({column}, '%Y-%m-%dT%H:%M:%S') as {column}"
        selected.append(column)
        text = comment if not pd.isna(comment) else COLUMN_TEXTS.get(name)
        fields.append({"name": name, "type": kind} | ({"description": text} if text else {}))
    rows = opened.arrow(f"select {', '.join(selected)} from {table}")
    path = folder / marked_name(opened, f"{table}.{file_format}")
    _write_file(rows, path, file_format)
    content = path.read_bytes()
    resource = {
        "$schema": f"{PROFILE}dataresource.json",
        "name": table,
        "type": "table",
        "path": path.name,
        "format": file_format,
        "mediatype": MEDIA_TYPES[file_format],
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": rows.num_rows,
        "schema": {
            "$schema": f"{PROFILE}tableschema.json",
            "fields": fields,
            "missingValues": [""],
            **_keys(table),
        },
    }
    if file_format != "parquet":
        resource["encoding"] = "utf-8"
    comments = opened.query(
        "select comment from duckdb_tables() where table_name = $table and comment is not null",
        {"table": table},
    )["comment"].tolist()
    return resource | ({"description": comments[0]} if comments else {})


def _write_file(rows: pa.Table, path: Path, file_format: str) -> None:
    if file_format == "csv":
        csv.write_csv(_without_formulas(rows), path)
    elif file_format == "parquet":
        parquet.write_table(rows, path)
    else:
        lines = (
            json.dumps(row, ensure_ascii=False, allow_nan=False, default=float)
            for batch in rows.to_batches()
            for row in batch.to_pylist()
        )
        with path.open("w", encoding="utf-8") as file:
            file.write("[")
            file.writelines(f"{',' if at else ''}\n{line}" for at, line in enumerate(lines))
            file.write("\n]\n")


def _without_formulas(rows: pa.Table) -> pa.Table:
    """Defuse the texts of a table; a column without a formula, as nearly all are, stays as
    it is."""
    for at, field in enumerate(rows.schema):
        is_text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        if is_text and any(map(runs_as_formula, compute.unique(rows[at]).to_pylist())):
            texts = [defused(text) for text in rows[at].to_pylist()]
            rows = rows.set_column(at, field, pa.array(texts, field.type))
    return rows


def _keys(table: str) -> dict[str, list[Any]]:
    """What addresses a row. Keys with missing values are unique keys, not primary ones."""
    if table in FILTERS:
        return {"uniqueKeys": [list(FILTERS[table])]}
    if table == "metric":
        return {"primaryKey": ["metric"]}
    ddl = SQL / "tables" / f"{table}.sql"
    text = ddl.read_text(encoding="utf-8") if ddl.exists() else ""
    several = re.search(r"^    primary key \(([^)]*)\)", text, re.MULTILINE)
    one = re.search(r"^    (\w+) \w+ primary key", text, re.MULTILINE)
    if several:
        return {"primaryKey": [name.strip() for name in several[1].split(",")]}
    return {"primaryKey": [one[1]]} if one else {}


def _title(opened: Edition) -> str:
    title = f"Customer experience metrics of DHS: {opened.manifest['title']}"
    return f"{DEMONSTRATION}: {title}" if opened.is_demonstration else title


def _about(opened: Edition) -> str:
    made_up = f"{DEMONSTRATION}: every figure is made up. " if opened.is_demonstration else ""
    return (
        f"{made_up}Published figures with intervals, comparisons and the reason where there is "
        f"none, and the tables that explain them. Edition {opened.id}, data through "
        f"{opened.manifest['data_through']}. Counts of few people are suppressed."
    )


def _package(opened: Edition, resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": f"{PROFILE}datapackage.json",
        "name": marked_name(opened, "dhs-cx-metrics").lower().replace("_", "-"),
        "title": _title(opened),
        "description": _about(opened),
        "version": opened.id,
        "created": opened.manifest["published_at"],
        "licenses": [LICENSE],
        "sources": [
            {"title": f"{item['file_name']} ({item['format']}, as of {item['as_of']})"}
            for item in opened.manifest["inputs"]
        ],
        "resources": resources,
    }


def _catalog(opened: Edition, package: dict[str, Any], publisher: Publisher) -> dict[str, Any]:
    """The package as a DCAT-US 3.0 catalog of one dataset."""
    day = str(opened.manifest["published_at"])[:10]

    def distribution(path: str, title: str, media_type: str, **more: Any) -> dict[str, Any]:
        base = publisher.address
        link = {"downloadURL": f"{base.rstrip('/')}/{path}"} if base else {}
        return {
            "@type": "Distribution",
            "title": title,
            "mediaType": media_type,
            "modified": day,
            "license": LICENSE["path"],
            **link,
            **more,
        }

    files = [
        distribution(
            resource["path"],
            f"Table {resource['name']}",
            resource["mediatype"],
            format=str(resource["format"]).upper(),
            byteSize=str(resource["bytes"]),
            checksum={
                "@type": "Checksum",
                "algorithm": "SHA-256",
                "checksumValue": resource["hash"].removeprefix("sha256:"),
            },
            **({"description": resource["description"]} if "description" in resource else {}),
        )
        for resource in package["resources"]
    ]
    first, last = (
        pd.Period(f"{quarter[:4]}Q{quarter[5]}", freq="Q-SEP")
        for quarter in (opened.manifest["data_from"], opened.manifest["data_through"])
    )
    agent = {"@type": "Organization", "name": publisher.organization}
    dataset = {
        "@type": "Dataset",
        "identifier": {"@type": "Identifier", "notation": f"{package['name']}/{opened.id}"},
        "title": package["title"],
        "description": package["description"],
        "publisher": agent,
        "contactPoint": {
            "@type": "Kind",
            "fn": publisher.contact,
            "hasEmail": f"mailto:{publisher.email}",
        },
        "keyword": ["customer experience", "surveys", "trust", "complaints", "paperwork burden"],
        "version": opened.id,
        "issued": day,
        "modified": day,
        "language": "en",
        "accrualPeriodicity": "irregular",
        "temporal": [
            {
                "@type": "PeriodOfTime",
                "startDate": str(first.start_time.date()),
                "endDate": str(last.end_time.date()),
            }
        ],
        "conformsTo": [
            {
                "@type": "Standard",
                "title": "Data Package 2.0",
                "identifier": package["$schema"],
            }
        ],
        "describedBy": distribution("datapackage.json", "Data dictionary", "application/json"),
        "distribution": files,
    }
    return {
        "@type": "Catalog",
        "title": package["title"],
        "description": package["description"],
        "publisher": agent,
        "modified": day,
        "conformsTo": DCAT,
        "dataset": [dataset],
    }

"""`show --explain`: what one published number is made of, down to cells and loaded files.

The cells come from the gate's own steps over the private warehouse. What disclosure
control hides stays hidden: of a suppressed number, and wherever the cells of people of a
private source would show a suppressed one or too few people, no cell is told. Other cells
of such people are told rounded, as the number itself is. Public figures are exact.
"""

import json
import math
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from metrics.base.duck import first_value, sql_text
from metrics.base.errors import CxError
from metrics.base.settings import SQL, shown_path
from metrics.base.sqlfiles import read_sql_folder
from metrics.define import template
from metrics.define.catalog import Metric, read_metrics
from metrics.desk.trace import column_steps, interval_macro, plain, raw_rows
from metrics.edition.edition import DEMONSTRATION, KEY, Edition
from metrics.edition.lineage import NO_FILES, edges_of, sources_of
from metrics.gate.collect import make_cells
from metrics.gate.disclosure import MINIMUM
from metrics.gate.steps import gate_schema, make_metric_table
from metrics.tell.placement import with_pages
from metrics.warehouse.store import COUNTING_LOADS, create_table, read_warehouse

TOLD = ("ok", "few", "partial")
"""Statuses of rows whose cells may be told."""

NUMBERS = ("numerator", "denominator", "n")

QUARTERS_OF: dict[str, str] = {
    "survey_report": "quarter",
    "survey_response": "quarter",
    "survey_comment": "quarter",
    "survey_volume": "quarter",
    "activity_count": "fiscal_quarter(starts_on)",
    "time_band": "fiscal_quarter(starts_at::date)",
    "maturity_answer": "fiscal_quarter(assessed_on)",
}
"""The fiscal quarter of a raw row, where the table tells one."""

COMPONENT_OF: dict[str, str] = {
    "survey_report": "component",
    "activity_count": "component",
    "time_band": "component",
    "maturity_answer": "component",
    "burden_request": "component",
    **dict.fromkeys(
        ("survey_response", "survey_comment", "survey_volume"),
        "(select service.component from response_survey as survey_of inner join service "
        "on survey_of.service = service.service where survey_of.survey = raw_row.survey)",
    ),
}
"""The Component of a raw row, where the table tells it or its survey does."""


def explain(opened: Edition, row: "pd.Series[Any]") -> dict[str, Any]:
    """Return what one published row is made of, ready for JSON: number, metric, cells
    (with their sums, or why they are not told), lineage, loads and notes.

    `row` is a row of Edition.rows. Raises CxError where the warehouse is gone or another
    process writes it.
    """
    metric = _metric(opened, str(row["metric"]))
    notes: list[str] = []
    lineage = opened.table("lineage") if "lineage" in opened.table_names else None
    if lineage is None:
        notes.append("The edition is older than lineage; publish again to have it.")
    edges = edges_of(with_pages(lineage), metric.name) if lineage is not None else None
    with read_warehouse(opened.home) as connection:
        notes += _changes(connection, opened)
        if metric.definition_hash != _hash_on_disk(metric):
            notes.append(
                f"{shown_path(metric.path)} has changed since; SQL and cells here are those of "
                "the edition."
            )
        cells = _cells(connection, opened, metric, row)
        quarters = cells.pop("quarters")
        raw = sources_of(edges, metric.name).raw if edges is not None else ()
        loads = [_loads(connection, table, row, quarters) for table in raw]
        columns = column_steps(connection, metric)
        is_public = cells["told"] and not cells["is_rounded"]
        rows = raw_rows(connection, metric, raw, row, quarters) if is_public else []
    number = {name: plain(value) for name, value in row.items()}
    return {
        "edition": opened.id,
        "data_set": opened.manifest["title"],
        "mark": DEMONSTRATION if opened.is_demonstration else None,
        "number": number,
        "metric": {
            "name": metric.name,
            "title": metric.title,
            "version": metric.version,
            "definition_hash": metric.definition_hash,
            "file": shown_path(metric.path),
            "sql": metric.sql,
        },
        "cells": cells,
        "lineage": json.loads(edges.to_json(orient="records")) if edges is not None else [],
        "loads": loads,
        "columns": columns,
        "interval": interval_macro(metric),
        "rows": rows,
        "notes": notes,
    }


def _metric(opened: Edition, name: str) -> Metric:
    """The metric as the edition published it, not as its file is now."""
    keys = {key: plain(value) for key, value in opened.metrics.loc[name].items()}
    known = {key: keys[key] for key in Metric.model_fields if key in keys}
    changelog = json.loads(str(keys["changelog"]))
    folder = SQL / "metrics"
    path = template.file_of(name, folder) or folder / Path(str(keys["file"])).name
    return Metric.model_validate({**known, "name": name, "changelog": changelog, "path": path})


def _hash_on_disk(metric: Metric) -> str | None:
    try:
        return read_metrics(metric.path)[metric.name].definition_hash
    except (CxError, KeyError):
        return None


def _changes(connection: duckdb.DuckDBPyConnection, opened: Edition) -> list[str]:
    """How the loads of the warehouse differ from those of the edition."""
    made = first_value(
        connection, "select load_id from edition_made where edition = ?", [opened.id]
    )
    if made is None:
        return ["The edition was made from another warehouse; what was loaded since is not known."]
    newer = [
        str(name)
        for (name,) in connection.execute(
            f"select file_name {COUNTING_LOADS} and load_id > ? order by load_id", [made]
        ).fetchall()
    ]
    gone = [
        str(name)
        for (name,) in connection.execute(
            "select file_name from data_load inner join load_undo "
            "on data_load.load_id = load_undo.undone_id "
            "where load_undo.is_in_force and load_undo.load_id > ? and data_load.load_id <= ? "
            "order by data_load.load_id",
            [made, made],
        ).fetchall()
    ]
    notes = []
    if newer:
        notes.append(
            f"The warehouse has changed since this edition: it holds {len(newer)} newer loads "
            f"({', '.join(newer[:5])}{' ...' if len(newer) > 5 else ''}). Publish to show them."
        )
    if gone:
        notes.append(
            f"The warehouse has changed since this edition: {len(gone)} of its loads were taken "
            f"back ({', '.join(gone[:5])}{' ...' if len(gone) > 5 else ''})."
        )
    return notes


def _cells(
    connection: duckdb.DuckDBPyConnection, opened: Edition, metric: Metric, row: "pd.Series[Any]"
) -> dict[str, Any]:
    """Sums of the cells by Component, service, channel and quarter, made by the gate's own
    steps. `quarters` are those that the number covers, whether cells are told or not."""
    wheres = ["scope = 'dhs'", "basis = $basis", "breakdown is not distinct from $breakdown"]
    wheres += ["period_kind = $period_kind", "period = $period"]
    asked = {name: plain(row[name]) for name in ("basis", "breakdown", "period_kind", "period")}
    for name in ("component", "service", "channel"):
        if row[name] != "all":
            wheres.append(f"{name} = ${name}")
            asked[name] = row[name]
    steps = {file.name: file for file in read_sql_folder(SQL / "publish")}
    with gate_schema(connection) as schema:
        make_cells(connection, {metric.name: metric}, schema)
        make_metric_table(connection, {metric.name: metric}, schema)
        for name in ("private_cell", "period_cell"):
            create_table(connection, steps[name], schema)
        # One cell each: parts of an additive breakdown add up to the total row.
        frame = connection.execute(
            f"""
            select component, service, channel, quarter, sum(numerator) as numerator,
                sum(denominator) as denominator, sum(n)::bigint as n, count(*) as n_cells,
                bool_or(is_private) as is_private
            from {schema}.period_cell
            where {" and ".join(wheres)}
            group by component, service, channel, quarter
            order by component, service, channel, quarter
            """,
            asked,
        ).df()
    quarters = sorted(frame["quarter"].unique())
    if not quarters and row["period_kind"] == "quarter":
        quarters = [str(row["period"])]
    why = _why_not_told(connection, opened, metric, row, frame)
    if why:
        return {"told": False, "reason": why, "quarters": quarters}
    sums = {name: _sum(frame[name]) for name in NUMBERS}
    is_rounded = bool(frame["is_private"].any())
    if is_rounded:
        sums = {name: _rounded(name, sums[name]) for name in NUMBERS}
        for name in NUMBERS:
            numbers = frame[name].astype(object)
            told = [_rounded(name, plain(value)) for value in numbers]
            frame[name] = numbers.where(~frame["is_private"], told)
    is_equal = all(
        plain(row[name]) is None or _same(sums[name], row[name])
        for name in NUMBERS
        # A quantile publishes n alone; n of other kinds may be the denominator.
        if not (name == "n" and sums["n"] is None)
    )
    is_finer = bool((frame[["component", "service", "channel"]] == "-").any(axis=None))
    shown = frame.drop(columns=["n_cells", "is_private"]).replace("-", None)
    return {
        "told": True,
        "n_cells": int(frame["n_cells"].sum()),
        "sums": sums,
        "published": {name: plain(row[name]) for name in NUMBERS},
        "is_equal": is_equal,
        "is_rounded": is_rounded,
        "warning": (
            "These sums of cells are from the warehouse. Some are finer than anything published "
            "and have not been through disclosure control: do not pass them on."
            if is_finer
            else None
        ),
        "rows": [{key: plain(value) for key, value in one.items()} for _, one in shown.iterrows()],
        "quarters": quarters,
    }


def _rounded(name: str, number: float | int | None) -> int | None:
    """A sum over people of a private source as a public edition tells it: numerators not at
    all, numbers of people as the macro coarse_count rounds them."""
    if number is None or name == "numerator":
        return None
    return math.floor(number / 10 + 0.5) * 10


def _why_not_told(
    connection: duckdb.DuckDBPyConnection,
    opened: Edition,
    metric: Metric,
    row: "pd.Series[Any]",
    cells: pd.DataFrame,
) -> str | None:
    if row["status"] not in TOLD:
        return f"The number is {str(row['status']).replace('_', ' ')}. {plain(row['reason']) or ''}"
    private = cells[cells["is_private"]]
    if len(private):
        needed = max(MINIMUM, metric.minimum_n)
        # As in every_sum: whom disclosure control counts.
        guard = private["n"].fillna(private["numerator"])
        if metric.counts_people == "numerator":
            guard = private["numerator"]
        is_small = any(
            bool((counted.gt(0) & counted.lt(needed)).any()) for counted in (guard, private["n"])
        )
        if is_small or _hides_inside(connection, opened, metric, row, set(cells["quarter"])):
            return (
                f"Some of its cells are suppressed, or count fewer than {needed} people; "
                "the others and the total would give them away."
            )
    return None


def _hides_inside(
    connection: duckdb.DuckDBPyConnection,
    opened: Edition,
    metric: Metric,
    row: "pd.Series[Any]",
    quarters: set[str],
) -> bool:
    """Whether a figure within the scope of a row is suppressed, of whatever part. Of groups
    that an answer defines the edition has no such row, but the warehouse remembers it."""
    columns, same = "select component, service, channel, period", "metric = ? and basis = ?"
    asked = [metric.name, row["basis"]]
    hidden = pd.concat(
        [
            opened.query(f"{columns} from published where {same} and status = 'suppressed'", asked),
            connection.execute(f"{columns} from hidden_figure where {same}", asked).df(),
        ]
    )
    for name in ("component", "service", "channel"):
        if row[name] != "all":
            hidden = hidden[hidden[name].isin([row[name], "all"])]
    months = {
        month
        for quarter in quarters
        for month in pd.period_range(
            pd.Period(f"{quarter[:4]}Q{quarter[5]}", freq="Q-SEP").start_time, periods=3, freq="M"
        ).astype(str)
    }
    within = {*quarters, *months, *(f"FY{quarter[:4]}" for quarter in quarters)}
    return bool(hidden["period"].isin(within).any())


def _loads(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    row: "pd.Series[Any]",
    quarters: list[str],
) -> dict[str, Any]:
    """Loads that brought rows of a raw table, narrowed to the scope as far as the table
    tells Component and quarter. How many rows a load brought into the scope is not told:
    that would be a count like any other."""
    if table in NO_FILES:
        return {"table": table, "narrowed_to": [], "loads": []}
    wheres, narrowed = ["true"], []
    source = "survey_report" if table == "survey_report_answer" else table
    if row["component"] != "all" and source in COMPONENT_OF:
        wheres.append(f"{COMPONENT_OF[source]} = {sql_text(str(row['component']))}")
        narrowed.append("component")
    if quarters and source in QUARTERS_OF:
        wheres.append(f"{QUARTERS_OF[source]} in ({', '.join(map(sql_text, quarters))})")
        narrowed.append("quarter")
    if source == "survey_response":
        wheres.append(
            "exists (from release where release.survey = raw_row.survey "
            "and release.quarter = raw_row.quarter "
            "and counts_at(raw_row.load_id, raw_row.superseded_by, release.load_id))"
        )
    frame = connection.execute(f"""
        select load_id, file_name, format, survey, as_of::varchar as as_of, sha256,
            n_rows, n_accepted, n_duplicate, n_rejected
        from data_load
        where load_id in (
            select raw_row.load_id from {source} as raw_row where {" and ".join(wheres)}
        )
        order by load_id
    """).df()
    loads = [{key: plain(value) for key, value in one.items()} for _, one in frame.iterrows()]
    return {"table": table, "narrowed_to": narrowed, "loads": loads}


def _sum(values: "pd.Series[Any]") -> float | int | None:
    if values.isna().all():
        return None
    total = float(values.sum())
    return int(total) if total == int(total) else total


def _same(left: Any, right: Any) -> bool:
    if left is None:
        return False
    return abs(float(left) - float(right)) <= 1e-6 * max(1.0, abs(float(right)))


def choices(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of the address in which rows differ, one line per row."""
    names = [name for name in KEY if name != "metric"]
    return rows[[name for name in names if rows[name].nunique(dropna=False) > 1]]


def as_text(told: dict[str, Any]) -> str:
    """Return an explanation as text for people, about 100 columns wide."""
    number, metric, cells = told["number"], told["metric"], told["cells"]
    lines = []
    if told["mark"]:
        lines.append(told["mark"])
    address = ", ".join(str(number[name]) for name in KEY if number[name] is not None)
    lines += [address, f"edition {told['edition']} ({told['data_set']})", ""]
    lines += [f"NOTE: {note}" for note in told["notes"]]
    lines.append("Published")
    for name in ("value", "low", "high", "numerator", "denominator", "n", "status", "reason"):
        if number[name] is not None:
            lines.append(f"  {name:<12} {number[name]}")
    lines += ["", f"Metric: {metric['title']}"]
    lines.append(f"  version {metric['version']}, definition {metric['definition_hash']}")
    lines.append(f"  {metric['file']}")
    lines += [f"    {line}" for line in metric["sql"].splitlines()]
    lines += ["", "Cells"]
    if cells["told"]:
        lines += _table(cells["rows"])
        for name in NUMBERS:
            if cells["sums"][name] is not None and cells["published"][name] is not None:
                lines.append(
                    f"  {name}: the cells add up to {cells['sums'][name]}, "
                    f"published {cells['published'][name]}"
                )
        lines.append(
            "  Equal." if cells["is_equal"] else "  NOT EQUAL: publish again, then ask again."
        )
        if cells["is_rounded"]:
            lines.append("  Rounded, as every public figure made of single responses is.")
        if cells["warning"]:
            lines.append(f"  {cells['warning']}")
    else:
        lines.append(f"  Not told. {cells['reason']}")
    lines += ["", "Columns: what makes each number, down to the tables that loads fill"]
    for step in told["columns"]:
        made = f" = {step['expression']}" if step["expression"] else ", a column of the table"
        lines.append(f"  {'  ' * step['depth']}{step['column']}{made}")
        lines.append(f"  {'  ' * step['depth']}  {step['where']}")
    if told["interval"]:
        lines.append(f"  low, high: {told['interval']}")
    if told["rows"]:
        lines += ["", "Rows: the lines of the files, within the scope of the number"]
    for entry in told["rows"]:
        lines.append(f"  {entry['table']}{': ' + entry['note'] if entry['note'] else ''}")
        lines += _table(entry["rows"], "    ") or ["    none"]
        if entry["n_rows"] > len(entry["rows"]):
            lines.append(f"    and {entry['n_rows'] - len(entry['rows'])} more")
    lines += ["", "Made from"]
    for edge in told["lineage"]:
        if edge["to_kind"] not in ("page",) and edge["from_kind"] != "file":
            lines.append(f"  {edge['to_name']} reads {edge['from_kind']} {edge['from_name']}")
    files = [edge for edge in told["lineage"] if edge["to_kind"] == "reference"]
    lines += [f"  {edge['to_name']} is {edge['from_name']}" for edge in files]
    pages = [edge["to_name"] for edge in told["lineage"] if edge["to_kind"] == "page"]
    if pages:
        lines.append(f"  shown on {', '.join(pages)}")
    lines += ["", "Loads"]
    for entry in told["loads"]:
        narrowed = (
            f"those with rows of its {' and '.join(entry['narrowed_to'])}"
            if entry["narrowed_to"]
            else "all, not narrowed to the number"
        )
        lines.append(f"  {entry['table']}: {narrowed}")
        lines += _table(entry["loads"], "    ") or ["    none"]
    return "\n".join(lines)


def _table(rows: list[dict[str, Any]], indent: str = "  ") -> list[str]:
    """Rows as lines with aligned columns; columns without any value are left out."""
    names = [name for name in (rows[0] if rows else {}) if any(r[name] is not None for r in rows)]
    texts = [names, *([("" if row[n] is None else str(row[n])) for n in names] for row in rows)]
    widths = [max(len(line[i]) for line in texts) for i in range(len(names))]
    return [
        (indent + "  ".join(t.ljust(w) for t, w in zip(line, widths, strict=True))).rstrip()
        for line in texts
        if names
    ]

"""The page docs/catalog.md: all metrics and what they are made from, written from the
files themselves, so that it cannot say something else than they do."""

import re
from pathlib import Path
from typing import get_args

from metrics.base.settings import ROOT, shown_path
from metrics.define.catalog import Family, Metric, read_catalog
from metrics.tell.sentences import without_grain

CATALOG_PAGE = ROOT / "docs" / "catalog.md"
COMMAND = "python -m metrics docs"
BETTER = {"higher": "higher", "lower": "lower", "neither": "–"}

LONGEST_BOX = 8
"""Lines of one box of a drawing."""

_HEAD = f"""# Catalog of metrics

For analysts and anyone who asks what there is. This page is written by `{COMMAND}` from the
headers and the SQL of `sql/metrics`; do not edit it. How to add or change a metric is in
[Metrics](metrics.md), what stands in a table in [Data](data.md).

*Better* says which direction is good news. In the drawings a rounded box holds metrics that read
the same, a square one is an aggregate that they read, made when an edition is published, and a drum
holds the tables filled by loads at the bottom of it. Reference tables and the steps between are
left out; the page Metrics shows them for one metric.
"""


def catalog_page(catalog: dict[str, Metric]) -> str:
    """Return the whole text of the page."""
    parts = [_HEAD]
    for family in get_args(Family):
        metrics = [metric for metric in catalog.values() if metric.family == family]
        if not metrics:
            continue
        lines = [
            f"## {family.capitalize()}",
            "",
            "| metric | title | what it tells | unit | better | version | owner |",
            "|---|---|---|---|---|---|---|",
            *(_line(metric) for metric in metrics),
            "",
            "```mermaid",
            *_drawing(metrics),
            "```",
            "",
        ]
        parts.append("\n".join(lines))
    return "\n".join(parts)


def write_catalog_page(catalog: dict[str, Metric], path: Path = CATALOG_PAGE) -> None:
    """Write the page. Raises OSError where that is not possible."""
    path.write_text(catalog_page(catalog), encoding="utf-8")


def page_problems(path: Path = CATALOG_PAGE) -> list[str]:
    """Return what on the page is not current, as `file:line: what is wrong; how to fix it`."""
    catalog = read_catalog()
    problems = [text for metric in catalog.values() for text in catalog_problems(metric, path)]
    lines = _lines(path)
    for number, line in enumerate(lines, start=1):
        match = re.match(r"\| \[`(\w+)`\]", line)
        if match and match[1] not in catalog:
            problems.append(
                f"{shown_path(path)}:{number}: there is no metric {match[1]}; run `{COMMAND}`"
            )
    if not problems and "\n".join(lines) != catalog_page(catalog):
        problems.append(f"{shown_path(path)}:1: the page is not current; run `{COMMAND}`")
    return problems


def catalog_problems(metric: Metric, path: Path = CATALOG_PAGE) -> list[str]:
    """Return what is wrong with the metric's line on the page, as
    `file:line: what is wrong; how to fix it`: it is missing or not current."""
    where, wanted = shown_path(path), _line(metric)
    for number, line in enumerate(_lines(path), start=1):
        if line.startswith(f"| [`{metric.name}`]"):
            if line == wanted:
                return []
            return [f"{where}:{number}: the line of {metric.name} is not current; run `{COMMAND}`"]
    return [f"{where}:1: {metric.name} is missing; run `{COMMAND}`"]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n") if path.exists() else []


def _line(metric: Metric) -> str:
    cells = [
        f"[`{metric.name}`](../sql/metrics/{metric.path.name})",
        metric.title,
        without_grain(metric.description),
        metric.unit,
        BETTER[metric.better],
        str(metric.version),
        metric.owner,
    ]
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '&#124;') for cell in cells)} |"


def _drawing(metrics: list[Metric]) -> list[str]:
    """A Mermaid flow chart: metrics that read the same are one box, and so are the tables
    filled by loads that end in the same aggregates. Steps between are left out."""
    from metrics.edition.lineage import below
    from metrics.gate.lineage import sql_edges

    edges = sql_edges({metric.name: metric for metric in metrics})
    groups: dict[frozenset[tuple[str, str]], list[str]] = {}
    for metric in metrics:
        rows = edges[(edges["to_kind"] == "metric") & (edges["to_name"] == metric.name)]
        reads = set(zip(rows["from_kind"], rows["from_name"], strict=True))
        shown = frozenset(read for read in reads if read[0] != "reference")
        groups.setdefault(shown, []).append(metric.name)
    raw: dict[frozenset[str], str] = {}
    boxes, arrows = [], []

    def drum(tables: frozenset[str]) -> str:
        return raw.setdefault(tables, f"tables{len(raw)}")

    for number, (sources, names) in enumerate(groups.items()):
        boxes.append(f'    metrics{number}("{"<br/>".join(_shortened(names))}")')
        arrows += [
            f"    {name} --> metrics{number}" for kind, name in sorted(sources) if kind != "raw"
        ]
        direct = frozenset(name for kind, name in sources if kind == "raw")
        if direct:
            arrows.append(f"    {drum(direct)} --> metrics{number}")
    for _, aggregate in sorted(
        {source for sources in groups for source in sources if source[0] != "raw"}
    ):
        bottom = below(edges, "aggregate", aggregate)
        boxes.append(f'    {aggregate}["{aggregate}"]')
        arrows.append(
            f"    {drum(frozenset(name for kind, name in bottom if kind == 'raw'))} --> {aggregate}"
        )
    boxes += [f'    {box}[("{"<br/>".join(sorted(tables))}")]' for tables, box in raw.items()]
    return ["flowchart LR", *boxes, *arrows]


def _shortened(names: list[str]) -> list[str]:
    """Names for one box; the table above the drawing has them all."""
    if len(names) <= LONGEST_BOX:
        return names
    return [*names[: LONGEST_BOX - 1], f"and {len(names) - LONGEST_BOX + 1} more like these"]

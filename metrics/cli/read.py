"""Verbs that read what is published: show, and where a number comes from."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from metrics.base.errors import UsageError, no_such
from metrics.cli.output import SHOW_FILTERS, home_of, print_table

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    import pandas as pd

    from metrics.edition.edition import Edition


CHOICES_SHOWN = 40
ROUNDED = (
    "rounded: made of single responses, so n goes to the nearest ten, shares below 1,000 people to "
    "whole percent and means to tenths, and numerators are not told"
)


def run_show(options: argparse.Namespace) -> int:
    """Print published rows; exit code 1 where there are none."""
    from metrics.deliver import files as export
    from metrics.edition import edition

    opened = edition.open_edition(home_of(options))
    asked, options.metric = options.metric, opened.name_of(options.metric)
    if asked != options.metric:
        print(f"note: {asked} is named {options.metric} now", file=sys.stderr)
    if options.metric not in opened.metrics.index:
        raise UsageError(no_such("metric", options.metric, opened.metrics.index))
    filters = {name: getattr(options, name) for name in SHOW_FILTERS if getattr(options, name)}
    table = "benchmark" if options.benchmark else "published"
    unknown = sorted(filters.keys() - set(edition.FILTERS[table]))
    if unknown:
        raise UsageError(
            f"a benchmark has no {unknown[0]}: it is one figure of the whole government; "
            f"leave --{unknown[0]} out"
        )
    frame = opened.rows(table, metric=options.metric, **filters)
    if frame.empty:
        wanted = ", ".join(f"{name} {value}" for name, value in filters.items())
        nearest = _nearest(opened, table, options.metric, filters)
        told = "; ".join([f"{options.metric} has no row with {wanted}", *nearest])
        print(f"error: {told}", file=sys.stderr)
        return 1
    if options.explain:
        return _explain(options, opened, frame)
    frame = export.marked_rows(opened, frame)
    if options.format == "csv":
        print(export.without_formulas(frame).to_csv(index=False), end="")
    elif options.format == "json":
        print(frame.to_json(orient="records", indent=2))
    else:
        columns = ["data_set", "level", "component", "service", "channel", "period", "basis"]
        columns += ["breakdown"]
        columns += ["value", "low", "high", "numerator", "denominator", "n", "status"]
        columns += ["change", "like_change", "change_call", "n_services", "n_services_elsewhere"]
        is_rounded = "is_rounded" in frame and frame["is_rounded"].eq(True).any()
        if is_rounded:
            frame = frame.assign(rounded=frame["is_rounded"].eq(True).map({True: "yes", False: ""}))
            columns.append("rounded")
        print_table(frame[[c for c in columns if c in frame and frame[c].notna().any()]])
        if is_rounded:
            print(ROUNDED, file=sys.stderr)
    return 0


def _nearest(opened: "Edition", table: str, metric: str, filters: dict[str, str]) -> list[str]:
    """Say which filters name something that the metric does not have, and what it has; or,
    where each of them has rows alone, what the others leave of one."""
    rows = opened.rows(table, metric=metric)
    unknown = [name for name, value in filters.items() if value not in set(rows[name].dropna())]
    if unknown:
        return [no_such(name, filters[name], rows[name].dropna().unique()) for name in unknown]
    lines = []
    for name in filters:
        others = {other: value for other, value in filters.items() if other != name}
        left = opened.rows(table, metric=metric, **others)[name].dropna().unique()
        if len(left):
            lines.append(f"without --{name} there are: {', '.join(sorted(left))}")
    return lines


def _explain(options: argparse.Namespace, opened: "Edition", frame: "pd.DataFrame") -> int:
    from metrics.desk import explain

    if options.format == "csv":
        raise UsageError("an explanation is no table; use --format table or json")
    if not options.breakdown and frame["breakdown"].isna().any():
        frame = frame[frame["breakdown"].isna()]
    if len(frame) > 1:
        print(f"error: {len(frame)} numbers are meant; choose one of these:", file=sys.stderr)
        shown = explain.choices(frame)
        print(shown.head(CHOICES_SHOWN).to_string(index=False), file=sys.stderr)
        if len(frame) > CHOICES_SHOWN:
            print(f"and {len(frame) - CHOICES_SHOWN} more", file=sys.stderr)
        return 2
    told = explain.explain(opened, frame.iloc[0])
    if options.format == "json":
        print(json.dumps(told, indent=2))
    else:
        print(explain.as_text(told))
    return 0 if told["cells"].get("is_equal", True) else 1

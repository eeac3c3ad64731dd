"""Verbs that read what is published: show, and where a number comes from."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from metrics.base.errors import UsageError
from metrics.cli.output import SHOW_FILTERS, home_of, print_table

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    import pandas as pd

    from metrics.edition.edition import Edition


CHOICES_SHOWN = 40


def run_show(options: argparse.Namespace) -> int:
    """Print published rows; exit code 1 where there are none."""
    from metrics.deliver import files as export
    from metrics.edition import edition

    opened = edition.open_edition(home_of(options))
    if options.metric not in opened.metrics.index:
        known = ", ".join(opened.metrics.index)
        raise UsageError(f"there is no metric {options.metric!r}; there are: {known}")
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
        print(f"error: {options.metric} has no row with {wanted}", file=sys.stderr)
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
        columns += ["change", "change_call", "n_services", "n_services_elsewhere"]
        print_table(frame[[c for c in columns if c in frame and frame[c].notna().any()]])
    return 0


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

"""Verbs that feed the warehouse: build, load, loads, publish."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import duckdb

from metrics.base.errors import CxError, plain_failure
from metrics.cli.output import counted, home_of, print_table

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    from metrics.intake.load import LoadResult
    from metrics.intake.undo import Undone


SHOWN_REASONS = 20


def run_build(options: argparse.Namespace) -> None:
    """Build a data set that ships, if anything changed."""
    from metrics import build as building
    from metrics.define.catalog import drafts

    home = building.build_home(options.dataset, options.data)
    edition_id, is_new = building.build(home, options.dataset, options.force)
    for problem in drafts().values():
        print(f"left out: {problem}", file=sys.stderr)
    if is_new:
        print(f"Published edition {edition_id}.")
    else:
        print(f"Edition {edition_id} is up to date; nothing to build.")


def run_load(options: argparse.Namespace) -> int:
    """Load files; exit code 1 where rows were rejected."""
    from metrics.intake.load import load_files
    from metrics.intake.sources import LoadOptions
    from metrics.warehouse.store import open_warehouse

    given = LoadOptions(
        options.survey,
        options.quarter,
        options.mapping,
        options.query,
        is_replacing=options.replace,
    )
    try:
        with open_warehouse(home_of(options)) as connection:
            results = load_files(
                connection,
                options.format,
                options.source,
                options.as_of,
                options.dry_run,
                given,
                options.rejects,
            )
    except (CxError, OSError, duckdb.Error) as error:
        said = str(error) if isinstance(error, CxError) else plain_failure(error)
        _write_report(options, [], " ".join(said.split()))
        raise
    _write_report(options, results)
    for result in results:
        _print_load(result)
    if options.dry_run:
        print("Dry run: nothing was kept.")
    elif any(result.n_accepted for result in results):
        print("Run `python -m metrics publish` to show the new figures.")
    return 1 if any(result.n_rejected for result in results) else 0


def _write_report(
    options: argparse.Namespace, results: "list[LoadResult]", error: str | None = None
) -> None:
    if options.report is None:
        return
    files = [asdict(result) | {"as_of": str(result.as_of)} for result in results]
    report = {"is_dry_run": options.dry_run, "error": error, "files": files}
    options.report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _print_load(result: "LoadResult") -> None:
    restated = f" (of these {result.n_restated} restated)" if result.n_restated else ""
    survey = f" of survey {result.survey}" if result.survey else ""
    print(
        f"{result.file}: {result.n_rows} rows{survey}, format {result.format}, as of "
        f"{result.as_of}: accepted {result.n_accepted}{restated}, duplicate {result.n_duplicate}, "
        f"rejected {result.n_rejected}"
    )
    if result.n_withdrawn:
        print(f"  {result.n_withdrawn} responses of earlier loads are withdrawn")
    for note in result.notes:
        print(f"  {note}")
    for reason in result.reasons[:SHOWN_REASONS]:
        more = f" ({reason.n_rows} rows)" if reason.n_rows > 1 else ""
        print(f"  {result.file}:{reason.first_line}: {reason.column}: {reason.reason}{more}")
    if len(result.reasons) > SHOWN_REASONS:
        print(
            f"  and {result.n_reasons} reasons in all, in the table rejected_row or with --rejects"
        )


def run_loads_list(options: argparse.Namespace) -> None:
    """List loads."""
    import pandas as pd

    from metrics.intake.undo import list_loads
    from metrics.warehouse.release import waiting_responses
    from metrics.warehouse.store import open_fresh

    with open_fresh(home_of(options)) as connection:
        rows = list_loads(connection)
        waiting = waiting_responses(connection)
    if not rows:
        raise CxError("nothing is loaded yet; run `python -m metrics load ...`")
    print_table(pd.DataFrame(rows))
    for one in waiting:
        print(f"{one}.")


def run_loads_undo(options: argparse.Namespace) -> None:
    """Take a load back."""
    from metrics.intake.undo import undo_load
    from metrics.warehouse.store import open_warehouse

    with open_warehouse(home_of(options)) as connection:
        undone = undo_load(connection, options.id)
    _print_undone(undone)
    print(
        f"`python -m metrics loads undo {undone.load_id}` takes this back. Run `python -m metrics "
        "publish` to show the figures without it."
    )


def _print_undone(undone: "Undone") -> None:
    print(
        f"Load {undone.undone_id} is taken back, as record {undone.load_id}: "
        f"{counted(undone.n_gone, 'row')} no longer as before, {counted(undone.n_again, 'row')} "
        "counting again."
    )
    if undone.repeated_by:
        loads = ", ".join(str(number) for number in undone.repeated_by)
        print(
            f"Later files repeated rows that the warehouse held (loads {loads}). If they were "
            "rows of this load, load those files again."
        )


def run_loads_redo(options: argparse.Namespace) -> int:
    """Load again what was taken back."""
    from metrics.intake.sources import LoadOptions
    from metrics.intake.undo import redo_load
    from metrics.warehouse.store import open_warehouse

    given = LoadOptions(quarter=options.quarter, mapping=options.mapping, query=options.query)
    with open_warehouse(home_of(options)) as connection:
        undone, result = redo_load(connection, options.id, options.source, given)
    _print_undone(undone)
    _print_load(result)
    if undone.later:
        loads = ", ".join(str(number) for number in undone.later)
        print(
            f"Loads of the same kind came later ({loads}). What they corrected stands as in the "
            "file again: redo them too, in their order."
        )
    print("Run `python -m metrics publish` to show the new figures.")
    return 1 if result.n_rejected else 0


def run_loads_erase(options: argparse.Namespace) -> None:
    """Erase the responses of one person."""
    from metrics.intake.erasure import erase_response

    erased = erase_response(home_of(options), options.survey, options.response)
    for line in erased.lines():
        print(line)


def run_publish(options: argparse.Namespace) -> None:
    """Publish an edition."""
    from metrics.define import plausible
    from metrics.edition import manifest
    from metrics.gate.publish import publish
    from metrics.warehouse.release import waiting_responses
    from metrics.warehouse.store import open_warehouse

    with open_warehouse(home_of(options)) as connection:
        edition_id = publish(
            connection,
            home_of(options),
            title=options.title,
            is_all_or_nothing=options.all_or_nothing,
        )
        waiting = waiting_responses(connection)
    about = manifest.read_manifest(home_of(options), edition_id)
    for problem in about["left_out"].values():
        print(f"left out: {problem}", file=sys.stderr)
    if about["without_cells"]:
        print(plausible.empty_note(about["without_cells"]), file=sys.stderr)
    print(f"Published edition {edition_id}.")
    for one in waiting:
        print(f"{one}.")

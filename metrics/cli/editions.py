"""Verbs on editions: list, verify, use, diff."""

import argparse
import sys
from typing import TYPE_CHECKING

from metrics.base.errors import CxError, EditionError
from metrics.cli.output import home_of, print_table

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    pass


def run_editions_list(options: argparse.Namespace) -> None:
    """List editions."""
    import pandas as pd

    from metrics.edition import manifest

    home = home_of(options)
    current = manifest.current_id(home)
    rows = []
    for edition_id in manifest.edition_ids(home):
        current_mark = "*" if edition_id == current else ""
        try:
            about = manifest.read_manifest(home, edition_id)
        except EditionError as error:
            rows.append(
                {
                    "current": current_mark,
                    "edition": edition_id,
                    "title": error.reason,
                    "published": "",
                    "data through": "",
                    "rows": "",
                }
            )
            continue
        rows.append(
            {
                "current": current_mark,
                "edition": edition_id,
                "title": about["title"],
                "published": about["published_at"],
                "data through": about["data_through"],
                "rows": about["n_published"],
            }
        )
    if not rows:
        raise CxError("nothing is published yet; run `python -m metrics build`")
    print_table(pd.DataFrame(rows))


def run_editions_verify(options: argparse.Namespace) -> int:
    """Verify the hashes of editions; exit code 1 where one fails."""
    from metrics.edition import manifest

    home = home_of(options)
    found = manifest.folder_names(home) if options.id is None else [options.id]
    if not found:
        raise CxError("nothing is published yet; run `python -m metrics build`")
    if options.id is not None and options.id not in manifest.folder_names(home):
        known = ", ".join(manifest.edition_ids(home)) or "none"
        raise CxError(f"there is no edition {options.id!r}; there are: {known}")
    unsound = []
    for edition_id in found:
        verdicts = manifest.verify_edition(home, edition_id)
        print(f"{edition_id}:")
        for verdict in verdicts:
            said = verdict.problem or f"ok{', ' * bool(verdict.note)}{verdict.note}"
            print(f"  {verdict.name} {said}" if verdict.problem else f"  {verdict.name}: {said}")
        if any(verdict.problem for verdict in verdicts):
            unsound.append(edition_id)
    try:
        current = manifest.chosen_id(home) if options.id is None else None
    except EditionError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if current in unsound or options.id in unsound:
        broken = str(current or options.id)
        print(
            f"error: edition {broken} is not sound; {manifest.remedy(home, broken)}",
            file=sys.stderr,
        )
    elif unsound:
        print(
            f"error: not sound, but not shown: {', '.join(unsound)}; remove what is of no use",
            file=sys.stderr,
        )
    return 1 if unsound else 0


def run_editions_use(options: argparse.Namespace) -> None:
    """Make an edition the current one."""
    from metrics.edition import manifest

    manifest.use_edition(home_of(options), options.id)
    print(f"Pages now show edition {options.id}.")


def run_editions_diff(options: argparse.Namespace) -> None:
    """Print what differs between two editions."""
    from metrics.edition import edition
    from metrics.edition.diff import CAUSES, diff_editions, difference_notes, rename_notes

    home = home_of(options)
    before = edition.open_edition(home, options.before)
    after = edition.open_edition(home, options.after)
    frame = diff_editions(before, after)
    if frame.empty:
        for note in rename_notes(before, after):
            print(note)
        print("The two editions publish the same numbers.")
        return
    for note in difference_notes(before, after):
        print(note)
    counts = frame.groupby(["difference", "because"]).size()
    for (difference, because), count in counts.items():
        print(f"{count} rows {difference} because of {because}")
    by_metric = frame.groupby(["metric", "because"]).size().unstack(fill_value=0)
    by_metric = by_metric.reindex(columns=[name for name in CAUSES if name in by_metric])
    print_table(by_metric.reset_index())
    print_table(frame.head(options.limit))

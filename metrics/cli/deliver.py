"""Verbs that write files for people and for other programs."""

import argparse
from typing import TYPE_CHECKING

from metrics.base.errors import UsageError
from metrics.cli.output import home_of

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    pass


def run_omb(options: argparse.Namespace) -> int:
    """Write OMB's quarterly files; exit code 1 where something keeps them from being complete."""
    from metrics.deliver import omb
    from metrics.warehouse.store import open_warehouse

    with open_warehouse(home_of(options)) as connection:
        written = omb.write_omb(connection, options.quarter, options.component, options.out)
    for file in written.files:
        print(file)
    for check in written.checks:
        verdict = "blocked" if check.blocking else "ready"
        print(f"{check.component}: {check.name}: {verdict}")
        for text in check.blocking:
            print(f"  blocks green: {text}")
        for text in check.review:
            print(f"  look at: {text}")
    return 1 if any(check.blocking for check in written.checks) else 0


def run_briefing(options: argparse.Namespace) -> None:
    """Write the briefing of a Component and quarter."""
    from metrics.deliver import briefing
    from metrics.edition import edition

    opened = edition.open_edition(home_of(options))
    about = briefing.subject(opened, options.component, options.quarter, options.service)
    for path in briefing.write_briefing(about, options.out, options.comments):
        print(path)


def run_digest(options: argparse.Namespace) -> None:
    """Write what changed since an edition, for each reader."""
    from metrics.deliver import digest
    from metrics.edition import edition

    after = edition.open_edition(home_of(options))
    before = digest.earlier(after, options.since)
    readers = digest.audiences(after, options.component)
    for reader, files in digest.write_digests(before, after, readers, options.out).items():
        for path in files:
            print(path)
        if not files:
            print(f"{reader}: nothing changed, no file is written.")


def run_export_figures(options: argparse.Namespace) -> None:
    """Write the quarterly reports as small tables."""
    from metrics.intake.figures import export_figures
    from metrics.warehouse.store import open_warehouse

    with open_warehouse(home_of(options)) as connection:
        n_reports, n_answers = export_figures(connection, options.folder)
    print(f"{options.folder}: wrote {n_reports} survey reports and {n_answers} questions.")


def run_export_catalog(options: argparse.Namespace) -> None:
    """Write the catalog of metrics for another tool."""
    from metrics.define.catalog import read_catalog
    from metrics.deliver import semantic

    written = semantic.export_catalog(read_catalog(), options.format, options.target)
    print(f"{written[0]}: wrote {len(written)} file{'s' if len(written) > 1 else ''}.")


def run_export_package(options: argparse.Namespace) -> None:
    """Write the public tables as a Data Package."""
    from metrics.deliver import package
    from metrics.edition import edition

    given = (options.publisher, options.contact, options.email)
    if any(given) != all(given):
        raise UsageError("data.json needs all of --publisher, --contact and --email")
    publisher = package.Publisher(*given, options.address) if all(given) else None
    opened = edition.open_edition(home_of(options))
    written = package.export_package(opened, options.folder, options.format, publisher)
    print(f"{options.folder}: wrote {len(written)} files of edition {opened.id}.")
    if publisher is None:
        print("No data.json: it needs --publisher, --contact and --email.")

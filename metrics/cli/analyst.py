"""Verbs of the analyst: check, new, preview, query, docs."""

import argparse
import sys
import time
import webbrowser
from typing import TYPE_CHECKING

from metrics.base.settings import MAIN_DATASET
from metrics.cli.output import counted, home_of, print_table

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    from metrics.desk.preview import State


def run_check(options: argparse.Namespace) -> int:
    """Check metrics; exit code 1 where a problem was found."""
    from metrics.desk import review

    def once() -> int:
        found = review.review(home_of(options), options.metric, is_whole=options.whole)
        for problem in found.problems:
            print(problem)
        for remark in found.style:
            print(f"style: {remark}")
        for note in found.notes:
            print(note)
        print(
            f"{counted(found.n_metrics, 'metric')} and "
            f"{counted(found.n_queries, 'check query', 'check queries')} checked in "
            f"{found.seconds:.1f} s: {counted(len(found.problems), 'problem')}"
            + (f", {counted(len(found.style), 'remark')} on style" if found.style else ""),
            flush=True,
        )
        return 1 if found.problems else 0

    return review.watch(once, options.metric) if options.watch else once()


def run_new(options: argparse.Namespace) -> None:
    """Write a starting file for a metric."""
    from metrics.base.settings import shown_path
    from metrics.define.catalog import TO_FILL
    from metrics.desk import starter

    keys = ("title", "kind", "family", "better", "unit", "table", "breakdown", "owner")
    given = {key: getattr(options, key) for key in keys}
    wish = starter.Wish(options.name, **{key: one for key, one in given.items() if one})
    if sys.stdin.isatty() and sys.stdout.isatty() and not options.like:
        wish = starter.asked(wish, given)
    for path in starter.start(wish, options.like):
        print(f"Wrote {shown_path(path)}")
    print(
        f"Fill in what says {TO_FILL}, with `python -m metrics check {options.name} --watch` "
        f"beside you; then `python -m metrics preview {options.name}`."
    )


def run_preview(options: argparse.Namespace) -> int:
    """Preview a metric, once or whenever its file is saved."""
    from metrics.desk import preview, review

    home = home_of(options)
    name = review.metric_name(options.metric)
    comparison = preview.Comparison(home, name)
    is_open = False

    def once() -> int:
        nonlocal is_open
        comparison.stop()
        start = time.perf_counter()
        state = preview.draw(home, name, options.quick)
        for line in (*state.problems, *state.notes):
            print(line)
        print(f"{_preview_line(state)} ({time.perf_counter() - start:.1f} s)", flush=True)
        if not is_open:
            _open_preview(options)
            is_open = True
        if state.phase == preview.COMPARING:
            if not options.once:
                comparison.start()
                return 1 if state.problems else 0
            state = preview.compare(home, name)
            print(preview.summary(state), flush=True)
        return 1 if state.problems or state.failure else 0

    with preview.alone(home):
        try:
            return once() if options.once else review.watch(once, name)
        finally:
            comparison.stop()


def _preview_line(state: "State") -> str:
    problems = counted(len(state.problems), "problem")
    if state.is_shown:
        return f"{problems}; the preview is ready"
    if state.edition is None:
        return f"{problems}; there is nothing to show yet"
    return f"{problems}; the preview still shows the version of {str(state.shown_saved_at)[11:19]}"


def _open_preview(options: argparse.Namespace) -> None:
    from metrics.desk.preview import dashboard_answers

    query = "" if options.data == MAIN_DATASET else f"?data={options.data}"
    address = f"http://localhost:{options.port}/preview{query}"
    if not dashboard_answers(options.port):
        print(
            f"No dashboard answers on port {options.port}; start one with `make run`, then open "
            f"{address}",
            flush=True,
        )
        return
    print(f"{address} (on a dashboard started with CX_PREVIEW=on, as `make run` does)", flush=True)
    if not options.no_open:
        webbrowser.open(address)


def run_query(options: argparse.Namespace) -> None:
    """Run a select on the aggregates and print its rows."""
    from metrics.deliver.files import without_formulas
    from metrics.desk.query import query

    frame = query(home_of(options), options.sql, options.limit)
    if options.format == "csv":
        print(without_formulas(frame).to_csv(index=False), end="")
    else:
        print_table(frame)


def run_docs(options: argparse.Namespace) -> int:
    """Write the generated pages of docs, or check that they are current."""
    from metrics.base.settings import shown_path
    from metrics.define.catalog import read_catalog
    from metrics.desk import dictionary, docs

    if options.check:
        problems = [*docs.page_problems(), *dictionary.dictionary_problems()]
        for problem in problems:
            print(problem)
        return 1 if problems else 0
    docs.write_catalog_page(read_catalog())
    dictionary.DICTIONARY_PAGE.write_text(dictionary.dictionary_page(), encoding="utf-8")
    for page in (docs.CATALOG_PAGE, dictionary.DICTIONARY_PAGE):
        print(f"{shown_path(page)}: written.")
    return 0

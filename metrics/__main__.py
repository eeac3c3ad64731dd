"""The command line: `python -m metrics VERB`. Exit code 0: done; 1: the data or a
check says no; 2: wrong use."""

import argparse
import json
import os
import sys
import time
import webbrowser
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from metrics.base.errors import CxError, EditionError, UsageError, plain_failure
from metrics.base.settings import DATASETS, MAIN_DATASET, dataset_home

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    import pandas as pd

    from metrics.desk.preview import State
    from metrics.edition.edition import Edition
    from metrics.intake.load import LoadResult
    from metrics.intake.undo import Undone

SHOWN_REASONS = 20
CHOICES_SHOWN = 40
SHOW_FILTERS = ("level", "component", "service", "channel", "period", "basis", "breakdown")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except CxError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, duckdb.Error) as error:
        print(f"error: {plain_failure(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: stopped; run the command again", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m metrics",
        description="Load, define, publish and read the customer-experience metrics.",
        epilog="CX_HOME (default data/local) is where the warehouse and the editions live.",
    )
    parser.add_argument(
        "--data", default=MAIN_DATASET, metavar="NAME", help="data set to work on (default: main)"
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("build", help="load the shipped figures and publish, if they changed")
    verb.add_argument("--dataset", default="federal", choices=list(DATASETS))
    verb.add_argument("--force", action="store_true", help="build even if nothing changed")
    verb.set_defaults(run=_build)

    verb = verbs.add_parser("load", help="load files into the warehouse")
    verb.add_argument("format", metavar="FORMAT", help="auto, or a format that docs/data.md lists")
    verb.add_argument("source", nargs="+", metavar="SOURCE", help="files, or a SQLAlchemy URL")
    verb.add_argument("--survey", metavar="ID", help="survey that the responses answer")
    verb.add_argument("--quarter", metavar="2024Q4", help="fiscal quarter of the responses")
    verb.add_argument(
        "--mapping", type=Path, metavar="FILE", help="what the columns of the files hold (YAML)"
    )
    verb.add_argument("--query", metavar="SQL", help="query that a database is asked")
    verb.add_argument(
        "--as-of", type=_date, metavar="DATE", help="date the files speak of (YYYY-MM-DD)"
    )
    verb.add_argument(
        "--replace",
        action="store_true",
        help="the files tell everything: they replace a telling of more than twice as much",
    )
    verb.add_argument("--dry-run", action="store_true", help="check everything, keep nothing")
    verb.add_argument("--report", type=Path, metavar="FILE", help="write the outcome as JSON")
    verb.add_argument("--rejects", type=Path, metavar="FILE", help="write rejected rows as CSV")
    verb.set_defaults(run=_load)

    verb = verbs.add_parser("loads", help="list loads, take one back, erase one response")
    actions = verb.add_subparsers(metavar="ACTION")
    verb.set_defaults(run=_loads_list)
    action = actions.add_parser("list", help="list the loads, and what waits to be published")
    action.set_defaults(run=_loads_list)
    action = actions.add_parser("undo", help="take a load back, or the undo of one")
    action.add_argument("id", type=int, metavar="ID", help="number of the load")
    action.set_defaults(run=_loads_undo)
    action = actions.add_parser("redo", help="take a load back and load its file again")
    action.add_argument("id", type=int, metavar="ID", help="number of the load")
    action.add_argument("source", metavar="SOURCE", help="the file that was loaded")
    action.add_argument("--quarter", metavar="2024Q4", help="as for `load`")
    action.add_argument("--mapping", type=Path, metavar="FILE", help="as for `load`")
    action.add_argument("--query", metavar="SQL", help="as for `load`")
    action.set_defaults(run=_loads_redo)
    action = actions.add_parser("erase", help="erase one response, its comment and refused rows")
    action.add_argument("--survey", required=True, metavar="ID", help="survey it answers")
    action.add_argument("--response", required=True, metavar="ID", help="its identifier")
    action.set_defaults(run=_loads_erase)

    verb = verbs.add_parser("publish", help="make an edition from the warehouse")
    verb.add_argument("--title", help="name of the data set, shown on every page")
    verb.add_argument(
        "--all-or-nothing",
        action="store_true",
        help="publish nothing where a metric takes too much time or memory (default: leave it out)",
    )
    verb.set_defaults(run=_publish)

    verb = verbs.add_parser("editions", help="list, choose and compare editions")
    actions = verb.add_subparsers(metavar="ACTION")
    verb.set_defaults(run=_editions_list)
    actions.add_parser("list", help="list the editions").set_defaults(run=_editions_list)
    action = actions.add_parser("use", help="choose the edition that pages show")
    action.add_argument("id", metavar="ID")
    action.set_defaults(run=_editions_use)
    action = actions.add_parser("verify", help="hold the files of editions against their hashes")
    action.add_argument("id", nargs="?", metavar="ID", help="this edition only (default: all)")
    action.set_defaults(run=_editions_verify)
    action = actions.add_parser("diff", help="compare two editions")
    action.add_argument("before", metavar="A")
    action.add_argument("after", metavar="B")
    action.add_argument("--limit", type=int, default=50, help="rows shown (default 50)")
    action.set_defaults(run=_editions_diff)

    verb = verbs.add_parser("check", help="check metrics, check queries and fixtures")
    verb.add_argument("metric", nargs="?", metavar="METRIC")
    verb.add_argument("--watch", action="store_true", help="check again whenever a file is saved")
    verb.add_argument(
        "--whole", action="store_true", help="run the check queries even if nothing changed"
    )
    verb.set_defaults(run=_check)

    verb = verbs.add_parser("new", help="write a metric file and its fixture to start from")
    verb.add_argument("name", metavar="METRIC", help="lower-case letters, digits and _")
    verb.add_argument("--title", help="heading on pages, 3 to 60 characters")
    verb.add_argument("--kind", help="share, mean, ratio, total or quantile")
    verb.add_argument(
        "--family", help="experience, response, feedback, burden, operations or maturity"
    )
    verb.add_argument("--better", help="higher, lower or neither")
    verb.add_argument("--unit", help="such as 'share of answers'")
    verb.add_argument("--from", dest="table", metavar="TABLE", help="aggregate to select from")
    verb.add_argument("--breakdown", metavar="COLUMN", help="column whose parts are shown")
    verb.add_argument("--owner", help="who answers questions about it")
    verb.add_argument("--like", metavar="METRIC", help="start from a copy of this one")
    verb.set_defaults(run=_new)

    verb = verbs.add_parser("query", help="look at the tables that a metric may read")
    verb.add_argument("sql", metavar="SELECT", help="one select, confined as a metric is")
    verb.add_argument("--limit", type=int, default=50, help="rows shown (default 50)")
    verb.add_argument("--format", default="table", choices=["table", "csv"])
    verb.set_defaults(run=_query)

    verb = verbs.add_parser("docs", help="write docs/catalog.md from the metrics")
    verb.add_argument("--check", action="store_true", help="write nothing, say what is not current")
    verb.set_defaults(run=_docs)

    verb = verbs.add_parser("preview", help="show the page a metric will make, at every save")
    verb.add_argument("metric", metavar="METRIC")
    verb.add_argument("--once", action="store_true", help="once, without waiting for a save")
    verb.add_argument(
        "--quick", action="store_true", help="this metric alone: not what publishing would change"
    )
    verb.add_argument("--no-open", action="store_true", help="print the address, open no browser")
    verb.add_argument(
        "--port", type=int, default=8501, help="port of the running dashboard (default 8501)"
    )
    verb.set_defaults(run=_preview)

    verb = verbs.add_parser("show", help="print published rows of a metric")
    verb.add_argument("metric", metavar="METRIC")
    for name in SHOW_FILTERS:
        verb.add_argument(f"--{name}")
    verb.add_argument(
        "--explain",
        action="store_true",
        help="what one number is made of: its cells, SQL, lineage, loads and files",
    )
    verb.add_argument(
        "--benchmark", action="store_true", help="the figures of the whole government instead"
    )
    verb.add_argument("--format", default="table", choices=["table", "csv", "json"])
    verb.set_defaults(run=_show)

    verb = verbs.add_parser("omb", help="write the quarterly files for OMB, with a checklist")
    verb.add_argument("--quarter", required=True, metavar="2024Q4", help="fiscal quarter")
    verb.add_argument("--component", metavar="ID", help="one Component only")
    verb.add_argument("--out", type=Path, metavar="FOLDER", help="where to write the files")
    verb.set_defaults(run=_omb)

    verb = verbs.add_parser("briefing", help="write a briefing of one quarter as HTML and PDF")
    verb.add_argument("--component", required=True, metavar="ID", help="such as TSA, or all")
    verb.add_argument("--quarter", required=True, metavar="2023Q1", help="fiscal quarter")
    verb.add_argument("--service", default="all", metavar="ID", help="one service only")
    verb.add_argument(
        "--comments", action="store_true", help="with up to 5 comments, which are the team's own"
    )
    verb.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to write")
    verb.set_defaults(run=_briefing)

    verb = verbs.add_parser("digest", help="write what changed since an edition, as e-mail files")
    verb.add_argument("--since", required=True, metavar="EDITION", help="edition to compare with")
    verb.add_argument("--component", metavar="ID", help="for this Component only (default: all)")
    verb.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to write")
    verb.set_defaults(run=_digest)

    verb = verbs.add_parser("export", help="write files")
    kinds = verb.add_subparsers(required=True, metavar="KIND")
    kind = kinds.add_parser("figures", help="write the quarterly reports as small tables")
    kind.add_argument("folder", type=Path, metavar="FOLDER")
    kind.set_defaults(run=_export_figures)
    kind = kinds.add_parser("package", help="write the public tables as a Data Package")
    kind.add_argument("--format", default="csv", choices=["csv", "parquet", "json"])
    kind.add_argument("--publisher", metavar="NAME", help="organization, for data.json")
    kind.add_argument("--contact", metavar="NAME", help="who answers questions, for data.json")
    kind.add_argument("--email", metavar="ADDRESS", help="where to write to, for data.json")
    kind.add_argument("--address", metavar="URL", help="where the files will lie, for data.json")
    kind.add_argument("folder", type=Path, metavar="FOLDER")
    kind.set_defaults(run=_export_package)
    kind = kinds.add_parser("catalog", help="write the catalogue of metrics for other tools")
    kind.add_argument("--format", required=True, choices=["metricflow", "osi"])
    kind.add_argument("target", type=Path, metavar="FILE-or-FOLDER")
    kind.set_defaults(run=_export_catalog)
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from error


def _home(options: argparse.Namespace) -> Path:
    return dataset_home(options.data)


def _build(options: argparse.Namespace) -> None:
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


def _load(options: argparse.Namespace) -> int:
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
        with open_warehouse(_home(options)) as connection:
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


def _loads_list(options: argparse.Namespace) -> None:
    import pandas as pd

    from metrics.intake.undo import list_loads
    from metrics.warehouse.release import waiting_responses
    from metrics.warehouse.store import open_fresh

    with open_fresh(_home(options)) as connection:
        rows = list_loads(connection)
        waiting = waiting_responses(connection)
    if not rows:
        raise CxError("nothing is loaded yet; run `python -m metrics load ...`")
    _print_table(pd.DataFrame(rows))
    for one in waiting:
        print(f"{one}.")


def _loads_undo(options: argparse.Namespace) -> None:
    from metrics.intake.undo import undo_load
    from metrics.warehouse.store import open_warehouse

    with open_warehouse(_home(options)) as connection:
        undone = undo_load(connection, options.id)
    _print_undone(undone)
    print(
        f"`python -m metrics loads undo {undone.load_id}` takes this back. Run `python -m metrics "
        "publish` to show the figures without it."
    )


def _print_undone(undone: "Undone") -> None:
    print(
        f"Load {undone.undone_id} is taken back, as record {undone.load_id}: "
        f"{_counted(undone.n_gone, 'row')} no longer as before, {_counted(undone.n_again, 'row')} "
        "counting again."
    )
    if undone.repeated_by:
        loads = ", ".join(str(number) for number in undone.repeated_by)
        print(
            f"Later files repeated rows that the warehouse held (loads {loads}). If they were "
            "rows of this load, load those files again."
        )


def _loads_redo(options: argparse.Namespace) -> int:
    from metrics.intake.sources import LoadOptions
    from metrics.intake.undo import redo_load
    from metrics.warehouse.store import open_warehouse

    given = LoadOptions(quarter=options.quarter, mapping=options.mapping, query=options.query)
    with open_warehouse(_home(options)) as connection:
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


def _loads_erase(options: argparse.Namespace) -> None:
    from metrics.intake.erasure import erase_response

    erased = erase_response(_home(options), options.survey, options.response)
    for line in erased.lines():
        print(line)


def _publish(options: argparse.Namespace) -> None:
    from metrics.define import plausible
    from metrics.edition import manifest
    from metrics.gate.publish import publish
    from metrics.warehouse.release import waiting_responses
    from metrics.warehouse.store import open_warehouse

    with open_warehouse(_home(options)) as connection:
        edition_id = publish(
            connection,
            _home(options),
            title=options.title,
            is_all_or_nothing=options.all_or_nothing,
        )
        waiting = waiting_responses(connection)
    about = manifest.read_manifest(_home(options), edition_id)
    for problem in about["left_out"].values():
        print(f"left out: {problem}", file=sys.stderr)
    if about["without_cells"]:
        print(plausible.empty_note(about["without_cells"]), file=sys.stderr)
    print(f"Published edition {edition_id}.")
    for one in waiting:
        print(f"{one}.")


def _editions_list(options: argparse.Namespace) -> None:
    import pandas as pd

    from metrics.edition import manifest

    home = _home(options)
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
    _print_table(pd.DataFrame(rows))


def _editions_verify(options: argparse.Namespace) -> int:
    from metrics.edition import manifest

    home = _home(options)
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


def _editions_use(options: argparse.Namespace) -> None:
    from metrics.edition import manifest

    manifest.use_edition(_home(options), options.id)
    print(f"Pages now show edition {options.id}.")


def _editions_diff(options: argparse.Namespace) -> None:
    from metrics.edition import edition
    from metrics.edition.diff import CAUSES, diff_editions, difference_notes

    home = _home(options)
    before = edition.open_edition(home, options.before)
    after = edition.open_edition(home, options.after)
    frame = diff_editions(before, after)
    if frame.empty:
        print("The two editions publish the same numbers.")
        return
    for note in difference_notes(before, after):
        print(note)
    counts = frame.groupby(["difference", "because"]).size()
    for (difference, because), count in counts.items():
        print(f"{count} rows {difference} because of {because}")
    by_metric = frame.groupby(["metric", "because"]).size().unstack(fill_value=0)
    by_metric = by_metric.reindex(columns=[name for name in CAUSES if name in by_metric])
    _print_table(by_metric.reset_index())
    _print_table(frame.head(options.limit))


def _check(options: argparse.Namespace) -> int:
    from metrics.desk import review

    def once() -> int:
        found = review.review(_home(options), options.metric, is_whole=options.whole)
        for problem in found.problems:
            print(problem)
        for note in found.notes:
            print(note)
        print(
            f"{_counted(found.n_metrics, 'metric')} and "
            f"{_counted(found.n_queries, 'check query', 'check queries')} checked in "
            f"{found.seconds:.1f} s: {_counted(len(found.problems), 'problem')}",
            flush=True,
        )
        return 1 if found.problems else 0

    return review.watch(once, options.metric) if options.watch else once()


def _new(options: argparse.Namespace) -> None:
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


def _preview(options: argparse.Namespace) -> int:
    from metrics.desk import preview, review

    home = _home(options)
    name = review.metric_path(options.metric).stem
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
    problems = _counted(len(state.problems), "problem")
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


def _query(options: argparse.Namespace) -> None:
    from metrics.deliver.files import without_formulas
    from metrics.desk.query import query

    frame = query(_home(options), options.sql, options.limit)
    if options.format == "csv":
        print(without_formulas(frame).to_csv(index=False), end="")
    else:
        _print_table(frame)


def _counted(count: int, noun: str, plural: str | None = None) -> str:
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def _docs(options: argparse.Namespace) -> int:
    from metrics.base.settings import shown_path
    from metrics.define.catalog import read_catalog
    from metrics.desk import docs

    if options.check:
        problems = docs.page_problems()
        for problem in problems:
            print(problem)
        return 1 if problems else 0
    docs.write_catalog_page(read_catalog())
    print(f"{shown_path(docs.CATALOG_PAGE)}: written.")
    return 0


def _show(options: argparse.Namespace) -> int:
    from metrics.deliver import files as export
    from metrics.edition import edition

    opened = edition.open_edition(_home(options))
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
        _print_table(frame[[c for c in columns if c in frame and frame[c].notna().any()]])
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


def _omb(options: argparse.Namespace) -> int:
    from metrics.deliver import omb
    from metrics.warehouse.store import open_warehouse

    with open_warehouse(_home(options)) as connection:
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


def _briefing(options: argparse.Namespace) -> None:
    from metrics.deliver import briefing
    from metrics.edition import edition

    opened = edition.open_edition(_home(options))
    about = briefing.subject(opened, options.component, options.quarter, options.service)
    for path in briefing.write_briefing(about, options.out, options.comments):
        print(path)


def _digest(options: argparse.Namespace) -> None:
    from metrics.deliver import digest
    from metrics.edition import edition

    after = edition.open_edition(_home(options))
    before = digest.earlier(after, options.since)
    readers = digest.audiences(after, options.component)
    for reader, files in digest.write_digests(before, after, readers, options.out).items():
        for path in files:
            print(path)
        if not files:
            print(f"{reader}: nothing changed, no file is written.")


def _export_figures(options: argparse.Namespace) -> None:
    from metrics.intake.figures import export_figures
    from metrics.warehouse.store import open_warehouse

    with open_warehouse(_home(options)) as connection:
        n_reports, n_answers = export_figures(connection, options.folder)
    print(f"{options.folder}: wrote {n_reports} survey reports and {n_answers} questions.")


def _export_catalog(options: argparse.Namespace) -> None:
    from metrics.define.catalog import read_catalog
    from metrics.deliver import semantic

    written = semantic.export_catalog(read_catalog(), options.format, options.target)
    print(f"{written[0]}: wrote {len(written)} file{'s' if len(written) > 1 else ''}.")


def _export_package(options: argparse.Namespace) -> None:
    from metrics.deliver import package
    from metrics.edition import edition

    given = (options.publisher, options.contact, options.email)
    if any(given) != all(given):
        raise UsageError("data.json needs all of --publisher, --contact and --email")
    publisher = package.Publisher(*given, options.address) if all(given) else None
    opened = edition.open_edition(_home(options))
    written = package.export_package(opened, options.folder, options.format, publisher)
    print(f"{options.folder}: wrote {len(written)} files of edition {opened.id}.")
    if publisher is None:
        print("No data.json: it needs --publisher, --contact and --email.")


def _print_table(frame: "pd.DataFrame") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*[str(name) for name in frame.columns], box=None, pad_edge=False)
    for row in frame.itertuples(index=False):
        table.add_row(*[_cell(value) for value in row])
    width = None if sys.stdout.isatty() else 400
    Console(width=width, soft_wrap=True).print(table)


def _cell(value: object) -> str:
    import pandas as pd

    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))
    return str(value)


if __name__ == "__main__":
    sys.exit(main())

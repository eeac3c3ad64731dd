"""The verbs and their options."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.base.settings import DATASETS, MAIN_DATASET
from metrics.cli.analyst import run_check, run_docs, run_new, run_preview, run_query
from metrics.cli.deliver import (
    run_briefing,
    run_digest,
    run_export_catalog,
    run_export_figures,
    run_export_package,
    run_omb,
)
from metrics.cli.editions import (
    run_editions_diff,
    run_editions_list,
    run_editions_use,
    run_editions_verify,
)
from metrics.cli.feed import (
    run_build,
    run_load,
    run_loads_erase,
    run_loads_list,
    run_loads_redo,
    run_loads_undo,
    run_publish,
)
from metrics.cli.output import SHOW_FILTERS
from metrics.cli.read import run_show

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    pass


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
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
    verb.set_defaults(run=run_build)

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
    verb.set_defaults(run=run_load)

    verb = verbs.add_parser("loads", help="list loads, take one back, erase one response")
    actions = verb.add_subparsers(metavar="ACTION")
    verb.set_defaults(run=run_loads_list)
    action = actions.add_parser("list", help="list the loads, and what waits to be published")
    action.set_defaults(run=run_loads_list)
    action = actions.add_parser("undo", help="take a load back, or the undo of one")
    action.add_argument("id", type=int, metavar="ID", help="number of the load")
    action.set_defaults(run=run_loads_undo)
    action = actions.add_parser("redo", help="take a load back and load its file again")
    action.add_argument("id", type=int, metavar="ID", help="number of the load")
    action.add_argument("source", metavar="SOURCE", help="the file that was loaded")
    action.add_argument("--quarter", metavar="2024Q4", help="as for `load`")
    action.add_argument("--mapping", type=Path, metavar="FILE", help="as for `load`")
    action.add_argument("--query", metavar="SQL", help="as for `load`")
    action.set_defaults(run=run_loads_redo)
    action = actions.add_parser("erase", help="erase one response, its comment and refused rows")
    action.add_argument("--survey", required=True, metavar="ID", help="survey it answers")
    action.add_argument("--response", required=True, metavar="ID", help="its identifier")
    action.set_defaults(run=run_loads_erase)

    verb = verbs.add_parser("publish", help="make an edition from the warehouse")
    verb.add_argument("--title", help="name of the data set, shown on every page")
    verb.add_argument(
        "--all-or-nothing",
        action="store_true",
        help="publish nothing where a metric takes too much time or memory (default: leave it out)",
    )
    verb.set_defaults(run=run_publish)

    verb = verbs.add_parser("editions", help="list, choose and compare editions")
    actions = verb.add_subparsers(metavar="ACTION")
    verb.set_defaults(run=run_editions_list)
    actions.add_parser("list", help="list the editions").set_defaults(run=run_editions_list)
    action = actions.add_parser("use", help="choose the edition that pages show")
    action.add_argument("id", metavar="ID")
    action.set_defaults(run=run_editions_use)
    action = actions.add_parser("verify", help="hold the files of editions against their hashes")
    action.add_argument("id", nargs="?", metavar="ID", help="this edition only (default: all)")
    action.set_defaults(run=run_editions_verify)
    action = actions.add_parser("diff", help="compare two editions")
    action.add_argument("before", metavar="A")
    action.add_argument("after", metavar="B")
    action.add_argument("--limit", type=int, default=50, help="rows shown (default 50)")
    action.set_defaults(run=run_editions_diff)

    verb = verbs.add_parser("check", help="check metrics, check queries and fixtures")
    verb.add_argument("metric", nargs="?", metavar="METRIC")
    verb.add_argument("--watch", action="store_true", help="check again whenever a file is saved")
    verb.add_argument(
        "--whole", action="store_true", help="run the check queries even if nothing changed"
    )
    verb.set_defaults(run=run_check)

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
    verb.set_defaults(run=run_new)

    verb = verbs.add_parser("query", help="look at the tables that a metric may read")
    verb.add_argument("sql", metavar="SELECT", help="one select, confined as a metric is")
    verb.add_argument("--limit", type=int, default=50, help="rows shown (default 50)")
    verb.add_argument("--format", default="table", choices=["table", "csv"])
    verb.set_defaults(run=run_query)

    verb = verbs.add_parser("docs", help="write the pages of docs that say what the SQL says")
    verb.add_argument("--check", action="store_true", help="write nothing, say what is not current")
    verb.set_defaults(run=run_docs)

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
    verb.set_defaults(run=run_preview)

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
    verb.set_defaults(run=run_show)

    verb = verbs.add_parser("omb", help="write the quarterly files for OMB, with a checklist")
    verb.add_argument("--quarter", required=True, metavar="2024Q4", help="fiscal quarter")
    verb.add_argument("--component", metavar="ID", help="one Component only")
    verb.add_argument("--out", type=Path, metavar="FOLDER", help="where to write the files")
    verb.set_defaults(run=run_omb)

    verb = verbs.add_parser("briefing", help="write a briefing of one quarter as HTML and PDF")
    verb.add_argument("--component", required=True, metavar="ID", help="such as TSA, or all")
    verb.add_argument("--quarter", required=True, metavar="2023Q1", help="fiscal quarter")
    verb.add_argument("--service", default="all", metavar="ID", help="one service only")
    verb.add_argument(
        "--comments", action="store_true", help="with up to 5 comments, which are the team's own"
    )
    verb.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to write")
    verb.set_defaults(run=run_briefing)

    verb = verbs.add_parser("digest", help="write what changed since an edition, as e-mail files")
    verb.add_argument("--since", required=True, metavar="EDITION", help="edition to compare with")
    verb.add_argument("--component", metavar="ID", help="for this Component only (default: all)")
    verb.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to write")
    verb.set_defaults(run=run_digest)

    verb = verbs.add_parser("export", help="write files")
    kinds = verb.add_subparsers(required=True, metavar="KIND")
    kind = kinds.add_parser("figures", help="write the quarterly reports as small tables")
    kind.add_argument("folder", type=Path, metavar="FOLDER")
    kind.set_defaults(run=run_export_figures)
    kind = kinds.add_parser("package", help="write the public tables as a Data Package")
    kind.add_argument("--format", default="csv", choices=["csv", "parquet", "json"])
    kind.add_argument("--publisher", metavar="NAME", help="organization, for data.json")
    kind.add_argument("--contact", metavar="NAME", help="who answers questions, for data.json")
    kind.add_argument("--email", metavar="ADDRESS", help="where to write to, for data.json")
    kind.add_argument("--address", metavar="URL", help="where the files will lie, for data.json")
    kind.add_argument("folder", type=Path, metavar="FOLDER")
    kind.set_defaults(run=run_export_package)
    kind = kinds.add_parser("catalog", help="write the catalog of metrics for other tools")
    kind.add_argument("--format", required=True, choices=["metricflow", "osi"])
    kind.add_argument("target", type=Path, metavar="FILE-or-FOLDER")
    kind.set_defaults(run=run_export_catalog)
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from error

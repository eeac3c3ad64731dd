"""The files of an edition and its manifest."""

import hashlib
import json
import subprocess
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from metrics import __version__
from metrics.base.duck import first_row, first_value, sql_text, transaction
from metrics.base.settings import REST_OF_GOVERNMENT, ROOT
from metrics.edition.manifest import (
    building_folder,
    point_to,
    remove_leftovers,
    sealed_id,
)
from metrics.gate import themes
from metrics.gate.changes import sql_key
from metrics.gate.steps import RULES, SURVEY_FAMILIES, remember_hidden
from metrics.warehouse.release import record_release
from metrics.warehouse.store import (
    COUNTING_LOADS,
    PRIVATE_LOADS,
    PUBLIC_LOADS,
)


@dataclass(frozen=True)
class Private:
    """A private edition: the folder to write it to instead of the home of the warehouse,
    the metric that it is made to look at, and whether its catalog holds all metrics.
    Check queries hold over all metrics only: reference tables name others."""

    home: Path
    metric: str
    is_whole: bool


MAX_CELLS = 200
"""Cells of its metric that a private edition carries, before disclosure control."""


PUBLIC_TABLES = (
    "component",
    "service",
    "channel",
    "instrument",
    "instrument_question",
    "annotation",
    "target",
    "external_benchmark",
    "segment",
    "segment_value",
    "response_survey",
    "activity",
    "category",
    "maturity_model",
    "maturity_level",
    "maturity_function",
    "maturity_practice",
    "maturity_level_count",
    "maturity_profile",
    "maturity_next",
    "time_step",
    "service_standard",
    "burden_goal",
    "wage",
    "burden_inventory",
    "burden_action",
    "burden_finding",
    "theme",
)
"""Tables that every edition carries along as they are: reference tables, what assessments
found, and what single information collection requests say, which is public."""


def write_edition(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    published_at: datetime,
    definitions: dict[str, dict[str, Any]],
    checks: list[dict[str, Any]],
    about: dict[str, Any],
    private: Private | None = None,
) -> str:
    """Write the folder of an edition from the tables of the gate, with its manifest, and point
    `current` at it; what it hides is remembered in the warehouse. Returns the edition's id."""
    target = private.home if private else home
    editions = target / "editions"
    editions.mkdir(parents=True, exist_ok=True)
    stamp = published_at.strftime("%Y%m%dT%H%M%S%fZ")
    remove_leftovers(target)
    with building_folder(editions, stamp) as building:
        files = _write_databases(connection, building, private)
        content = first_value(
            connection,
            "select md5(string_agg(row_hash, '' order by row_hash)) "
            "from (select md5(published::varchar) as row_hash from gate.published as published)",
        )
        inputs = connection.execute(
            "select format, file_name, sha256, as_of, n_rows, n_accepted, n_duplicate, n_rejected "
            f"from ({PUBLIC_LOADS}) order by load_id"
        ).df()
        surveys = connection.execute(
            f"select format, survey from ({PRIVATE_LOADS}) order by all"
        ).df()
        # What is owed and when files were loaded reaches beyond what people said.
        counted = "where not metric.is_survey or metric.minimum_n > 0 and not metric.is_of_loads"
        families = _families(connection, counted) or _families(connection)
        bounds = _bounds(connection, families)
        manifest = {
            **about,
            "published_at": published_at.isoformat(timespec="seconds"),
            "as_of": str(
                first_value(
                    connection,
                    "select coalesce(max(as_of) filter (where fills in "
                    f"('report', 'response', 'volume')), max(as_of)) {COUNTING_LOADS}",
                )
            ),
            **bounds,
            "families": families,
            "code_version": __version__,
            "sql_key": sql_key(home),
            "code_commit": _commit(),
            "content_md5": content,
            "files": files,
            "n_published": first_value(connection, "select count(*) from gate.published"),
            "inputs": json.loads(inputs.astype(str).to_json(orient="records")),
            "surveys": surveys.to_dict("records"),
            "metrics": definitions,
            "checks": [{key: c[key] for key in ("check", "n_rows")} for c in checks],
        }
        edition_id = sealed_id(stamp, manifest)
        text = json.dumps({"edition": edition_id, **manifest}, indent=2)
        (building / "manifest.json").write_text(text + "\n", encoding="utf-8")
        if private is None:
            # Before anybody can read the edition: what is on record and was never shown only waits.
            record_release(connection, edition_id)
            remember_hidden(connection)
        building.rename(editions / edition_id)
    point_to(target, edition_id)
    return edition_id


def _families(connection: duckdb.DuckDBPyConnection, where: str = "") -> dict[str, dict[str, str]]:
    """First and last quarter of the cells of each family."""
    rows = connection.execute(f"""
        select metric.family, min(cell.quarter), max(cell.quarter)
        from gate.cell as cell
        inner join gate.metric as metric on cell.metric = metric.metric
        {where}
        group by metric.family order by metric.family
    """).fetchall()
    return {family: {"from": first, "through": last} for family, first, last in rows}


def _bounds(
    connection: duckdb.DuckDBPyConnection, families: dict[str, dict[str, str]]
) -> dict[str, str]:
    """First and last quarter of the surveys (without surveys, of everything), and when
    the next quarter is due."""
    surveys = [families[name] for name in SURVEY_FAMILIES if name in families]
    spans = surveys or list(families.values())
    last = max(span["through"] for span in spans)
    following, due_on = first_row(
        connection,
        "select quarter_add($last, 1), report_due_on(quarter_add($last, 1))",
        {"last": last},
    ) or (None, None)
    return {
        "data_from": min(span["from"] for span in spans),
        "data_through": last,
        "next_quarter": str(following),
        "next_due_on": str(due_on),
    }


def _commit() -> str | None:
    """The commit of the code, where it runs from a git checkout."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() or None


def _write_databases(
    connection: duckdb.DuckDBPyConnection, folder: Path, private: Private | None
) -> list[dict[str, Any]]:
    """Write public.duckdb and one file per Component that has figures, or the one file of
    a private edition."""
    tables = _public_tables()
    components: list[tuple[str]] = []
    if private:
        tables |= {"cell": _private_cells(private.metric)}
    else:
        components = connection.execute(
            "select distinct component from gate.grid where level = 'component' order by 1"
        ).fetchall()
    _write_file(connection, folder / "public.duckdb", tables)
    for (component,) in components:
        _suggest_themes(connection, component)
        _write_file(connection, folder / f"component-{component}.duckdb", _team_tables(component))
    return [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.glob("*.duckdb"))
    ]


def _public_tables() -> dict[str, str]:
    """Tables of public.duckdb, each with the select that fills it; nothing raw."""
    dhs = f"component <> {sql_text(REST_OF_GOVERNMENT)}"
    return {
        "published": "from gate.published order by metric, level, component, service, channel, "
        "period_kind, period, basis, breakdown nulls first",
        "benchmark": "select * exclude (exact) from gate.benchmark order by all",
        "change_split": "from gate.change_split order by all",
        "change_leaf": "from gate.change_leaf order by all",
        "group_gap": "from gate.group_gap order by metric, level, component, service, channel, "
        "period_kind, period, basis, breakdown",
        "control_limit": "from gate.control_limit order by metric, level, component, service, "
        "channel, period_kind, period, basis, breakdown nulls first",
        "answers_needed": "from gate.answers_needed order by metric, level, component, service, "
        "channel, period_kind, period, basis",
        "metric": "from gate.metric order by metric",
        "definition": "from gate.definition order by metric, version",
        "lineage": "from gate.lineage order by all",
        **{name: f"from {name}" for name in PUBLIC_TABLES},
        # How many comments were read is a number of people.
        "comment_method": "select * replace (coarse_count(n_comments) as n_comments) "
        "from comment_method order by all",
        "reporting_board": "from reporting_board order by all",
        "finding": f"select * exclude (detail) from survey_finding where {dhs} order by all",
        "finding_count": "select rule, effect, "
        f"count(distinct survey_id) filter (where {dhs}) as n_reports_dhs, "
        f"count(distinct survey_id) filter (where not {dhs}) as n_reports_elsewhere "
        "from survey_finding group by rule, effect order by rule",
        "time_places": "from time_places order by all",
        "restated_activity": "from restated_activity order by all",
        "unmapped_label": "from unmapped_label order by all",
        "data_load": _public_loads(),
        "rejected_row": _public_rejections(),
    }


def _private_cells(metric: str) -> str:
    """Select of the newest cells of a metric, those of the Department first; `n_cells`
    says how many there are in all."""
    return f"""
        select * exclude (metric), count(*) over () as n_cells
        from gate.cell
        where metric = {sql_text(metric)}
        order by component = {sql_text(REST_OF_GOVERNMENT)}, quarter desc, month desc,
            component, service, channel, basis, breakdown
        limit {MAX_CELLS}
    """


def _public_loads() -> str:
    """Loads of public figures, and of which surveys single responses are loaded."""
    return f"""
        select * exclude (own_id) from ({PUBLIC_LOADS})
        union all by name
        select * from ({PRIVATE_LOADS})
        order by load_id nulls last, survey, format
    """


def _public_rejections() -> str:
    """Refused rows of public figures. A reason may quote what the row held, so nothing is
    told of single responses."""
    return f"""
        select
            load.load_id, rejected_row.line_number, rejected_row.column_name,
            rejected_row.reason, 1 as n_rows
        from rejected_row
        inner join ({PUBLIC_LOADS}) as load on rejected_row.load_id = load.own_id
        order by all
    """


def _team_tables(component: str) -> dict[str, str]:
    """Tables of a team's own file: its figures before disclosure control, its comments,
    and the answers of its assessments with their evidence."""
    own = f"component = {sql_text(component)}"
    return {
        "own_figure": f"from ({_own_figures(own)}) order by all",
        "finding": f"from survey_finding where {own} order by all",
        "maturity_status": f"from maturity_status where {own} order by all",
        "comment": f"from ({_team_comments(component)}) order by all",
        "suggested_theme": "from gate.suggested_theme order by number",
    }


def _own_figures(own: str) -> str:
    """Select of a Component's exact figures; `own` chooses its rows. Small groups that an
    answer defines have no row in public, so they come from the sums."""
    key = "metric, level, component, service, channel, period_kind, period, basis, breakdown"
    return f"""
        select {key}, value, numerator, denominator, n, low, high, is_suppressed
        from gate.estimate
        where scope = 'dhs' and {own}
        union all
        select
            {key}, numerator::double / nullif(denominator, 0) as value, numerator, denominator,
            n, null as low, null as high, true as is_suppressed
        from gate.every_sum as every_sum
        where scope = 'dhs' and {own} and is_known and is_private and kind = 'share'
            and row_id not in (select row_id from gate.grid)
    """


def _team_comments(component: str) -> str:
    """Select of a Component's comments: only those of services and channels that have
    enough comments in the quarter."""
    return f"""
        with enough as (
            from comment_text
            where component = {sql_text(component)}
            qualify count(*) over (partition by service, channel, quarter)
                >= {RULES.minimum_comments}
        ),
        themes as (
            select survey, quarter, response_id, list_sort(list(theme)) as themes
            from comment_theme
            group by survey, quarter, response_id
        )
        select
            enough.quarter, enough.month, enough.service, enough.channel, enough.survey,
            enough.family as basis, enough.comment, enough.n_redacted, enough.sentiment,
            enough.sentiment_score, themes.themes
        from enough
        inner join themes
            on enough.survey = themes.survey
            and enough.quarter = themes.quarter
            and enough.response_id = themes.response_id
    """


def _suggest_themes(connection: duckdb.DuckDBPyConnection, component: str) -> None:
    """Write gate.suggested_theme from the comments that a Component's file holds."""
    connection.execute("""
        create or replace table gate.suggested_theme (
            number integer, terms varchar[], n_comments bigint, examples varchar[],
            method varchar
        )
    """)
    rows = connection.execute(f"select comment from ({_team_comments(component)})").fetchall()
    for one in themes.suggest([row[0] for row in rows], RULES.minimum_comments):
        connection.execute(
            "insert into gate.suggested_theme values (?, ?, ?, ?, ?)",
            [*astuple(one), themes.method(RULES.minimum_comments)],
        )


def _write_file(connection: duckdb.DuckDBPyConnection, path: Path, tables: dict[str, str]) -> None:
    connection.execute(f"attach {sql_text(str(path))} as edition_file")
    try:
        with transaction(connection):
            for name, query in tables.items():
                connection.execute(f"create table edition_file.{name} as {query}")
            comments = connection.execute(
                "select table_name, comment from duckdb_tables() "
                "where database_name <> 'edition_file' and comment is not null"
            ).fetchall()
            for name, comment in comments:
                if name in tables:
                    connection.execute(
                        f"comment on table edition_file.{name} is {sql_text(comment)}"
                    )
            columns = connection.execute(
                "select published.table_name, published.column_name, own.comment "
                "from duckdb_columns() as published inner join duckdb_columns() as own "
                "on published.table_name = own.table_name "
                "and published.column_name = own.column_name "
                "where published.database_name = 'edition_file' "
                "and own.database_name <> 'edition_file' and own.comment is not null"
            ).fetchall()
            for name, column, comment in columns:
                connection.execute(
                    f"comment on column edition_file.{name}.{column} is {sql_text(comment)}"
                )
    finally:
        connection.execute("detach edition_file")

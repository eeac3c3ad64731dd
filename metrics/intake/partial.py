"""What a load says where it tells far less than what was loaded before of the same thing.

Told by categories or places, less than half of it is kept as a part and replaces nothing:
sql/aggregates/activity_telling.sql, current_times.sql and burden_inventory.sql do that,
and the load says so. Told in the same way, it does replace what was there, with a warning.
"""

import re

import duckdb

from metrics.base.settings import SQL
from metrics.intake.sources.base import ROWS

SUMS = {
    "count": ("n", "component, service, channel, activity"),
    "volume": ("customers", "survey"),
    "time": ("n", "component, service, channel, step"),
    "burden": ("hours", "component"),
}
"""For each kind of rows the number that is added up, and what it is added up for."""

ANSWER = "If this is all there is, load the file again with --replace."


def partial_notes(connection: duckdb.DuckDBPyConnection, load_id: int, fills: str) -> list[str]:
    """Return a line for each thing of which a load tells less than half, for a person to
    read; `stage_new` holds the rows that it brought. Loads told to replace have none."""
    if fills not in SUMS:
        return []
    notes = _restated(connection, load_id, fills)
    if fills == "count":
        notes += _part_tellings(connection, load_id) + _part_quarters(connection, load_id)
    if fills == "time":
        notes += _part_times(connection, load_id)
    if fills == "burden":
        notes += _part_inventories(connection, load_id)
    return notes


def _aggregate(name: str) -> str:
    """The select of an aggregate, to be run over the rows as they are now."""
    text = (SQL / "aggregates" / f"{name}.sql").read_text(encoding="utf-8")
    return re.sub(r"\A\s*/\*.*?\*/", "", text, flags=re.DOTALL)


def _said(*values: object) -> str:
    return " ".join(str(value) for value in values if value is not None)


def _restated(connection: duckdb.DuckDBPyConnection, load_id: int, fills: str) -> list[str]:
    """Rows stated anew, in the same way, whose sum is less than half of what it was."""
    number, group = SUMS[fills]
    table, key = ROWS[fills]
    is_same = " and ".join(f"new.{name} is not distinct from held.{name}" for name in key)
    rows = connection.execute(f"""
        with held as (
            from {table}
            where load_id < {load_id}
            qualify row_number() over (
                partition by {", ".join(key)} order by load_id desc
            ) = 1
        ),
        pairs as (
            select new.* exclude ({number}), new.{number} as n_new, held.{number} as n_held
            from stage_new as new
            inner join held on {is_same}
        )
        select concat_ws(' ', {group}), count(*), sum(n_new), sum(n_held), min(line_number)
        from pairs
        group by {group}
        having 2 * sum(n_new) < sum(n_held)
        order by all
    """).fetchall()
    return [
        f"warning: {what}: {n_rows} rows that were loaded before now add up to {now:,}, before "
        f"{before:,}; they replace those, the first on line {line}"
        for what, n_rows, now, before, line in rows
    ]


def _part_tellings(connection: duckdb.DuckDBPyConnection, load_id: int) -> list[str]:
    connection.execute(
        f"create or replace temp table load_telling as {_aggregate('activity_telling')}"
    )
    rows = connection.execute(f"""
        with parts as (
            select *,
                is_part_of_all or is_part_of_category or is_part_of_place as is_part,
                case
                    when has_category and has_place then 'by category and place'
                    when has_category then 'by category'
                    when has_place then 'by place'
                    else 'as a whole'
                end as told,
                coalesce(strftime(month, '%Y-%m'), quarter) as period
            from load_telling
            where load_id = {load_id} and is_complete and not is_replacing
                and 2 * n < n_before
        )
        select component, service, channel, activity, told, is_part, count(*),
            min_by(period, period), min_by(n, period), min_by(n_before, period),
            min_by(load_before, period)
        from parts
        group by component, service, channel, activity, told, is_part
        order by all
    """).fetchall()
    notes = []
    for *what, told, is_part, n_periods, period, n, n_before, before in rows:
        of = f"of {n_periods} months or quarters, such as {period}, " if n_periods > 1 else ""
        in_period = "" if n_periods > 1 else f"of {period} "
        outcome = (
            f"kept as parts, which replace no total. {ANSWER}"
            if is_part
            else "a whole, so it replaces that."
        )
        notes.append(
            f"{'' if is_part else 'warning: '}{_said(*what)}: {of}what is told {in_period}{told} "
            f"({n:,}) is less than half of what load {before} told ({n_before:,}); {outcome}"
        )
    return notes


def _part_quarters(connection: duckdb.DuckDBPyConnection, load_id: int) -> list[str]:
    """Months that fill a quarter in parts of less than half of what the quarter says."""
    rows = connection.execute(f"""
        select component, service, channel, activity, quarter,
            sum(case when month is not null then n end) as n,
            max(case when month is null then n end) as n_quarter
        from load_telling
        where is_complete
        group by component, service, channel, activity, quarter
        having
            bool_or(load_id = {load_id} and month is not null)
            and bool_or(month is not null and (has_category or has_place))
            and not bool_or(is_replacing)
            and count(distinct month) = 3
            and 2 * n < n_quarter
        order by all
    """).fetchall()
    return [
        f"{_said(*what)}: what is told of the months of {quarter} ({n:,}) is less than half of "
        f"what was told of the quarter ({n_quarter:,}); kept as parts, which replace no total. "
        + ANSWER
        for *what, quarter, n, n_quarter in rows
    ]


def _part_times(connection: duckdb.DuckDBPyConnection, load_id: int) -> list[str]:
    connection.execute(f"create or replace temp table held_times as {_aggregate('held_times')}")
    try:
        rows = connection.execute(f"""
            select component, service, channel, step, coalesce(strftime(month, '%Y-%m'), quarter),
                sum(n), string_agg(distinct coalesce(place, 'no single place'), ', ')
            from ({_aggregate("time_telling")})
            where load_id = {load_id} and not is_counted
            group by component, service, channel, step, quarter, month
            order by all
        """).fetchall()
    finally:
        connection.execute("drop table temp.held_times")
    return [
        f"{_said(*what)}: the times of {n:,} people in {period} ({places}) are less than half of "
        f"what was told before, or told in less detail; kept as parts, which count nowhere. "
        + ANSWER
        for *what, period, n, places in rows
    ]


def _part_inventories(connection: duckdb.DuckDBPyConnection, load_id: int) -> list[str]:
    connection.execute(
        f"create or replace temp table load_inventory as {_aggregate('burden_inventory')}"
    )
    rows = connection.execute(f"""
        select request.component, request.snapshot_on, count(*)
        from burden_request as request
        where request.load_id = {load_id} and not request.is_partial_inventory
            and request.value_basis = 'approved' and request.component <> 'FED'
            and exists (
                select 1
                from load_inventory as counted
                where counted.component = request.component
                    and counted.quarter = fiscal_quarter(request.snapshot_on)
                    and counted.snapshot_on < request.snapshot_on
                    and not counted.is_partial_inventory
            )
        group by request.component, request.snapshot_on
        order by all
    """).fetchall()
    return [
        f"{component}: the inventory of {day} ({n} requests) has less than half of the hours of an "
        f"earlier one of its quarter; kept, but the earlier one counts. {ANSWER}"
        for component, day, n in rows
    ]

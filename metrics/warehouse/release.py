"""The release rule: late and corrected responses enter editions many at a time.

Whoever has two editions can subtract one from the other. So a survey and fiscal quarter
that was published changes only by enough responses at once, at the input of the
aggregates, so that every number of an edition agrees.
"""

from collections import defaultdict
from dataclasses import dataclass

import duckdb

TOGETHER = 11
"""Responses that must be new, corrected or withdrawn, against every edition before, for a
survey and fiscal quarter to change."""

LOADS_HASH = "select coalesce(md5(string_agg(sha256, '/' order by load_id)), '') from data_load"
"""Select of a hash of the files of all loads."""

_OWN = ("load_id", "survey", "quarter", "response_id", "superseded_by")

_NEWEST = """
create or replace temp table release_newest as
select survey, quarter, max(greatest(load_id, coalesce(superseded_by, 0))) as load_id,
    bool_or(superseded_by is null) as has_current
from survey_response
group by survey, quarter
"""

_CHANGED = """
create or replace temp table release_changed as
with states as (
    select newest.survey, newest.quarter, released.load_id as state_id,
        max(released.load_id) over (partition by newest.survey, newest.quarter) as latest_id,
        newest.load_id as newest_id
    from release_newest as newest
    inner join released
        on newest.survey = released.survey and newest.quarter = released.quarter
),
moved as (
    select response.*, states.state_id, states.latest_id,
        counts_at(response.load_id, response.superseded_by, states.state_id) as was,
        response.superseded_by is null as is_now
    from survey_response as response
    inner join states
        on response.survey = states.survey and response.quarter = states.quarter
    where states.newest_id > states.latest_id
        and counts_at(response.load_id, response.superseded_by, states.state_id)
        <> (response.superseded_by is null)
),
contents as (
    select moved.survey, moved.quarter, moved.response_id, moved.state_id, moved.latest_id,
        moved.was, moved.is_now, hash({columns}, comment.comment) as content
    from moved
    left join survey_comment as comment
        on moved.load_id = comment.load_id and moved.survey = comment.survey
            and moved.quarter = comment.quarter and moved.response_id = comment.response_id
)
select survey, quarter, response_id, state_id, state_id = latest_id as is_latest,
    bool_or(was) as was, bool_or(is_now) as is_now
from contents
group by survey, quarter, response_id, state_id, latest_id
having max(content) filter (where was) is distinct from max(content) filter (where is_now)
"""


@dataclass(frozen=True)
class Waiting:
    """Responses to a survey of one fiscal quarter that no edition holds as they are."""

    survey: str
    quarter: str
    n_responses: int

    def __str__(self) -> str:
        noun, verb = ("response", "waits") if self.n_responses == 1 else ("responses", "wait")
        if self.n_responses < TOGETHER:
            until = f"they enter when {TOGETHER} wait"
        else:
            until = (
                f"an earlier edition, or a quarter that responses moved to, differs by fewer than "
                f"{TOGETHER}"
            )
        return f"{self.n_responses} {noun} to {self.survey} in {self.quarter} {verb}; {until}"


def plan_release(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the table release: a survey and quarter that was never published counts as it
    stands now; a published one moves on where it then differs by TOGETHER responses or
    more (or by none) from every state that was published, else it stays."""
    columns = connection.execute("describe survey_response").fetchall()
    content = ", ".join(f"moved.{row[0]}" for row in columns if row[0] not in _OWN)
    connection.execute(_NEWEST)
    connection.execute(_CHANGED.format(columns=content))
    held = _held(connection)
    connection.execute("delete from release")
    connection.execute(
        """
        insert into release
        with latest as (
            select survey, quarter, max(load_id) as load_id from released group by survey, quarter
        ),
        waiting as (
            select survey, quarter, count(*) as n
            from release_changed where is_latest group by survey, quarter
        ),
        held as (
            select unnest($surveys::varchar[]) as survey, unnest($quarters::varchar[]) as quarter
        )
        select newest.survey, newest.quarter,
            case when held.survey is null then newest.load_id else latest.load_id end,
            case when held.survey is null then 0 else coalesce(waiting.n, 0) end
        from release_newest as newest
        left join latest on newest.survey = latest.survey and newest.quarter = latest.quarter
        left join waiting on newest.survey = waiting.survey and newest.quarter = waiting.quarter
        left join held on newest.survey = held.survey and newest.quarter = held.quarter
        where newest.has_current or latest.survey is not null
        order by newest.survey, newest.quarter
        """,
        {"surveys": [survey for survey, _ in held], "quarters": [quarter for _, quarter in held]},
    )
    connection.execute("drop table release_changed")
    connection.execute("drop table release_newest")


def _held(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Surveys and quarters of release_changed that stay as they were published. Quarters
    between which a response moved stay or go together: else it would count twice, or not
    at all."""
    held = {
        (survey, quarter)
        for survey, quarter in connection.execute(
            "select survey, quarter from release_changed "
            "group by survey, quarter, state_id having count(*) < ?",
            [TOGETHER],
        ).fetchall()
    }
    linked = defaultdict(set)
    for survey, one, other in connection.execute("""
        select distinct gone.survey, gone.quarter, come.quarter
        from release_changed as gone
        inner join release_changed as come
            on gone.survey = come.survey and gone.response_id = come.response_id
        where gone.is_latest and gone.was and not gone.is_now
            and come.is_latest and come.is_now and not come.was
    """).fetchall():
        linked[survey, one].add((survey, other))
        linked[survey, other].add((survey, one))
    waiting = list(held)
    while waiting:
        fresh = linked[waiting.pop()] - held
        held |= fresh
        waiting += fresh
    return sorted(held)


def record_release(connection: duckdb.DuckDBPyConnection, edition: str) -> None:
    """Remember what an edition counts, in one transaction. It is done before anybody can
    read the edition; without the edition it only asks more of later ones."""
    connection.execute("begin")
    try:
        connection.execute(
            """
            insert into released
            select release.survey, release.quarter, release.load_id, ?
            from release
            anti join released
                on release.survey = released.survey and release.quarter = released.quarter
                    and release.load_id = released.load_id
            """,
            [edition],
        )
        connection.execute(
            "insert into edition_made select ?, coalesce(max(load_id), 0), "
            f"({LOADS_HASH}) from data_load",
            [edition],
        )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def waiting_responses(connection: duckdb.DuckDBPyConnection) -> list[Waiting]:
    """Return what waits, by survey and quarter, in a warehouse whose aggregates are made."""
    rows = connection.execute(
        "select survey, quarter, n_waiting from release where n_waiting > 0 order by all"
    ).fetchall()
    return [Waiting(*row) for row in rows]

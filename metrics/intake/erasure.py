"""Erasing one respondent: out of answers, comments and refused rows, and out of the file.

DuckDB keeps the bytes of deleted rows in its file. So the warehouse is written anew
without the response, and takes the place of the old file when it is whole.
"""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from metrics.base.duck import connect, first_row, first_value, sql_text
from metrics.base.errors import CxError
from metrics.base.settings import FILE_NAME, REFERENCE_FOLDER, SQL
from metrics.edition.manifest import edition_ids
from metrics.warehouse.store import build_aggregates, open_warehouse, prepare

MINIMUM_LENGTH = 6
"""Length from which an identifier is also looked for inside texts; a shorter one, such as
12, stands in many rows by chance."""


@dataclass
class Erased:
    """What was erased: rows of answers and of comments (all versions), refused rows; and
    what holds the comment outside the warehouse: files of teams, by edition."""

    survey: str
    n_responses: int
    n_comments: int
    n_rejected: int
    was_erased: bool
    team_files: list[Path] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return what to tell whoever asked for it."""
        found = (
            f"Erased from survey {self.survey}: {self.n_responses} rows of answers and "
            f"{self.n_comments} of comments (all versions), {self.n_rejected} refused rows. "
            "The warehouse was written anew without them."
        )
        lines = [found]
        if self.was_erased:
            lines.append("The response was erased before; it is still refused when loaded again.")
        else:
            lines.append("It is refused when its file is loaded again.")
        lines.append(
            "Run `python -m metrics publish`: the next edition is without it at once, whatever "
            "else waits."
        )
        if self.team_files:
            lines.append("The comment stands in these files of teams:")
            lines += [f"  {path}" for path in self.team_files]
            lines.append(
                "After publishing, remove the folders of these editions; an edition that pages "
                "show is not removed."
            )
        lines.append(
            "What cannot be recalled: editions already copied, downloads, briefings and files for "
            "OMB made from them, backups of the warehouse, and the file that was loaded. Delete "
            "the response there too."
        )
        return lines


def erase_response(home: Path, survey: str, response_id: str) -> Erased:
    """Erase a response from the warehouse of a data set, all versions in all quarters.

    A salted hash of survey and identifier remains, by which it is refused when it is
    loaded again. Raises CxError where the warehouse holds no such response.
    """
    if not (home / FILE_NAME).exists():
        raise CxError(f"{home / FILE_NAME}: there is no warehouse, so nothing to erase")
    with open_warehouse(home) as connection:
        if not first_value(connection, "select 1 from response_survey where survey = ?", [survey]):
            known = connection.execute("select survey from response_survey order by 1").fetchall()
            raise CxError(
                f"there is no survey {survey!r}; there are: {', '.join(row[0] for row in known)}"
            )
        own = f"survey = {sql_text(survey)} and response_id = {sql_text(response_id)}"
        rejected = _rejected(survey, response_id)
        n_responses, n_comments, n_rejected = (
            int(first_value(connection, f"select count(*) from {table} where {condition}"))
            for table, condition in (
                ("survey_response", own),
                ("survey_comment", own),
                ("rejected_row", rejected),
            )
        )
        salt, digest, was_erased = _mark(connection, survey, response_id)
        if not (n_responses or n_rejected or was_erased):
            raise CxError(
                f"survey {survey} has no response {response_id!r}, neither held nor refused; look "
                "for the identifier in the file that was loaded. Nothing was changed"
            )
        erased = Erased(
            survey,
            n_responses,
            n_comments,
            n_rejected,
            was_erased,
            _team_files(connection, home, own),
        )
        _write_anew(
            connection,
            home,
            {
                "survey_response": f"not ({own})",
                "survey_comment": f"not ({own})",
                "rejected_row": f"not ({rejected})",
            },
            [] if was_erased else [survey, digest, salt],
        )
    with open_warehouse(home) as connection:
        build_aggregates(connection)
    return erased


def erased_condition(connection: duckdb.DuckDBPyConnection, survey: str, response_id: str) -> str:
    """Return the SQL condition that a response was erased; `response_id` is the SQL that
    gives its identifier."""
    rows = connection.execute(
        "select salt, digest from erased_response where survey = ?", [survey]
    ).fetchall()
    if not rows:
        return "false"
    digests = ", ".join(sql_text(digest) for _, digest in rows)
    return f"sha256({sql_text(rows[0][0] + survey)} || '/' || {response_id}) in ({digests})"


def _mark(
    connection: duckdb.DuckDBPyConnection, survey: str, response_id: str
) -> tuple[str, str, bool]:
    """Salt and hash of a response, and whether it was erased before. A survey has one
    salt, so that a load hashes each identifier once."""
    salt = first_value(
        connection, "select any_value(salt) from erased_response where survey = ?", [survey]
    )
    salt = str(salt or secrets.token_hex(16))
    digest = first_value(connection, "select sha256(?)", [f"{salt}{survey}/{response_id}"])
    known = first_row(connection, "select 1 from erased_response where digest = ?", [digest])
    return salt, str(digest), known is not None


def _rejected(survey: str, response_id: str) -> str:
    """SQL condition of the refused rows that name a response: a value is its identifier, or
    a text holds it as a word."""
    row = "case when json_valid(raw_text) then raw_text end"
    named = f"list_contains(json_extract_string({row}, '$.*'), {sql_text(response_id)})"
    if len(response_id) >= MINIMUM_LENGTH:
        word = f"'(^|[^A-Za-z0-9])' || regexp_escape({sql_text(response_id)}) || '($|[^A-Za-z0-9])'"
        named += f" or regexp_matches(raw_text || ' ' || reason, {word})"
    return (
        f"load_id in (select load_id from data_load where survey = {sql_text(survey)}) "
        f"and coalesce({named}, false)"
    )


def _team_files(connection: duckdb.DuckDBPyConnection, home: Path, own: str) -> list[Path]:
    """Files of teams, of any edition, that hold a comment of the response."""
    comments = connection.execute(
        f"select distinct survey, quarter, comment from survey_comment where {own}"
    ).fetchall()
    found = []
    for edition in edition_ids(home) if comments else []:
        for path in sorted((home / "editions" / edition).glob("component-*.duckdb")):
            team = connect(path, read_only=True)
            try:
                held = team.execute("select survey, quarter, comment from comment").fetchall()
            except duckdb.CatalogException:  # of before comments were loaded
                held = []
            finally:
                team.close()
            if not set(comments).isdisjoint(held):
                found.append(path)
    return found


def _write_anew(
    connection: duckdb.DuckDBPyConnection, home: Path, kept: dict[str, str], mark: list[str]
) -> None:
    """Write the raw tables of an open warehouse into a new file, of some only the rows
    that are kept, and let it take the place of the old one. Everything else is made from
    them when it is next needed."""
    fresh = home / f".{FILE_NAME}-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    try:
        made = connect(fresh)
        try:
            prepare(made, home / REFERENCE_FOLDER)
        finally:
            made.close()
        connection.execute(f"attach {sql_text(str(fresh))} as fresh")
        connection.execute("begin")
        for path in sorted((SQL / "tables").glob("*.sql")):
            if "create table if not exists" in path.read_text(encoding="utf-8"):
                where = kept.get(path.stem, "true")
                connection.execute(
                    f"insert into fresh.{path.stem} by name from {path.stem} where {where}"
                )
        if mark:
            connection.execute(
                "insert into fresh.erased_response values (?, ?, ?, now() at time zone 'UTC')",
                mark,
            )
        connection.execute("update fresh.edition_made set loads = ''")
        connection.execute("commit")
        connection.execute("detach fresh")
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        # The old file stays locked until it is gone, so nobody writes it meanwhile.
        connection.execute("checkpoint")
        fresh.replace(home / FILE_NAME)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        fresh.with_name(fresh.name + ".wal").unlink(missing_ok=True)

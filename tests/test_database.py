"""Responses from a database: a real PostgreSQL server that the tests start, and SQLite.

Set CX_REQUIRE_POSTGRES=1 where a missing server must fail the tests instead of skipping
them.
"""

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from metrics.base.errors import CxError, UsageError
from metrics.base.settings import FILE_NAME, ROOT
from metrics.cli.main import main
from metrics.warehouse.store import open_warehouse, prepare
from tests.response_file import (
    LIKERT,
    Contents,
    contents,
    current,
    emptied,
    load,
    rejections,
    write_mapping,
)

PASSWORD = "s3cret:with/all#signs%@!"
IN_URL = "s3cret%3Awith%2Fall%23signs%25%40%21"
N_RESPONSES = 100_000

TABLE = f"""
create table response as
select
    'r' || n as id,
    (n % 5 + 1)::smallint as trust,
    timestamptz '2024-07-01 04:00:00+00' + n * interval '80 seconds' as sent_at,
    (0.5 + n % 7)::numeric(6, 3) as weight,
    case n % 3 when 0 then true when 1 then false end as was_easy,
    case when n % 100 = 0 then E'said "' || n || E'",\\nand left' end as remark,
    'telltale-' || n || '@example.org' as e_mail
from generate_series(1, {N_RESPONSES}) as n
"""
QUERY = "select * from response where e_mail like '%@example.org'"
MAPPING = f"""
survey: {LIKERT}
response_id: id
submitted_at: sent_at
answers:
  trust: 1
  was_easy: {{question: positive_ease, values: {{true: 1, false: 0}}}}
weight: weight
comment: remark
"""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server with one database that is the tests' own."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://cx:{IN_URL}@127.0.0.1:{self.port}/postgres"

    def connect(self) -> "psycopg.Connection[Any]":
        """Connect as the tests look at the server themselves."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="cx",
            password=PASSWORD,
            dbname="postgres",
            autocommit=True,
        )

    def kill(self) -> None:
        """Kill the server and everything it started, at once, as a power cut would."""
        with self.connect() as database:
            pids = [pid for (pid,) in database.execute("select pid from pg_stat_activity")]
        for pid in (self.process.pid, *pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout=30)


def _programs() -> Path:
    """The folder of PostgreSQL's programs; skips or fails where there is none."""
    found = shutil.which("postgres")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    if os.environ.get("CX_REQUIRE_POSTGRES") == "1":
        pytest.fail("PostgreSQL is not installed, and CX_REQUIRE_POSTGRES=1 asks for it")
    pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """Make and start a server in a folder of its own, and remove both at the end."""
    programs, port = _programs(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="cx-postgres-"))
    other: dict[str, Any] = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root.
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
        other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    secret = folder / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o644)
    data = ["-D", str(folder / "data")]
    options = ["-U", "cx", "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-sync"]
    made = subprocess.run(
        [programs / "initdb", *data, *options, "--pwfile", secret],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        **other,
    )
    assert made.returncode == 0, made.stderr
    settings = {"listen_addresses": "127.0.0.1", "fsync": "off", "unix_socket_directories": folder}
    settings |= {"timezone": "Asia/Tokyo"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        [programs / "postgres", *data, "-p", str(port), *options],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **other,
    )
    server = Server(port, process)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                server.connect().close()
                break
            except psycopg.OperationalError:
                assert process.poll() is None and time.monotonic() < deadline, "no server came up"
                time.sleep(0.1)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with the table `response`; tests only read it."""
    with running_server() as server:
        with server.connect() as database:
            database.execute(TABLE)
        yield server


@pytest.fixture(scope="module")
def prepared() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:")
    prepare(connection)
    yield connection
    connection.close()


@pytest.fixture
def warehouse(prepared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """An empty warehouse, made once and emptied for each test."""
    return emptied(prepared)


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return write_mapping(tmp_path / "mapping.yaml", MAPPING)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CX_HOME with one response that no failed load may change."""
    path = tmp_path / "held.csv"
    path.write_text("id,trust\nheld,5\n")
    text = f"survey: {LIKERT}\nquarter: 2024Q1\nresponse_id: id\nanswers: {{trust: 1}}\n"
    with open_warehouse(tmp_path / "home") as connection:
        load(connection, "csv", path, mapping=write_mapping(tmp_path / "held.yaml", text))
    monkeypatch.setenv("CX_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def held(home: Path) -> Contents:
    with duckdb.connect(str(home / FILE_NAME), read_only=True) as connection:
        return contents(connection)


def assert_no_secret(home: Path, *texts: str) -> None:
    """The password is neither in these texts nor in any file of the warehouse."""
    stored = [file.read_bytes() for file in home.rglob("*") if file.is_file()]
    for secret in (PASSWORD, IN_URL, "s3cret"):
        assert not any(secret in text for text in [*texts, str(held(home))])
        assert not any(secret.encode() in content for content in stored)


def test_a_hundred_thousand_responses_load_as_the_server_counts_them(
    server: Server,
    home: Path,
    mapping: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = tmp_path / "report.json"
    command = ["load", "auto", server.url, "--query", QUERY, "--mapping", str(mapping)]
    assert main([*command, "--report", str(report)]) == 0
    out, err = capsys.readouterr()
    shown = f"postgresql+psycopg://cx:***@127.0.0.1:{server.port}/postgres"
    assert out.startswith(f"{shown}: 100000 rows of survey {LIKERT}, format database, as of 20")
    assert "accepted 100000, duplicate 0, rejected 0" in out
    with server.connect() as database:
        by_server = database.execute("""
            select count(*), sum(trust), sum(weight)::float8, count(was_easy),
                sum(was_easy::int), count(remark), max(remark),
                min(sent_at at time zone 'America/New_York'),
                max(sent_at at time zone 'America/New_York'),
                count(*) filter (where sent_at < '2024-10-01 00:00 America/New_York')
            from response
        """).fetchone()
    with duckdb.connect(str(home / FILE_NAME), read_only=True) as connection:
        loaded = connection.execute("""
            select count(*), sum(trust), sum(weight), count(positive_ease),
                sum(positive_ease), count(comment), max(comment),
                min(submitted_at), max(submitted_at),
                count(*) filter (where quarter = '2024Q4')
            from survey_response
            left join survey_comment using (load_id, survey, quarter, response_id)
            where load_id = 2
        """).fetchone()
    assert loaded == by_server
    assert loaded is not None and loaded[-1] == 99_359, "two quarters are in it"
    assert main([*command, "--report", str(report)]) == 0
    assert "accepted 0, duplicate 100000, rejected 0" in capsys.readouterr().out
    assert_no_secret(home, out, err, report.read_text())
    assert "telltale" not in str(held(home)), "columns that the mapping does not name stay away"


def test_values_of_every_type_come_through_right(
    server: Server, warehouse: duckdb.DuckDBPyConnection, mapping: Path
) -> None:
    query = """
        select id, trust, sent_at, weight, was_easy, remark
        from (values
            (1, 5::smallint, timestamptz '2024-10-01 03:59:59+00', 0.125, true, 'a%b:c'),
            (2, 4, '2024-10-01 04:00:00+00', 1e3, false, ''),
            (3, null, '2024-09-30 23:30:00-07', 2, null, null),
            (4, 2, '2024-09-01 00:00:00+00', 1, true, E'Zoë, \\n "x"'),
            (5, 6, '2024-09-01 00:00:00+00', -1, true, 'kept away')
        ) as v (id, trust, sent_at, weight, was_easy, remark)
    """
    (result,) = load(warehouse, "database", server.url, query=query, mapping=mapping)
    columns = "response_id, trust, submitted_at, quarter, weight, positive_ease, comment"
    assert (result.n_accepted, result.n_rejected) == (3, 2)
    assert sorted(current(warehouse, columns)) == [
        ("1", 5, datetime(2024, 9, 30, 23, 59, 59), "2024Q4", 0.125, 1, "a%b:c"),
        ("2", 4, datetime(2024, 10, 1), "2025Q1", 1000.0, 0, None),
        ("4", 2, datetime(2024, 8, 31, 20), "2024Q4", 1.0, 1, 'Zoë, \n "x"'),
    ]
    assert rejections(warehouse) == [
        (3, "trust", "The row has no answer to any question."),
        (5, "trust", "The value '6' is no answer to trust; it must be 1, 2, 3, 4 or 5, or blank."),
        (5, "weight", "The weight is '-1'; it must be a number from 0.000001 to 1,000,000."),
    ]


def test_a_time_without_a_zone_is_of_the_zone_that_the_mapping_names(
    server: Server, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    query = "select 1 as id, 5 as trust, timestamp '2024-10-01 03:00:00' as sent_at"
    moment = "submitted_at: {column: sent_at, timezone: UTC}"
    text = f"survey: {LIKERT}\nresponse_id: id\nanswers: {{trust: 1}}\n{moment}\n"
    mapping = write_mapping(tmp_path / "m.yaml", text)
    load(warehouse, "database", server.url, query=query, mapping=mapping)
    assert current(warehouse, "submitted_at, quarter") == [(datetime(2024, 9, 30, 23), "2024Q4")]


def test_a_server_killed_in_the_middle_leaves_nothing_behind(home: Path, mapping: Path) -> None:
    query = """
        select
            n as id, 4 as trust, now() as sent_at, 1 as weight, true as was_easy,
            case when n > 50000 then pg_sleep(600)::text end as remark
        from generate_series(1, 100000) as n
    """
    before = held(home)
    with running_server() as server:
        command = ["load", "database", server.url, "--query", query, "--mapping", str(mapping)]
        loading = subprocess.Popen(
            [sys.executable, "-m", "metrics", *command],
            cwd=ROOT,
            env={**os.environ, "CX_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 90
        with server.connect() as database:
            asleep = "select 1 from pg_stat_activity where wait_event = 'PgSleep'"
            while not database.execute(asleep).fetchall():
                assert loading.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
        server.kill()
        out, err = loading.communicate(timeout=60)
    assert (loading.returncode, out) == (1, "")
    assert err.count("\n") == 1
    assert err.startswith(
        f"error: postgresql+psycopg://cx:***@127.0.0.1:{server.port}/postgres: the"
    )
    assert "the database failed after 40000 rows (" in err
    assert err.endswith(
        "; nothing was loaded, check the server, the URL and the query, and load again\n"
    )
    assert held(home) == before
    assert_no_secret(home, err)


@pytest.mark.parametrize("fault", ["password", "port", "database", "query", "column"])
def test_what_fails_is_said_in_one_line_without_the_password(
    server: Server,
    home: Path,
    mapping: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    fault: str,
) -> None:
    url, query, report = server.url, QUERY, tmp_path / "report.json"
    if fault == "password":
        url, message = url.replace("%21@", "%21x@"), "password authentication failed for user"
    elif fault == "port":
        url, message = url.replace(str(server.port), str(_free_port())), "refused"
    elif fault == "database":
        url, message = url.replace("/postgres", "/nowhere"), 'database "nowhere" does not exist'
    elif fault == "query":
        query, message = "select id from nowhere", 'relation "nowhere" does not exist'
    else:
        query, message = "select id, trust from response", "is missing; there are: 'id', 'trust'"
    before = held(home)
    command = ["load", "database", url, "--query", query, "--mapping", str(mapping)]
    assert main([*command, "--report", str(report)]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and message in err
    assert json.loads(report.read_text())["error"] == err[7:-1]
    assert held(home) == before
    assert_no_secret(home, err, report.read_text())


def test_a_query_that_changes_the_source_changes_nothing(
    server: Server, warehouse: duckdb.DuckDBPyConnection, mapping: Path
) -> None:
    for query in ("delete from response returning *", "drop table response"):
        with pytest.raises(CxError, match="the database failed"):
            load(warehouse, "database", server.url, query=query, mapping=mapping)
    with server.connect() as database:
        assert database.execute("select count(*) from response").fetchone() == (N_RESPONSES,)


# What needs no server.


def sqlite_url(path: Path, *rows: tuple[object, ...]) -> str:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("create table answer (id, trust, sent_at, weight, was_easy, remark)")
        database.executemany("insert into answer values (?, ?, ?, ?, ?, ?)", rows)
    return f"sqlite:///{path}"


def test_sqlite_loads_too(
    warehouse: duckdb.DuckDBPyConnection, mapping: Path, tmp_path: Path
) -> None:
    time = "2024-09-30 12:00:00"
    url = sqlite_url(
        tmp_path / "answers.db",
        (1, 5, time, 1, "true", "fine"),
        (2, 4.0, time, 0.5, None, None),
        ("x", "9", time, 1, None, None),
        (None, 3, time, 1, None, None),
        (1, 2, time, 1, "false", "changed"),
    )
    query = "select *, 'fine%' as pattern from answer where coalesce(remark, 'f') like '%'"
    (result,) = load(warehouse, "auto", url, query=query, mapping=mapping)
    assert (result.format, result.file) == ("database", url)
    assert (result.n_accepted, result.n_duplicate, result.n_rejected) == (3, 1, 1)
    found = current(warehouse, "trust, weight, positive_ease, comment")
    assert sorted(found, key=str) == [
        (2, 1.0, 0, "changed"),
        (3, 1.0, None, None),
        (4, 0.5, None, None),
    ]
    assert [line for line, _, _ in rejections(warehouse)] == [3]
    before = contents(warehouse)
    load(warehouse, "auto", url, query=query, mapping=mapping)
    assert contents(warehouse) == before
    (none,) = load(warehouse, "auto", url, query=query + " and false", mapping=mapping)
    assert none.n_rows == 0, "a query may find nothing new"


def test_what_a_database_must_be_told(
    warehouse: duckdb.DuckDBPyConnection, mapping: Path, tmp_path: Path
) -> None:
    url = sqlite_url(tmp_path / "answers.db")
    query = "select * from answer"
    with pytest.raises(UsageError, match="database needs a query; name it with --query"):
        load(warehouse, "database", url, mapping=mapping)
    with pytest.raises(UsageError, match="database needs a mapping file; name it with --mapping"):
        load(warehouse, "database", url, query=query)
    text = f"survey: {LIKERT}\nquarter: 2024Q4\nanswers: {{trust: 1}}\n"
    unnamed = write_mapping(tmp_path / "unnamed.yaml", text)
    with pytest.raises(CxError, match=r"unnamed\.yaml:1: response_id is missing; without one, ev"):
        load(warehouse, "database", url, query=query, mapping=unnamed)
    with pytest.raises(CxError, match="column 'trust' is there more than once"):
        load(warehouse, "database", url, query="select *, 1 as trust from answer", mapping=mapping)


@pytest.mark.parametrize(
    ("format_name", "url", "message"),
    [
        ("database", "postgresql+psycopg//cx:s3cret@h/db", "the location is no SQLAlchemy URL; wr"),
        (
            "database",
            "postgresql://cx:s3cret@h:port/db",
            "the location is no SQLAlchemy URL; write",
        ),
        ("database", "postgresql://cx:s3@cret@h/db", "the URL has more than one @; write the one"),
        ("database", "nosql://cx:s3cret@h/db", "nosql://cx:***@h/db: the database driver is not"),
        ("database", "mysql+nodriver://cx:s3cret@h/db", "mysql+nodriver://cx:***@h/db: the databa"),
        ("csv", "postgresql://cx:s3cret@h/db", "postgresql://cx:***@h/db: there is no such file"),
        ("csv", f"postgresql://cx:{'s3' * 200}@h/db", "postgresql://cx:***@h/db: there is no such"),
        (
            "auto",
            f"nosql://cx:{'s3' * 200}@h/db",
            "nosql://cx:***@h/db: the database driver is not",
        ),
        ("auto", "postgresql:/cx:s3cret@h/db", "postgresql:/cx:***@h/db: there is no such file"),
    ],
)
def test_a_mistaken_url_does_not_show_its_password(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    mapping: Path,
    format_name: str,
    url: str,
    message: str,
) -> None:
    options = ["--query", "select 1", "--mapping", str(mapping)]
    assert main(["load", format_name, url, *options]) in (1, 2)
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"error: {message}") and err.count("\n") == 1
    assert "s3" not in err and "cret" not in err

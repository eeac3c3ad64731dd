"""Runs selects in a process that can do nothing else. `metrics.define.sandbox` starts this file
on its own, so it imports nothing of the project.

One JSON job comes in as a line, then the tables that the selects may see, as streams of
Arrow; there is nothing else here to read. One JSON line goes out before each select and one
after, with its rows behind it. No file is open and none can be opened.
"""

import json
import os
import resource
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

MEGABYTE = 1024 * 1024
ROOM = 256
"""Megabytes of memory beside what a select may use and what the process had before."""
SIZE_UNKNOWN = 1024
"""Megabytes of addresses that the process has, where the system does not say."""


def own_size() -> int:
    """Bytes of address space that this process has now."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
        return int(pages) * resource.getpagesize()
    except OSError:
        return SIZE_UNKNOWN * MEGABYTE


def limit_process(limits: dict[int, int]) -> None:
    """Limit this process for good."""
    for kind, limit in limits.items():
        hard = resource.getrlimit(kind)[1]
        value = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (value, value))


def end_with_the_other() -> None:
    """End this process as soon as the one that started it is gone: its pipe closes."""

    def wait() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def open_locked(job: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open a database in memory, read the tables into it, and shut everything else."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{job['megabytes']}MB",
            "threads": 1,  # so that sums of fractions do not depend on who is first
            "temp_directory": "",
            "max_temp_directory_size": "0MB",
            # Places that do not exist, so that no message names one that does.
            "home_directory": "/none",
            "secret_directory": "/none",
            "allow_community_extensions": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        },
    )
    for statement in job["macros"]:
        connection.execute(statement)
    connection.execute("attach ':memory:' as given (compress)")
    connection.execute("set enable_external_access = false")
    for schema, name, n_bytes in job["tables"]:
        rows = pa.ipc.open_stream(sys.stdin.buffer.read(n_bytes)).read_all()
        connection.execute(f"create schema if not exists given.{schema}")
        connection.register("rows_given", rows)
        connection.execute(f"create table given.{schema}.{name} as from rows_given")
        connection.unregister("rows_given")
    connection.execute("checkpoint given")
    connection.execute("set arrow_lossless_conversion = true")
    # Loads what turns rows into Arrow while files can still be opened.
    connection.sql("select 1 as n").to_arrow_table()
    connection.execute("set lock_configuration = true")
    return connection


def scanned_rows(plan: str) -> int:
    """Rows that the scans of a plan with its actual numbers gave."""
    total, open_nodes = 0, [json.loads(plan)]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, list):
            open_nodes += node
        elif isinstance(node, dict):
            if "SCAN" in str(node.get("type") or ""):
                total += int(node.get("intermediate_rows") or 0)
            open_nodes += [value for value in node.values() if isinstance(value, list | dict)]
    return total


def rows_of(
    connection: duckdb.DuckDBPyConnection, sql: str, megabytes: int, n_rows: int | None
) -> bytes:
    """Run a select and return its rows, or so many first ones, as a stream of Arrow.

    Raises MemoryError where they are more than so many megabytes.
    """
    try:
        found = connection.sql(sql)
    except duckdb.Error:
        connection.execute(f"explain {sql}")  # fails alike, but says in which line
        raise
    reader = found.to_arrow_reader(10_000)
    schema = reader.schema
    names = unique(schema.names)
    schema = pa.schema([field.with_name(name) for field, name in zip(schema, names, strict=True)])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        n_left = n_rows
        for batch in reader:
            kept = batch if n_left is None else batch.slice(0, n_left)
            writer.write_batch(pa.record_batch(kept.columns, schema=schema))
            if sink.tell() > megabytes * MEGABYTE:
                raise MemoryError
            if n_left is not None:
                n_left -= kept.num_rows
                if n_left <= 0:
                    break
    return bytes(sink.getvalue())


def unique(names: list[str]) -> list[str]:
    """Return names of columns of which no two are alike, whatever their case."""
    found: list[str] = []
    for name in names:
        free, number = name, 0
        while free.lower() in {other.lower() for other in found}:
            number += 1
            free = f"{name}_{number}"
        found.append(free)
    return found


def run(
    connection: duckdb.DuckDBPyConnection, one: dict[str, Any], megabytes: int
) -> tuple[dict[str, Any], bytes]:
    """Run one select; return what it took, or its error, and its rows."""
    start = time.perf_counter()
    try:
        # Of its own, so that nothing is open any more when a select fails half-way.
        with connection.cursor() as own:
            statements = own.extract_statements(one["sql"])
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                return {"is_memory": False, "error": "there must be exactly one select"}, b""
            own.execute(f"set search_path = 'given.{one['schema']},memory.main'")
            own.execute("begin transaction read only")
            rows = rows_of(own, one["sql"], megabytes, one["n_rows"])
            outcome: dict[str, Any] = {"seconds": time.perf_counter() - start}
            if one["explain"]:
                plan = own.execute(f"explain (analyze, format json) {one['sql']}").fetchall()
                outcome["n_scanned"] = scanned_rows(plan[0][1])
    except MemoryError:
        return {"is_memory": True, "error": "out of memory"}, b""
    except (duckdb.Error, pa.ArrowException, RuntimeError, UnicodeError) as error:
        is_memory = isinstance(error, duckdb.OutOfMemoryException)
        return {"is_memory": is_memory, "error": str(error)}, b""
    return outcome, rows


def say(what: dict[str, Any], data: bytes = b"") -> None:
    """Send a message, with bytes behind it."""
    line = json.dumps(what | {"n_bytes": len(data)}).encode() + b"\n"
    sys.stdout.buffer.write(line + data)
    sys.stdout.buffer.flush()


def main() -> None:
    """Do the job that standard input brings."""
    warnings.simplefilter("ignore")
    job = json.loads(sys.stdin.buffer.readline())
    limit_process(
        {
            resource.RLIMIT_CPU: int(job["seconds"]) + 60,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_CORE: 0,
        }
    )
    try:
        connection = open_locked(job)
    except (MemoryError, duckdb.OutOfMemoryException, pa.ArrowMemoryError):
        say({"too_large": True})
        return
    end_with_the_other()
    size = own_size() + (job["megabytes"] + ROOM) * MEGABYTE
    limit_process({resource.RLIMIT_AS: size, resource.RLIMIT_NOFILE: 0})
    for one in job["selects"]:
        key = {"into": one["into"], "name": one["name"]}
        say({"starts": key})
        outcome, rows = run(connection, one, job["megabytes"])
        say({"ends": key} | outcome, rows)
    os._exit(0)


if __name__ == "__main__":
    main()

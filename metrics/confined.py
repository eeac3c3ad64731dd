"""Runs selects in a process that can do nothing else. `metrics.sandbox` starts this file
on its own, so it imports nothing of the project.

One JSON job comes in as a line; one JSON line goes out before each select and one after.
"""

import json
import resource
import sys
import time
from typing import Any

import duckdb

MEGABYTE = 1024 * 1024
ROOM = 1536
"""Megabytes of address space for the process itself, beside what a select may use."""


def limit_process(megabytes: int, seconds: float) -> None:
    """Limit this process for good: address space, processor time, size of files (bytes);
    no core dump."""
    for kind, limit in (
        (resource.RLIMIT_AS, (megabytes + ROOM) * MEGABYTE),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_FSIZE, megabytes * MEGABYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (value, value))


def open_locked(job: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open the file for results, attach the tables read-only, and shut everything else."""
    connection = duckdb.connect(
        job["results"],
        config={
            "memory_limit": f"{job['megabytes']}MB",
            "threads": 1,  # so that sums of fractions do not depend on who is first
            "temp_directory": "",
            "max_temp_directory_size": "0MB",
            "allow_community_extensions": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        },
    )
    for statement in job["macros"]:
        connection.execute(statement)
    connection.execute("attach '" + job["tables"].replace("'", "''") + "' as given (read_only)")
    connection.execute("set enable_external_access = false")
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


def run(connection: duckdb.DuckDBPyConnection, one: dict[str, Any]) -> dict[str, Any]:
    """Run one select into its table and return what it took, or its error."""
    start = time.perf_counter()
    try:
        connection.execute(f"set search_path = 'given.{one['schema']},results.main'")
        connection.execute(f"create schema if not exists results.{one['into']}")
        table = f"results.{one['into']}.{one['name']}"
        connection.execute(f"create table {table} as\n{one['sql']}\n")
        outcome: dict[str, Any] = {"seconds": time.perf_counter() - start}
        if one["explain"]:
            plan = connection.execute(f"explain (analyze, format json)\n{one['sql']}\n").fetchall()
            outcome["n_scanned"] = scanned_rows(plan[0][1])
    except MemoryError:
        return {"is_memory": True, "error": "out of memory"}
    except duckdb.Error as error:
        is_memory = isinstance(error, duckdb.OutOfMemoryException)
        return {"is_memory": is_memory, "error": str(error)}
    return outcome


def main() -> None:
    """Do the job that standard input brings."""
    job = json.loads(sys.stdin.readline())
    limit_process(job["megabytes"], job["seconds"])
    connection = open_locked(job)
    for one in job["selects"]:
        key = {"into": one["into"], "name": one["name"]}
        print(json.dumps({"starts": key}), flush=True)
        print(json.dumps({"ends": key} | run(connection, one)), flush=True)
    connection.close()


if __name__ == "__main__":
    main()

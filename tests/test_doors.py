"""What is private is shown to this machine alone: another address is refused at the start."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import app as front_door
from metrics.base.settings import ROOT
from ui.access import asked_address, is_this_machine, private_switches, refuse_open_doors

SWITCHES = {"CX_LOADING": "on", "CX_PREVIEW": "on", "CX_TEAM": "TSA"}


@pytest.fixture(autouse=True)
def all_off(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("address", "is_private"),
    [
        *((one, True) for one in ("127.0.0.1", "127.8.9.1", "localhost", "::1", "unix:///x.sock")),
        *((one, True) for one in ("::ffff:127.0.0.1", "0:0:0:0:0:0:0:1")),
        *((one, False) for one in ("", "0.0.0.0", "::", "0", "10.1.2.3", "192.168.0.7", "fe80::1")),
        *((one, False) for one in ("::ffff:10.1.2.3", "no such name", "x" * 300, "..")),
    ],
)
def test_which_addresses_only_this_machine_reaches(address: str, is_private: bool) -> None:
    assert is_this_machine(address) is is_private


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_private_switch_wants_loopback(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["uvicorn", "app:app", "--host", "0.0.0.0"]
    refuse_open_doors(command)
    monkeypatch.setenv(switch, SWITCHES[switch])
    assert private_switches() == [switch]
    with pytest.raises(SystemExit, match=f"listen on 0.0.0.0, and {switch} would") as refused:
        refuse_open_doors(command)
    assert "--server.address 127.0.0.1" in str(refused.value)
    refuse_open_doors(["uvicorn", "app:app"])
    monkeypatch.setattr("ui.access.st.get_option", lambda _: None)
    with pytest.raises(SystemExit, match="on all interfaces of this machine"):
        refuse_open_doors(["app.py"])


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["/x/bin/uvicorn", "app:app", "--host=10.0.0.1"], "10.0.0.1"),
        (["/x/uvicorn/__main__.py", "app:app", "--host", "::"], "::"),
        (["uvicorn", "app:app", "--uds", "/run/cx.sock"], "unix:///run/cx.sock"),
        (["uvicorn", "app:app", "--port", "1"], "127.0.0.1"),
        (["/x/app.py"], "127.0.0.1"),
    ],
)
def test_where_the_address_is_known_from(
    arguments: Sequence[str], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UVICORN_HOST", raising=False)
    assert asked_address(arguments) == address


def answer(kind: str, server: tuple[str, int | None] | None) -> list[dict[str, Any]]:
    """Return what a request that came in by an address is answered; nothing where it is
    passed on."""
    sent: list[dict[str, Any]] = []

    async def passed_on(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "passed on"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "server": server, "path": "/", "headers": []}
    # In a thread of its own: the tests of this process that drive a browser leave a loop running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, front_door.Doors(passed_on)(scope, receive, send)).result()
    return sent


def test_no_server_answers_others_while_a_switch_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    passed_on = [{"type": "passed on"}]
    assert answer("http", ("10.1.2.3", 80)) == passed_on
    monkeypatch.setenv("CX_TEAM", "all")
    assert answer("http", ("10.1.2.3", 80))[0]["status"] == 403
    assert answer("websocket", ("10.1.2.3", 80))[0]["type"] == "websocket.close"
    for server in (("127.0.0.1", 80), ("::1", 80), ("/run/cx.sock", None), ("testserver", 80)):
        assert answer("http", server) == answer("websocket", server) == passed_on
    assert answer("http", None) == answer("lifespan", None) == passed_on


def test_streamlit_refuses_to_start() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "8999"],
        cwd=ROOT,
        env={**os.environ, "CX_PREVIEW": "on", "STREAMLIT_SERVER_ADDRESS": "0.0.0.0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "error: this dashboard would listen on 0.0.0.0, and CX_PREVIEW" in done.stderr
    assert "Traceback" not in done.stderr

"""Who may open which page, and the guard that every page calls first."""

import argparse
import contextvars
import ipaddress
import os
import socket
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

routed: contextvars.ContextVar[str | None] = contextvars.ContextVar("routed", default=None)
"""Path of the page that the router is running; None outside the router."""

LOAD_PAGE = "load.py"
PREVIEW_PAGE = "preview.py"


def may_open(script: str) -> bool:
    """Say whether this dashboard shows a page, by the name of its script.

    The page that writes to the warehouse is there only where CX_LOADING says "on", the
    one that shows metrics before disclosure control only where CX_PREVIEW does: `make run`
    does, because it serves this machine alone. Everything else that asks "may they?" asks
    here.
    """
    if script == LOAD_PAGE:
        return os.environ.get("CX_LOADING") == "on"
    if script == PREVIEW_PAGE:
        return os.environ.get("CX_PREVIEW") == "on"
    return True


def may_see_team(component: str) -> bool:
    """Say whether this dashboard shows what is a Component's own, such as comments.

    CX_TEAM lists the Components, separated by commas, or says "all"; `make run` does,
    because it serves this machine alone. Without it nobody sees any.
    """
    return component in _teams() or "all" in _teams()


def private_switches() -> list[str]:
    """Return the settings that are on and open what is not for everybody: the warehouse,
    cells before disclosure control, what is a team's own."""
    return [
        *(["CX_LOADING"] if may_open(LOAD_PAGE) else []),
        *(["CX_PREVIEW"] if may_open(PREVIEW_PAGE) else []),
        *(["CX_TEAM"] if _teams() else []),
    ]


def _teams() -> set[str]:
    return {name.strip() for name in os.environ.get("CX_TEAM", "").split(",")} - {""}


def is_this_machine(address: str) -> bool:
    """Say whether only this machine reaches a server that listens on an address: a name or
    number of the loopback interface, or a Unix socket. Nothing means all interfaces."""
    if address.startswith("unix://"):
        return True
    if not address:
        return False
    try:
        found = socket.getaddrinfo(address, None)
    except (OSError, UnicodeError):
        return False
    numbers = {ipaddress.ip_address(str(where[0])) for *_, where in found}
    return all((getattr(one, "ipv4_mapped", None) or one).is_loopback for one in numbers)


def asked_address(arguments: Sequence[str]) -> str:
    """Return the address on which the server that runs app.py is going to listen, '' for
    all interfaces. `arguments` is sys.argv: Uvicorn, when it was started by itself, takes
    its address from there and not from the configuration of Streamlit."""
    command = Path(arguments[0]) if arguments else Path()
    if "uvicorn" in (command.stem, command.parent.name):
        parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        parser.add_argument("--host", default=os.environ.get("UVICORN_HOST", "127.0.0.1"))
        parser.add_argument("--uds")
        asked, _ = parser.parse_known_args(arguments[1:])
        return f"unix://{asked.uds}" if asked.uds else str(asked.host)
    return str(st.get_option("server.address") or "")


def refuse_open_doors(arguments: Sequence[str]) -> None:
    """End the process before it listens where other machines reach what is private."""
    address = asked_address(arguments)
    switches = private_switches()
    if switches and not is_this_machine(address):
        where = f"on {address}" if address else "on all interfaces of this machine"
        raise SystemExit(
            f"error: this dashboard would listen {where}, and {' and '.join(switches)} would "
            "show what is private to whoever reaches it; start it with `--server.address "
            "127.0.0.1` (Uvicorn: `--host 127.0.0.1`), or without these settings"
        )


def guard(page: str) -> None:
    """Stop unless the router runs this page and the page may be opened: a script under
    pages/ that is reached in any other way shows nothing. Call it first, as
    `guard(__file__)`."""
    if routed.get() != page or not may_open(Path(page).name):
        st.error("This page can only be opened from the dashboard.")
        st.stop()

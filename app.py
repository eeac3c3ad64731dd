"""The front door: Streamlit behind an ASGI app with a health route, security headers and
uploads for those alone who may load."""

import base64
import gc
import hashlib
import ipaddress
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from metrics import __version__
from metrics.base.errors import EditionError
from metrics.base.settings import ROOT, dataset_home, dataset_names
from metrics.edition.edition import open_edition
from metrics.edition.manifest import remove_leftovers
from metrics.tell import charts
from ui.access import (
    LOAD_PAGE,
    is_this_machine,
    may_open,
    private_switches,
    refuse_open_doors,
)
from ui.loading import remove_folders, sweep
from ui.trouble import show_fault


def _inline_scripts() -> str:
    """CSP hashes of the scripts inside Streamlit's own start page."""
    index = Path(st.__file__).parent / "static" / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", index.read_text("utf-8"), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


HEADERS = {
    b"content-security-policy": (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' {_inline_scripts()}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'none'; "
        "base-uri 'self'; form-action 'self'; object-src 'none'"
    ).encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    b"cross-origin-opener-policy": b"same-origin",
}


class SecurityHeaders:
    """Adds HEADERS to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in HEADERS.items() if name not in present),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Uploads:
    """Refuses uploads where no page takes any: Streamlit's own route would keep them in
    memory for every visitor."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unless it uploads a file to a dashboard that takes none."""
        is_upload = scope["type"] == "http" and "/_stcore/upload_file/" in scope["path"]
        if is_upload and not may_open(LOAD_PAGE):
            await PlainTextResponse("This dashboard takes no files.", 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Doors:
    """Answers nobody from another machine while a private setting is on, whatever server
    runs this app: what was refused at the start may have been asked for in another way."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unless it came in by an interface that others reach."""
        if scope["type"] in ("http", "websocket") and _is_open_door(scope) and private_switches():
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            text = "This dashboard shows what is private, and answers its own machine only."
            await PlainTextResponse(text, 403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_open_door(scope: Scope) -> bool:
    """Whether a request came in by an address that is a number and not of this machine
    alone. A Unix socket has a path instead."""
    host = str((scope.get("server") or ("",))[0])
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return not is_this_machine(host)


def health(request: Request) -> JSONResponse:
    """Say whether the current edition can be shown: 200 with its id, or 503 with the reason.
    Its files are read once, and again where they changed."""
    body: dict[str, str | None] = {"status": "ok", "edition": None, "reason": None}
    try:
        body["edition"] = open_edition(dataset_home()).id
    except EditionError as error:
        body |= {"status": error.status, "reason": error.reason}
    code = 200 if body["status"] == "ok" else 503
    return JSONResponse(body | {"version": __version__}, code)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Warm up, then keep what start-up made out of garbage collection: Streamlit
    collects after every rerun, which would otherwise cost more than the rerun. What killed
    runs left behind is removed; at the end no uploaded file stays behind."""
    sweep()
    for dataset in dataset_names():
        remove_leftovers(dataset_home(dataset))
    charts.warm_up()
    gc.collect()
    gc.freeze()
    yield
    remove_folders()


app = st.App(
    ROOT / "ui" / "router.py",
    lifespan=lifespan,
    routes=[Route("/api/health", health)],
    middleware=[Middleware(SecurityHeaders), Middleware(Doors), Middleware(Uploads)],
    on_script_error=show_fault,
)
refuse_open_doors(sys.argv)

"""The HTTP edge of the remote signing service. In the clear on loopback only, a TLS proxy before it."""

from __future__ import annotations

import base64
import binascii
import json
import socket
import threading
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.infra import telemetry
from lienthong.infra.http_limits import HttpLimits
from lienthong.signing.csc.words import BASE
from lienthong.signing.remote.accounts import Accounts
from lienthong.signing.remote.methods import Methods, NotDone
from lienthong.signing.use_log import UseLog
from lienthong.webkit.edge.bodies import PeerGone, header, read_small
from lienthong.webkit.edge.server import make_server

LIMITS = HttpLimits(concurrency=200, stop_seconds=5.0)
_BODY = 1024 * 1024
_NO_STORE = {"Cache-Control": "no-store"}


class RemoteSigning:
    """One service over its folder: ``users/`` and ``uses.jsonl``."""

    def __init__(self, home: Path, clock: Clock, methods: Methods | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.accounts = Accounts(home / "users")
        self.log = UseLog(home / "uses.jsonl", clock)
        self.methods = methods or Methods(self.accounts, self.log)
        self._calls: dict[str, Any] = {
            "credentials/list": self.methods.credentials, "credentials/info": self.methods.describe,
            "credentials/authorize": self.methods.authorize, "signatures/signHash": self.methods.sign,
        }  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, receive)
        except NotDone as error:
            answer = _refused(error)
        except Refused as refusal:
            answer = _refused(NotDone("invalid_request", refusal.sentence("en"), refusal.code.http))
        except PeerGone:
            return
        except Exception as fault:  # noqa: BLE001 - the web edge: whatever nobody foresaw is logged and answered
            telemetry.fault("signing.fault", fault, route=scope["path"], method=scope["method"])
            answer = _refused(NotDone("server_error", "Unforeseen fault", 500))
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] != "POST":
            raise NotDone("invalid_request", "POST is needed", 405)
        name = str(scope["path"]).removeprefix(BASE)
        body, _ = await read_small(scope, receive, LIMITS, _BODY)
        members = _members(body)
        scheme, _, text = (header(scope, b"authorization") or "").partition(" ")
        if name == "info":
            found = self.methods.info(members)
        elif name == "auth/login":
            found = await run_in_threadpool(self.methods.login, *_basic(scheme, text))
        elif name == "auth/revoke":
            self.methods.revoke(text.strip())
            return Response(status_code=204, headers=_NO_STORE)
        elif name in self._calls:
            user = self.methods.user_of(text.strip() if scheme.lower() == "bearer" else "")
            found = await run_in_threadpool(self._calls[name], user, members)
        else:
            raise NotDone("invalid_request", "Unknown method", 404)
        return JSONResponse(found, 200, _NO_STORE)


def serve(service: RemoteSigning, listening: socket.socket, stop: threading.Event) -> None:
    """Serve until ``stop`` is set."""
    host, port = listening.getsockname()[:2]
    server = make_server(service, host, port, LIMITS)
    serving = threading.Thread(target=server.run, args=([listening],), name="signing", daemon=True)
    serving.start()
    stop.wait()
    server.should_exit = True
    serving.join(LIMITS.stop_seconds + 5)


def _members(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotDone("invalid_request", "The body is not a JSON object")
    return found


def _basic(scheme: str, text: str) -> tuple[str, bytes]:
    try:
        if scheme.lower() != "basic":
            raise ValueError
        user, _, password = base64.b64decode(text.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        raise NotDone("invalid_request", "Basic authentication is needed", 401) from None
    return user.decode("utf-8", "replace"), password


def _refused(error: NotDone) -> Response:
    telemetry.info("signing.refused", error=error.error, why=error.description)
    return JSONResponse({"error": error.error, "error_description": error.description}, error.status, _NO_STORE)

"""The directory's endpoints on a real socket, with signed requests verified, for tests of directory and command line.

It has the answers of the axis's edge that the verbs need: 401 for an unknown key, 403 for another's verb, problems.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lienthong.base.clock import SystemClock
from lienthong.base.errors import Refused
from lienthong.exchange.api.directory import ROUTES
from lienthong.exchange.service.directory import HeldDirectory, Publisher, load_state
from lienthong.exchange.service.directory_desk import DirectoryDesk
from lienthong.exchange.service.directory_refresh import KeptConnection, Refresher
from lienthong.infra.database import connect
from lienthong.trust.http_signature import REQUIRED_WITHOUT_CONTENT, verify_request
from lienthong.trust.keys import PublicKey, load_public_key
from lienthong.trust.signer import Signer


@contextmanager
def serving(dsn: str, axis: str, signer: Signer, listener: socket.socket) -> Iterator[DirectoryDesk]:
    """Serve on a bound socket inside the block."""

    def open_one() -> KeptConnection:
        return KeptConnection(lambda: connect(dsn, "directory test", statement_seconds=120))

    with connect(dsn, "directory test") as connection:
        held = HeldDirectory(load_state(connection, axis))
    desk = DirectoryDesk(held, Publisher(signer, SystemClock()), open_one(), open_one(), SystemClock())
    refreshing = open_one()
    refresher = Refresher(held, refreshing, 0.1)
    app = Starlette(
        routes=[Route(path, guarded(endpoint, access), methods=[method]) for method, path, endpoint, access in ROUTES]
    )
    app.state.directory_desk = desk
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    refresher.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield desk
    finally:
        server.should_exit = True
        thread.join()
        refresher.stop()
        refreshing.close()
        desk.close()


def guarded(
    endpoint: Callable[[Request], Awaitable[Response]], access: str
) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        state = request.app.state.directory_desk.directory.state
        now = SystemClock().now()

        def resolve(kid: str) -> PublicKey | None:
            held = state.key(kid, now)
            return None if held is None else load_public_key(held.public_key_pem.encode())

        try:
            raw, query = request.scope["raw_path"], request.scope["query_string"]
            verified = verify_request(
                request.method,
                raw,
                query,
                request.headers.raw,
                REQUIRED_WITHOUT_CONTENT,
                resolve,
                int(now.timestamp()),
                300,
            )
            owner = state.key_owner(verified.key_id)
            if access == "operator" and not owner.operator:
                return JSONResponse({"code": "NOT_OPERATOR", "title_en": "not an operator", "retry": "permanent"}, 403)
            request.state.system_id = owner.system_id
            return await endpoint(request)
        except Refused as refused:
            problems = [{"code": p.code, "path": p.path, "vi": p.vi, "en": p.en} for p in refused.problems]
            members = {
                "code": refused.code.name,
                "title_vi": refused.sentence("vi"),
                "title_en": refused.sentence("en"),
                "retry": refused.code.retry.value,
                "problems": problems,
            }
            return JSONResponse(members, refused.code.http, media_type="application/problem+json")

    return answered

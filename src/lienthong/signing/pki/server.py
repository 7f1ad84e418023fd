"""The responders of a local PKI over HTTP: OCSP, time stamps, lists and certificates of the authority.

Source: RFC 6960 appendix A, RFC 3161 clause 3.4, RFC 5280 clause 4.2.1.13. In the clear, as these services are: every
answer is signed.
"""

from __future__ import annotations

import base64
import binascii
import socket
import threading
from urllib.parse import unquote

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lienthong.base.clock import Clock
from lienthong.base.errors import Refused
from lienthong.infra.http_limits import HttpLimits
from lienthong.infra.timestamp_authority import RESPONSE_TYPE, LocalAuthority
from lienthong.signing.pki.ocsp import MAXIMUM_QUESTION, Responder
from lienthong.signing.pki.register import Register
from lienthong.trust.certificates import load_certificate
from lienthong.trust.timestamp import MAXIMUM_REQUEST_BYTES
from lienthong.webkit.edge.bodies import PeerGone, read_small
from lienthong.webkit.edge.problems import render
from lienthong.webkit.edge.server import make_server

LIMITS = HttpLimits(concurrency=200, stop_seconds=5.0)
_OCSP = "application/ocsp-response"
_FILES = {
    "issuing.crl": "application/pkix-crl", "root.crl": "application/pkix-crl",
    "issuing.pem": "application/x-pem-file", "root.pem": "application/x-pem-file",
    "issuing.crt": "application/pkix-cert", "root.crt": "application/pkix-cert",
}  # fmt: skip


class PkiServer:
    """The services of one folder."""

    def __init__(self, register: Register, responder: Responder, stamps: LocalAuthority, clock: Clock) -> None:
        self._register, self._responder, self._stamps, self._clock = register, responder, stamps, clock
        self.app = Starlette(
            routes=[
                Route("/ocsp", self._ocsp, methods=["POST"]), Route("/ocsp/{question:path}", self._ocsp_get),
                Route("/tsa", self._tsa, methods=["POST"]), Route("/{name}", self._file), Route("/", self._index),
            ],
            exception_handlers={Refused: _refused},
        )  # fmt: skip

    async def _ocsp(self, request: Request) -> Response:
        return await self._answered(await _body(request, MAXIMUM_QUESTION))

    async def _ocsp_get(self, request: Request) -> Response:
        text = unquote(request.path_params["question"])
        try:
            question = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            question = b""
        return await self._answered(question)

    async def _answered(self, question: bytes) -> Response:
        answer = await run_in_threadpool(self._responder.respond, question, self._clock.now())
        return Response(answer, media_type=_OCSP, headers={"Cache-Control": "no-store"})

    async def _tsa(self, request: Request) -> Response:
        answer = await run_in_threadpool(self._stamps.respond, await _body(request, MAXIMUM_REQUEST_BYTES))
        return Response(answer, media_type=RESPONSE_TYPE, headers={"Cache-Control": "no-store"})

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _FILES:
            return JSONResponse({"title": "Không có tệp này", "title_en": "No such file"}, 404)
        if name.endswith(".crt"):
            content = load_certificate(self._read(name.replace(".crt", ".pem"))).public_bytes(Encoding.DER)
        else:
            content = self._read(name)
        return Response(content, media_type=_FILES[name], headers={"Cache-Control": "max-age=300"})

    def _read(self, name: str) -> bytes:
        return (self._register.folder / "trust" / name).read_bytes()

    async def _index(self, _: Request) -> Response:
        return JSONResponse({"ocsp": "/ocsp", "tsa": "/tsa", "files": sorted(_FILES)})


async def _refused(_: Request, refusal: Exception) -> Response:
    if not isinstance(refusal, Refused):
        raise refusal
    return render(refusal)


async def _body(request: Request, limit: int) -> bytes:
    try:
        body, _ = await read_small(request.scope, request.receive, LIMITS, limit)
    except PeerGone:
        return b""
    return bytes(body)


def serve(service: PkiServer, listening: socket.socket, stop: threading.Event) -> None:
    """Serve until ``stop`` is set."""
    host, port = listening.getsockname()[:2]
    server = make_server(service.app, host, port, LIMITS)
    serving = threading.Thread(target=server.run, args=([listening],), name="pki", daemon=True)
    serving.start()
    stop.wait()
    server.should_exit = True
    serving.join(LIMITS.stop_seconds + 5)

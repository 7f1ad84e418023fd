"""Every operation of this face: who calls, at what rate, and refusals in the words of the vendor's library."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.exchange.api.faces import small_body
from lienthong.exchange.api.routes import KEY, Access, ApiRoute, Call, route
from lienthong.exchange.service.connections import ConnectionBook, FaceCaller
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.directory_desk import DirectoryDesk
from lienthong.infra import telemetry
from lienthong.infra.http_limits import HttpLimits, RateLimiter
from lienthong.wire.vxp import answers
from lienthong.wire.vxp.headers import SignedHeaders, read_headers

FACE = "vxp"
PATH = "/vxp/"
SDK_AGENT = "JAVASDKAgent/"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class VxpCall:
    """One verified request. ``agent``: the client's User-Agent. ``sdk``: it is the vendor's library."""

    ctx: AxisContext
    limits: HttpLimits
    caller: FaceCaller
    headers: SignedHeaders
    scope: Scope
    receive: Receive

    def parameter(self, name: str) -> str:
        """A signed parameter, ``""`` when there is none."""
        return self.headers.parameter(name).strip()

    @property
    def system(self) -> str:
        return self.caller.system.system_id

    @property
    def sdk(self) -> bool:
        return header_of(self.scope, b"user-agent").startswith(SDK_AGENT)

    async def body(self) -> bytes:
        """A small body, whole; also answers ``Expect: 100-continue``. Refuses BODY_TOO_LARGE, LENGTH_REQUIRED."""
        return await small_body(self.scope, self.receive, self.limits)


Operation = Callable[[VxpCall, Send], Awaitable[None]]


@dataclass(slots=True)
class Face:
    """What the operations work with. ``book``: connections. ``desk``: the directory, for those that change it."""

    ctx: AxisContext
    book: ConnectionBook
    desk: DirectoryDesk
    quota: RateLimiter

    async def admit(self, scope: Scope, receive: Receive) -> VxpCall:
        """Verify a request. Refuses VXP_…, CREDENTIALS_WRONG, NETWORK_NOT_ALLOWED, TOO_MANY_REQUESTS and others."""
        call: Call = scope[KEY]
        headers = read_headers(scope["lienthong.headers"])
        client = scope.get("client") or ("", 0)
        caller = await self.book.admit(headers.system_id, FACE, client[0], headers.is_by)
        headers.require_plausible(self.ctx.clock.now())
        self.quota.take(caller.system.system_id, time.monotonic())
        return VxpCall(self.ctx, call.limits, caller, headers, scope, receive)

    def route(
        self, method: str, name: str, operation: Operation, *, vi: str, en: str, data: object = "", empty: bool = False
    ) -> ApiRoute:
        """One operation as a route. ``data``: empty value of the member ``data`` in a refusal.

        ``empty``: a refusal has no body at all, because the library takes any for the packet.
        """

        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            call = await self.admit(scope, receive)
            await operation(call, send)
            telemetry.info("vxp.done", system=call.system, operation=name)

        def render(refusal: Refused) -> Response:
            return render_refusal(refusal, data, empty=empty)

        return route(
            method, PATH + name, raw=run, access=Access.CONNECTION, vi=vi, en=en, render=render, scheme="secret"
        )


def render_refusal(refusal: Refused, data: object = "", *, empty: bool = False) -> Response:
    """A refusal: HTTP 200 always, for the library looks at nothing but the body."""
    headers = {"Cache-Control": "no-store", "Lienthong-Error": refusal.code.name}
    seconds = refusal.params.get("seconds", "")
    if refusal.code.http in {429, 503}:
        headers["Retry-After"] = seconds if seconds.isdigit() else "5"
    body = b"" if empty else answers.refused(refusal, DocId="", data=data)
    return Response(body, 200, headers, JSON)


def header_of(scope: Scope, name: bytes) -> str:
    """The first header of that (lower-case) name, ``""`` when there is none."""
    return next((str(value.decode("latin-1")) for key, value in scope["headers"] if key == name), "")

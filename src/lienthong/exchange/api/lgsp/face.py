"""Every operation of this face: who calls, with which token, at what rate, and refusals in its own words."""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.exchange.api.bodies import header
from lienthong.exchange.api.faces import small_body
from lienthong.exchange.api.routes import KEY, Access, ApiRoute, Call, route
from lienthong.exchange.errors import REQUEST_MALFORMED
from lienthong.exchange.service.connections import ConnectionBook, FaceCaller
from lienthong.exchange.service.context import AxisContext
from lienthong.infra import telemetry
from lienthong.infra.http_limits import HttpLimits, RateLimiter
from lienthong.wire.lgsp import answers
from lienthong.wire.lgsp.errors import LGSP_TOKEN_WRONG
from lienthong.wire.lgsp.tokens import read_token

FACE = "lgsp"
PATH = "/lgsp/"
JSON = "application/json"
MOST_PARAMETERS = 50


@dataclass(frozen=True, slots=True)
class LgspCall:
    """One verified request."""

    ctx: AxisContext
    limits: HttpLimits
    caller: FaceCaller
    scope: Scope
    receive: Receive

    def parameter(self, name: str) -> str:
        """A member of the query, ``""`` when there is none; case does not count. Refuses REQUEST_MALFORMED."""
        try:
            members = parse_qsl(self.scope["query_string"].decode("utf-8"), max_num_fields=MOST_PARAMETERS)
        except ValueError as reason:
            raise Refused(REQUEST_MALFORMED, member=name, why="UTF-8") from reason
        return next((value.strip() for key, value in members if key.lower() == name.lower()), "")

    async def body(self) -> bytes:
        """A small body, whole. Refuses BODY_TOO_LARGE, LENGTH_REQUIRED."""
        return await small_body(self.scope, self.receive, self.limits)


Operation = Callable[[LgspCall, Send], Awaitable[None]]
RawOperation = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(slots=True)
class Face:
    """What the operations work with. ``book``: connections. ``quota``: shared with the other compatible face."""

    ctx: AxisContext
    book: ConnectionBook
    quota: RateLimiter

    async def prove(self, scope: Scope, system: str, secret: bytes) -> FaceCaller:
        """A system that shows its secret itself. Refuses CREDENTIALS_WRONG, NETWORK_NOT_ALLOWED and others."""
        return await self._admit(scope, system, lambda known: hmac.compare_digest(known, secret))

    async def admit(self, scope: Scope, receive: Receive, *, secret_needed: bool = True) -> LgspCall:
        """Verify a request: its token, and the system's own headers beside it, which must name the same system.

        ``secret_needed``: the headers must be there; otherwise the token is enough, but headers that are there count.
        Refuses: LGSP_TOKEN_…, CREDENTIALS_WRONG, NETWORK_NOT_ALLOWED, TOO_MANY_REQUESTS and others.
        """
        call: Call = scope[KEY]
        token = read_token(header(scope, b"authorization") or "")
        system, secret = header(scope, b"x-systemid"), header(scope, b"x-secretkey")
        if secret_needed or system is not None or secret is not None:
            caller = await self.prove(scope, (system or "").strip(), (secret or "").strip().encode("latin-1"))
            live = [each for each in caller.connection.secrets if each.holds(self.ctx.clock.now())]
            if token.system != caller.system.system_id or not any(token.is_by(each.text) for each in live):
                raise Refused(LGSP_TOKEN_WRONG)
        else:
            caller = await self._admit(scope, token.system, token.is_by)
        token.require_current(self.ctx.clock.now())
        return LgspCall(self.ctx, call.limits, caller, scope, receive)

    async def _admit(self, scope: Scope, system: str, proves: Callable[[bytes], bool]) -> FaceCaller:
        client = scope.get("client") or ("", 0)
        caller = await self.book.admit(system, FACE, client[0], proves)
        self.quota.take(caller.system.system_id, time.monotonic())
        return caller

    def route(
        self,
        method: str,
        name: str,
        operation: Operation,
        *,
        vi: str,
        en: str,
        data: object = "",
        secret_needed: bool = True,
    ) -> ApiRoute:
        """One operation as a route. ``data``: empty value of the member ``data`` in a refusal."""

        async def run(scope: Scope, receive: Receive, send: Send) -> None:
            call = await self.admit(scope, receive, secret_needed=secret_needed)
            await operation(call, send)
            done(call.caller, name)

        return raw_route(method, name, run, vi=vi, en=en, data=data)


def raw_route(
    method: str, name: str, run: RawOperation, *, vi: str, en: str, data: object = "", scheme: str | None = "bearer"
) -> ApiRoute:
    """An operation that finds out itself who calls. ``scheme``: as in ``route``."""

    def render(refusal: Refused) -> Response:
        return render_refusal(refusal, data)

    path = f"{PATH}v1/{name}"
    return route(method, path, raw=run, access=Access.CONNECTION, vi=vi, en=en, render=render, scheme=scheme)


def done(caller: FaceCaller, name: str) -> None:
    """One line for one request; never what was in it."""
    telemetry.info("lgsp.done", system=caller.system.system_id, name=name)


def render_refusal(refusal: Refused, data: object = "") -> Response:
    """A refusal with the status of its code; the number says what such gateways know."""
    headers = {"Cache-Control": "no-store", "Lienthong-Error": refusal.code.name}
    if refusal.code.http == 401:
        headers["WWW-Authenticate"] = "Bearer"
    seconds = refusal.params.get("seconds", "")
    if refusal.code.http in {429, 503}:
        headers["Retry-After"] = seconds if seconds.isdigit() else "5"
    return Response(answers.refused(refusal, data), refusal.code.http, headers, JSON)

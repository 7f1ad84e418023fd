"""Routes as data: method, path, who may call, what it is. The edge enforces the rule before the endpoint runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.exchange.api import problems
from lienthong.exchange.api.auth import Authenticator, Caller
from lienthong.exchange.api.bodies import announced_size, read_signed
from lienthong.exchange.errors import OPERATOR_ONLY
from lienthong.exchange.service.context import AxisContext
from lienthong.infra.http_limits import HttpLimits

SMALL_BODY = 2 * 1024 * 1024


class Access(Enum):
    """Who may call. Everything but ANYONE and CONNECTION needs a signed request of an active system.

    CONNECTION: a system that proves itself with its shared secret; its face does so before the operation runs.

    The edge enforces ANYONE, SYSTEM and OPERATOR; SENDER, RECIPIENT and PARTY also name a rule about the agency that
    the endpoint's verb enforces, because it depends on what is asked for.
    """

    ANYONE = "anyone"
    SYSTEM = "system"
    SENDER = "sender"
    RECIPIENT = "recipient"
    PARTY = "party"
    CONNECTION = "connection"
    OPERATOR = "operator"


_WITHOUT_SIGNATURE = frozenset({Access.ANYONE, Access.CONNECTION})


@dataclass(slots=True)
class Call:
    """What the edge knows of a request. ``body``: read and verified, unless the route streams."""

    ctx: AxisContext
    limits: HttpLimits
    caller: Caller | None = None
    body: bytes = b""

    def require_caller(self) -> Caller:
        """The calling system; the route's access rule makes sure that there is one."""
        if self.caller is None:
            raise RuntimeError("a route without access rule asked who calls")
        return self.caller


Endpoint = Callable[[Request], Awaitable[Response]]
RawEndpoint = Callable[[Scope, Receive, Send], Awaitable[None]]

KEY = "lienthong.call"


def call_of(request: Request) -> Call:
    """The call that a request belongs to."""
    call: Call = request.scope[KEY]
    return call


class Guarded:
    """An endpoint behind its access rule, as an ASGI application."""

    def __init__(self, route: ApiRoute, endpoint: Endpoint | None, raw: RawEndpoint | None) -> None:
        self._route, self._endpoint, self._raw = route, endpoint, raw
        self.auth: Authenticator | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call: Call = scope[KEY]
        route = self._route
        if route.access not in _WITHOUT_SIGNATURE:
            if self.auth is None:
                raise RuntimeError("the application was not built")
            call.caller = self.auth.authenticate(scope, announced_size(scope) is not None)
            if route.access is Access.OPERATOR and not call.caller.system.operator:
                raise Refused(OPERATOR_ONLY)
        if self._raw is not None:
            await self._raw(scope, receive, send)
            return
        declared = None if call.caller is None else call.caller.content_digest
        call.body = await read_signed(scope, receive, call.limits, route.body_limit, declared)
        if self._endpoint is not None:
            request = Request(scope, _replay(call.body, receive))
            if call.caller is not None:
                request.state.system = request.state.system_id = call.caller.system.system_id
            response = await self._endpoint(request)
            await response(scope, receive, send)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once more, for an endpoint that reads it from its request; then what the server says."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


class ApiRoute(Route):
    """A route that says who may call it. ``vi``/``en``: one line for the pages."""

    access: Access
    vi: str
    en: str
    body_limit: int
    guarded: Guarded
    answers: dict[int, str]
    render: Callable[[Refused], Response]
    scheme: str | None


def route(
    method: str,
    path: str,
    endpoint: Endpoint | None = None,
    *,
    access: Access,
    vi: str = "",
    en: str = "",
    raw: RawEndpoint | None = None,
    body_limit: int = SMALL_BODY,
    answers: dict[int, str] | None = None,
    render: Callable[[Refused], Response] = problems.render,
    scheme: str | None = "signature",
) -> ApiRoute:
    """One line of the route table.

    ``endpoint`` takes a request whose body was read and verified; ``raw`` reads the body itself and compares the
    caller's Content-Digest. ``answers``: media types by status, for the OpenAPI page. ``render``: how a refusal looks.
    ``scheme``: how callers prove themselves, by its name on the OpenAPI page; None when the operation is that proof.
    """
    if (endpoint is None) == (raw is None):
        raise ValueError("a route has one endpoint")
    # Starlette's constructor wants an endpoint; the guard is put in its place at once.
    made = ApiRoute(path, endpoint=_Placeholder(), methods=[method])
    made.access, made.vi, made.en, made.body_limit = access, vi, en, body_limit
    made.answers = answers or {200: "application/json"}
    made.render, made.scheme = render, scheme
    made.guarded = Guarded(made, endpoint, raw)
    made.app = made.guarded
    made.methods = {method}
    return made


class _Placeholder:
    """Never called."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        raise RuntimeError("the guard stands before every endpoint")

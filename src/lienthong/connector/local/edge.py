"""The application: our own host name only, a token or a signed-in person, refusals rendered once.

Three attacks of other web pages in the registrar's browser are met here: a foreign host name that leads to this machine
(DNS rebinding) is refused by the Host header; a form posted from elsewhere by the Origin header and the form's word; a
script from elsewhere reads nothing, since no answer ever allows another origin.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from lienthong.base.errors import Language, Refused
from lienthong.connector.errors import AxisRefused
from lienthong.connector.local.errors import (
    LOCAL_ADDRESS_UNKNOWN,
    LOCAL_FAULT,
    LOCAL_HOST_FOREIGN,
    LOCAL_PAGE_EXPIRED,
    LOCAL_TOKEN_NEEDED,
    LOCAL_TOKEN_READS_ONLY,
)
from lienthong.connector.local.problems import render
from lienthong.connector.local.routes import KEY, SMALL_BODY, Access, Call, LocalRoute
from lienthong.connector.local.sessions import COOKIE, Sessions
from lienthong.connector.local.signing_in import SIGN_IN, require_same_origin, sign_in_address
from lienthong.connector.local.tokens import Token, Tokens
from lienthong.infra import telemetry
from lienthong.infra.http_limits import HttpLimits
from lienthong.webkit.edge.bodies import PeerGone, announced_size, header, read_small
from lienthong.webkit.errors import METHOD_NOT_ALLOWED, REQUEST_MALFORMED
from lienthong.webkit.templates import HEADERS, Templates, language_of

FORM = "application/x-www-form-urlencoded"


class Edge:
    """The outermost ASGI application. ``hosts``: names by which the connector may be called, in lower case, no port."""

    def __init__(
        self,
        routes: Iterable[LocalRoute],
        tokens: Tokens,
        sessions: Sessions,
        templates: Templates,
        hosts: Sequence[str],
        limits: HttpLimits,
    ) -> None:
        self.routes = list(routes)
        self._tokens, self._sessions, self._templates = tokens, sessions, templates
        self._hosts = frozenset(hosts)
        self.limits = limits
        self._app = Starlette(routes=self.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        scope["app"] = self._app
        call = scope[KEY] = Call()
        found: LocalRoute | None = None
        try:
            self._require_own_host(scope)
            found = self._find(scope)
            self._admit(scope, found, call)
            await self._run(found, scope, receive, noting, call)
        except (Refused, AxisRefused) as refusal:
            await self._refuse(refusal, begun, found, scope, receive, noting)
        except PeerGone:
            return
        except Exception as fault:  # noqa: BLE001 - the web edge: whatever nobody foresaw is logged and answered
            telemetry.fault("local.fault", fault, route=found.path if found else "-", method=scope["method"])
            trace = telemetry.trace_id() or telemetry.new_trace_id()
            await self._refuse(Refused(LOCAL_FAULT, trace=trace), begun, found, scope, receive, noting)

    async def _run(self, found: LocalRoute, scope: Scope, receive: Receive, send: Send, call: Call) -> None:
        if not found.streams:
            call.body, _ = await read_small(scope, receive, self.limits, SMALL_BODY)
            if found.access.for_people or found.access is Access.ANYONE:
                call.form = _form(scope, call.body)
            if found.access is Access.ACT:
                self._require_own_form(scope, call)
        else:
            announced_size(scope)
        response = await found.endpoint(Request(scope, receive))
        await response(scope, receive, send)

    # --- who calls -----------------------------------------------------------------------------------------------

    def _require_own_host(self, scope: Scope) -> None:
        named = [value for key, value in scope["headers"] if key == b"host"]
        host = named[0].decode("latin-1").lower() if len(named) == 1 else ""
        name, colon, port = host.rpartition(":")
        if not colon or not port.isdigit():
            name = host
        if name not in self._hosts:
            raise Refused(LOCAL_HOST_FOREIGN)

    def _admit(self, scope: Scope, found: LocalRoute, call: Call) -> None:
        request = Request(scope)
        if found.access.for_people or found.access is Access.ANYONE:
            call.session = self._sessions.find(request.cookies.get(COOKIE), time.monotonic())
            call.token = call.session.token if call.session else None
        else:
            call.token = self._bearer(scope)
        if found.access is Access.ANYONE:
            return
        if call.token is None:
            raise Refused(LOCAL_TOKEN_NEEDED)
        if found.access.changes and not call.token.write:
            raise Refused(LOCAL_TOKEN_READS_ONLY, name=call.token.name)

    def _bearer(self, scope: Scope) -> Token | None:
        scheme, _, text = (header(scope, b"authorization") or "").partition(" ")
        return self._tokens.find(text.strip()) if scheme.lower() == "bearer" else None

    def _require_own_form(self, scope: Scope, call: Call) -> None:
        """Refuses LOCAL_PAGE_EXPIRED for a form that another page made."""
        require_same_origin(scope)
        if call.session is None or not call.session.made(call.form.get("word", "")):
            raise Refused(LOCAL_PAGE_EXPIRED)

    # --- refusing ------------------------------------------------------------------------------------------------

    async def _refuse(
        self, refusal: Refused | AxisRefused, begun: bool, found: LocalRoute | None, scope: Scope, receive: Receive,
        send: Send,
    ) -> None:  # fmt: skip
        """Answer with the problem, or with a page for a person; an answer that has begun is cut instead."""
        if begun:
            raise refusal
        code = refusal.code if isinstance(refusal, AxisRefused) else refusal.code.name
        telemetry.info("local.refused", code=code)
        answer: Response = render(refusal)
        if found is not None and (found.access.for_people or (found.access is Access.ANYONE and found.path == SIGN_IN)):
            answer = self._page(refusal, Request(scope))
        await answer(scope, receive, send)

    def _page(self, refusal: Refused | AxisRefused, request: Request) -> Response:
        if isinstance(refusal, Refused) and refusal.code is LOCAL_TOKEN_NEEDED:
            return RedirectResponse(sign_in_address(request), 303)
        language: Language = language_of(request.query_params.get("lang"), request.cookies.get("lang"))
        status = refusal.http_status if isinstance(refusal, AxisRefused) else refusal.code.http
        problems = () if isinstance(refusal, AxisRefused) else refusal.problems
        html = self._templates.render(
            "refused.html", language, sentence=refusal.sentence(language), advice=refusal.advice(language),
            code=refusal.code if isinstance(refusal, AxisRefused) else refusal.code.name, address=request.url.path,
            problems=[each.vi if language == "vi" else each.en for each in problems],
        )  # fmt: skip
        return Response(html, status, HEADERS | {"Cache-Control": "no-store"}, "text/html; charset=utf-8")

    def _find(self, scope: Scope) -> LocalRoute:
        """The route of a request. Refuses LOCAL_ADDRESS_UNKNOWN, METHOD_NOT_ALLOWED."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        partial = False
        for each in self.routes:
            match, child = each.matches({**scope, "method": method})
            if match is Match.FULL:
                scope.update(child)
                return each
            partial = partial or match is Match.PARTIAL
        raise Refused(METHOD_NOT_ALLOWED, method=scope["method"]) if partial else Refused(LOCAL_ADDRESS_UNKNOWN)


def _form(scope: Scope, body: bytes) -> dict[str, str]:
    """The fields of a page's form. Refuses REQUEST_MALFORMED for more than any of our pages has."""
    if not (header(scope, b"content-type") or "").startswith(FORM):
        return {}
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise Refused(REQUEST_MALFORMED, member="form", why="≤ 50") from None

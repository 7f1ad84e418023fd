"""The agent's application: this computer's name only, allowed origins only, paired callers only.

Attacks of other pages in the official's browser that are met here: a foreign host name that leads to this computer (DNS
rebinding) by the Host header; a script of another origin by the Origin header, before anything else is read; a form
posted from elsewhere by Origin, Sec-Fetch-Site and the form's word; a frame around a page by its content policy. The
answer to a browser's question before it lets a public page talk to this computer (private network access) names the
asking origin exactly, never all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.base.text import one_line
from lienthong.infra import telemetry
from lienthong.infra.http_limits import HttpLimits
from lienthong.signing.agent.errors import (
    AGENT_ADDRESS_UNKNOWN,
    AGENT_FAULT,
    AGENT_HOST_FOREIGN,
    AGENT_NOT_PAIRED,
    AGENT_ORIGIN_FOREIGN,
    AGENT_PAGE_EXPIRED,
)
from lienthong.signing.agent.pairing import COOKIE, Pairing
from lienthong.signing.agent.routes import API, KEY, SMALL_BODY, Access, AgentRoute, Call
from lienthong.webkit.edge import problems
from lienthong.webkit.edge.bodies import PeerGone, header, read_small
from lienthong.webkit.errors import METHOD_NOT_ALLOWED, REQUEST_MALFORMED
from lienthong.webkit.templates import HEADERS, Templates, language_of

HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
NO_STORE = {"Cache-Control": "no-store"}
_METHODS = "GET, POST, PUT, DELETE"


class Edge:
    """The outermost ASGI application. ``origins``: exact, as a browser writes them, such as ``https://a.gov.vn``."""

    def __init__(
        self, routes: Iterable[AgentRoute], pairing: Pairing, templates: Templates, origins: Sequence[str],
        limits: HttpLimits,
    ) -> None:  # fmt: skip
        self.routes = list(routes)
        self._pairing, self._templates, self._origins, self._limits = pairing, templates, frozenset(origins), limits
        self._app = Starlette(routes=self.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False
        call = scope[KEY] = Call()
        scope["app"] = self._app

        async def noting(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message["headers"], *_sharing(call.origin)]
            await send(message)

        try:
            _require_own_host(scope)
            for_software = scope["path"].startswith(API)
            if for_software:
                self._require_allowed_origin(scope, call)
            if for_software and scope["method"] == "OPTIONS":
                answer: Response = _preflight(scope)
            else:
                found = self._find(scope)
                self._admit(scope, found, call)
                await self._read(found, scope, receive, call)
                answer = await found.endpoint(Request(scope, receive))
        except Refused as refusal:
            answer = self._refused(refusal, scope)
        except PeerGone:
            return
        except Exception as fault:  # noqa: BLE001 - the web edge: whatever nobody foresaw is logged and answered
            telemetry.fault("agent.fault", fault, route=scope["path"], method=scope["method"])
            answer = self._refused(Refused(AGENT_FAULT, trace=telemetry.trace_id() or telemetry.new_trace_id()), scope)
        if not begun:
            await answer(scope, receive, noting)

    # --- who calls -----------------------------------------------------------------------------------------------

    def _require_allowed_origin(self, scope: Scope, call: Call) -> None:
        """Refuses AGENT_ORIGIN_FOREIGN. A program of this computer sends no origin; a browser always does."""
        named = [value.decode("latin-1") for key, value in scope["headers"] if key == b"origin"]
        site = header(scope, b"sec-fetch-site")
        if not named and site in {None, "none"}:
            return
        if len(named) != 1 or named[0] not in self._origins:
            raise Refused(AGENT_ORIGIN_FOREIGN, origin=one_line(named[0] if named else "?", 120))
        call.origin = named[0]

    def _admit(self, scope: Scope, found: AgentRoute, call: Call) -> None:
        if found.access is Access.SOFTWARE:
            scheme, _, text = (header(scope, b"authorization") or "").partition(" ")
            call.paired = self._pairing.software(text.strip(), call.origin) if scheme.lower() == "bearer" else None
        elif not found.access.for_software:
            call.paired = self._pairing.browser(Request(scope).cookies.get(COOKIE))
        if call.paired is None and found.access in {Access.SOFTWARE, Access.SEE, Access.ACT}:
            raise Refused(AGENT_NOT_PAIRED)
        if scope["method"] == "POST" and not found.access.for_software:
            _require_same_origin(scope)

    async def _read(self, found: AgentRoute, scope: Scope, receive: Receive, call: Call) -> None:
        if found.streams:
            return
        call.body, _ = await read_small(scope, receive, self._limits, SMALL_BODY)
        if not found.access.for_software and call.body:
            try:
                fields = parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
            except ValueError:
                raise Refused(REQUEST_MALFORMED, member="form", why="≤ 50") from None
            call.form = dict(fields)
        if found.access is Access.ACT and not (call.paired and call.paired.made(call.form.get("word", ""))):
            raise Refused(AGENT_PAGE_EXPIRED)

    # --- refusing ------------------------------------------------------------------------------------------------

    def _refused(self, refusal: Refused, scope: Scope) -> Response:
        telemetry.info("agent.refused", code=refusal.code.name)
        if scope["path"].startswith(API):
            return problems.render(refusal)
        request = Request(scope)
        if refusal.code is AGENT_NOT_PAIRED:
            wanted = quote(request.url.path, safe="/") if request.method == "GET" else "/"
            return RedirectResponse(f"/login?next={wanted}", 303, NO_STORE)
        language = language_of(request.query_params.get("lang"), request.cookies.get("lang"))
        html = self._templates.render(
            "refused.html", language, sentence=refusal.sentence(language), advice=refusal.advice(language),
            code=refusal.code.name,
        )  # fmt: skip
        return HTMLResponse(html, refusal.code.http, HEADERS | NO_STORE)

    def _find(self, scope: Scope) -> AgentRoute:
        """The route of a request. Refuses AGENT_ADDRESS_UNKNOWN, METHOD_NOT_ALLOWED."""
        partial = False
        for each in self.routes:
            match, child = each.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                return each
            partial = partial or match is Match.PARTIAL
        raise Refused(METHOD_NOT_ALLOWED, method=scope["method"]) if partial else Refused(AGENT_ADDRESS_UNKNOWN)


def _require_own_host(scope: Scope) -> None:
    named = [value for key, value in scope["headers"] if key == b"host"]
    host = named[0].decode("latin-1").lower() if len(named) == 1 else ""
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdigit():
        name = host
    if name not in HOSTS:
        raise Refused(AGENT_HOST_FOREIGN)


def _require_same_origin(scope: Scope) -> None:
    """Refuses AGENT_PAGE_EXPIRED when the browser says that another page sent this."""
    origin, site = header(scope, b"origin"), header(scope, b"sec-fetch-site")
    host = header(scope, b"host") or ""
    foreign = origin is not None and origin != f"http://{host.lower()}"
    if foreign or site not in {None, "same-origin", "none"}:
        raise Refused(AGENT_PAGE_EXPIRED)


def _preflight(scope: Scope) -> Response:
    headers = {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "600",
    }
    if header(scope, b"access-control-request-private-network") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return Response(status_code=204, headers=headers)


def _sharing(origin: str) -> list[tuple[bytes, bytes]]:
    """What lets the page that asked, and no other, read the answer."""
    if not origin:
        return []
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]

"""The application of the axis: routes behind their rules, refusals rendered once, figures counted."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.exchange.api import problems
from lienthong.exchange.api.auth import Authenticator
from lienthong.exchange.api.bodies import PeerGone
from lienthong.exchange.api.routes import KEY, ApiRoute, Call
from lienthong.exchange.errors import AXIS_FAULT, METHOD_NOT_ALLOWED, NOT_FOUND
from lienthong.exchange.service.context import AxisContext
from lienthong.infra import telemetry
from lienthong.infra.database import database_errors
from lienthong.infra.http_limits import HttpLimits

Render = Callable[[Refused], Response]
_SLASHES = re.compile("/{2,}")


class Edge:
    """The outermost ASGI application.

    Routes without parameters are found in one look-up; the others by Starlette. ``state``: what endpoints take from
    ``request.app.state``. ``faces``: below which paths refusals look otherwise, also of operations that do not exist.
    """

    def __init__(
        self,
        ctx: AxisContext,
        routes: Iterable[ApiRoute],
        limits: HttpLimits,
        state: Mapping[str, Any] | None = None,
        faces: Mapping[str, Render] | None = None,
    ) -> None:
        self.ctx, self.limits = ctx, limits
        self._faces = dict(faces or {})
        self.routes = list(routes)
        auth = Authenticator(ctx)
        for each in self.routes:
            each.guarded.auth = auth
        self._exact = {(m, r.path): r for r in self.routes if "{" not in r.path for m in r.methods or ()}
        self._paths = {r.path for r in self.routes}
        self._shaped = [r for r in self.routes if "{" in r.path]
        self._app = Starlette(routes=self.routes)
        for name, value in (state or {}).items():
            setattr(self._app.state, name, value)
        self._requests = ctx.metrics.counter("lienthong_requests", "Answered requests.", ("route", "status"))
        self._refusals = ctx.metrics.counter("lienthong_refusals", "Refused requests by reason.", ("code",))
        self._seconds = ctx.metrics.histogram("lienthong_request_seconds", "Duration of requests.", ("route",))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.monotonic()
        scope["app"] = self._app
        scope[KEY] = Call(self.ctx, self.limits)
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        name, render = "-", self._rendered_at(scope["path"])
        try:
            found = self._find(scope)
            name, render = found.path, found.render
            with database_errors():
                await found.guarded(scope, receive, noting)
        except Refused as refusal:
            self._refusals.add(refusal.code.name)
            await self._refuse(refusal, status, render(refusal), (scope, receive, noting))
        except PeerGone:
            status = 499
        except Exception as fault:  # noqa: BLE001 - the web edge: whatever nobody foresaw is logged and answered
            telemetry.fault("request.fault", fault, route=name, method=scope["method"])
            trace = telemetry.trace_id() or telemetry.new_trace_id()
            shown = Refused(AXIS_FAULT, trace=trace)
            await self._refuse(shown, status, render(shown), (scope, receive, noting))
        self._requests.add(name, str(status))
        self._seconds.observe(time.monotonic() - began, name)

    async def _refuse(
        self, refusal: Refused, status: int, response: Response, channel: tuple[Scope, Receive, Send]
    ) -> None:
        """Answer with the problem; an answer that has begun is cut instead, so that nobody takes it for whole."""
        if status:
            raise refusal
        telemetry.info("request.refused", code=refusal.code.name, status=refusal.code.http)
        await response(*channel)

    def _rendered_at(self, path: str) -> Render:
        """How refusals look below a path."""
        return next((render for prefix, render in self._faces.items() if path.startswith(prefix)), problems.render)

    def _canonical(self, path: str) -> str:
        """The path of a face with its doubled slashes folded: a library puts its own behind a configured one."""
        if "//" in path and any(path.startswith(prefix) for prefix in self._faces):
            return _SLASHES.sub("/", path)
        return path

    def _find(self, scope: Scope) -> ApiRoute:
        """The route of a request. Refuses NOT_FOUND, METHOD_NOT_ALLOWED."""
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        path = self._canonical(scope["path"])
        exact = self._exact.get((method, path))
        if exact is not None:
            return exact
        partial = path in self._paths
        for each in self._shaped:
            match, child = each.matches({**scope, "method": method})
            if match is Match.FULL:
                scope.update(child)
                return each
            partial = partial or match is Match.PARTIAL
        raise Refused(METHOD_NOT_ALLOWED, method=scope["method"]) if partial else Refused(NOT_FOUND)

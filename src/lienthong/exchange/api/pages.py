"""What anyone may see of an axis: health, figures, the API's description, and one plain page for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from lienthong import __version__
from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.exchange.api.openapi import describe
from lienthong.exchange.api.routes import Access, ApiRoute, route
from lienthong.exchange.errors import NOT_FOUND
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.signing import HighWaterMark
from lienthong.infra.database import database_errors
from lienthong.infra.errors import STORAGE_FULL
from lienthong.infra.metrics import CONTENT_TYPE
from lienthong.webkit import look
from lienthong.webkit.templates import HEADERS, Templates, language_of, local_time

_TEMPLATES = Templates("lienthong.exchange.api")
_WHO = {
    Access.ANYONE: "mọi người",
    Access.SYSTEM: "hệ thống đã đăng ký",
    Access.SENDER: "bên gửi",
    Access.RECIPIENT: "bên nhận",
    Access.PARTY: "bên gửi hoặc bên nhận",
    Access.CONNECTION: "kết nối VXP, LGSP",
    Access.OPERATOR: "đơn vị vận hành",
}

MoreHealth = Callable[[], Mapping[str, Any]]
"""Further parts of the health answer; may block. A part with ``healthy`` false makes the whole degraded."""


class Pages:
    """The open routes of one process. ``more``: parts of the health answer, by name."""

    def __init__(self, ctx: AxisContext, mark: HighWaterMark, more: Mapping[str, MoreHealth], metrics: bool) -> None:
        self._ctx, self._mark, self._more, self._metrics = ctx, mark, more, metrics
        self.described: list[ApiRoute] = []

    async def health(self, request: Request) -> Response:
        """200 when documents are accepted; 503 with the reasons when not."""
        ctx = self._ctx
        refusals, parts = await self._look()
        troubles = [f"{name}: {refusal.code.name}" for name, refusal in refusals]
        members = {
            "status": "unavailable" if troubles else "degraded" if _degraded(parts) else "ok",
            "axis": ctx.name,
            "version": __version__,
            "time": to_text(ctx.clock.now()),
            "directory": ctx.directory.state.version,
            "waiting": ctx.require_writer().waiting,
            "troubles": troubles,
            **parts,
        }
        return JSONResponse(members, 503 if troubles else 200, {"Cache-Control": "no-store"})

    async def figures(self, request: Request) -> Response:
        """OpenMetrics text."""
        return Response(self._ctx.metrics.exposition(), media_type=CONTENT_TYPE)

    async def openapi(self, request: Request) -> Response:
        """The description of every route."""
        return JSONResponse(describe(self.described, self._ctx.name, __version__))

    async def page(self, request: Request) -> Response:
        """One plain page for people, without any outside resource."""
        language = language_of(request.query_params.get("lang"))
        refusals, parts = await self._look()
        rows = [
            {"method": method, "path": r.path, "access": _WHO[r.access], "vi": r.vi, "en": r.en}
            for r in self.described
            for method in sorted(r.methods or ())
        ]
        state = self._ctx.directory.state
        html = _TEMPLATES.render(
            "page.html", language, axis=self._ctx.name, version=__version__, now=local_time(self._ctx.clock.now()),
            directory=state.version, agencies=len(state), routes=rows, degraded=bool(_degraded(parts)),
            troubles=[refusal.sentence(language) for _, refusal in refusals],
        )  # fmt: skip
        return HTMLResponse(html, headers=HEADERS | {"Cache-Control": "no-store"})

    async def resource(self, request: Request) -> Response:
        """A stylesheet or font of the page, by the digest in its name."""
        found = look.find(request.path_params["name"])
        if found is None:
            raise Refused(NOT_FOUND)
        headers = {"Cache-Control": look.KEEP, "X-Content-Type-Options": "nosniff"}
        return Response(found.content, headers=headers, media_type=found.media_type)

    def routes(self) -> list[ApiRoute]:
        """The routes of this module."""
        made = [
            route("GET", "/health", self.health, access=Access.ANYONE, vi="Tình trạng của trục.", en="Health."),
            route("GET", "/v1/openapi.json", self.openapi, access=Access.ANYONE, vi="Mô tả giao diện.",
                  en="Description of the interface."),
            route("GET", "/", self.page, access=Access.ANYONE, vi="Trang này.", en="This page.",
                  answers={200: "text/html"}),
            route("GET", look.PREFIX + "{name}", self.resource, access=Access.ANYONE, vi="Kiểu trình bày của trang.",
                  en="The look of the page.", answers={200: "text/css"}),
        ]  # fmt: skip
        if self._metrics:
            made.append(
                route("GET", "/metrics", self.figures, access=Access.ANYONE, vi="Số đo.", en="Figures.",
                      answers={200: CONTENT_TYPE})
            )  # fmt: skip
        return made

    async def _look(self) -> tuple[list[tuple[str, Refused]], dict[str, Any]]:
        """What keeps documents from being accepted, by name, and the further parts of the health answer."""
        refusals = list[tuple[str, Refused]]()
        for name, check in (("database", self._database), ("clock", self._clock), ("disk", self._disk)):
            try:
                await check()
            except Refused as refusal:
                refusals.append((name, refusal))
        parts: dict[str, Any] = {}
        for name, part in self._more.items():
            try:
                parts[name] = dict(await run_in_threadpool(part))
            except Refused as refusal:
                parts[name] = {"healthy": False, "code": refusal.code.name}
        return refusals, parts

    async def _database(self) -> None:
        with database_errors():
            async with self._ctx.require_pool().connection(timeout=2) as conn:
                await conn.execute("SELECT 1")

    async def _clock(self) -> None:
        self._mark.require_sane(self._ctx.clock)

    async def _disk(self) -> None:
        ctx = self._ctx
        if ctx.blobs.free_bytes() < ctx.limits.spare_disk:
            raise Refused(STORAGE_FULL)


def _degraded(parts: Mapping[str, Any]) -> list[str]:
    return [name for name, members in parts.items() if members.get("healthy") is False]

"""What anyone may see of an axis: health, figures, the API's description, and one plain page for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from lienthong import __version__
from lienthong.base.clock import to_text
from lienthong.base.errors import Refused
from lienthong.exchange.api.openapi import describe
from lienthong.exchange.api.routes import Access, ApiRoute, route
from lienthong.exchange.service.context import AxisContext
from lienthong.exchange.service.signing import HighWaterMark
from lienthong.infra.database import database_errors
from lienthong.infra.errors import STORAGE_FULL
from lienthong.infra.metrics import CONTENT_TYPE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;
margin:2rem auto;padding:0 1rem}}table{{border-collapse:collapse}}td,th{{text-align:left;padding:.2rem .8rem .2rem 0;
vertical-align:top}}code{{font-size:.9em;overflow-wrap:anywhere}}@media(max-width:40rem){{table,tbody,thead,tr,td,th{{
display:block}}td,th{{padding:0}}tr{{padding:.5rem 0;border-top:1px solid #ccc}}}}</style></head>
<body><h1>Trục liên thông văn bản <code>{axis}</code></h1>
<p>Trục này tiếp nhận, chứng thực và chuyển giao văn bản điện tử giữa các cơ quan. Phần mềm kết nối dùng các địa chỉ
dưới đây; mỗi yêu cầu phải được ký (RFC 9421).</p><p lang="en">This axis accepts, proves and delivers electronic
documents between agencies. Connecting software uses the addresses below; every request is signed (RFC 9421).</p>
<p>Danh bạ · Directory: {version}. Tình trạng · Health: <a href="/health">/health</a>.
Mô tả · Description: <a href="/v1/openapi.json">/v1/openapi.json</a>.</p>
<table><thead><tr><th>Địa chỉ · Address</th><th>Ai · Who</th><th>Việc · What</th></tr></thead><tbody>{rows}</tbody>
</table></body></html>"""

MoreHealth = Callable[[], Mapping[str, Any]]
"""Further parts of the health answer; may block. A part with ``healthy`` false makes the whole degraded."""


class Pages:
    """The open routes of one process. ``more``: parts of the health answer, by name."""

    def __init__(self, ctx: AxisContext, mark: HighWaterMark, more: Mapping[str, MoreHealth], metrics: bool) -> None:
        self._ctx, self._mark, self._more, self._metrics = ctx, mark, more, metrics
        self.described: list[ApiRoute] = []

    async def health(self, request: Request) -> Response:
        """200 when documents are accepted; 503 with the reasons when not."""
        ctx, troubles = self._ctx, list[str]()
        for name, check in (("database", self._database), ("clock", self._clock), ("disk", self._disk)):
            try:
                await check()
            except Refused as refusal:
                troubles.append(f"{name}: {refusal.code.name}")
        parts: dict[str, Any] = {}
        for name, part in self._more.items():
            try:
                parts[name] = dict(await run_in_threadpool(part))
            except Refused as refusal:
                parts[name] = {"healthy": False, "code": refusal.code.name}
        degraded = [name for name, members in parts.items() if members.get("healthy") is False]
        members = {
            "status": "unavailable" if troubles else "degraded" if degraded else "ok",
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
        """One plain page, without any outside resource."""
        rows = "".join(
            f"<tr><td><code>{escape(' '.join(sorted(r.methods or ())))} {escape(r.path)}</code></td>"
            f"<td>{r.access.value}</td><td>{escape(r.vi)}<br><span lang=en>{escape(r.en)}</span></td></tr>"
            for r in self.described
        )
        name = escape(self._ctx.name)
        html = _PAGE.format(title=name, axis=name, version=self._ctx.directory.state.version, rows=rows)
        headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
        return HTMLResponse(html, headers=headers)

    def routes(self) -> list[ApiRoute]:
        """The routes of this module."""
        made = [
            route("GET", "/health", self.health, access=Access.ANYONE, vi="Tình trạng của trục.", en="Health."),
            route("GET", "/v1/openapi.json", self.openapi, access=Access.ANYONE, vi="Mô tả giao diện.",
                  en="Description of the interface."),
            route("GET", "/", self.page, access=Access.ANYONE, vi="Trang này.", en="This page.",
                  answers={200: "text/html"}),
        ]  # fmt: skip
        if self._metrics:
            made.append(
                route("GET", "/metrics", self.figures, access=Access.ANYONE, vi="Số đo.", en="Figures.",
                      answers={200: CONTENT_TYPE})
            )  # fmt: skip
        return made

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

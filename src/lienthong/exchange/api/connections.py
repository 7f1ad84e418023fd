"""The operator's orders about connections of systems that sign nothing themselves.

Source: PR-NATIVE §4; docs/protocols/vxp.md §1.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lienthong.base.clock import from_text, to_text
from lienthong.base.ids import AgencyCode, SystemId
from lienthong.directory.model import Scope
from lienthong.exchange.api.questions import body_object, texts_in, wrong
from lienthong.exchange.api.routes import Access, ApiRoute, call_of, route
from lienthong.exchange.service.connecting import ConnectionDesk, ConnectionOrder, Issued, Shown
from lienthong.exchange.service.connections import ConnectionBook

MOST_SCOPES, MOST_NETWORKS = 200, 50
_NEW = frozenset({"system_id", "face", "name", "agencies", "branches", "status_form", "allow"})
_SECRET_HEADERS = {"Cache-Control": "no-store"}


class ConnectionOrders:
    """The endpoints of one node. ``book`` forgets a connection at once when it was changed here."""

    def __init__(self, desk: ConnectionDesk, book: ConnectionBook) -> None:
        self._desk, self._book = desk, book

    async def add(self, request: Request) -> Response:
        """A new connection; the answer holds its secret, this once."""
        call = call_of(request)
        asked = body_object(call.body, _NEW)
        scopes = [Scope(AgencyCode(code)) for code in _texts(asked, "agencies", MOST_SCOPES)]
        scopes += [Scope(AgencyCode(code), subtree=True) for code in _texts(asked, "branches", MOST_SCOPES)]
        order = ConnectionOrder(
            SystemId(_text(asked, "system_id", "")),
            _text(asked, "face", "vxp"),
            _text(asked, "name", ""),
            tuple(scopes),
            _text(asked, "status_form", "M"),
            tuple(_texts(asked, "allow", MOST_NETWORKS)),
        )
        issued = await run_in_threadpool(self._desk.add, order, call.require_caller().system.system_id)
        self._book.forget(order.system)
        return JSONResponse(_issued(issued), 201, _SECRET_HEADERS)

    async def rotate(self, request: Request) -> Response:
        """A new secret; the one before counts for a while."""
        call = call_of(request)
        asked = body_object(call.body or b"{}", frozenset({"old_until"}))
        until = _instant(asked["old_until"]) if "old_until" in asked else None
        system = request.path_params["system"]
        issued = await run_in_threadpool(self._desk.rotate, system, until, call.require_caller().system.system_id)
        self._book.forget(system)
        return JSONResponse(_issued(issued), 200, _SECRET_HEADERS)

    async def revoke(self, request: Request) -> Response:
        """The end of a connection, at once."""
        system = request.path_params["system"]
        await run_in_threadpool(self._desk.revoke, system, call_of(request).require_caller().system.system_id)
        self._book.forget(system)
        return JSONResponse({"system_id": system, "revoked": True})

    async def configure(self, request: Request) -> Response:
        """Form of statuses and networks."""
        asked = body_object(call_of(request).body, frozenset({"status_form", "allow"}))
        form = _text(asked, "status_form", "M") if "status_form" in asked else None
        networks = tuple(_texts(asked, "allow", MOST_NETWORKS)) if "allow" in asked else None
        system = request.path_params["system"]
        shown = await run_in_threadpool(self._desk.configure, system, form, networks)
        self._book.forget(system)
        return JSONResponse(_shown(shown))

    async def show(self, request: Request) -> Response:
        """Every connection, without secrets."""
        shown = await run_in_threadpool(self._desk.show)
        return JSONResponse({"connections": [_shown(each) for each in shown]})

    def routes(self) -> list[ApiRoute]:
        """The routes of this module."""
        operator = partial(route, access=Access.OPERATOR)
        base = "/v1/operator/connections"
        return [
            operator("GET", base, self.show, vi="Các kết nối tương thích.", en="Connections of compatible faces."),
            operator("POST", base, self.add, answers={201: "application/json"},
                     vi="Tạo kết nối; khóa bí mật chỉ hiện một lần.", en="Add a connection; its secret shows once."),
            operator("POST", base + "/{system}/rotate", self.rotate,
                     vi="Cấp khóa bí mật mới.", en="Issue a new secret."),
            operator("POST", base + "/{system}/revoke", self.revoke,
                     vi="Thu hồi kết nối.", en="Revoke a connection."),
            operator("POST", base + "/{system}/settings", self.configure,
                     vi="Đổi thiết đặt của kết nối.", en="Change a connection's settings."),
        ]  # fmt: skip


def _issued(issued: Issued) -> dict[str, Any]:
    members = {"system_id": issued.system, "secret": issued.secret, "key_id": issued.key_id}
    return members if issued.old_until is None else {**members, "old_until": to_text(issued.old_until)}


def _shown(shown: Shown) -> dict[str, Any]:
    row = shown.row
    return {
        "system_id": row.system,
        "face": row.face,
        "status_form": row.status_form,
        "allow": list(row.networks),
        "key_id": row.key_id,
        "created_at": to_text(row.created_at),
        "created_by": row.created_by,
        "revoked_at": None if row.revoked_at is None else to_text(row.revoked_at),
        "secrets": [
            {"since": to_text(since), "until": None if until is None else to_text(until)}
            for since, until in shown.secrets
        ],
    }


def _text(asked: dict[str, Any], member: str, default: str) -> str:
    value = asked.get(member, default)
    if not isinstance(value, str) or len(value) > 500 or (member == "system_id" and not 0 < len(value) <= 64):
        wrong(member, "text")
    return value


def _texts(asked: dict[str, Any], member: str, most: int) -> list[str]:
    return texts_in(asked[member], member, most, 64) if asked.get(member) else []


def _instant(value: Any) -> datetime:
    try:
        return from_text(value)
    except (ValueError, TypeError):
        wrong("old_until", "RFC 3339")

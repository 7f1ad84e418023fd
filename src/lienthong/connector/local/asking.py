"""Questions: the directory of agencies, where a document is, its proof, and how the connector stands."""

from __future__ import annotations

import secrets
import shutil
import threading
from pathlib import Path
from typing import Any

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from lienthong.base.errors import Refused
from lienthong.connector.local.desk import Desk
from lienthong.connector.local.routes import Access, LocalRoute, answer, query_number, query_text, route
from lienthong.connector.local.showing import health_members
from lienthong.directory.model import Agency
from lienthong.directory.search import AgencyIndex
from lienthong.infra.blob_files import disk
from lienthong.webkit.errors import REQUEST_MALFORMED


class Questions:
    """The routes that change nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._indexes: dict[str, AgencyIndex] = {}
        self._lock = threading.Lock()
        self._proofs = desk.spool / "local" / "proofs"
        # Those that a crash left behind were for requests that nobody waits for any more.
        shutil.rmtree(self._proofs, ignore_errors=True)

    async def health(self, request: Request) -> Response:
        """How everything stands; 200 whenever the connector itself works."""
        return await answer(lambda: health_members(self._desk.courier.health(), self._desk.free_bytes()))

    async def agencies(self, request: Request) -> Response:
        """Agencies by pieces of name or code, with or without accents."""
        query, axis = query_text(request, "q"), query_text(request, "axis")
        limit = query_number(request, "limit", 1, 200, 20)

        def work() -> dict[str, Any]:
            index = self.index(axis)
            if index is None:
                return {"agencies": [], "total": 0, "directory": None}
            found, total = index.find(query, limit)
            return {"agencies": [_agency(each) for each in found], "total": total, "directory": index.state.version}

        return await answer(work)

    def index(self, axis: str = "") -> AgencyIndex | None:
        """The search index over an axis's directory as it is here; None while there is none."""
        link = self._desk.axis(axis)
        state = link.directory()
        if state is None:
            return None
        with self._lock:
            held = self._indexes.get(link.name)
            if held is None or held.state is not state:
                held = self._indexes[link.name] = AgencyIndex(state, held)
            return held

    async def trace(self, request: Request) -> Response:
        """Everything that the axis may tell about one document."""
        sender, named, axis = self._named(request)
        client = self._desk.axis(axis).client(self._agency(request))
        return await answer(lambda: client.trace(sender, **named))

    async def proof(self, request: Request) -> Response:
        """The proof file of one document, which anybody checks offline."""
        sender, named, axis = self._named(request)
        content = query_text(request, "content") != "0"
        client = self._desk.axis(axis).client(self._agency(request))
        into = self._proofs / f"{secrets.token_hex(8)}.asice"

        def work() -> Path:
            with disk():
                self._proofs.mkdir(parents=True, exist_ok=True, mode=0o700)
                return client.proof(sender, into, content=content, **named)

        made = await run_in_threadpool(work)
        headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="bang-chung.asice"'}
        return FileResponse(
            made, headers=headers, media_type="application/vnd.etsi.asic-e+zip", background=BackgroundTask(made.unlink)
        )

    def _named(self, request: Request) -> tuple[str, dict[str, str], str]:
        sender, envelope = query_text(request, "from", 60), query_text(request, "envelope", 60)
        document = query_text(request, "document_id")
        if not sender or bool(envelope) == bool(document):
            raise Refused(
                REQUEST_MALFORMED, member="from, envelope | document_id", why="from + một mã (one identifier)"
            )
        named = {"envelope_id": envelope} if envelope else {"document_id": document}
        return sender, named, query_text(request, "axis")

    def _agency(self, request: Request) -> str:
        ours = self._desk.courier.agencies
        found = query_text(request, "agency", 60) or ours[0]
        if found not in ours:
            raise Refused(REQUEST_MALFORMED, member="agency", why=", ".join(ours))
        return found

    def routes(self) -> list[LocalRoute]:
        """The routes of this module."""
        named = {"from": "", "envelope": "", "document_id": "", "agency": "", "axis": ""}
        return [
            route("GET", "/v1/health", self.health, access=Access.READ, vi="Tình trạng của đầu nối.", en="Health."),
            route("GET", "/v1/agencies", self.agencies, access=Access.READ, vi="Tra cứu danh bạ cơ quan.",
                  en="Search the directory of agencies.", query={"q": "", "limit": "1–200", "axis": ""}),
            route("GET", "/v1/trace", self.trace, access=Access.READ, vi="Hành trình của một văn bản trên trục.",
                  en="Where a document is, as the axis tells it.", query=named),
            route("GET", "/v1/proof", self.proof, access=Access.READ, vi="Tệp bằng chứng của một văn bản.",
                  en="The proof file of a document.", query={**named, "content": "0"},
                  answers={200: "application/vnd.etsi.asic-e+zip"}),
        ]  # fmt: skip


def _agency(row: Agency) -> dict[str, Any]:
    return {"code": row.code, "name": row.name, "code102": row.code102, "old_codes": row.old_codes}

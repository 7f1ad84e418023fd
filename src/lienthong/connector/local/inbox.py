"""What came in: list, look, fetch files with ranges; take, refuse, report, answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from lienthong.base.errors import Refused
from lienthong.connector.courier.model import Job, JobId, ReceivedView
from lienthong.connector.local import reading
from lienthong.connector.local.desk import Desk
from lienthong.connector.local.errors import LOCAL_FILE_UNKNOWN
from lienthong.connector.local.jobs import Jobs, key_of
from lienthong.connector.local.routes import Access, LocalRoute, answer, call_of, query_number, query_text, route
from lienthong.connector.local.showing import received_members
from lienthong.connector.receiving import HEADER_FILE, PACKET_FILE
from lienthong.webkit.errors import REQUEST_MALFORMED


class InboxDesk:
    """The routes of what came in."""

    def __init__(self, desk: Desk, jobs: Jobs) -> None:
        self._desk, self._jobs = desk, jobs

    async def listing(self, request: Request) -> Response:
        """In order of arrival; with ``taken=no`` only what nobody has taken."""
        after, limit = query_text(request, "after", 60), query_number(request, "limit", 1, 500, 100)
        taken = query_text(request, "taken")
        if taken not in {"", "no"}:
            raise Refused(REQUEST_MALFORMED, member="taken", why="no")

        def work() -> dict[str, Any]:
            desk = self._desk
            found = desk.untaken(after, limit) if taken else desk.courier.received(after=after or None, limit=limit)
            rows = [received_members(each, desk.taking(each)) for each in found]
            return {"received": rows, "next": found[-1].id if len(found) == limit else None}

        return await answer(work)

    async def look(self, request: Request) -> Response:
        """One of them."""
        return await answer(lambda: self._members(request.path_params["received"]))

    async def file(self, request: Request) -> Response:
        """One attachment; a range continues a broken download."""
        view = await run_in_threadpool(self._desk.courier.receive_one, request.path_params["received"])
        return attachment(view, request.path_params["file"])

    async def packet(self, request: Request) -> Response:
        """The edXML header as it came, byte for byte."""
        view = await run_in_threadpool(self._desk.courier.receive_one, request.path_params["received"])
        for name in (PACKET_FILE, HEADER_FILE):
            if (view.folder / name).is_file():
                return download(view.folder / name, name)
        raise Refused(LOCAL_FILE_UNKNOWN, file="packet")

    async def take(self, request: Request) -> Response:
        """The agency's software has it; it leaves the list of what waits."""
        received, by = request.path_params["received"], call_of(request).require_token().name

        def work() -> dict[str, Any]:
            self._desk.courier.receive_one(received)
            self._desk.taken.take(received, by)
            return self._members(received)

        return await answer(work)

    async def refuse(self, request: Request) -> Response:
        """The agency does not take it: status 02 goes back to the sender."""
        call, key = call_of(request), key_of(request)
        _, description = reading.read_status(call.body, 2)
        by, received = call.require_token().name, request.path_params["received"]
        return await self._jobs.queued(lambda: self._desk.refuse(received, description, key, by))

    async def report(self, request: Request) -> Response:
        """A business status goes back to the sender."""
        code, description = reading.read_status(call_of(request).body)
        received, key = request.path_params["received"], key_of(request)
        return await self._jobs.queued(lambda: self._desk.report(received, code, description, key))

    async def reply(self, request: Request) -> Response:
        """Agree to a recall or update, or not."""
        received, body, key = request.path_params["received"], call_of(request).body, key_of(request)

        def submit() -> JobId:
            view = self._desk.courier.receive_one(received)
            job: Job = reading.read_answer(body, view.agency, received, key)
            return self._desk.courier.submit(job)

        return await self._jobs.queued(submit)

    def _members(self, received: str) -> dict[str, Any]:
        view = self._desk.courier.receive_one(received)
        return received_members(view, self._desk.taking(view))

    def routes(self) -> list[LocalRoute]:
        """The routes of this module."""
        at = "/v1/received/{received}"
        octets = {200: "application/octet-stream", 206: "application/octet-stream"}
        json, queued = ("application/json",), {202: "application/json"}
        return [
            route("GET", "/v1/received", self.listing, access=Access.READ, vi="Danh sách văn bản, trạng thái đã nhận.",
                  en="What was received.", query={"after": "received", "limit": "1–500", "taken": "no"}),
            route("GET", at, self.look, access=Access.READ, vi="Một văn bản đã nhận.", en="One received document."),
            route("GET", at + "/files/{file}", self.file, access=Access.READ,
                  vi="Tải một tệp, tải tiếp được.", en="Download one file; may be continued.", answers=octets),
            route("GET", at + "/packet", self.packet, access=Access.READ,
                  vi="Phần đầu edXML, nguyên từng byte.", en="The edXML header, byte for byte.", answers=octets),
            route("POST", at + "/take", self.take, access=Access.WRITE,
                  vi="Báo phần mềm của cơ quan đã lấy văn bản.", en="Say that the agency's software has it."),
            route("POST", at + "/refuse", self.refuse, access=Access.WRITE, takes=json, answers=queued,
                  vi="Từ chối tiếp nhận, trả trạng thái 02.", en="Refuse it: status 02 goes back."),
            route("POST", at + "/status", self.report, access=Access.WRITE, takes=json, answers=queued,
                  vi="Trả trạng thái xử lý 01–06, 15, 16.", en="Report a business status 01–06, 15 or 16."),
            route("POST", at + "/answer", self.reply, access=Access.WRITE, takes=json, answers=queued,
                  vi="Đồng ý hoặc từ chối thu hồi, cập nhật.", en="Agree to a recall or update, or not."),
        ]  # fmt: skip


def attachment(view: ReceivedView, index: str) -> Response:
    """One file of something received, always as a download. Refuses LOCAL_FILE_UNKNOWN."""
    if not (index.isascii() and index.isdigit() and len(index) < 6 and int(index) < len(view.files)):
        raise Refused(LOCAL_FILE_UNKNOWN, file=index[:10])
    file = view.files[int(index)]
    return download(file.path, file.name)


def download(path: Path, name: str) -> Response:
    """A file that a browser saves and never shows or runs: what others sent us must not act as our own page."""
    said = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    headers = {
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Content-Disposition": said,
        "Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "same-origin",
    }  # fmt: skip
    return FileResponse(path, headers=headers, media_type="application/octet-stream")

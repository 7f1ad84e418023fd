"""What goes out: submit, list, look, retry, cancel; recall, update, replace."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from lienthong.base.errors import Refused
from lienthong.connector.courier.model import Job, JobId, JobState
from lienthong.connector.local import reading
from lienthong.connector.local.desk import Desk
from lienthong.connector.local.errors import LOCAL_RECEIPT_NOT_YET
from lienthong.connector.local.forms import EDXML, MULTIPART, Posted
from lienthong.connector.local.routes import Access, LocalRoute, answer, call_of, query_number, query_text, route
from lienthong.connector.local.showing import job_members
from lienthong.webkit.errors import REQUEST_MALFORMED

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_STATES = [state.value for state in JobState]
Read = Callable[[Posted, Sequence[str], str | None], Job]


def key_of(request: Request) -> str | None:
    """The caller's Idempotency-Key. Refuses REQUEST_MALFORMED for one that is no plain text."""
    found = request.headers.get("idempotency-key")
    if found is not None and not _KEY.fullmatch(found):
        raise Refused(REQUEST_MALFORMED, member="Idempotency-Key", why="1–200 ASCII")
    return found


def state_of(request: Request) -> JobState | None:
    """The state that a list is asked for. Refuses REQUEST_MALFORMED."""
    found = query_text(request, "state")
    if found and found not in _STATES:
        raise Refused(REQUEST_MALFORMED, member="state", why=", ".join(_STATES))
    return JobState(found) if found else None


class Jobs:
    """The routes of what goes out."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def submit(self, request: Request) -> Response:
        """A document with its files, or a finished packet; durable when this answers."""
        return await self._take(request, reading.read_submission)

    async def update(self, request: Request) -> Response:
        """Corrected content, or other receivers."""
        return await self._take(request, reading.read_update)

    async def replace(self, request: Request) -> Response:
        """A document in the place of an earlier one."""
        return await self._take(request, reading.read_replacement)

    async def recall(self, request: Request) -> Response:
        """Take a document back."""
        job = reading.read_recall(call_of(request).body, self._desk.courier.agencies, key_of(request))
        return await self.queued(lambda: self._desk.courier.submit(job))

    async def listing(self, request: Request) -> Response:
        """Jobs in order of submission, or the newest first."""
        state, after = state_of(request), query_text(request, "after", 60)
        limit = query_number(request, "limit", 1, 500, 100)
        newest = query_text(request, "order") == "newest"

        def work() -> dict[str, Any]:
            found = self._desk.jobs(state, after, limit, newest_first=newest)
            return {
                "jobs": [job_members(each) for each in found],
                "next": found[-1].id if len(found) == limit else None,
            }

        return await answer(work)

    async def look(self, request: Request) -> Response:
        """One job."""
        return await answer(lambda: job_members(self._desk.job(request.path_params["job"])))

    async def retry(self, request: Request) -> Response:
        """Try a refused or waiting one now."""
        return await self._act(request, self._desk.courier.retry)

    async def cancel(self, request: Request) -> Response:
        """Cancel what has not left."""
        return await self._act(request, self._desk.courier.cancel)

    async def receipt(self, request: Request) -> Response:
        """The axis's signed receipt of one envelope of a job."""
        view = await run_in_threadpool(self._desk.job, request.path_params["job"])
        number = query_number(request, "envelope", 0, 100, 0)
        file = view.envelopes[number].receipt if number < len(view.envelopes) else None
        if file is None:
            raise Refused(LOCAL_RECEIPT_NOT_YET, job=view.id)
        return FileResponse(file, headers={"Cache-Control": "no-store"}, media_type="application/jose")

    async def queued(self, submit: Callable[[], JobId]) -> Response:
        """Do it, and answer with the job as it stands."""
        job = await run_in_threadpool(submit)
        return await answer(lambda: job_members(self._desk.job(job)), 202, {"Location": f"/v1/jobs/{job}"})

    async def _take(self, request: Request, read: Read) -> Response:
        key = key_of(request)
        async with self._desk.uploads.read(request) as posted:

            def submit() -> JobId:
                return self._desk.courier.submit(read(posted, self._desk.courier.agencies, key))

            return await self.queued(submit)

    async def _act(self, request: Request, act: Callable[[str], None]) -> Response:
        job = request.path_params["job"]

        def work() -> dict[str, Any]:
            act(job)
            return job_members(self._desk.job(job))

        return await answer(work)

    def routes(self) -> list[LocalRoute]:
        """The routes of this module."""
        posted = (MULTIPART, "application/json")
        paging = {"after": "job", "limit": "1–500", "state": "|".join(_STATES), "order": "newest"}
        return [
            route("POST", "/v1/documents", self.submit, access=Access.WRITE, streams=True, takes=(*posted, EDXML),
                  vi="Gửi một văn bản kèm tệp, hoặc một gói tin edXML đã lập xong.",
                  en="Send a document with its files, or a finished edXML packet.", answers={202: "application/json"}),
            route("POST", "/v1/updates", self.update, access=Access.WRITE, streams=True, takes=posted,
                  vi="Cập nhật nội dung hoặc nơi nhận của văn bản đã gửi.",
                  en="Correct the content of a sent document, or change who receives it.",
                  answers={202: "application/json"}),
            route("POST", "/v1/replacements", self.replace, access=Access.WRITE, streams=True, takes=posted,
                  vi="Gửi văn bản thay thế một văn bản đã gửi.", en="Send a document that replaces an earlier one.",
                  answers={202: "application/json"}),
            route("POST", "/v1/recalls", self.recall, access=Access.WRITE, takes=("application/json",),
                  vi="Thu hồi một văn bản đã gửi.", en="Recall a sent document.", answers={202: "application/json"}),
            route("GET", "/v1/jobs", self.listing, access=Access.READ, vi="Danh sách công việc gửi.",
                  en="What was submitted and how it stands.", query=paging),
            route("GET", "/v1/jobs/{job}", self.look, access=Access.READ, vi="Một công việc gửi.", en="One job."),
            route("GET", "/v1/jobs/{job}/receipt", self.receipt, access=Access.READ,
                  vi="Biên nhận có chữ ký số của trục.", en="The axis's signed receipt.",
                  answers={200: "application/jose"}, query={"envelope": "0–100"}),
            route("POST", "/v1/jobs/{job}/retry", self.retry, access=Access.WRITE, vi="Gửi lại ngay.",
                  en="Try again now."),
            route("POST", "/v1/jobs/{job}/cancel", self.cancel, access=Access.WRITE,
                  vi="Hủy công việc chưa gửi đi.", en="Cancel what has not left."),
        ]  # fmt: skip

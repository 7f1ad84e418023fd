"""The official's pages: what is to be signed, each document itself, one PIN, what became of it. No script needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from lienthong import __version__
from lienthong.base.errors import Refused
from lienthong.signing.agent.desk import Desk
from lienthong.signing.agent.edge import NO_STORE
from lienthong.signing.agent.errors import (
    AGENT_ADDRESS_UNKNOWN,
    AGENT_CODE_WRONG,
    AGENT_NOT_OPENED,
    AGENT_PAIRING_CLOSED,
    AGENT_PIN_RISK,
)
from lienthong.signing.agent.pairing import COOKIE, Pairing
from lienthong.signing.agent.routes import Access, AgentRoute, call_of, route
from lienthong.signing.agent.selftest import self_test
from lienthong.signing.agent.tries import WARN_AFTER
from lienthong.signing.jobs import Item, Job, State
from lienthong.signing.request import read_request
from lienthong.webkit import look
from lienthong.webkit.templates import CONTENT_POLICY, HEADERS, Templates, language_of

STATES = {
    State.WAITING: ("waiting", "clock", "Đang nhận"),
    State.READY: ("waiting", "page", "Chưa xem"),
    State.SHOWN: ("work", "check", "Đã xem"),
    State.DECLINED: ("error", "stop", "Từ chối ký"),
    State.SIGNED: ("done", "check", "Đã ký"),
    State.FINISHED: ("done", "check", "Đã ký"),
}
"""Tone, icon and word of each state."""

_FRAMING = CONTENT_POLICY + "; frame-src 'self'"
_SHOWN = {
    "Content-Security-Policy": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Disposition": "inline",
} | NO_STORE
_PIECE = 256 * 1024
_SHOWN_JOBS = 30


class Pages:
    """The pages."""

    def __init__(self, desk: Desk, pairing: Pairing, templates: Templates) -> None:
        self._desk, self._pairing, self._templates = desk, pairing, templates

    async def login(self, request: Request) -> Response:
        """The form for the pairing code."""
        return self._login(request, None)

    async def enter(self, request: Request) -> Response:
        """Compare the code and begin a session."""
        form = call_of(request).form
        try:
            cookie = self._pairing.sign_in(form.get("code", ""))
        except Refused as refused:
            if refused.code not in {AGENT_CODE_WRONG, AGENT_PAIRING_CLOSED}:
                raise
            return self._login(request, refused)
        answer = RedirectResponse(_own_path(form.get("next", "")), 303, NO_STORE)
        # Lax: the office's page leads here by a link, and the official need not sign in again for it.
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="lax")
        return answer

    async def leave(self, request: Request) -> Response:
        """Forget this browser."""
        self._pairing.sign_out(request.cookies.get(COOKIE))
        answer = RedirectResponse("/login", 303, NO_STORE)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer

    async def overview(self, request: Request) -> Response:
        """The batches, newest first."""

        def work() -> dict[str, Any]:
            rows = []
            for job in self._desk.store.all():
                rows.append({"job": job, "items": job.items()})
                if len(rows) == _SHOWN_JOBS:
                    break
            return {"rows": rows}

        return await self._show(request, "overview.html", work)

    async def batch(self, request: Request) -> Response:
        """One batch: its documents, the PIN, the outcome."""
        return await self._batch(request, None)

    async def document(self, request: Request) -> Response:
        """One document, shown."""
        return await self._document(request, None)

    async def content(self, request: Request) -> Response:
        """The document itself, exactly the bytes that the signature will cover, for the browser's own viewer."""
        job, number = self._find(request), request.path_params["number"]
        file = job.file(number, "prepared")
        if not file.exists():
            raise Refused(AGENT_ADDRESS_UNKNOWN)

        def pieces() -> Iterator[bytes]:
            yield from _pieces(file)
            self._desk.opened(job, number)

        headers = _SHOWN | {"Content-Length": str(file.stat().st_size)}
        return StreamingResponse(iterate_in_threadpool(pieces()), 200, headers, "application/pdf")

    async def seen(self, request: Request) -> Response:
        """The official has looked at it; on to the next."""
        job, number = self._find(request), request.path_params["number"]
        try:
            await run_in_threadpool(self._desk.seen, job, number)
        except Refused as refused:
            if refused.code is not AGENT_NOT_OPENED:
                raise
            return await self._document(request, refused)
        return _next(job)

    async def decline(self, request: Request) -> Response:
        """The official will not sign it."""
        job, number = self._find(request), request.path_params["number"]
        reason = call_of(request).form.get("reason", "").strip()
        await run_in_threadpool(self._desk.decline, job, number, reason or "–")
        return _next(job)

    async def sign(self, request: Request) -> Response:
        """Sign everything that was seen, with one PIN."""
        form, job = call_of(request).form, self._find(request)
        pin, knowing = form.get("pin", "").encode(), form.get("knowing") == "yes"
        try:
            await run_in_threadpool(lambda: self._desk.sign(job, pin, knowing=knowing))
        except Refused as refused:
            return await self._batch(request, refused)
        return RedirectResponse(f"/batches/{job.id}", 303, NO_STORE)

    async def test(self, request: Request) -> Response:
        """Token, certificate, clock."""
        return await self._show(request, "selftest.html", lambda: {"groups": self_test(self._desk)})

    async def resource(self, request: Request) -> Response:
        """A stylesheet, font or script, by the digest in its name."""
        found = look.find(request.path_params["name"])
        if found is None:
            raise Refused(AGENT_ADDRESS_UNKNOWN)
        headers = {"Cache-Control": look.KEEP, "X-Content-Type-Options": "nosniff"}
        return Response(found.content, headers=headers, media_type=found.media_type)

    def routes(self) -> list[AgentRoute]:
        """The routes of this module."""
        one = "/batches/{batch}/{number:int}"
        see, act = Access.SEE, Access.ACT
        return [
            route("GET", "/login", self.login, access=Access.ANYONE, vi="Nhập mã ghép.", en="Enter the code."),
            route("POST", "/login", self.enter, access=Access.ANYONE, vi="Nhập mã ghép.", en="Enter the code."),
            route("POST", "/logout", self.leave, access=act, vi="Thoát.", en="Leave."),
            route("GET", "/", self.overview, access=see, vi="Các lượt ký.", en="Batches."),
            route("GET", "/self-test", self.test, access=see, vi="Tự kiểm tra.", en="Self-test."),
            route("GET", "/batches/{batch}", self.batch, access=see, vi="Một lượt ký.", en="One batch."),
            route("POST", "/batches/{batch}/sign", self.sign, access=act, vi="Ký.", en="Sign."),
            route("GET", one, self.document, access=see, vi="Một văn bản.", en="One document."),
            route("GET", one + "/content", self.content, access=see, vi="Nội dung.", en="Its content."),
            route("POST", one + "/seen", self.seen, access=act, vi="Đã xem.", en="Seen."),
            route("POST", one + "/decline", self.decline, access=act, vi="Từ chối ký.", en="Decline."),
            route("GET", "/look/{name}", self.resource, access=Access.ANYONE, vi="Kiểu dáng.", en="The look."),
        ]  # fmt: skip

    # --- inside ------------------------------------------------------------------------------------------------------

    def _find(self, request: Request) -> Job:
        return self._desk.store.find(request.path_params["batch"])

    async def _batch(self, request: Request, refused: Refused | None) -> Response:
        def work() -> dict[str, Any]:
            job = self._find(request)
            items, run = job.items(), self._desk.run_of(job.id)
            stopped = run.refusal if run is not None and refused is None else None
            return {
                "job": job, "items": items, "run": run, "refused": refused or stopped,
                "profile": self._desk.profile(job.signer), "first": _first(items), "counts": _counts(items),
                "risky": self._desk.tries.wrong(job.signer) >= WARN_AFTER
                or (refused is not None and refused.code is AGENT_PIN_RISK),
            }  # fmt: skip

        return await self._show(request, "batch.html", work, status=refused.code.http if refused else 200)

    async def _document(self, request: Request, refused: Refused | None) -> Response:
        def work() -> dict[str, Any]:
            job = self._find(request)
            item = job.item(request.path_params["number"])
            file = job.file(item.number, "prepared")
            size = file.stat().st_size if file.exists() else None
            return {
                "job": job, "item": item, "count": len(job.entries), "size": size, "refused": refused,
                "profile": self._desk.profile(job.signer),
                "digest": read_request(item.entry.to_sign).message_digest.hex(),
            }  # fmt: skip

        status = refused.code.http if refused else 200
        return await self._show(request, "document.html", work, status=status, policy=_FRAMING)

    async def _show(
        self, request: Request, name: str, work: Callable[[], dict[str, Any]], *, status: int = 200,
        policy: str = CONTENT_POLICY,
    ) -> Response:  # fmt: skip
        language = language_of(request.query_params.get("lang"), request.cookies.get("lang"))
        values = await run_in_threadpool(work)
        other = "en" if language == "vi" else "vi"
        html = await run_in_threadpool(
            lambda: self._templates.render(
                name, language, path=request.url.path, other_language=f"{request.url.path}?lang={other}",
                word=call_of(request).word, version=__version__, states=STATES, now=self._desk.clock.now(), **values,
            )
        )  # fmt: skip
        answer = HTMLResponse(html, status, HEADERS | NO_STORE | {"Content-Security-Policy": policy})
        if "lang" in request.query_params:
            answer.set_cookie("lang", language, samesite="lax")
        return answer

    def _login(self, request: Request, refused: Refused | None) -> Response:
        language = language_of(request.query_params.get("lang"), request.cookies.get("lang"))
        wanted = call_of(request).form.get("next") or request.query_params.get("next", "")
        html = self._templates.render("login.html", language, refused=refused, wanted=_own_path(wanted))
        return HTMLResponse(html, refused.code.http if refused else 200, HEADERS | NO_STORE)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _counts(items: list[Item]) -> dict[str, int]:
    return {
        "all": len(items),
        "unseen": sum(item.state in {State.WAITING, State.READY} for item in items),
        "shown": sum(item.state is State.SHOWN for item in items),
        "signed": sum(item.state in {State.SIGNED, State.FINISHED} for item in items),
        "declined": sum(item.state is State.DECLINED for item in items),
    }


def _first(items: list[Item]) -> int | None:
    """The first document that nobody has seen yet."""
    return next((item.number for item in items if item.state is State.READY), None)


def _next(job: Job) -> Response:
    first = _first(job.items())
    place = f"/batches/{job.id}/{first}" if first else f"/batches/{job.id}"
    return RedirectResponse(place, 303, NO_STORE)


def _own_path(wanted: str) -> str:
    """A path of this agent and nothing else; the first page otherwise."""
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if own and "\\" not in wanted else "/"

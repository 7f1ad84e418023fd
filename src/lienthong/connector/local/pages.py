"""The status page for the registrar and whoever looks after the connector. Works without a script; the address holds
every filter; each act is a form that carries the session's word."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lienthong import __version__
from lienthong.base.errors import Language, Refused
from lienthong.base.text import fold
from lienthong.connector.courier.model import Health, JobState, JobView, ReceivedView
from lienthong.connector.local import states
from lienthong.connector.local.desk import Desk
from lienthong.connector.local.errors import LOCAL_ADDRESS_UNKNOWN
from lienthong.connector.local.inbox import attachment
from lienthong.connector.local.jobs import state_of
from lienthong.connector.local.routes import Access, LocalRoute, call_of, query_text, route
from lienthong.edxml.model import DocumentPacket, StatusPacket
from lienthong.vocabulary.urgency import Urgency
from lienthong.webkit import look
from lienthong.webkit.templates import HEADERS, language_of

PAGE = 50
SEARCHED = 2000
"""How many jobs or documents a search for words looks through, newest first."""

_SCARCE = 2 * 10**9
_REPORTED = (1, 3, 4, 5, 6)
_NO_STORE = {"Cache-Control": "no-store"}


class Pages:
    """The pages. ``described``: every route, for the page about the interface."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.described: list[LocalRoute] = []

    # --- the pages -----------------------------------------------------------------------------------------------

    async def overview(self, request: Request) -> Response:
        """What needs a person, what waits, and whether everything is connected."""

        def work() -> dict[str, Any]:
            desk = self._desk
            leaving = desk.jobs(JobState.SENDING, "", 5, newest_first=False)
            waiting = sorted([*leaving, *desk.jobs(JobState.QUEUED, "", 5, newest_first=False)], key=lambda job: job.id)
            return {
                "refused": desk.jobs(JobState.REFUSED, "", 5, newest_first=True),
                "waiting": waiting[:5],
                "untaken": [self._incoming(each) for each in desk.untaken("", 8)],
                "dead": [each for each in desk.hooks.all() if each.dead_at or each.failures],
                "scarce": desk.free_bytes() < _SCARCE,
                "tokens": len([each for each in desk.tokens.all() if each.revoked_at is None]),
            }

        return await self._show(request, "overview.html", work)

    async def outgoing(self, request: Request) -> Response:
        """Everything submitted, newest first."""
        state, after, words = state_of(request), query_text(request, "after", 60), query_text(request, "q")

        def work() -> dict[str, Any]:
            most = SEARCHED if words else PAGE
            found = self._desk.jobs(state, after, most, newest_first=True)
            cut = len(found) == most
            rows = [job for job in found if _has(words, job.number, job.subject, job.document_id, *_codes(job))]
            more = rows[PAGE - 1].id if len(rows) > PAGE else found[-1].id if cut else None
            return {"jobs": rows[:PAGE], "state": state, "q": words, "after": after, "next": more}

        return await self._show(request, "outgoing.html", work, all_states=list(JobState))

    async def job(self, request: Request) -> Response:
        """One of them, with what became of it at each recipient."""
        return await self._show(request, "job.html", lambda: {"job": self._desk.job(request.path_params["job"])})

    async def incoming(self, request: Request) -> Response:
        """Everything received, newest first, or what nobody has taken, oldest first."""
        after, words = query_text(request, "after", 60), query_text(request, "q")
        fresh = query_text(request, "taken") == "no"

        def work() -> dict[str, Any]:
            most, desk = SEARCHED if words else PAGE, self._desk
            found = desk.untaken(after, most) if fresh else desk.courier.received(
                after=after or None, limit=most, newest_first=True
            )  # fmt: skip
            rows = [self._incoming(each) for each in found if _has(words, *_words(each), desk.name_of(each.sender))]
            more = rows[PAGE - 1]["view"].id if len(rows) > PAGE else found[-1].id if len(found) == most else None
            return {"rows": rows[:PAGE], "q": words, "fresh": fresh, "after": after, "next": more}

        return await self._show(request, "incoming.html", work)

    async def received(self, request: Request) -> Response:
        """One of them: its cover, its files, what can be reported."""

        def work() -> dict[str, Any]:
            row = self._incoming(self._desk.courier.receive_one(request.path_params["received"]))
            return row | {"reported": _REPORTED}

        return await self._show(request, "received.html", work)

    async def file(self, request: Request) -> Response:
        """One of its files."""
        view = await run_in_threadpool(self._desk.courier.receive_one, request.path_params["received"])
        return attachment(view, request.path_params["file"])

    async def system(self, request: Request) -> Response:
        """Axes, keys, webhooks, tokens, disk."""

        def work() -> dict[str, Any]:
            desk = self._desk
            return {"hooks": desk.hooks.all(), "tokens": desk.tokens.all(), "agencies": desk.courier.agencies}

        return await self._show(request, "system.html", work)

    async def interface(self, request: Request) -> Response:
        """The REST, for a person who connects software."""
        base = f"{request.url.scheme}://{request.url.netloc}"
        rows = [
            {"method": method, "path": each.path, "write": each.access is Access.WRITE, "vi": each.vi, "en": each.en,
             "query": list(each.query)}
            for each in self.described if not each.access.for_people and each.access is not Access.ANYONE
            for method in sorted(each.methods or ())
        ]  # fmt: skip
        return await self._show(request, "api.html", lambda: {"routes": rows, "base": base})

    async def resource(self, request: Request) -> Response:
        """A stylesheet, font or script, by the digest in its name."""
        found = look.find(request.path_params["name"])
        if found is None:
            raise Refused(LOCAL_ADDRESS_UNKNOWN)
        headers = {"Cache-Control": look.KEEP, "X-Content-Type-Options": "nosniff"}
        return Response(found.content, headers=headers, media_type=found.media_type)

    # --- what can be done ----------------------------------------------------------------------------------------

    async def act_on_job(self, request: Request) -> Response:
        """Try again, or cancel."""
        job, act = request.path_params["job"], request.path_params["act"]
        acts = {"retry": self._desk.courier.retry, "cancel": self._desk.courier.cancel}
        if act not in acts:
            raise Refused(LOCAL_ADDRESS_UNKNOWN)
        await run_in_threadpool(acts[act], job)
        return RedirectResponse(f"/out/{job}?done={act}", 303, _NO_STORE)

    async def act_on_received(self, request: Request) -> Response:
        """Take it over by hand, or report a status."""
        received, act, call = request.path_params["received"], request.path_params["act"], call_of(request)
        by, said = call.require_token().name, call.form.get("description", "").strip()
        desk, code = self._desk, call.form.get("code", "")
        number = int(code) if code.isascii() and code.isdigit() and len(code) < 3 else 0

        def work() -> None:
            if act == "take":
                desk.courier.receive_one(received)
                desk.taken.take(received, by)
            elif act == "refuse":
                desk.refuse(received, said, None, by)
            elif act == "status" and number in _REPORTED:
                desk.report(received, number, said, None)
            else:
                raise Refused(LOCAL_ADDRESS_UNKNOWN)

        await run_in_threadpool(work)
        return RedirectResponse(f"/in/{received}?done={act}", 303, _NO_STORE)

    async def act_on_webhook(self, request: Request) -> Response:
        """Call again now."""
        await run_in_threadpool(self._desk.hooks.revive, request.path_params["webhook"])
        self._desk.caller.wake()
        return RedirectResponse("/system?done=revive", 303, _NO_STORE)

    # --- inside --------------------------------------------------------------------------------------------------

    async def _show(self, request: Request, name: str, work: Any, **further: Any) -> Response:
        asked = request.query_params.get("lang")
        language = language_of(asked, request.cookies.get("lang"))

        def made() -> str:
            values = work() | further
            return self._desk.templates.render(name, language, **self._frame(request, language), **values)

        answer = HTMLResponse(await run_in_threadpool(made), headers=HEADERS | _NO_STORE)
        if asked in {"vi", "en"}:
            answer.set_cookie("lang", asked, max_age=365 * 86400, httponly=True, samesite="strict")
        return answer

    def _frame(self, request: Request, language: Language) -> dict[str, Any]:
        """What every page shows around its content."""
        call, desk = call_of(request), self._desk
        desk.catch_up()
        health, now = desk.courier.health(), desk.clock.now()
        query = {name: value for name, value in request.query_params.items() if name not in {"lang", "done"}}
        other = "vi" if language == "en" else "en"
        return {
            "word": call.session.form_word if call.session else "",
            "may_write": call.token is not None and call.token.write,
            "who": call.token.name if call.token else "",
            "health": health,
            "untaken_count": desk.taken.count(),
            "trouble": _trouble(health),
            "free": desk.free_bytes(),
            "now": now,
            "path": request.url.path,
            "query": query,
            "here": f"{request.url.path}?{urlencode(query)}" if query else request.url.path,
            "other_language": f"{request.url.path}?{urlencode({**query, 'lang': other})}",
            "done": request.query_params.get("done", ""),
            "version": __version__,
            "loopback": desk.loopback,
            "name_of": desk.name_of,
            "our_name": desk.name_of(desk.courier.agencies[0]),
            "states": states,
            "urgency": lambda value: Urgency(value).label(language) if 0 <= value <= 4 else str(value),
            "status_label": lambda code: states.status_label(code, language),
            "address": lambda **changed: _address(request.url.path, query, changed),
        }

    def _incoming(self, view: ReceivedView) -> dict[str, Any]:
        packet = view.packet
        status = packet if isinstance(packet, StatusPacket) else None
        return {
            "view": view,
            "document": packet if isinstance(packet, DocumentPacket) else None,
            "status": status,
            "number": status.response_for.code if status else packet.code.full,  # type: ignore[union-attr]  # the other kind
            "taking": self._desk.taking(view),
            "sender_name": packet.sender.name or self._desk.name_of(view.sender),
        }

    def routes(self) -> list[LocalRoute]:
        """The routes of this module."""
        see, act = Access.SEE, Access.ACT
        table = (
            ("GET", "/", self.overview, see, "Trang tổng quan.", "Overview."),
            ("GET", "/out", self.outgoing, see, "Trang văn bản gửi.", "Page of what goes out."),
            ("GET", "/out/{job}", self.job, see, "Trang một công việc gửi.", "Page of one job."),
            ("POST", "/out/{job}/{act}", self.act_on_job, act, "Gửi lại, hủy.", "Retry, cancel."),
            ("GET", "/in", self.incoming, see, "Trang văn bản đến.", "Page of what came in."),
            ("GET", "/in/{received}", self.received, see, "Trang một văn bản đến.", "Page of one document."),
            ("GET", "/in/{received}/files/{file}", self.file, see, "Tải một tệp.", "Download one file."),
            ("POST", "/in/{received}/{act}", self.act_on_received, act, "Lấy, báo trạng thái.", "Take, report."),
            ("GET", "/system", self.system, see, "Trang kết nối.", "Page of connections."),
            ("POST", "/system/webhooks/{webhook}", self.act_on_webhook, act, "Gọi lại.", "Call again."),
            ("GET", "/api", self.interface, see, "Trang giao diện lập trình.", "Page of the interface."),
        )
        made = [route(m, p, e, access=a, vi=vi, en=en, answers={200: "text/html"}) for m, p, e, a, vi, en in table]
        made.append(
            route("GET", look.PREFIX + "{name}", self.resource, access=Access.ANYONE, vi="Kiểu trình bày.",
                  en="The look of the pages.", answers={200: "text/css"})
        )  # fmt: skip
        return made


def _address(path: str, query: dict[str, str], changed: dict[str, str]) -> str:
    """This page with some filters changed; an empty one is left out, and a new filter begins at the first page."""
    kept = {k: v for k, v in {**query, "after": "", **changed}.items() if v}
    return f"{path}?{urlencode(kept)}" if kept else path


def _has(words: str, *texts: str) -> bool:
    """Whether every word occurs, with or without accents."""
    folded = fold("\n".join(texts))
    return all(word in folded for word in fold(words).split())


def _codes(job: JobView) -> list[str]:
    return [each.agency for each in job.recipients]


def _words(view: ReceivedView) -> tuple[str, ...]:
    packet = view.packet
    if isinstance(packet, StatusPacket):
        return (packet.response_for.code, packet.description, view.sender, view.document_id)
    return (packet.code.full, packet.subject, packet.sender.name, view.sender, view.document_id)


def _trouble(health: Health) -> bool:
    """Whether the page about connections has something that needs a look."""
    return health.storage is not None or any(axis.away_since is not None for axis in health.axes)

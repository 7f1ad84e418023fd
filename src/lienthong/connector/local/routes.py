"""Routes as data: method, path, who may call, what it is. The edge enforces the rule before the endpoint runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lienthong.base.errors import Refused
from lienthong.connector.local.sessions import Session
from lienthong.connector.local.tokens import Token
from lienthong.webkit.errors import REQUEST_MALFORMED

SMALL_BODY = 1024 * 1024
KEY = "lienthong.local"


class Access(Enum):
    """Who may call. READ and WRITE: a program with a token. SEE and ACT: a person who is signed in, with a token that
    may read, and write; ACT also wants the word of the form. ANYONE: the sign-in page and what it needs."""

    ANYONE = "anyone"
    READ = "read"
    WRITE = "write"
    SEE = "see"
    ACT = "act"

    @property
    def changes(self) -> bool:
        return self in {Access.WRITE, Access.ACT}

    @property
    def for_people(self) -> bool:
        return self in {Access.SEE, Access.ACT}


@dataclass(slots=True)
class Call:
    """What the edge knows of a request. ``body``: read, unless the route streams. ``form``: fields of a page's form."""

    token: Token | None = None
    session: Session | None = None
    body: bytes = b""
    form: Mapping[str, str] = field(default_factory=dict)

    def require_token(self) -> Token:
        """The caller's token; the route's access rule makes sure that there is one."""
        if self.token is None:
            raise RuntimeError("a route without access rule asked who calls")
        return self.token


Endpoint = Callable[[Request], Awaitable[Response]]


class LocalRoute(Route):
    """A route that says who may call it. ``vi``/``en``: one line for the pages. ``streams``: reads its body itself.

    ``takes``/``answers``: media types of bodies, for the description. ``query``: parameters with one line each.
    """

    access: Access
    vi: str
    en: str
    streams: bool
    takes: tuple[str, ...]
    answers: dict[int, str]
    query: Mapping[str, str]


def route(
    method: str,
    path: str,
    endpoint: Endpoint,
    *,
    access: Access,
    vi: str,
    en: str,
    streams: bool = False,
    takes: tuple[str, ...] = (),
    answers: dict[int, str] | None = None,
    query: Mapping[str, str] | None = None,
) -> LocalRoute:
    """One line of the route table."""
    made = LocalRoute(path, endpoint=endpoint, methods=[method])
    made.access, made.vi, made.en, made.streams, made.takes = access, vi, en, streams, takes
    made.answers, made.query = answers or {200: "application/json"}, query or {}
    made.methods = {method}
    return made


def call_of(request: Request) -> Call:
    """The call that a request belongs to."""
    call: Call = request.scope[KEY]
    return call


def query_text(request: Request, name: str, longest: int = 200) -> str:
    """A parameter of the address; empty when it is not there. Refuses REQUEST_MALFORMED."""
    found = request.query_params.get(name, "")
    if len(found) > longest:
        raise Refused(REQUEST_MALFORMED, member=name, why=f"≤ {longest}")
    return found


def query_number(request: Request, name: str, least: int, most: int, usual: int) -> int:
    """A number in the address. Refuses REQUEST_MALFORMED."""
    found = request.query_params.get(name)
    if found is None:
        return usual
    if not (found.isascii() and found.isdigit() and len(found) < 19 and least <= int(found) <= most):
        raise Refused(REQUEST_MALFORMED, member=name, why=f"{least}–{most}")
    return int(found)


async def answer(work: Callable[[], Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Do blocking work in a thread and answer its result as JSON that nobody keeps."""
    found = await run_in_threadpool(work)
    return JSONResponse(found, status, {"Cache-Control": "no-store", **(headers or {})})

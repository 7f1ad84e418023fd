"""Routes as data: method, path, who may call, what it is. The edge enforces the rule before the endpoint runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lienthong.signing.agent.pairing import Paired

KEY = "lienthong.signing"
API = "/v1/"
SMALL_BODY = 48 * 1024 * 1024
"""Bytes of a request that is held in memory: the description of the largest batch."""


class Access(Enum):
    """Who may call. OPEN: anybody at an allowed origin. SOFTWARE: with a token. ANYONE: the sign-in page and the look.
    SEE and ACT: the official's browser, ACT with the word of the form as well."""

    OPEN = "open"
    SOFTWARE = "software"
    ANYONE = "anyone"
    SEE = "see"
    ACT = "act"

    @property
    def for_software(self) -> bool:
        return self in {Access.OPEN, Access.SOFTWARE}


@dataclass(slots=True)
class Call:
    """What the edge knows of a request. ``origin``: of the page that asks, empty for programs."""

    origin: str = ""
    paired: Paired | None = None
    body: bytes = b""
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def word(self) -> str:
        return self.paired.form_word if self.paired else ""


class AgentRoute(Route):
    """A route that says who may call it. ``vi``/``en``: one line. ``streams``: reads its body itself."""

    access: Access
    vi: str
    en: str
    streams: bool
    takes: str
    answers: dict[int, str]


def route(
    method: str,
    path: str,
    endpoint: Callable[[Request], Awaitable[Response]],
    *,
    access: Access,
    vi: str,
    en: str,
    streams: bool = False,
    takes: str = "",
    answers: dict[int, str] | None = None,
) -> AgentRoute:
    """One line of the route table. ``takes``/``answers``: names of schemas, or media types."""
    made = AgentRoute(path, endpoint=endpoint, methods=[method])
    made.access, made.vi, made.en, made.streams, made.takes = access, vi, en, streams, takes
    made.answers = answers or {200: "text/html"}
    made.methods = {method}
    return made


def call_of(request: Request) -> Call:
    """The call that a request belongs to."""
    found: Call = request.scope[KEY]
    return found

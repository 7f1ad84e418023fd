"""Sign a registrar in to the pages with a local token, and out again."""

from __future__ import annotations

import time
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from lienthong.base.errors import Refused
from lienthong.connector.local.desk import Desk
from lienthong.connector.local.errors import LOCAL_PAGE_EXPIRED
from lienthong.connector.local.routes import Access, LocalRoute, call_of, route
from lienthong.connector.local.sessions import COOKIE, KEPT_SECONDS
from lienthong.webkit.edge.bodies import header
from lienthong.webkit.templates import HEADERS, language_of

SIGN_IN = "/login"
_NO_STORE = {"Cache-Control": "no-store"}


def sign_in_address(request: Request) -> str:
    """Where to sign in, and come back from to the page that was asked for."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return SIGN_IN if request.method != "GET" or wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}"


def require_same_origin(scope: Scope) -> None:
    """Refuses LOCAL_PAGE_EXPIRED when the browser says that another page sent this."""
    origin, site = header(scope, b"origin"), header(scope, b"sec-fetch-site")
    host = header(scope, b"host") or ""
    foreign = origin is not None and origin.partition("://")[2].lower() != host.lower()
    if foreign or site not in {None, "same-origin", "none"}:
        raise Refused(LOCAL_PAGE_EXPIRED)


class SigningIn:
    """The routes of signing in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def form(self, request: Request) -> Response:
        """The form."""
        return self._form(request, wrong=False)

    async def enter(self, request: Request) -> Response:
        """Compare the token and begin a session. Refuses LOCAL_PAGE_EXPIRED."""
        require_same_origin(request.scope)
        form, now = call_of(request).form, time.monotonic()
        token = self._desk.tokens.find(form.get("token", "").strip())
        if token is None:
            # No limit on tries is needed: a token is 256 random bits, not a word that somebody chose.
            return self._form(request, wrong=True)
        answer = RedirectResponse(own_path(form.get("next", "")), 303, _NO_STORE)
        answer.set_cookie(
            COOKIE, self._desk.sessions.begin(token, now), max_age=int(KEPT_SECONDS), httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session."""
        self._desk.sessions.end(request.cookies.get(COOKIE))
        answer = RedirectResponse(SIGN_IN, 303, _NO_STORE)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    def _form(self, request: Request, *, wrong: bool) -> Response:
        language = language_of(request.query_params.get("lang"), request.cookies.get("lang"))
        wanted = call_of(request).form.get("next") or request.query_params.get("next", "")
        html = self._desk.templates.render(
            "login.html", language, wrong=wrong, wanted=own_path(wanted), address=SIGN_IN
        )
        return HTMLResponse(html, 403 if wrong else 200, HEADERS | _NO_STORE)

    def routes(self) -> list[LocalRoute]:
        """The routes of this module."""
        return [
            route("GET", SIGN_IN, self.form, access=Access.ANYONE, vi="Đăng nhập trang.", en="Sign in to the pages.",
                  answers={200: "text/html"}),
            route("POST", SIGN_IN, self.enter, access=Access.ANYONE, vi="Đăng nhập trang.",
                  en="Sign in to the pages.", answers={303: "text/html"}),
            route("POST", "/logout", self.leave, access=Access.SEE, vi="Đăng xuất.", en="Sign out.",
                  answers={303: "text/html"}),
        ]  # fmt: skip


def own_path(wanted: str) -> str:
    """A path of this connector and nothing else; the first page otherwise."""
    parts = urlsplit(wanted)
    plain = (
        wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable() and "\\" not in wanted
    )
    return wanted if plain and not parts.netloc and not parts.scheme else "/"

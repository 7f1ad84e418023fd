"""``auth/login``: a token for a system that shows its secret. Source: docs/protocols/lgsp.md §2."""

from __future__ import annotations

import json
from typing import Any

from starlette.types import Receive, Scope, Send

from lienthong.base.errors import Refused
from lienthong.exchange.api.bodies import header
from lienthong.exchange.api.faces import answer, small_body
from lienthong.exchange.api.lgsp.face import Face, done
from lienthong.exchange.api.routes import KEY, Call
from lienthong.exchange.errors import REQUEST_MALFORMED
from lienthong.wire.lgsp import answers
from lienthong.wire.lgsp.tokens import LIFE, issue

NAMES = ("systemid", "username"), ("secretkey", "secret", "password")
"""How gateways spell the two members, in lower case; the first that is there counts."""

_EXPECTED = '{"systemId", "secretKey"} | {"username", "password"}'


async def log_in(face: Face, scope: Scope, receive: Receive, send: Send) -> None:
    """Give a token for 30 minutes. Refuses REQUEST_MALFORMED, CREDENTIALS_WRONG and what ``prove`` refuses."""
    call: Call = scope[KEY]
    body = await small_body(scope, receive, call.limits)
    system, secret = _credentials(body) if body.strip() else _headers(scope)
    caller = await face.prove(scope, system, secret)
    token = issue(caller.system.system_id, secret, face.ctx.clock.now())
    members: dict[str, object] = {
        "token": token,
        "accessToken": token,
        "access_token": token,
        "tokenType": "Bearer",
        "expiresIn": round(LIFE.total_seconds()),
    }
    await answer(send, answers.success(data=members, **members))
    done(caller, "auth/login")


def _credentials(body: bytes) -> tuple[str, bytes]:
    """Identifier and secret of a JSON body, whichever names it uses."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError) as reason:
        raise Refused(REQUEST_MALFORMED, member="-", why=_EXPECTED) from reason
    if not isinstance(members, dict):
        raise Refused(REQUEST_MALFORMED, member="-", why=_EXPECTED)
    folded: dict[str, Any] = {str(name).lower(): value for name, value in members.items()}
    found = [next((folded[name] for name in names if name in folded), None) for names in NAMES]
    if not all(isinstance(value, str) and 0 < len(value) <= 500 for value in found):
        raise Refused(REQUEST_MALFORMED, member="-", why=_EXPECTED)
    return str(found[0]).strip(), str(found[1]).strip().encode("utf-8", "surrogatepass")


def _headers(scope: Scope) -> tuple[str, bytes]:
    """Some gateways log in with the headers of their document calls and no body."""
    system, secret = header(scope, b"x-systemid"), header(scope, b"x-secretkey")
    if not system or not secret:
        raise Refused(REQUEST_MALFORMED, member="-", why=_EXPECTED)
    return system.strip(), secret.strip().encode("latin-1")

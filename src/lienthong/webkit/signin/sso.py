"""Single sign-on: one attempt from leaving for the provider to coming back, and whose account it opens.

The attempt travels sealed in a cookie of the browser that began it, so nobody can finish an attempt that he has not
begun. The account is the one that an administrator linked to the subject; an e-mail address opens nothing.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache

from cryptography.exceptions import InvalidTag
from django.db import connection

from lienthong.base.errors import Refused
from lienthong.webkit.people.models import Account
from lienthong.webkit.signin.errors import SIGN_IN_ELSEWHERE, SINGLE_UNKNOWN
from lienthong.webkit.signin.provider import Provider, failed
from lienthong.webkit.signin.sealing import seal, unseal
from lienthong.webkit.site.configure import SingleSignOn, site
from lienthong.webkit.site.tenancy import enter

LIFE = timedelta(minutes=15)
"""How long somebody may stay with the provider."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What has to come back unchanged. ``wanted``: the page to open then. ``begun``: seconds since 1970."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    begun: int

    def sealed(self) -> str:
        """As the cookie carries it."""
        return seal(b"sso" + json.dumps(asdict(self)).encode()).hex()


def settings() -> SingleSignOn | None:
    """The installation's single sign-on; None without one."""
    found = site().context.get("sso")
    return found if isinstance(found, SingleSignOn) else None


def provider() -> Provider:
    """The provider of this installation."""
    found = settings()
    if found is None:
        raise failed("chưa được cấu hình", "it is not configured")
    return _provider(found)


def begin(wanted: str, back: str, now: datetime) -> tuple[str, str]:
    """Where the browser goes, and its cookie. Refuses SINGLE_UNREACHABLE, SINGLE_FAILED."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    attempt = Attempt(state, nonce, verifier, wanted, int(now.timestamp()))
    return provider().address(attempt.state, attempt.nonce, attempt.verifier, back), attempt.sealed()


def read(cookie: str, state: str, now: datetime) -> Attempt:
    """The attempt that an answer belongs to. Refuses SINGLE_FAILED."""
    try:
        plain = unseal(bytes.fromhex(cookie[:8000]))
        if not plain.startswith(b"sso"):
            raise ValueError("sealed for something else")
        attempt = Attempt(**json.loads(plain[3:]))
    except (InvalidTag, ValueError, TypeError) as reason:
        raise failed("lần đăng nhập không bắt đầu từ trình duyệt này", "this browser has not begun it") from reason
    if not secrets.compare_digest(attempt.state.encode(), state.encode()):
        raise failed("không thuộc lần đăng nhập này", "it does not belong to this attempt")
    if not 0 <= now.timestamp() - attempt.begun <= LIFE.total_seconds():
        raise failed("đã quá lâu", "it took too long")
    return attempt


def account_of(subject: str) -> Account:
    """The account linked to a subject; the connection belongs to its agency then. Refuses SINGLE_UNKNOWN."""
    with connection.cursor() as cursor:
        cursor.execute("select account_id from people_find_subject(%s)", [subject])
        row = cursor.fetchone()
    linked = Account.objects.select_related("agency").filter(pk=row[0] if row else 0, disabled_at__isnull=True)
    found = linked.first()
    if found is None:
        enter(None)
        raise Refused(SINGLE_UNKNOWN, subject=subject)
    return found


def require_own_way(account: Account) -> None:
    """Whoever is linked comes through the provider, so that closing him there closes him here.

    Refuses SIGN_IN_ELSEWHERE. Accounts without a subject are the break-glass accounts; they keep password and code.
    """
    if settings() is not None and account.subject:
        raise Refused(SIGN_IN_ELSEWHERE)


@cache
def _provider(found: SingleSignOn) -> Provider:
    return Provider(found)
